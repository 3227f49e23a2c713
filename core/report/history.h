/*
 * History 历史: everything that is on record of one person or one certificate, in the order of time.
 *
 * Each kind of record is a source (history_source.h): one statement, and how a row is said in words.
 * The sources are read from a key on and merged, so that a page costs the same wherever it begins.
 */
#ifndef ECERT_CORE_REPORT_HISTORY_H
#define ECERT_CORE_REPORT_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/queries.h"
#include "core/register/certificate.h"

/* What a row leads to. */
enum history_link {
    HISTORY_NOWHERE,
    HISTORY_MATTER,   /* text is its number */
    HISTORY_VERSION,  /* the document of version `sub` of certificate `id` */
    HISTORY_DOCUMENT, /* another document, by its id */
    HISTORY_ATTACHMENT
};

struct history_row {
    int64_t when_ms;
    const char *kind;   /* what sort of record, in Chinese */
    const char *subject; /* the certificate's or the paper certificate's number; "" */
    const char *words;
    const char *more;   /* a second sentence; "" */
    const char *who;    /* 审核 李四, 企业 …, 系统; "" where nobody is on record */
    enum history_link link;
    uint64_t link_id;
    unsigned link_sub;
    const char *link_text;
    const char *proposal; /* the kind of the proposal that the link belongs to, which not all may see; "" */
    bool audit;         /* an event of the audit */
};

struct history_scope {
    bool whole;               /* of a person; else of one certificate */
    uint64_t person_id;
    const char *class_code;   /* of the certificate; "%" for a person */
    uint64_t ids[SQL_IDS_MAX]; /* certificates */
    size_t count;
    bool more_certificates;   /* than fit: their history is not whole */
    bool audit;               /* with events of the audit: the caller says */
};

/* Who and what it is about, for the head of the page. Strings live in the pool. */
struct history_head {
    uint64_t person_id;
    const char *name;
    const char *id_type;
    const char *masked;       /* the document's number */
    int sex;
    struct date birth;
    const char *number;       /* of the certificate; "" for a person */
    const char *enterprise_name;
    const struct certificate *certificates; /* all of the person's; of a certificate: it alone */
    size_t count;
};
/* 1/0/-1. */
int history_person(struct db *db, struct pool *pool, const struct core *core, uint64_t id,
                   struct history_head *head, struct history_scope *scope, struct err *err);
int history_certificate(struct db *db, struct pool *pool, const struct core *core, uint64_t id,
                        struct history_head *head, struct history_scope *scope, struct err *err);

/* Behind which row a page begins. */
struct history_key {
    int64_t when_ms;
    uint64_t source, tie;
};
enum { HISTORY_KEY_SIZE = 64 };
bool history_key_parse(const char *text, struct history_key *key);

struct history_page {
    const struct history_row *rows;
    size_t count;
    char next[HISTORY_KEY_SIZE]; /* where the next page begins; "": this is the last */
};
/* `after` NULL: from the beginning. 0/-1. */
int history_list(struct db *db, struct pool *pool, const struct history_scope *scope,
                 const struct history_key *after, size_t limit, struct history_page *page,
                 struct err *err);

/* The document of any version, also of a void one; and any other document. 1/0/-1. */
int history_version_document(struct db *db, struct pool *pool, uint64_t certificate_id,
                             unsigned version, struct document *out, struct err *err);
/* *kind and *matter say what it is, for its file's name. */
int history_document(struct db *db, struct pool *pool, uint64_t id, struct document *out,
                     const char **kind, uint64_t *matter_id, struct err *err);

#endif
