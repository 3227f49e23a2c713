/*
 * Paper certificates 纸质证书, as imported from the old register.
 */
#ifndef ECERT_CORE_REGISTER_PAPER_H
#define ECERT_CORE_REGISTER_PAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"

struct core;
struct db;
struct err;
struct pool;

struct paper {
    uint64_t id;
    const char *number;
    const char *class_code;
    const char *holder_name;
    const char *enterprise_name; /* as printed */
    const char *post;
    struct date first_issued, valid_from, valid_until, held_since;
    bool has_photo;
    /* The following are filled by paper_find only. */
    uint64_t person_id;
    uint64_t capture_id;
    uint64_t certificate_id;     /* the electronic one; 0: not yet exchanged */
    int sex;
    struct date birth;
    const char *id_type;
    const char *id_no_masked;
};

struct paper_page {
    size_t count;
    const struct paper *rows;
    uint64_t next;
};

/* A firm's paper certificates that are valid on `today` and not yet exchanged (R3), by key. One
 * round trip. 0/-1. */
int paper_list(struct db *db, struct pool *pool, uint64_t enterprise_id, struct date today,
               uint64_t after, size_t limit, struct paper_page *page, struct err *err);
/* One of this firm (R1), exchanged or not. 1/0/-1. */
int paper_find(struct db *db, struct pool *pool, const struct core *core, uint64_t id,
               uint64_t enterprise_id, struct paper *out, struct err *err);
/* All of one person in this firm, exchanged or not, by id: id and number alone. 0/-1. */
int paper_of_person(struct db *db, struct pool *pool, uint64_t person_id, uint64_t enterprise_id,
                    struct paper_page *page, struct err *err);

#endif
