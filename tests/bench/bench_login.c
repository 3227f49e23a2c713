/*
 * The transaction of a login alone, through plain prepared statements on a connection that is open:
 * no server, no certificate, no keyed hash.
 *
 *     bench_login DATABASE-SOCKET SCHEMA FIRST COUNT
 *
 * Each: BEGIN; a ticket is marked as used; a session is added; a chain of the audit is locked by
 * reading its head, extended by an event, and its head moved; COMMIT. These are the statements and
 * the columns of ecertd, as long as it fills them; seven round trips, four rows written. The tickets
 * are there before, numbered from FIRST, COUNT and one more for the start; their hash is the SHA-256 of
 * the number in decimal. Chain 0 is broken by that and no longer verifies: the schema is for the bin.
 *
 * Prints, a line each, the microseconds that each took; then the processor's time of all here, in
 * microseconds. The first, which prepares the statements, counts for nothing. The database's user is
 * root.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/random.h"
#include "base/sha256.h"
#include "base/text.h"
#include "core/queries.h"
#include "fcgi/query.h"

enum { COUNT_MAX = 100000, HASH = 32, FIRM = 1, TIMEOUT_MS = 60000 };

/* As long as what a login writes. */
static const char detail[] =
    "{\"verdict\":\"ok\",\"certificate\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\","
    "\"ocsp\":\"unasked\"}";

/* The head moves by itself; ecertd's statement also looks whether the event is there. */
static const struct db_query head_move = {
    "head_move", "UPDATE audit_head SET sequence = ?, hash = ?, mac = ? WHERE chain = ?"};

struct bench {
    struct db *db;
    struct pool *pool;
    const struct db_query *lock, *add;
    uint8_t ticket[HASH];
    int64_t now_ms;
};

static const struct db_query *audit_query(const char *name)
{
    for (size_t i = 0; i < audit_area.count; i++)
        if (strcmp(audit_area.queries[i].name, name) == 0)
            return &audit_area.queries[i];
    err_fatal("no statement %s", name);
}

static int64_t clock_us(clockid_t clock)
{
    struct timespec now;

    if (clock_gettime(clock, &now) < 0)
        err_fatal("no clock");
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void number_ticket(struct bench *bench, uint64_t number)
{
    const char *text = pool_printf(bench->pool, "%" PRIu64, number);

    sha256(text, strlen(text), bench->ticket);
}

static int extend(struct bench *bench, const uint8_t hash[HASH], struct err *err)
{
    const struct db_value *row;
    uint64_t sequence;

    if (db_find(bench->db, bench->pool, bench->lock, DB_ARGS(db_uint(0)), &row, err) != 1)
        return -1;
    sequence = db_as_uint(&row[0]) + 1;
    if (db_run(bench->db, bench->add,
               DB_ARGS(db_uint(0), db_uint(sequence), db_time(bench->now_ms), db_uint(1),
                       db_uint(FIRM), db_text("login.accepted"), db_text("enterprise"),
                       db_uint(FIRM), db_uint(0), db_text("01234567-012345"), db_text(detail),
                       db_bytes(hash, HASH)),
               NULL, err) < 0)
        return -1;
    return db_run(bench->db, &head_move,
                  DB_ARGS(db_uint(sequence), db_bytes(hash, HASH), db_bytes(hash, HASH), db_uint(0)),
                  NULL, err);
}

static int transaction(struct bench *bench, struct err *err)
{
    struct db_value now = db_time(bench->now_ms);
    uint8_t hash[HASH];
    uint64_t used;

    random_bytes(hash, HASH);
    if (db_begin(bench->db, err) < 0 ||
        db_run(bench->db, &web_queries[SQL_TICKET_USE],
               DB_ARGS(now, db_bytes(bench->ticket, HASH), now), &used, err) < 0)
        return -1;
    if (used != 1)
        return err_set(err, ERR_NOT_FOUND, 0, "a ticket was not there");
    if (db_run(bench->db, &web_queries[SQL_SESSION_ADD],
               DB_ARGS(db_bytes(hash, HASH), db_uint(1), db_uint(FIRM), db_text("某某建设工程有限公司"),
                       now, now, db_time(bench->now_ms + DAY_MS), db_uint(0)),
               NULL, err) < 0 ||
        extend(bench, hash, err) < 0)
        return -1;
    return db_commit(bench->db, err);
}

static int run(struct bench *bench, uint64_t first, uint64_t count, struct err *err)
{
    int64_t cpu_us = 0;

    if (db_ready(bench->db, err) < 0)
        return -1;
    for (uint64_t i = 0; i <= count; i++) {
        pool_reset(bench->pool);
        bench->now_ms = clock_now_ms();
        number_ticket(bench, first + i);
        int64_t wall = clock_us(CLOCK_MONOTONIC), cpu = clock_us(CLOCK_PROCESS_CPUTIME_ID);
        if (transaction(bench, err) < 0)
            return -1;
        if (i == 0)
            continue;
        cpu_us += clock_us(CLOCK_PROCESS_CPUTIME_ID) - cpu;
        printf("%" PRId64 "\n", clock_us(CLOCK_MONOTONIC) - wall);
    }
    printf("%" PRId64 "\n", cpu_us);
    return 0;
}

int main(int argc, char **argv)
{
    struct db_settings settings = {.host = "", .user = "root", .password = "", .timeout_ms = TIMEOUT_MS};
    struct bench bench = {.lock = audit_query("audit_head_lock"), .add = audit_query("audit_event_add")};
    struct err err = {0};
    uint64_t first, count;
    int result;

    if (argc != 5 || !parse_uint(argv[3], 0, INT32_MAX, &first) ||
        !parse_uint(argv[4], 1, COUNT_MAX, &count)) {
        fputs("usage: bench_login DATABASE-SOCKET SCHEMA FIRST COUNT\n", stderr);
        return 2;
    }
    settings.socket = argv[1];
    settings.schema = argv[2];
    bench.db = db_new(&settings);
    bench.pool = pool_new(0, 0);
    result = run(&bench, first, count, &err);
    if (result < 0)
        fprintf(stderr, "bench_login: %s\n", err.text);
    pool_free(&bench.pool);
    db_free(&bench.db);
    return result < 0;
}
