/*
 * The statements of the web runtime: sessions, login tickets, idempotency keys.
 */
#ifndef ECERT_FCGI_QUERY_H
#define ECERT_FCGI_QUERY_H

#include "base/db.h"

enum web_query {
    SQL_SESSION_FIND,
    SQL_SESSION_SEEN,
    SQL_SESSION_ADD,
    SQL_SESSION_DELETE,
    SQL_SESSION_DELETE_ALL,
    SQL_SESSION_PURGE,
    SQL_TICKET_ADD,
    SQL_TICKET_USE,
    SQL_TICKET_FIND,
    SQL_TICKET_USED,
    SQL_HALF_FIND,
    SQL_TICKET_PURGE,
    SQL_KEY_ADD,
    SQL_KEY_STORE,
    SQL_KEY_FIND,
    SQL_KEY_PURGE,
    WEB_QUERIES
};

extern const struct db_query web_queries[WEB_QUERIES];
extern const struct db_area web_area;

#endif
