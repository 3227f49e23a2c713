#include "base/db_connect.h"

#include "base/err.h"

static const char session_setup[] =
    "SET time_zone = '+00:00', tx_isolation = 'READ-COMMITTED', autocommit = 1,"
    " innodb_lock_wait_timeout = 5,"
    " sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
    "NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION'";

static void set_options(MYSQL *mysql, const struct db_settings *settings)
{
    unsigned int seconds = (unsigned int)((settings->timeout_ms + 999) / 1000);
    unsigned int protocol = *settings->socket ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
    unsigned int none = 0;
    my_bool off = 0;

    mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
    mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &seconds);
    mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &seconds);
    mysql_options(mysql, MYSQL_OPT_PROTOCOL, &protocol);
    mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &none);
    mysql_options(mysql, MYSQL_OPT_RECONNECT, &off);
    mysql_options(mysql, MYSQL_REPORT_DATA_TRUNCATION, &off);
    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(mysql, MYSQL_INIT_COMMAND, session_setup);
}

int db_connect(const struct db_settings *settings, MYSQL **mysql)
{
    bool by_socket = *settings->socket;

    *mysql = mysql_init(NULL);
    if (!*mysql)
        err_fatal("out of memory");
    set_options(*mysql, settings);
    return mysql_real_connect(*mysql, by_socket ? NULL : settings->host, settings->user,
                              settings->password, *settings->schema ? settings->schema : NULL,
                              by_socket ? 0 : (unsigned int)settings->port,
                              by_socket ? settings->socket : NULL, CLIENT_FOUND_ROWS)
               ? 0
               : -1;
}
