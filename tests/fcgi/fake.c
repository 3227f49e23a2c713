#include "tests/fcgi/fake.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/pool.h"
#include "fcgi/render.h"

enum { MORE = 8, PARAMETERS = 24, ROOM = 4 * 1024 * 1024 };

struct web_settings fake_web = {
    .listen = "unix:none",
    .socket_group = "",
    .give_up_ms = 30000,
    .origin = "https://site.test:8443",
    .login_origin = "https://site.test:8444",
    .session_idle_s = 1800,
    .session_absolute_s = 28800,
    .staff_idle_s = 600,
    .staff_absolute_s = 3600,
    .body_bytes = 65536,
    .upload_bytes = 100000,
    .stream_bytes = 1000000,
};
struct db_settings fake_db = {.host = "", .user = "root", .password = "", .schema = "", .timeout_ms = 30000};
struct application fake_application = {.web = &fake_web, .db = &fake_db};

static char folder[64];
static struct gate *gate;
static struct db *db;
static struct pool *pool;
static struct err err;

static const char *top(void)
{
    const char *given = getenv("TOP_SRCDIR");

    return given ? given : ".";
}

void fake_sql(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const char *sql = pool_vprintf(pool, format, args);
    va_end(args);
    if (db_ready(db, &err) < 0 || db_script(db, sql, &err) < 0)
        fail_msg("%s: %s", sql, err.text);
}

int64_t fake_number(const char *sql)
{
    /* A statement is known by its address. */
    struct db_query *query = POOL_NEW(pool, struct db_query);
    const struct db_value *row;

    *query = (struct db_query){"number", pool_text(pool, sql)};
    if (db_ready(db, &err) < 0 || db_find(db, pool, query, DB_NO_ARGS, &row, &err) != 1)
        fail_msg("%s: %s", sql, err.text);
    return db_as_int(row);
}

static void run_file(const char *name)
{
    struct bytes sql;

    if (file_read(pool, pool_printf(pool, "%s/schema/%s", top(), name), 65536, &sql, &err) < 0)
        fail_msg("%s", err.text);
    fake_sql("%s", (const char *)sql.data);
}

static void make_schema(const char *schema)
{
    fake_sql("DROP DATABASE IF EXISTS %s", schema);
    fake_sql("CREATE DATABASE %s CHARACTER SET utf8mb4", schema);
    fake_sql("USE %s", schema);
    run_file("013-session.sql");
    run_file("014-login-ticket.sql");
    run_file("015-idempotency.sql");
    run_file("041-session-roles.sql");
    fake_sql("CREATE TABLE thing (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY,"
             " name VARCHAR(64) NOT NULL) ENGINE = InnoDB");
}

void fake_template(const char *name, const char *text)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    mkdir(path, 0700);
    *slash = '/';
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        fail_msg("%s", path);
}

bool fake_open(const struct module *const *modules, const char *schema)
{
    const char *socket = getenv("ECERT_TEST_DB_SOCKET");

    if (schema && !socket)
        return false;
    pool = pool_new(0, 0);
    fake_db.socket = socket ? socket : "";
    snprintf(folder, sizeof(folder), "%s/ecert-web.XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    if (!mkdtemp(folder))
        return false;
    log_open("test", LOG_ERROR + 1, STDERR_FILENO);
    fake_web.templates = folder;
    fake_application.modules = modules;
    if (schema) {
        static struct db_settings own;
        own = fake_db;
        db = db_new(&own);
        make_schema(schema);
        own.schema = fake_db.schema = schema;
    }
    return true;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

void fake_close(void)
{
    gate_free(&gate);
    render_free(&fake_application.render);
    db_free(&db);
    pool_free(&pool);
    if (*folder && nftw(folder, remove_entry, MORE, FTW_DEPTH | FTW_PHYS) != 0)
        fprintf(stderr, "%s is left behind\n", folder);
}

void fake_render(void)
{
    render_free(&fake_application.render);
    if (render_new(fake_web.templates, fake_application.modules, &fake_application.render, &err) < 0)
        fail_msg("%s", err.text);
}

struct gate *fake_gate(void)
{
    if (!gate) {
        fake_render();
        gate = gate_new(&fake_application);
    }
    return gate;
}

/* The exchange */

struct memory {
    const char *body;
    size_t size, at;
    char head[16384];
    char *answer;
    size_t answer_size;
    int sent;
    size_t room; /* of a body that is written in parts: the client goes away where it ends */
    bool aborted;
};

size_t fake_patience;

static long memory_read(void *context, void *to, size_t size)
{
    struct memory *memory = context;
    size_t left = memory->size - memory->at;
    /* In small pieces, as a network does. */
    size_t piece = size < left ? size : left;

    if (piece > 1000)
        piece = 1000;
    memcpy(to, memory->body + memory->at, piece);
    memory->at += piece;
    return (long)piece;
}

static int memory_write(void *context, const void *data, size_t size)
{
    struct memory *memory = context;

    if (size > memory->room)
        return -1;
    memory->room -= size;
    memory->answer = realloc(memory->answer, memory->answer_size + size + 1);
    assert_non_null(memory->answer);
    if (size)
        memcpy(memory->answer + memory->answer_size, data, size);
    memory->answer_size += size;
    memory->answer[memory->answer_size] = '\0';
    return 0;
}

static int memory_begin(void *context, struct bytes head)
{
    struct memory *memory = context;

    assert_true(head.size < sizeof(memory->head));
    memcpy(memory->head, head.data, head.size);
    memory->head[head.size] = '\0';
    memory->answer_size = 0;
    memory->sent++;
    return memory_write(memory, NULL, 0);
}

static int memory_send(void *context, struct bytes head, struct bytes body)
{
    struct memory *memory = context;

    memory->room = SIZE_MAX;
    memory_begin(memory, head);
    return memory_write(memory, body.data, body.size);
}

static void memory_abort(void *context)
{
    struct memory *memory = context;

    memory->aborted = true;
}

static char *parameter(const char *name, const char *value)
{
    return pool_printf(pool, "%s=%s", name, value);
}

struct fake_response fake_send(const struct fake_request *request)
{
    static struct memory memory;
    char *parameters[PARAMETERS];
    size_t count = 0;
    struct fake_response response = {0};

    memory.body = request->body ? request->body : "";
    memory.size = request->body_size ? request->body_size : strlen(memory.body);
    memory.at = 0;
    memory.sent = 0;
    memory.room = fake_patience ? fake_patience : SIZE_MAX;
    memory.aborted = false;
    for (size_t i = 0; i < MORE && request->more[i]; i++)
        parameters[count++] = pool_text(pool, request->more[i]);
    parameters[count++] = parameter("REQUEST_METHOD", request->method ? request->method : "GET");
    parameters[count++] = parameter("REQUEST_URI", request->target);
    parameters[count++] = parameter("ECERT_PORT", request->port ? request->port : "site");
    parameters[count++] = parameter("REMOTE_ADDR", "127.0.0.1");
    if (request->type)
        parameters[count++] = parameter("CONTENT_TYPE", request->type);
    if (request->cookie)
        parameters[count++] = parameter("HTTP_COOKIE", request->cookie);
    parameters[count++] = parameter("CONTENT_LENGTH", request->length
                                                          ? request->length
                                                          : pool_printf(pool, "%zu", memory.size));
    parameters[count] = NULL;
    const struct exchange exchange = {.parameters = parameters,
                                      .read = memory_read,
                                      .send = memory_send,
                                      .begin = memory_begin,
                                      .write = memory_write,
                                      .abort = memory_abort,
                                      .context = &memory};
    uint64_t before = db_round_trips(gate_db(fake_gate()));
    response.status = gate_serve(fake_gate(), &exchange);
    assert_int_equal(memory.sent, 1);
    response.round_trips = db_round_trips(gate_db(gate)) - before;
    response.head = memory.head;
    response.body = memory.answer;
    response.body_size = memory.answer_size;
    response.aborted = memory.aborted;
    return response;
}

const char *fake_header(const struct fake_response *response, const char *name)
{
    static char value[4096];
    size_t length = strlen(name);

    for (const char *line = response->head; *line;) {
        const char *end = strstr(line, "\r\n");
        if (strncmp(line, name, length) == 0 && line[length] == ':') {
            snprintf(value, sizeof(value), "%.*s", (int)(end - line - (long)length - 2),
                     line + length + 2);
            return value;
        }
        line = end + 2;
    }
    return NULL;
}
