#include <stdint.h>

#include "base/backoff.h"
#include "base/db.h"
#include "base/err.h"

enum { PAUSE_FIRST_US = 5000, PAUSE_MOST_US = 400000 };

static int transact_once(struct db *db, int (*work)(void *context, struct err *err), void *context,
                         struct err *err)
{
    if (db_ready(db, err) < 0 || db_begin(db, err) < 0)
        return -1;
    if (work(context, err) < 0 || db_commit(db, err) < 0) {
        db_rollback(db);
        return -1;
    }
    return 0;
}

int db_transact(struct db *db, int (*work)(void *context, struct err *err), void *context,
                struct err *err)
{
    struct err local;
    struct err *cause = err ? err : &local;

    for (int attempt = 0; attempt < DB_ATTEMPTS; attempt++) {
        /* Two that met in a deadlock must not meet again. */
        if (attempt > 0)
            backoff_wait(backoff_us(PAUSE_FIRST_US, PAUSE_MOST_US, attempt));
        cause->kind = ERR_NONE;
        if (transact_once(db, work, context, cause) == 0)
            return 0;
        if (cause->kind != ERR_DB_RETRY)
            return -1;
    }
    return -1;
}
