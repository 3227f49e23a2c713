#include "core/register/serial.h"

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/core.h"
#include "core/queries.h"

enum { SERIAL_MAX = 9999999, NAME_SIZE = 32 };

enum { SQL_BEGIN, SQL_NEXT, SQL_CERTIFICATE, SQL_PAPER };

static const struct db_query queries[] = {
    /* A new year begins behind what was taken over from elsewhere. */
    [SQL_BEGIN] = {"serial_begin", "INSERT IGNORE INTO counter (name, value)"
                                   " SELECT ?, IFNULL(MAX(serial), 0) FROM certificate"
                                   " FORCE INDEX (certificate_serial) WHERE issue_year = ?"},
    [SQL_NEXT] = {"serial_next",
                  "UPDATE counter SET value = LAST_INSERT_ID(value + 1) WHERE name = ?"},
    [SQL_CERTIFICATE] = {"serial_certificate",
                         "SELECT id FROM certificate WHERE issue_year = ? AND serial = ? LIMIT 1"},
    [SQL_PAPER] = {"serial_paper",
                   "SELECT id FROM paper_certificate WHERE number = ? OR number = ? OR number = ?"
                   " OR number = ? OR number = ? OR number = ? LIMIT 1"},
};

const struct db_area serial_area = DB_AREA("serial", queries);

/* The counter's next value. */
static int count(struct db *db, const char *name, int year, uint64_t *value, struct err *err)
{
    uint64_t affected;

    if (db_run(db, &queries[SQL_NEXT], DB_ARGS(db_text(name)), &affected, err) < 0)
        return -1;
    if (affected == 0 &&
        (db_run(db, &queries[SQL_BEGIN], DB_ARGS(db_text(name), db_int(year)), NULL, err) < 0 ||
         db_run(db, &queries[SQL_NEXT], DB_ARGS(db_text(name)), NULL, err) < 0))
        return -1;
    *value = db_insert_id(db);
    return 0;
}

/* Has any certificate of any class, on paper or electronic, this serial? 1/0/-1. */
static int taken(struct db *db, struct pool *pool, const char *province, int year, uint32_t serial,
                 struct err *err)
{
    static const char *const classes[] = {"A", "B", "C", "C1", "C2", "C3"};
    struct db_value numbers[sizeof(classes) / sizeof(classes[0])];
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_CERTIFICATE], DB_ARGS(db_int(year), db_uint(serial)),
                        &row, err);

    if (found != 0)
        return found;
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        char number[NUMBER_SIZE];

        certificate_number_make(province, classes[i], year, serial, number);
        numbers[i] = db_text(pool_text(pool, number));
    }
    return db_find(db, pool, &queries[SQL_PAPER], numbers, sizeof(numbers) / sizeof(numbers[0]),
                   &row, err);
}

int serial_next(struct db *db, struct pool *pool, const struct core *core, const char *class_code,
                int year, char number[NUMBER_SIZE], struct err *err)
{
    const struct policy *policy = core->policy;
    char name[NAME_SIZE];
    uint64_t value;
    int found;

    text_format(name, sizeof(name), policy->serial_per_class ? "serial.%d.%s" : "serial.%d", year,
                class_code);
    do {
        if (count(db, name, year, &value, err) < 0)
            return -1;
        if (value == 0 || value > SERIAL_MAX)
            return err_set(err, ERR_LIMIT, 0, "%s: no serial number is left", name);
        found = taken(db, pool, policy->province, year, (uint32_t)value, err);
        if (found < 0)
            return -1;
    } while (found == 1);
    certificate_number_make(policy->province, class_code, year, (uint32_t)value, number);
    return 0;
}
