/*
 * A cork on a connection: statements that are sent one behind the other leave in one piece, so that
 * the server finds them all when it wakes. Connector/C sends each by itself. Private to base/db_*.c.
 */
#ifndef ECERT_BASE_DB_CORK_H
#define ECERT_BASE_DB_CORK_H

#include <mysql.h>
#include <ma_pvio.h>

#include <stdbool.h>
#include <stddef.h>

enum { DB_CORK_SIZE = 8 * 1024 };

/* Put onto a connection once, when it is open, and there until it is closed. What travels by TLS is not
 * held back. */
struct db_cork {
    PVIO_METHODS methods; /* first: the connection's way here */
    const PVIO_METHODS *below;
    bool closed;
    size_t used;
    unsigned char held[DB_CORK_SIZE];
};
void db_cork_put(struct db_cork *cork, MYSQL *mysql);

/* From here on nothing leaves unless it is too much. */
void db_cork_close(struct db_cork *cork);
/* Lets go of it all. What can't be sent shows when the answer is read. */
void db_cork_open(struct db_cork *cork, MYSQL *mysql);

#endif
