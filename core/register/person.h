/*
 * People 人员: who may hold a certificate, and by which document we know them.
 *
 * A document's number is sealed, found by a keyed hash, and shown with stars; the whole number
 * (person_reveal) is in the audit each time. What a clerk types is checked by person_judge
 * (core/register/person_data.h).
 */
#ifndef ECERT_CORE_REGISTER_PERSON_H
#define ECERT_CORE_REGISTER_PERSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "core/matter/change.h"
#include "core/register/certificate.h"
#include "core/register/person_data.h"

struct core;
struct db;
struct err;
struct pool;

/* A person as pages show him. */
struct person {
    uint64_t id;
    const char *id_type;
    const char *id_no_masked;
    const char *name;
    unsigned sex;
    struct date birth;
    const char *education;
    const char *title;
    bool has_phone;
    uint64_t capture_id; /* the photo in use; 0: none */
    int64_t created_ms, updated_ms; /* the second is what a change compares */
};

/* A document number (ID_NO_BOX), opened only to be masked; in the pool. 0/-1. */
int person_id_no_masked(struct pool *pool, const struct core *core, struct bytes box,
                        const char **masked, struct err *err);

/* 1/0/-1. */
int person_find(struct db *db, struct pool *pool, const struct core *core, uint64_t id,
                struct person *out, struct err *err);
/* The same, locked until the transaction ends. 1/0/-1. */
int person_lock(struct db *db, struct pool *pool, const struct core *core, uint64_t id,
                struct person *out, struct err *err);
/* By a number in normal form. 1/0/-1. */
int person_find_document(struct db *db, struct pool *pool, const struct core *core,
                         const char *id_type, const char *id_no, struct person *out,
                         struct err *err);
/* By the beginning of a name, in the order of names; `after` is the id of the last row seen, or 0. 0/-1. */
struct person_page {
    size_t count;
    const struct person *rows;
    uint64_t next; /* value for `after`, or 0 */
};
int person_search(struct db *db, struct pool *pool, const struct core *core, const char *name,
                  uint64_t after, size_t limit, struct person_page *page, struct err *err);

/* What person_judge made. *id is the id. 0/-1 (ERR_CONFLICT: the document is somebody's). */
int person_create(struct change *change, const struct person_data *data, uint64_t *id,
                  struct err *err);
/* Everything anew, of the person as he was when `was` was read; the photo stays. `action` is the audit's.
 * 0/-1 (ERR_CONFLICT: he changed meanwhile, or the document is another's). */
int person_rewrite(struct change *change, const struct person *was, const struct person_data *data,
                   const char *action, const char *detail, struct err *err);
/* All of it, number and phone opened: for changes, which show none of it. 1/0/-1. */
int person_data_open(struct db *db, struct pool *pool, const struct core *core, uint64_t id,
                     struct person_data *out, struct err *err);
/* The number in full, for the eyes of the actor: noted in the audit. 1/0/-1. */
int person_reveal(struct change *change, uint64_t id, const char **id_no, struct err *err);

/* A certificate of a person, in whatever firm. */
struct person_certificate {
    struct certificate_was was; /* for changes */
    const char *number, *class_code, *post, *holder_name;
    uint64_t enterprise_id;
    const char *enterprise_name; /* as on the certificate */
    struct date valid_from, valid_until;
    enum generation generation;
};
/* Newest first, 200 at most. 0/-1. */
int person_certificates(struct db *db, struct pool *pool, uint64_t id,
                        const struct person_certificate **rows, size_t *count, struct err *err);

#endif
