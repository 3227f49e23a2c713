#include "base/db_error.h"

#include <stddef.h>
#include <string.h>
#include <mysqld_error.h>

enum { CLIENT_ERROR_FIRST = 2000, CLIENT_ERROR_LAST = 2999 };

bool db_code_is_lost(unsigned int code)
{
    static const unsigned int codes[] = {
        ER_UNKNOWN_COM_ERROR, /* in a Galera cluster: the node has left it */
        ER_SERVER_SHUTDOWN,       ER_ABORTING_CONNECTION,      ER_NET_READ_ERROR_FROM_PIPE,
        ER_NET_FCNTL_ERROR,       ER_NET_PACKETS_OUT_OF_ORDER, ER_NET_UNCOMPRESS_ERROR,
        ER_NET_READ_ERROR,        ER_NET_READ_INTERRUPTED,     ER_NET_ERROR_ON_WRITE,
        ER_NET_WRITE_INTERRUPTED, ER_NET_PACKET_TOO_LARGE,     ER_NEW_ABORTING_CONNECTION,
        ER_CONNECTION_KILLED,
    };

    /* After an error of the client library nobody knows where in the protocol the two ends are. */
    if (code >= CLIENT_ERROR_FIRST && code <= CLIENT_ERROR_LAST)
        return true;
    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
        if (codes[i] == code)
            return true;
    return false;
}

/* The second is what InnoDB makes of a deadlock over the lock for numbers of new rows, which an INSERT of
 * many and one of a few wait for. */
bool db_code_is_deadlock(unsigned int code)
{
    return code == ER_LOCK_DEADLOCK || code == ER_AUTOINC_READ_FAILED;
}

enum err_kind db_code_kind(unsigned int code)
{
    if (db_code_is_deadlock(code))
        return ERR_DB_RETRY;
    switch (code) {
    case ER_DUP_ENTRY:
        return ERR_DB_DUPLICATE;
    case ER_LOCK_WAIT_TIMEOUT:
        return ERR_DB_RETRY;
    default:
        return ERR_DB;
    }
}

void db_message_strip(char *message)
{
    char *value = strstr(message, " '"), *name = NULL;

    if (!value || (!strstr(message, "entry '") && !strstr(message, "value: '")))
        return;
    for (char *next = value; (next = strstr(next, " for ")) != NULL; next++)
        name = next;
    if (name)
        memmove(value, name, strlen(name) + 1);
    else
        *value = '\0';
}
