#include "base/db_cork.h"

#include <string.h>

/* 0/-1. */
static int let_go(struct db_cork *cork, MARIADB_PVIO *pvio)
{
    size_t sent = 0;

    while (sent < cork->used) {
        ssize_t some = cork->below->write(pvio, cork->held + sent, cork->used - sent);

        if (some <= 0)
            break;
        sent += (size_t)some;
    }
    bool whole = sent == cork->used;
    cork->used = 0;
    return whole ? 0 : -1;
}

static ssize_t write_corked(MARIADB_PVIO *pvio, const unsigned char *data, size_t size)
{
    struct db_cork *cork = (struct db_cork *)pvio->methods;

    if (cork->closed && size <= sizeof(cork->held) - cork->used) {
        memcpy(cork->held + cork->used, data, size);
        cork->used += size;
        return (ssize_t)size;
    }
    return let_go(cork, pvio) < 0 ? -1 : cork->below->write(pvio, data, size);
}

void db_cork_put(struct db_cork *cork, MYSQL *mysql)
{
    MARIADB_PVIO *pvio = mysql->net.pvio;

    cork->below = pvio->methods;
    cork->methods = *pvio->methods;
    cork->methods.write = write_corked;
    cork->closed = false;
    cork->used = 0;
    pvio->methods = &cork->methods;
}

void db_cork_close(struct db_cork *cork)
{
    cork->closed = true;
}

void db_cork_open(struct db_cork *cork, MYSQL *mysql)
{
    cork->closed = false;
    if (mysql->net.pvio)
        let_go(cork, mysql->net.pvio);
}
