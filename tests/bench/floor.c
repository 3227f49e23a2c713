/*
 * The floor of the benchmark: what a page with two queries costs without any of our code. Workers
 * on one FastCGI socket run the very statements of a signed-in list page, the session by its
 * token's hash and the firm's certificates, through plain Connector/C, and answer with a constant
 * page.
 *
 *     floor SOCKET DATABASE-SOCKET SCHEMA WORKERS BYTES
 *
 * The database's user is ECERT_FLOOR_USER (root). Ends with SIGTERM.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fcgiapp.h>
#include <mysql.h>

#include "base/sha256.h"
#include "base/text.h"
#include "core/queries.h"
#include "fcgi/query.h"

enum { COLUMNS = 32, COLUMN_SIZE = 512, ROWS = 21, WORKERS_MAX = 64, BACKLOG = 1024, SECRET = 32 };

struct statement {
    MYSQL_STMT *handle;
    unsigned columns;
    char cells[COLUMNS][COLUMN_SIZE];
    unsigned long lengths[COLUMNS];
};

static const char *database_socket, *schema;
static struct statement session, list;
static char *page;
static size_t page_size;

static void die(const char *what, const char *why)
{
    fprintf(stderr, "floor: %s: %s\n", what, why);
    exit(1);
}

static const char *list_sql(void)
{
    for (size_t i = 0; i < certificate_area.count; i++) {
        if (strcmp(certificate_area.queries[i].name, "certificate_list") == 0)
            return certificate_area.queries[i].sql;
    }
    die("certificate_list", "no such statement");
    return NULL;
}

static void prepare(MYSQL *mysql, struct statement *statement, const char *sql)
{
    MYSQL_BIND binds[COLUMNS] = {0};

    statement->handle = mysql_stmt_init(mysql);
    if (mysql_stmt_prepare(statement->handle, sql, strlen(sql)))
        die(sql, mysql_stmt_error(statement->handle));
    statement->columns = mysql_stmt_field_count(statement->handle);
    if (statement->columns > COLUMNS)
        die(sql, "too many columns");
    for (unsigned i = 0; i < statement->columns; i++) {
        binds[i].buffer_type = MYSQL_TYPE_STRING;
        binds[i].buffer = statement->cells[i];
        binds[i].buffer_length = COLUMN_SIZE;
        binds[i].length = &statement->lengths[i];
    }
    if (mysql_stmt_bind_result(statement->handle, binds))
        die(sql, mysql_stmt_error(statement->handle));
}

/* Runs it and reads all rows; returns how many. */
static int run(struct statement *statement, MYSQL_BIND *arguments)
{
    int rows = 0;

    if (mysql_stmt_bind_param(statement->handle, arguments) ||
        mysql_stmt_execute(statement->handle) || mysql_stmt_store_result(statement->handle))
        die("execute", mysql_stmt_error(statement->handle));
    while (mysql_stmt_fetch(statement->handle) != MYSQL_NO_DATA)
        rows++;
    mysql_stmt_free_result(statement->handle);
    return rows;
}

static MYSQL_BIND number(unsigned long long *value)
{
    return (MYSQL_BIND){.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = value, .is_unsigned = 1};
}

/* The firm of the session whose cookie came; 0: none. */
static unsigned long long find_firm(const char *cookie)
{
    const char *value = cookie ? strstr(cookie, "__Host-ecert=") : NULL;
    unsigned char secret[SECRET], hash[32];
    char token[44];
    unsigned long size = sizeof(hash);

    if (!value || !text_format(token, sizeof(token), "%.43s", value + strlen("__Host-ecert=")) ||
        base64url_decode(token, secret, sizeof(secret)) != SECRET)
        return 0;
    sha256(secret, sizeof(secret), hash);
    MYSQL_BIND argument = {.buffer_type = MYSQL_TYPE_BLOB, .buffer = hash,
                           .buffer_length = sizeof(hash), .length = &size};
    return run(&session, &argument) == 1 ? strtoull(session.cells[1], NULL, 10) : 0;
}

static void answer(FCGX_Request *request)
{
    unsigned long long firm = find_firm(FCGX_GetParam("HTTP_COOKIE", request->envp));
    unsigned long long before = INT64_MAX, rows = ROWS;
    MYSQL_BIND arguments[] = {number(&firm), number(&before), number(&rows)};

    if (!firm || run(&list, arguments) == 0) {
        FCGX_PutS("Status: 403 Forbidden\r\nContent-Type: text/plain\r\n\r\nno session, or no rows\n",
                  request->out);
        return;
    }
    FCGX_PutStr(page, (int)page_size, request->out);
}

static void work(int listener)
{
    const char *user = getenv("ECERT_FLOOR_USER");
    MYSQL *mysql = mysql_init(NULL);
    FCGX_Request request;

    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (!mysql_real_connect(mysql, NULL, user ? user : "root", "", schema, 0, database_socket, 0))
        die(database_socket, mysql_error(mysql));
    prepare(mysql, &session, web_queries[SQL_SESSION_FIND].sql);
    prepare(mysql, &list, list_sql());
    FCGX_Init();
    FCGX_InitRequest(&request, listener, 0);
    while (FCGX_Accept_r(&request) == 0) {
        answer(&request);
        FCGX_Finish_r(&request);
    }
    exit(0);
}

static void make_page(size_t bytes)
{
    static const char head[] = "Content-Type: text/html; charset=utf-8\r\n\r\n";

    page_size = sizeof(head) - 1 + bytes;
    page = malloc(page_size);
    if (!page)
        die("page", "out of memory");
    memcpy(page, head, sizeof(head) - 1);
    memset(page + sizeof(head) - 1, 'x', bytes);
}

int main(int argc, char **argv)
{
    pid_t children[WORKERS_MAX];
    uint64_t workers, bytes;
    sigset_t set;
    int received;

    if (argc != 6 || !parse_uint(argv[4], 1, WORKERS_MAX, &workers) ||
        !parse_uint(argv[5], 0, 1 << 24, &bytes)) {
        fputs("usage: floor SOCKET DATABASE-SOCKET SCHEMA WORKERS BYTES\n", stderr);
        return 2;
    }
    database_socket = argv[2];
    schema = argv[3];
    make_page(bytes);
    int listener = FCGX_OpenSocket(argv[1], BACKLOG);
    if (listener < 0)
        die(argv[1], "can't listen");
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (uint64_t i = 0; i < workers; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            sigprocmask(SIG_UNBLOCK, &set, NULL);
            work(listener);
        }
    }
    sigwait(&set, &received);
    for (uint64_t i = 0; i < workers; i++)
        kill(children[i], SIGTERM);
    while (wait(NULL) > 0)
        continue;
    return received == SIGCHLD;
}
