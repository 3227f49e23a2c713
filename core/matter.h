/*
 * Matters 事项: one business step a firm or a clerk took, with a number to refer to.
 */
#ifndef ECERT_CORE_MATTER_H
#define ECERT_CORE_MATTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "core/core.h"
#include "core/certificate.h"

struct db;
struct err;
struct pool;

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

struct matter {
    uint64_t id;
    char number[MATTER_NUMBER_SIZE];
    enum item item;
    const char *state; /* open done refused abandoned */
    unsigned items;
    int64_t opened_ms;
    int64_t closed_ms; /* 0: not closed */
    unsigned done;     /* documents made, of `items` */
    unsigned failed;
};
const char *matter_state_label(const char *state);

/* Opens a matter over `count` certificates inside the present transaction; one that is not "open"
 * is closed at once. Fills id, number and the rest; `state` is borrowed. 0/-1. */
int matter_open(struct db *db, const struct actor *actor, enum item item, uint64_t enterprise_id,
                struct date today, int64_t now_ms, unsigned count, const char *state,
                struct matter *matter, struct err *err);
/* By number, of this enterprise (R1). 1/0/-1. */
int matter_find(struct db *db, struct pool *pool, const char *number, uint64_t enterprise_id,
                struct matter *out, struct err *err);
/* The certificates of a matter, by key (`after` a certificate id). 0/-1. */
int matter_certificates(struct db *db, struct pool *pool, uint64_t matter_id, uint64_t after,
                        size_t limit, struct certificate_page *page, struct err *err);

#endif
