/*
 * What MariaDB's error numbers and messages mean to us. Private to base/db.c.
 */
#ifndef ECERT_BASE_DB_ERROR_H
#define ECERT_BASE_DB_ERROR_H

#include <stdbool.h>

#include "base/err.h"

/* Is the connection of no use any more? */
bool db_code_is_lost(unsigned int code);
/* ERR_DB_DUPLICATE, ERR_DB_RETRY or ERR_DB. */
enum err_kind db_code_kind(unsigned int code);
/* Has the server rolled the transaction back, as the victim of a deadlock? */
bool db_code_is_deadlock(unsigned int code);
/* The server quotes the offending value ("Duplicate entry '…' for key 'x'"), which may be
 * somebody's: keeps what stands before it and the name behind the last " for ". */
void db_message_strip(char *message);

#endif
