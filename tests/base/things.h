/*
 * A schema of its own and one connection for the tests of base/db.
 */
#ifndef ECERT_TESTS_BASE_THINGS_H
#define ECERT_TESTS_BASE_THINGS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"

enum {
    ADD,
    GET,
    ADD_NAMED,
    RAISE,
    FIND_NAMED,
    LOCK_NAMED,
    COUNT,
    ALL,
    ECHO,
    DECIMAL,
    BROKEN,
    CONNECTION,
    KILL,
    SETUP,
    LATE,
    NUMBERS,
    TOO_MANY
};
extern const struct db_query queries[];

extern struct db_settings settings;
extern struct pool *pool;
extern struct db *db;
extern struct err err;

/* Each fails the test when it does. */
void run_ok(struct db *on, int query, const struct db_value *args, size_t count);
void script_ok(const char *sql);
struct db *connect_to(const struct db_settings *to);
uint64_t connection_of(struct db *on);
/* Ends a connection; it is over when this returns. */
void kill_connection(uint64_t id);
int count_names(const char *like);

int things_setup(void **state);
int things_teardown(void **state);
/* Before each test: empty tables, a working connection. */
int each_setup(void **state);

/* Runs the tests; 77 where there is no server. */
#define things_run(tests)                                                                          \
    (getenv("ECERT_TEST_DB_SOCKET")                                                                \
         ? cmocka_run_group_tests((tests), things_setup, things_teardown) ? 1 : 0                  \
         : 77)

#endif
