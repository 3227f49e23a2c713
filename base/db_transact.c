#include <stdint.h>
#include <time.h>

#include "base/db.h"
#include "base/err.h"
#include "base/random.h"

enum { PAUSE_FIRST_MS = 5, PAUSE_MOST_MS = 400 };

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

/* Two that met in a deadlock must not meet again. */
static void pause_before(int attempt)
{
    int64_t most = (int64_t)PAUSE_FIRST_MS << attempt;
    uint32_t chance;

    if (most > PAUSE_MOST_MS)
        most = PAUSE_MOST_MS;
    random_bytes(&chance, sizeof(chance));
    int64_t us = most * 500 + chance % (uint64_t)(most * 500);
    nanosleep(&(struct timespec){.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000}, NULL);
}

int db_transact(struct db *db, int (*work)(void *context, struct err *err), void *context,
                struct err *err)
{
    struct err local;
    struct err *cause = err ? err : &local;

    for (int attempt = 0; attempt < DB_ATTEMPTS; attempt++) {
        if (attempt > 0)
            pause_before(attempt);
        cause->kind = ERR_NONE;
        if (transact_once(db, work, context, cause) == 0)
            return 0;
        if (cause->kind != ERR_DB_RETRY)
            return -1;
    }
    return -1;
}
