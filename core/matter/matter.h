/*
 * Matters 事项: one business step a firm or a clerk took, with a number to refer to.
 *
 * A matter that concerns one person begins as a draft when the person was looked up, and is done
 * when it was confirmed; one that a rule refused stays, with its findings. A transfer has a twin
 * for the firm that the certificates left, whose parent it is; a change of name and a correction have
 * a child for each firm concerned.
 */
#ifndef ECERT_CORE_MATTER_MATTER_H
#define ECERT_CORE_MATTER_MATTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "core/core.h"
#include "core/register/certificate.h"

struct db;
struct err;
struct pool;
struct verdict;

enum item {
    ITEM_EXCHANGE, ITEM_APPLY, ITEM_RENEW, ITEM_TRANSFER, ITEM_RENAME, ITEM_CANCEL,
    ITEM_DEPARTURE, ITEM_NAME_CHANGE, ITEM_SANCTION, ITEM_CORRECTION, ITEM_COUNT
};
const char *item_name(enum item item);  /* "exchange": as stored */
const char *item_label(enum item item); /* 纸质证书换领电子证书 */
/* By its stored name; ITEM_COUNT for an unknown one. */
enum item item_by_name(const char *name);

/* JZ20261123-00000042: two letters of the item, business date, id. */
enum { MATTER_NUMBER_SIZE = 32 };
void matter_number_make(enum item item, struct date opened_on, uint64_t id,
                        char out[MATTER_NUMBER_SIZE]);
/* Strict; false for anything else. */
bool matter_number_parse(const char *number, enum item *item, struct date *opened_on, uint64_t *id);

/* States, as stored. */
#define MATTER_DRAFT     "draft"     /* 待确认 */
#define MATTER_SIGNING   "signing"   /* 待签章 */
#define MATTER_OPEN      "open"      /* 办理中 */
#define MATTER_DONE      "done"      /* 已办结 */
#define MATTER_REFUSED   "refused"   /* 未通过 */
#define MATTER_ABANDONED "abandoned" /* 已撤回 */
/* NULL for an unknown one. */
const char *matter_state_label(const char *state);
/* The n-th state as lists offer it; NULL behind the last. */
const char *matter_state_name(size_t n);


struct matter {
    uint64_t id;
    char number[MATTER_NUMBER_SIZE];
    enum item item;
    const char *state;
    uint64_t enterprise_id;
    const char *enterprise_name; /* as of then; of a rename the new one */
    uint64_t person_id;          /* 0: of no single person */
    const char *holder_name;     /* "" */
    const char *wish;            /* of an application: "L" "A" "B" "C" */
    unsigned items;              /* certificates it concerns */
    struct date opened_on;
    struct date moved_on;        /* business date of its last change of state; none: it had none */
    int64_t opened_ms;
    int64_t closed_ms;           /* 0: not closed */
    uint64_t parent_id;          /* of the twin: the transfer that took the certificates away */
    const char *reason_text;     /* in words; "" */
    const char *province;
    const char *verify_token;    /* base64url; "": no proof */
    bool proof_made;             /* its PDF is there: by matter_list and matter_jobs */
    /* Filled by matter_jobs only. */
    unsigned jobs;               /* documents ordered */
    unsigned done;               /* made, */
    unsigned failed;             /* failed for good */
};

/* What a new matter is. Texts are borrowed; NULL is "". */
struct matter_new {
    enum item item;
    const char *state;
    uint64_t enterprise_id;
    const char *enterprise_name;
    uint64_t person_id;
    const char *holder_name;
    const char *wish;
    unsigned items;
    uint64_t parent_id;
};
/* Opens a matter inside the present transaction; one that is not open, draft or signing is closed
 * at once. Fills what is known of it. 0/-1. */
int matter_open(struct db *db, const struct actor *actor, const struct matter_new *what,
                struct date today, int64_t now_ms, struct matter *matter, struct err *err);
/* Moves it from one state to another, with the number of certificates it turned out to concern.
 * 0/-1 (ERR_CONFLICT: it is not in that state any more). */
int matter_move(struct db *db, struct matter *matter, const char *from, const char *to,
                struct date today, int64_t now_ms, struct err *err);
/* Why: code and words of a cancellation's reason. 0/-1. */
int matter_reason(struct db *db, uint64_t id, const char *code, const char *text, struct err *err);
/* Where a departure leads (NULL: it is none), and a fresh token for its proof. 0/-1. */
int matter_proof(struct db *db, uint64_t id, const char *province, struct err *err);

/* By number, of this enterprise (R1). 1/0/-1. */
int matter_find(struct db *db, struct pool *pool, const char *number, uint64_t enterprise_id,
                struct matter *out, struct err *err);
/* Hints that matter_find will want it (db_ahead). */
void matter_find_ahead(struct db *db, struct pool *pool, const char *number,
                       uint64_t enterprise_id);
/* Fills in what became of the matter's documents: proof_made, jobs, done, failed. 0/-1. */
int matter_jobs(struct db *db, struct pool *pool, struct matter *matter, struct err *err);
/* Hints that matter_jobs will want them (db_ahead). */
void matter_jobs_ahead(struct db *db, struct pool *pool, uint64_t id);
/* By the token of its proof, for anybody. 1/0/-1. */
int matter_find_proof(struct db *db, struct pool *pool, const char *token, struct matter *out,
                      struct err *err);
/* As matter_find, locked until the transaction ends. 1/0/-1. */
int matter_lock(struct db *db, struct pool *pool, const char *number, uint64_t enterprise_id,
                struct matter *out, struct err *err);

/* One page of a list of records, newest first, by key. */
struct matter_filter {
    uint64_t enterprise_id;
    enum item item;      /* any of the list's: ITEM_APPLY also means renewals … */
    const char *name;    /* beginning of the person's name, or NULL */
    const char *state;   /* or NULL */
    struct date from, to; /* day of opening; none: open */
    uint64_t after;      /* id of the last row seen, or 0 */
    size_t limit;
};
struct matter_page {
    size_t count;
    const struct matter *rows;
    uint64_t next; /* value for `after`, or 0 */
};
/* 0/-1. */
int matter_list(struct db *db, struct pool *pool, const struct matter_filter *filter,
                struct matter_page *page, struct err *err);
/* Hints that this page, unfiltered, will be wanted (db_ahead). */
void matter_list_ahead(struct db *db, struct pool *pool, const struct matter_filter *filter);
/* What befell the firm's certificates by others' doing since a day, newest first: they left by a
 * transfer (the twins), or the authority changed a name or corrected something. 0/-1. */
int matter_left(struct db *db, struct pool *pool, uint64_t enterprise_id, struct date since,
                size_t limit, struct matter_page *page, struct err *err);
/* How many of the firm's `last` records of the item's list nobody has confirmed yet. 0/-1. */
int matter_drafts(struct db *db, struct pool *pool, uint64_t enterprise_id, enum item item,
                  size_t last, uint64_t *count, struct err *err);

/* A certificate of a matter, and how it fared there. */
struct matter_certificate {
    struct certificate certificate; /* as it is now; of one that left: its end as it was then */
    struct date ends;               /* with its state: as it is now, wherever it is */
    unsigned version;               /* made, or acted upon */
    const char *state;              /* waiting done failed */
    const char *cause;
    bool ours;                      /* the certificate is still this firm's */
    bool void_document;             /* a document of that version is there, and it is not in force */
};
/* Why one failed, in words; "" for an unknown cause, or none. */
const char *matter_cause_label(const char *cause);
struct matter_certificate_page {
    size_t count;
    const struct matter_certificate *rows;
    uint64_t next;
};
/* By key (`after` a certificate id); `enterprise_id` is who looks. 0/-1. */
int matter_certificates(struct db *db, struct pool *pool, const struct matter *matter,
                        uint64_t after, size_t limit, struct matter_certificate_page *page,
                        struct err *err);
/* Of them those that failed, likewise. */
int matter_certificates_stuck(struct db *db, struct pool *pool, const struct matter *matter,
                              uint64_t after, size_t limit, struct matter_certificate_page *page,
                              struct err *err);
/* The same by class and number alone (what else there is of them is not filled), `limit` at most. */
int matter_certificate_numbers(struct db *db, struct pool *pool, uint64_t matter_id, size_t limit,
                               const struct certificate **rows, size_t *count, struct err *err);
/* Hints that these will be wanted, with this limit (db_ahead). */
void matter_certificate_numbers_ahead(struct db *db, struct pool *pool, uint64_t matter_id,
                                      size_t limit);
/* Notes a certificate of a matter inside the present transaction. 0/-1. */
int matter_certificate_add(struct db *db, uint64_t matter_id, uint64_t certificate_id,
                           unsigned version, struct err *err);
/* How many of a matter's certificates wait, are done, failed. 0/-1. */
struct matter_counts {
    uint64_t waiting, done, failed;
};
int matter_counts(struct db *db, struct pool *pool, uint64_t matter_id, struct matter_counts *out,
                  struct err *err);

/* What a refusal was made of: rows as in a verdict, each with the certificate it speaks of. */
struct matter_finding {
    const char *subject;
    const char *rule;
    bool passed;
    const char *demand, *fact, *advice;
};
/* Adds a verdict's findings from `position` on, which it moves on. 0/-1. */
int matter_findings_add(struct db *db, uint64_t matter_id, const char *subject,
                        const struct verdict *verdict, unsigned *position, struct err *err);
/* Those of a matter, in their order. 0/-1. */
int matter_findings(struct db *db, struct pool *pool, uint64_t matter_id,
                    const struct matter_finding **rows, size_t *count, struct err *err);

/* Whether such a document is there, by its SHA-256 in hex. 1/0/-1. */
int matter_document_sha256(struct db *db, struct pool *pool, uint64_t matter_id, const char *kind,
                           uint64_t enterprise_id, char sha256[65], struct err *err);
/* Hints that it will be asked for (db_ahead). `kind` must live as long as the pool. */
void matter_document_sha256_ahead(struct db *db, struct pool *pool, uint64_t matter_id,
                                  const char *kind, uint64_t enterprise_id);
/* A document of a matter: "departure", "cancellation" or "form"; of this enterprise. 1/0/-1. */
int matter_document(struct db *db, struct pool *pool, uint64_t matter_id, const char *kind,
                    uint64_t enterprise_id, struct document *out, struct err *err);

#endif
