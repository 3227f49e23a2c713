/*
 * Electronic certificates 电子证书: the state in force, versions, history.
 */
#ifndef ECERT_CORE_REGISTER_CERTIFICATE_H
#define ECERT_CORE_REGISTER_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "base/text.h"

struct core;
struct db;
struct db_value;
struct err;
struct pool;

/* National codes. */
#define STATE_VALID     "01" /* 有效 */
#define STATE_SUSPENDED "02" /* 暂扣 */
#define STATE_WITHDRAWN "03" /* 撤销 */
#define STATE_CANCELLED "04" /* 注销 */
#define STATE_EXPIRED   "05" /* 失效 */
#define STATE_DEPARTED  "06" /* 办理转出 */
#define STATE_REVOKED   "07" /* 吊销 */
#define STATE_OTHER     "99" /* 其他 */

/* "01" → 有效; NULL for an unknown code. */
const char *state_label(const char *state);
/* The state a certificate has on a day: 01 whose dates have passed reads as 05, even before the
 * nightly run has written it down. */
const char *state_on(const char *state, struct date valid_until, struct date today);

/* Of the document of the version in force. */
enum generation {
    GENERATION_WAITING = 0, /* 待生成 */
    GENERATION_RUNNING = 1, /* 生成中 */
    GENERATION_DONE = 2,    /* 生成成功 */
    GENERATION_FAILED = 3   /* 生成失败 */
};
const char *generation_label(enum generation generation);

/* A certificate as lists and its own page show it. */
struct certificate {
    uint64_t id;
    const char *number;
    const char *class_code;
    const char *holder_name;
    const char *state; /* as stored: see state_on */
    struct date valid_until;
    enum generation generation;
    /* The following are filled by certificate_find only. */
    uint64_t person_id;
    uint64_t enterprise_id;
    const char *enterprise_name;
    const char *post;
    unsigned version;
    const char *identifier;
    struct date first_issued;
    struct date valid_from;
    struct date held_since;
    struct date issued_on;
    const char *issuer_name;
    const char *verify_token; /* base64url, 22 characters */
    uint64_t capture_id;      /* 0: no photo */
    const char *cause;        /* of a failed document; "" */
    uint64_t job_id;          /* that makes, or made, the document of the version in force */
};

/* May the document be downloaded on this day (state 01 within its dates, 生成成功)? A renewed
 * version may begin later: the certificate is in force all the same, so only its end counts. */
bool certificate_downloadable(const struct certificate *certificate, struct date today);

/* Which of a firm's certificates: those that enterprise_waiting counts under these names. */
enum certificate_show { SHOW_ALL, SHOW_VALID, SHOW_EXPIRING, SHOW_GENERATING, SHOW_FAILED };

/* One page of a firm's certificates, newest first, by key. All bounds are optional. */
struct certificate_filter {
    uint64_t enterprise_id;
    struct date today;          /* whenever `show` or `state` is given */
    enum certificate_show show; /* other than SHOW_ALL: without the bounds down to `until` */
    int64_t renew_days;         /* with `show` */
    const char *name;           /* beginning of the holder's name, or NULL */
    const char *number;         /* complete normal-form number, or NULL */
    const char *state;          /* that state_on tells today, or NULL */
    struct date from, until;    /* the first and the last day on which it may end, or none */
    uint64_t after;             /* id of the last row seen, or 0 */
    size_t limit;               /* rows; one more is looked for to know if there is a next page */
};
struct certificate_page {
    size_t count;
    const struct certificate *rows;
    uint64_t next; /* value for `after`, or 0 */
};
/* One round trip. 0/-1. */
int certificate_list(struct db *db, struct pool *pool, const struct certificate_filter *filter,
                     struct certificate_page *page, struct err *err);

/* Hints that the first page of a firm's list, unfiltered, will be wanted (db_ahead). */
void certificate_list_ahead(struct db *db, struct pool *pool, uint64_t enterprise_id, size_t limit);

/* A firm's valid certificates that end first, within the renewal window. 0/-1. */
int certificate_expiring(struct db *db, struct pool *pool, uint64_t enterprise_id,
                         struct date today, int64_t renew_days, size_t limit,
                         struct certificate_page *page, struct err *err);

/* The first of a firm's valid certificates that carry another name than the register's and wait for
 * nothing (R16). 0/-1. */
int certificate_outdated(struct db *db, struct pool *pool, uint64_t enterprise_id,
                         struct date today, size_t limit, struct certificate_page *page,
                         struct err *err);
/* Hints that it will be asked (db_ahead). */
void certificate_outdated_ahead(struct db *db, struct pool *pool, uint64_t enterprise_id,
                                struct date today, size_t limit);

/* A certificate of this enterprise (R1). 1/0/-1. */
int certificate_find(struct db *db, struct pool *pool, uint64_t id, uint64_t enterprise_id,
                     struct certificate *out, struct err *err);

struct certificate_event {
    const char *action;
    const char *to_state;
    unsigned version;
    const char *reason_text;
    uint64_t matter_id;
    const char *matter_item; /* "" for none; also of the authority's matters about what is ours */
    struct date matter_opened_on;
    int64_t happened_ms;
    bool ours;               /* in the firm of who asks; else matter_item is "": it is not for them */
    bool matter_ours;        /* the matter is of this firm */
};
/* The history, newest first, at most `limit`, as this enterprise may see it. 0/-1. */
int certificate_history(struct db *db, struct pool *pool, uint64_t id, uint64_t enterprise_id,
                        size_t limit,
                        const struct certificate_event **events, size_t *count, struct err *err);

/* The document of the version in force, if this enterprise may download it today: 1/0/-1. */
struct document {
    uint64_t id;
    const char *number;  /* of the certificate */
    unsigned version;
    struct bytes body;
    char sha256[65];
};
int certificate_document(struct db *db, struct pool *pool, uint64_t id, uint64_t enterprise_id,
                         struct date today, struct document *out, struct err *err);

/* The document of a version that is not in force any more, for the firm that held it then. 1/0/-1. */
int certificate_document_of(struct db *db, struct pool *pool, uint64_t id, unsigned version,
                            uint64_t enterprise_id, struct document *out, struct err *err);
/* Reads the columns body and sha256. 1/-1. */
int document_read(const struct db_value *row, struct document *out, struct err *err);

/* What anyone may know of the version that a QR code leads to. `token` is base64url. 1/0/-1. */
struct certificate_public {
    const char *number;
    const char *class_code;
    const char *identifier;
    const char *holder_masked;
    const char *enterprise_name;
    const char *post;
    const char *state;   /* now, of the certificate */
    bool in_force;       /* this is the version in force */
    struct date first_issued, valid_from, valid_until, issued_on;
    const char *issuer_name;
};
int certificate_verify(struct db *db, struct pool *pool, const char *token, struct date today,
                       struct certificate_public *out, struct err *err);

/* For other areas of core that list certificates: the columns of a row, of `certificate c`, how one
 * is read, and a page of `limit` out of at most limit + 1 rows. */
#define CERTIFICATE_COLUMNS                                                                        \
    "c.id, c.class, c.number, c.holder_name, c.state, c.valid_until, c.generation"
enum { CERTIFICATE_COLUMN_COUNT = 7 };
/* The pattern of LIKE … ESCAPE '!' for names that begin so; NULL: any. In the pool. */
const char *name_pattern(struct pool *pool, const char *text);
/* The same for names of people, in their normal form (person_name_normal). */
const char *person_pattern(struct pool *pool, const char *typed);
/* base64url of a verify token, in the pool; and back: false for what is none. */
enum { TOKEN_SIZE = 16 };
const char *token_text(struct pool *pool, struct bytes token);
bool token_parse(const char *text, uint8_t token[TOKEN_SIZE]);
void certificate_read(const struct db_value *row, struct certificate *out);

#endif
