/*
 * What the tests of the certificate domain share: a schema of their own on the test server, made
 * of schema/, keys and a policy, and small fixtures. Whatever fails ends the test.
 */
#ifndef ECERT_TESTS_CORE_TESTDB_H
#define ECERT_TESTS_CORE_TESTDB_H

#include <stdint.h>

#include "base/date.h"
#include "base/db.h"
#include "core/core.h"
#include "core/staff/staff_login.h"

struct pool;
struct vault;

struct testdb {
    struct db_settings settings;
    struct db *db;
    struct pool *pool; /* reset by testdb_clear */
    struct vault *vault;
    struct policy policy;
    struct staff_settings staff; /* cheap: a password costs no time */
    struct core core;
    char schema[48];
    char keys[64]; /* the vault's file */
};

/* The business date of all fixtures. */
extern const struct date testdb_today;

/* What the configuration of a demonstration says of the rules. */
void testdb_policy(struct policy *policy);

/* Makes the schema; NULL where no server is told by ECERT_TEST_DB_SOCKET: end with 77. */
struct testdb *testdb_open(void);
/* Drops it. */
void testdb_close(struct testdb **testdb);
/* The same schema for another thread, with a connection, a pool and a vault of its own: a vault is not
 * shared. It ends before the first. */
struct testdb *testdb_guest(const struct testdb *host);
void testdb_leave(struct testdb **guest);
/* A further connection, for threads and children. */
struct db *testdb_connect(const struct testdb *testdb);
/* Empties all tables, resets the heads of the audit and the pool. */
void testdb_clear(struct testdb *testdb);

/* Runs a statement; the number in the first column of the first row. */
void testdb_sql(struct testdb *testdb, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int64_t testdb_number(struct testdb *testdb, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Firm `id`, named 测试建筑<id>有限公司. */
void testdb_firm(struct testdb *testdb, uint64_t id);
/* Person `id`; with a photo (a JPEG, or any bytes) unless photo.size is 0. */
void testdb_person(struct testdb *testdb, uint64_t id, const char *id_type, const char *name,
                   struct bytes photo);
/* The person's document gets this number. */
void testdb_number_of(struct testdb *testdb, uint64_t person, const char *number);
/* A paper certificate of class B of that person and firm, valid until the given day. */
void testdb_paper(struct testdb *testdb, uint64_t id, uint64_t firm, uint64_t person,
                  const char *number, struct date until);
/* An electronic certificate, 沪建安<class>（2024）<id>, its document made. What is left out is that of
 * a B in force since 2024-01-10, with the firm's present name. */
struct testdb_certificate {
    uint64_t id, firm, person;
    const char *class_code, *post, *state, *reason, *firm_name;
    struct date from, until, held;
    unsigned version;
};
void testdb_certificate(struct testdb *testdb, const struct testdb_certificate *what);
/* A passed exam, numbered KS<id>. */
void testdb_exam(struct testdb *testdb, uint64_t id, uint64_t firm, uint64_t person,
                 const char *class_code, const char *post, const char *day);
void testdb_insured(struct testdb *testdb, uint64_t firm, uint64_t person, const char *month);
void testdb_educated(struct testdb *testdb, uint64_t id, uint64_t person, const char *class_code,
                     unsigned hours, const char *day);
/* The person is the firm's legal representative by its register. */
void testdb_leads(struct testdb *testdb, uint64_t firm, uint64_t person);
/* All chains of the audit are sound, and hold so many events. */
void testdb_audited(struct testdb *testdb, uint64_t events);

/* Exchanges one paper certificate and yields its certificate's id. */
uint64_t testdb_exchange(struct testdb *testdb, uint64_t firm, uint64_t paper);

#endif
