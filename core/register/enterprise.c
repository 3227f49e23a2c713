#include "core/register/enterprise.h"

#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/queries.h"

enum { SQL_FIND, SQL_FIND_USCC, SQL_WAITING };

#define COLUMNS "id, uscc, name, region, province"

static const struct db_query queries[] = {
    [SQL_FIND] = {"enterprise_find", "SELECT " COLUMNS " FROM enterprise WHERE id = ?"},
    [SQL_FIND_USCC] = {"enterprise_find_uscc", "SELECT " COLUMNS " FROM enterprise WHERE uscc = ?"},
    [SQL_WAITING] = {"enterprise_waiting",
                     "SELECT"
                     " (SELECT COUNT(*) FROM paper_certificate"
                     "   WHERE enterprise_id = ? AND certificate_id IS NULL AND valid_until >= ?),"
                     " (SELECT COUNT(*) FROM certificate"
                     "   WHERE enterprise_id = ? AND state = '01' AND valid_until BETWEEN ? AND ?),"
                     " (SELECT COUNT(*) FROM certificate"
                     "   WHERE enterprise_id = ? AND generation IN (0, 1)),"
                     " (SELECT COUNT(*) FROM certificate"
                     "   WHERE enterprise_id = ? AND generation = 3),"
                     " (SELECT COUNT(*) FROM certificate"
                     "   WHERE enterprise_id = ? AND state = '01' AND valid_until >= ?),"
                     " (SELECT COUNT(*) FROM matter FORCE INDEX (matter_list)"
                     "   WHERE enterprise_id = ? AND list = 'cancel' AND state = 'signing'),"
                     " (SELECT COUNT(*) FROM matter FORCE INDEX (matter_list)"
                     "   WHERE enterprise_id = ? AND list IN ('apply', 'change', 'cancel', 'departure')"
                     "   AND state = 'draft'),"
                     " (SELECT COUNT(*) FROM enterprise e"
                     "   JOIN certificate c FORCE INDEX (certificate_name) ON c.enterprise_id = e.id"
                     "     AND c.state = '01' AND c.enterprise_name <> e.name"
                     "   WHERE e.id = ? AND c.pending_matter_id IS NULL AND c.valid_until >= ?)"},
};

const struct db_area enterprise_area = DB_AREA("enterprise", queries);

static int find(struct db *db, struct pool *pool, const struct db_query *query, struct db_value key,
                struct enterprise *out, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, query, &key, 1, &row, err);

    if (found != 1)
        return found;
    out->id = db_as_uint(&row[0]);
    out->uscc = db_as_text(&row[1]);
    out->name = db_as_text(&row[2]);
    out->local = strcmp(db_as_text(&row[3]), "local") == 0;
    out->province = db_as_text(&row[4]);
    return 1;
}

int enterprise_find(struct db *db, struct pool *pool, uint64_t id, struct enterprise *out,
                    struct err *err)
{
    return find(db, pool, &queries[SQL_FIND], db_uint(id), out, err);
}

int enterprise_find_uscc(struct db *db, struct pool *pool, const char *uscc, struct enterprise *out,
                         struct err *err)
{
    return find(db, pool, &queries[SQL_FIND_USCC], db_text(uscc), out, err);
}

void enterprise_find_uscc_ahead(struct db *db, struct pool *pool, const char *uscc)
{
    db_ahead(db, pool, &queries[SQL_FIND_USCC], DB_ARGS(db_text(uscc)));
}

int enterprise_waiting(struct db *db, struct pool *pool, uint64_t id, struct date today,
                       int64_t renew_days, struct enterprise_waiting *out, struct err *err)
{
    const struct db_value firm = db_uint(id), from = db_date(today);
    /* The window's last day is the certificate's last: 90 days reach from today to today + 89. */
    const struct db_value to = db_date(date_add_days(today, (int)renew_days - 1));
    const struct db_value *row;

    if (db_one(db, pool, &queries[SQL_WAITING],
               DB_ARGS(firm, from, firm, from, to, firm, firm, firm, from, firm, firm, firm, from),
               &row, err) < 0)
        return -1;
    out->to_exchange = db_as_uint(&row[0]);
    out->expiring = db_as_uint(&row[1]);
    out->generating = db_as_uint(&row[2]);
    out->failed = db_as_uint(&row[3]);
    out->valid = db_as_uint(&row[4]);
    out->signing = db_as_uint(&row[5]);
    out->drafts = db_as_uint(&row[6]);
    out->outdated = db_as_uint(&row[7]);
    return 0;
}
