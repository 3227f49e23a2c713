/*
 * People 人员: who may hold a certificate, and by which document we know them.
 *
 * A document's number is sealed, found by a keyed hash, and shown with stars; the whole number
 * (person_reveal) is in the audit each time. What a clerk types is checked whole by person_judge,
 * with a sentence for each field that is wrong.
 */
#ifndef ECERT_CORE_PERSON_H
#define ECERT_CORE_PERSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "core/certificate.h"
#include "core/change.h"

struct core;
struct db;
struct err;
struct pool;

/* All that is known of a person, the number in full. Texts are "" where nothing is known. */
struct person_data {
    const char *id_type; /* 111 … */
    const char *id_no;   /* normal form */
    const char *name;
    unsigned sex;        /* 1 男, 2 女; 0 is for person_judge to find out */
    struct date birth;   /* none likewise */
    const char *education; /* 01 … 07, 99 */
    const char *title;   /* technical title 01 … 05, or "" */
    const char *phone;
};

enum person_field {
    PERSON_ID_TYPE,
    PERSON_ID_NO,
    PERSON_NAME,
    PERSON_SEX,
    PERSON_BIRTH,
    PERSON_EDUCATION,
    PERSON_TITLE,
    PERSON_PHONE,
    PERSON_FIELDS
};

/* Checks what was typed (domain 2) and brings it to its normal form. Sex and birth of a resident come
 * from the number, and must not contradict it where they are given. faults[] gets a Chinese sentence for
 * each wrong field, NULL for a right one. Yields how many are wrong. */
unsigned person_judge(struct pool *pool, const struct person_data *typed, struct date today,
                      struct person_data *normal, const char *faults[PERSON_FIELDS]);
/* What is wrong with a number of this type, in a Chinese sentence; NULL: nothing. */
const char *document_no_fault(const char *id_type, const char *number, struct date today);

/* Labels: 本科, 工程师, 男; NULL for an unknown code. person_education_code(n) and person_title_code(n)
 * are the codes in their order, NULL behind the last. */
const char *person_education_label(const char *code);
const char *person_title_label(const char *code);
const char *person_sex_label(unsigned sex);
const char *person_education_code(size_t n);
const char *person_title_code(size_t n);

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

/* 1/0/-1. */
int person_find(struct db *db, struct pool *pool, const struct core *core, uint64_t id,
                struct person *out, struct err *err);
/* The same, locked until the transaction ends. */
int person_lock(struct db *db, struct pool *pool, const struct core *core, uint64_t id,
                struct person *out, struct err *err);
/* By a number in normal form. */
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
