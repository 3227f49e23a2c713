/*
 * Serial numbers of certificates: one counter a year over all classes (Policy.SerialPerClass: one
 * for each class). A number that anybody has, on paper or not, is passed over; one that was given
 * is never given again.
 */
#ifndef ECERT_CORE_REGISTER_SERIAL_H
#define ECERT_CORE_REGISTER_SERIAL_H

#include "core/register/identifier.h"

struct core;
struct db;
struct err;
struct pool;

/* The next certificate number of a year, inside the present transaction, which holds the counter
 * until it ends. 0/-1 (ERR_LIMIT: the year's seven digits are used up). */
int serial_next(struct db *db, struct pool *pool, const struct core *core, const char *class_code,
                int year, char number[NUMBER_SIZE], struct err *err);

#endif
