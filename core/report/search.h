/*
 * Search 综合查询: one text over the whole register, for the authority.
 *
 * The text is read as everything it may be, loosely: 证书编号 (also without brackets, blanks or
 * province), 电子证照标识, 事项编号, 统一社会信用代码, the beginning of a person's or a firm's name,
 * the number of a person's document. Each is looked up by an index; names are listed by key.
 */
#ifndef ECERT_CORE_REPORT_SEARCH_H
#define ECERT_CORE_REPORT_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/matter/matter.h"
#include "core/register/certificate.h"
#include "core/register/identifier.h"

enum { SEARCH_TEXT = 100 /* characters, at most */, SEARCH_DOCUMENTS = 6 /* kinds of document */ };

/* What a text may be; empty parts are what it can't be. */
struct search_wanted {
    const char *text;                 /* trimmed: the beginning of a name */
    char number[NUMBER_SIZE];         /* of a certificate, whole */
    int year;                         /* of a certificate whose number was given by year and serial */
    uint32_t serial;
    char identifier[IDENTIFIER_SIZE];
    char uscc[USCC_SIZE];             /* also its beginning, from 8 characters on */
    char matter[MATTER_NUMBER_SIZE];
    size_t documents;                 /* kinds of document that have such numbers */
    struct search_document {
        const char *type;
        char no[DOCUMENT_NO_SIZE];
    } document[SEARCH_DOCUMENTS];
    bool secret; /* it may be a person's number: it must not stand in an address or a log */
};
/* Reads a text; strings live in the pool. */
void search_read(struct pool *pool, const struct core *core, const char *text, struct date today,
                 struct search_wanted *wanted);

struct search_person {
    uint64_t id;
    const char *name;
    const char *id_type;
    const char *masked; /* the document's number, first 6 and last 4 */
    int sex;
    struct date birth;
    uint64_t certificates; /* how many he or she has, or had */
};
struct search_firm {
    uint64_t id;
    const char *uscc;
    const char *name;
    bool local;
};
struct search_certificate {
    struct certificate row; /* as lists show one */
    uint64_t person_id;
    const char *enterprise_name;
    unsigned version;     /* that the identifier named; 0 */
};
struct search_paper {
    uint64_t id, person_id, certificate_id; /* 0: not exchanged */
    const char *number, *holder_name, *enterprise_name;
    struct date valid_until;
};

/* A page of a list of names, by key. */
struct search_people {
    const struct search_person *rows;
    size_t count;
    uint64_t next;
};
struct search_firms {
    const struct search_firm *rows;
    size_t count;
    uint64_t next;
};

struct search_result {
    const struct search_certificate *certificates;
    size_t certificate_count;
    const struct search_paper *papers;
    size_t paper_count;
    struct matter matter;
    bool matter_found;
    struct search_people people;    /* whose name begins so */
    struct search_people documents; /* who has such a document */
    struct search_firms firms;
};

/* Which page of the lists of names, and how long. */
struct search_pages {
    uint64_t people_after, firms_after; /* ids of the last rows seen, or 0 */
    size_t limit;
    bool people_only, firms_only; /* the next page of one list alone */
};

/* Looks everything up but documents. 0/-1. */
int search_all(struct db *db, struct pool *pool, const struct core *core,
               const struct search_wanted *wanted, const struct search_pages *pages,
               struct search_result *result, struct err *err);
/* A matter by its whole number, whoever's: what search_result holds of it. 1/0/-1. */
int search_matter(struct db *db, struct pool *pool, const char *number, struct matter *out,
                  struct err *err);
/* A certificate's id by its whole number. 1/0/-1. */
int search_certificate_id(struct db *db, struct pool *pool, const char *number, uint64_t *id,
                          struct err *err);
/* Looks people up by the numbers of their documents, and adds an audit event that says who looked and
 * what was found, as the last thing in the present transaction. Fills result->documents. 0/-1. */
int search_documents(struct db *db, struct pool *pool, const struct core *core,
                     const struct actor *actor, const struct search_wanted *wanted,
                     struct search_result *result, struct err *err);

#endif
