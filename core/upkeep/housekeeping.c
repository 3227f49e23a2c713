#include "core/upkeep/housekeeping.h"

#include <stddef.h>

#include "base/db.h"
#include "base/err.h"
#include "core/queries.h"

enum { SQL_SESSIONS, SQL_TICKETS, SQL_KEYS, SQL_DELAYS, SQL_BROWSERS };

static const struct db_query queries[] = {
    [SQL_SESSIONS] = {"housekeeping_sessions",
                      "DELETE FROM session WHERE expires_at < ? ORDER BY expires_at LIMIT ?"},
    [SQL_TICKETS] = {"housekeeping_tickets",
                     "DELETE FROM login_ticket WHERE expires_at < ? ORDER BY expires_at LIMIT ?"},
    [SQL_KEYS] = {"housekeeping_keys",
                  "DELETE FROM idempotency WHERE created_at < ? ORDER BY created_at LIMIT ?"},
    [SQL_DELAYS] = {"housekeeping_delays",
                    "DELETE FROM login_delay WHERE tried_at < ? ORDER BY tried_at LIMIT ?"},
    [SQL_BROWSERS] = {"housekeeping_browsers",
                      "DELETE FROM known_browser WHERE expires_at < ? ORDER BY expires_at LIMIT ?"},
};

const struct db_area housekeeping_area = DB_AREA("housekeeping", queries);

/* How long a row stays after the instant in its column. */
static const int64_t keep_ms[] = {
    [SQL_SESSIONS] = 0,
    [SQL_TICKETS] = 0,
    [SQL_KEYS] = DAY_MS,
    [SQL_DELAYS] = DAY_MS,
    [SQL_BROWSERS] = 0,
};

int housekeeping_run(struct db *db, int64_t now_ms, uint64_t *deleted, struct err *err)
{
    *deleted = 0;
    for (size_t i = 0; i < sizeof(keep_ms) / sizeof(keep_ms[0]); i++) {
        uint64_t rows;

        if (db_run(db, &queries[i],
                   DB_ARGS(db_time(now_ms - keep_ms[i]), db_uint(HOUSEKEEPING_ROWS)), &rows,
                   err) < 0)
            return -1;
        *deleted += rows;
    }
    return 0;
}
