/*
 * How a connection to MariaDB is opened, and what holds on it. Private to base/db.c.
 */
#ifndef ECERT_BASE_DB_CONNECT_H
#define ECERT_BASE_DB_CONNECT_H

#include <mysql.h>

#include "base/db.h"

/* *mysql is made in any case, and tells what went wrong; to be closed by mysql_close. 0/-1. */
int db_connect(const struct db_settings *settings, MYSQL **mysql);

#endif
