#include "base/db_statement.h"

#include <mysqld_error.h>

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/pool.h"

enum { TABLE_FIRST = 128, BINARY_CHARSET = 63 };

/* What the server says of a column, and the place it is fetched into. Texts and bytes are
 * fetched apart, straight into the caller's pool. */
struct db_column {
    enum db_type type;
    enum enum_field_types source;
    unsigned int flags;
    unsigned int charset;
    union {
        long long integer;
        MYSQL_TIME time;
    };
    unsigned long length;
    my_bool is_null;
    my_bool cut;
};

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);

    if (!memory)
        err_fatal("out of memory");
    return memory;
}

/* The table */

/* The place of a query's statement, or the empty one where it goes. */
static struct db_statement **slot_of(const struct db_statements *all, const struct db_query *query)
{
    /* Fibonacci hashing: the addresses are a few array elements apart. */
    size_t index = (size_t)(((uint64_t)(uintptr_t)query >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32);

    for (index &= all->capacity - 1; all->slots[index] && all->slots[index]->query != query;)
        index = (index + 1) & (all->capacity - 1);
    return &all->slots[index];
}

static void table_grow(struct db_statements *all)
{
    struct db_statements larger = {.capacity = all->capacity ? all->capacity * 2 : TABLE_FIRST,
                                   .count = all->count};

    larger.slots = allocate(larger.capacity, sizeof(*larger.slots));
    for (size_t i = 0; i < all->capacity; i++)
        if (all->slots[i])
            *slot_of(&larger, all->slots[i]->query) = all->slots[i];
    free(all->slots);
    *all = larger;
}

struct db_statement *db_statements_find(const struct db_statements *all,
                                        const struct db_query *query)
{
    return all->capacity ? *slot_of(all, query) : NULL;
}

void db_statements_add(struct db_statements *all, struct db_statement *statement)
{
    if ((all->count + 1) * 2 > all->capacity)
        table_grow(all);
    *slot_of(all, statement->query) = statement;
    all->count++;
}

void db_statements_clear(struct db_statements *all)
{
    for (size_t i = 0; i < all->capacity; i++)
        db_statement_free(&all->slots[i]);
    free(all->slots);
    *all = (struct db_statements){NULL, 0, 0};
}

/* One statement */

struct db_statement *db_statement_new(const struct db_query *query)
{
    struct db_statement *statement = allocate(1, sizeof(*statement));

    statement->query = query;
    return statement;
}

void db_statement_free(struct db_statement **statement)
{
    if (!*statement)
        return;
    if ((*statement)->handle)
        mysql_stmt_close((*statement)->handle);
    free((*statement)->binds);
    free((*statement)->times);
    free((*statement)->columns);
    free(*statement);
    *statement = NULL;
}

int db_statement_prepare(struct db_statement *statement, MYSQL *mysql)
{
    const char *sql = statement->query->sql;

    if (statement->handle)
        mysql_stmt_close(statement->handle);
    statement->handle = mysql_stmt_init(mysql);
    if (!statement->handle)
        err_fatal("out of memory");
    statement->column_count = 0;
    if (mysql_stmt_prepare(statement->handle, sql, strlen(sql)) != 0)
        return -1;
    statement->parameters = mysql_stmt_param_count(statement->handle);
    if (!statement->binds) {
        statement->binds = allocate(statement->parameters, sizeof(*statement->binds));
        statement->times = allocate(statement->parameters, sizeof(*statement->times));
    }
    return 0;
}

/* Parameters */

static void put_calendar(MYSQL_TIME *time, struct date date)
{
    *time = (MYSQL_TIME){.year = (unsigned int)date.year,
                         .month = (unsigned int)date.month,
                         .day = (unsigned int)date.day,
                         .time_type = MYSQL_TIMESTAMP_DATE};
}

static void put_instant(MYSQL_TIME *time, int64_t ms)
{
    int64_t days = ms / DAY_MS, rest = ms % DAY_MS;

    if (rest < 0) {
        rest += DAY_MS;
        days--;
    }
    put_calendar(time, date_from_days((int32_t)days));
    time->hour = (unsigned int)(rest / 3600000);
    time->minute = (unsigned int)(rest / 60000 % 60);
    time->second = (unsigned int)(rest / 1000 % 60);
    time->second_part = (unsigned long)(rest % 1000 * 1000);
    time->time_type = MYSQL_TIMESTAMP_DATETIME;
}

static void bind_parameter(MYSQL_BIND *bind, MYSQL_TIME *time, const struct db_value *value)
{
    *bind = (MYSQL_BIND){.buffer = time};
    switch (value->type) {
    case DB_NULL:
        bind->buffer_type = MYSQL_TYPE_NULL;
        break;
    case DB_INT:
    case DB_UINT:
        bind->buffer_type = MYSQL_TYPE_LONGLONG;
        bind->is_unsigned = value->type == DB_UINT;
        bind->buffer = (void *)(uintptr_t)&value->integer;
        break;
    case DB_TEXT:
    case DB_BYTES:
        bind->buffer_type = value->type == DB_TEXT ? MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB;
        bind->buffer = (void *)(uintptr_t)value->bytes.data;
        bind->buffer_length = value->bytes.size;
        break;
    case DB_DATE:
        bind->buffer_type = MYSQL_TYPE_DATE;
        put_calendar(time, value->date);
        break;
    case DB_TIME:
        bind->buffer_type = MYSQL_TYPE_DATETIME;
        put_instant(time, value->integer);
        break;
    }
}

int db_statement_execute(struct db_statement *statement, const struct db_value *args, size_t count)
{
    if (statement->parameters != count)
        err_fatal("%s has %zu parameters, not %zu", statement->query->name, statement->parameters,
                  count);
    for (size_t i = 0; i < count; i++)
        bind_parameter(&statement->binds[i], &statement->times[i], &args[i]);
    if (count && mysql_stmt_bind_param(statement->handle, statement->binds) != 0)
        return -1;
    return mysql_stmt_execute(statement->handle) == 0 ? 0 : -1;
}

int db_statement_answer(struct db_statement *statement)
{
    return statement->handle->mysql->methods->db_read_execute_response(statement->handle) == 0 ? 0
                                                                                               : -1;
}

int db_statement_send(struct db_statement *statement, const struct db_value *args, size_t count)
{
    MYSQL *mysql = statement->handle->mysql;
    my_bool on = 1, off = 0;

    mysql_optionsv(mysql, MARIADB_OPT_SKIP_READ_RESPONSE, &on);
    int sent = db_statement_execute(statement, args, count);
    mysql_optionsv(mysql, MARIADB_OPT_SKIP_READ_RESPONSE, &off);
    return sent;
}

bool db_statement_stale(const struct db_statement *statement)
{
    unsigned int code = mysql_stmt_errno(statement->handle);

    return code == ER_NEED_REPREPARE || code == ER_UNKNOWN_STMT_HANDLER;
}

/* Result columns */

static enum db_type text_or_bytes(const MYSQL_FIELD *field)
{
    return field->charsetnr == BINARY_CHARSET ? DB_BYTES : DB_TEXT;
}

/* false: no type of ours. */
static bool column_type(const MYSQL_FIELD *field, enum db_type *type)
{
    switch (field->type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_YEAR:
        *type = field->flags & UNSIGNED_FLAG ? DB_UINT : DB_INT;
        return true;
    case MYSQL_TYPE_VARCHAR:
    case MYSQL_TYPE_VAR_STRING:
    case MYSQL_TYPE_STRING:
    case MYSQL_TYPE_ENUM:
    case MYSQL_TYPE_SET:
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
    case MYSQL_TYPE_BLOB:
        *type = text_or_bytes(field);
        return true;
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE:
        *type = DB_DATE;
        return true;
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_TIMESTAMP:
        *type = DB_TIME;
        return true;
    case MYSQL_TYPE_NULL:
        *type = DB_NULL;
        return true;
    default:
        return false;
    }
}

static void bind_column(MYSQL_BIND *bind, struct db_column *column)
{
    *bind = (MYSQL_BIND){.length = &column->length,
                         .is_null = &column->is_null,
                         .error = &column->cut,
                         .buffer = &column->time};
    switch (column->type) {
    case DB_INT:
    case DB_UINT:
        bind->buffer_type = MYSQL_TYPE_LONGLONG;
        bind->is_unsigned = column->type == DB_UINT;
        bind->buffer = &column->integer;
        break;
    case DB_DATE:
        bind->buffer_type = MYSQL_TYPE_DATE;
        break;
    case DB_TIME:
        bind->buffer_type = MYSQL_TYPE_DATETIME;
        break;
    case DB_TEXT:
    case DB_BYTES:
        /* No room: the fetch yields the length only. */
        bind->buffer_type = MYSQL_TYPE_BLOB;
        break;
    case DB_NULL:
        bind->buffer_type = MYSQL_TYPE_NULL;
        break;
    }
}

static bool columns_known(const struct db_statement *statement, size_t count)
{
    const MYSQL_FIELD *field = statement->handle->fields;

    if (statement->column_count != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct db_column *column = &statement->columns[i];
        if (column->source != field[i].type || column->flags != field[i].flags ||
            column->charset != field[i].charsetnr)
            return false;
    }
    return true;
}

static int describe_columns(struct db_statement *statement, MYSQL_BIND *binds, struct err *err)
{
    for (size_t i = 0; i < statement->column_count; i++) {
        const MYSQL_FIELD *field = &statement->handle->fields[i];
        struct db_column *column = &statement->columns[i];
        if (!column_type(field, &column->type))
            return err_set(err, ERR_DB, 0, "%s: column %s has type %d, which has no C type here",
                           statement->query->name, field->name, (int)field->type);
        column->source = field->type;
        column->flags = field->flags;
        column->charset = field->charsetnr;
        bind_column(&binds[i], column);
    }
    return 0;
}

/* Types are known for sure only after the statement ran: they may follow the parameters', and a
 * table may have been altered since it was prepared. */
int db_statement_columns(struct db_statement *statement, struct err *err)
{
    size_t count = mysql_stmt_field_count(statement->handle);

    if (columns_known(statement, count))
        return 0;
    free(statement->columns);
    statement->columns = allocate(count, sizeof(*statement->columns));
    statement->column_count = count;
    MYSQL_BIND *binds = allocate(count, sizeof(*binds));
    int result = describe_columns(statement, binds, err);
    if (result == 0 && mysql_stmt_bind_result(statement->handle, binds) != 0)
        err_fatal("%s: %s", statement->query->name, mysql_stmt_error(statement->handle));
    if (result < 0)
        statement->column_count = 0;
    free(binds);
    return result;
}

int db_statement_next(struct db_statement *statement)
{
    int status = mysql_stmt_fetch(statement->handle);

    if (status == 0 || status == MYSQL_DATA_TRUNCATED)
        return 1;
    return status == MYSQL_NO_DATA ? 0 : -1;
}

static int64_t get_instant(const MYSQL_TIME *time)
{
    struct date date = {(int16_t)time->year, (int8_t)time->month, (int8_t)time->day};

    if (!date_valid(date))
        return 0;
    int64_t seconds = (int64_t)time->hour * 3600 + time->minute * 60 + time->second;
    return (int64_t)date_days(date) * DAY_MS + seconds * 1000 + (int64_t)time->second_part / 1000;
}

static int fetch_string(struct db_statement *statement, struct pool *pool, unsigned int index,
                        struct db_value *value)
{
    struct db_column *column = &statement->columns[index];
    uint8_t *data = pool_alloc(pool, column->length + 1);
    MYSQL_BIND bind = {
        .buffer_type = MYSQL_TYPE_BLOB, .buffer = data, .buffer_length = column->length};

    value->bytes = (struct bytes){data, column->length};
    return column->length ? mysql_stmt_fetch_column(statement->handle, &bind, index, 0) : 0;
}

int db_statement_row(struct db_statement *statement, struct pool *pool, struct db_value *row)
{
    for (size_t i = 0; i < statement->column_count; i++) {
        struct db_column *column = &statement->columns[i];
        row[i].type = column->is_null ? DB_NULL : column->type;
        switch (row[i].type) {
        case DB_NULL:
            break;
        case DB_INT:
        case DB_UINT:
            row[i].integer = column->integer;
            break;
        case DB_DATE:
            row[i].date = (struct date){(int16_t)column->time.year, (int8_t)column->time.month,
                                        (int8_t)column->time.day};
            break;
        case DB_TIME:
            row[i].integer = get_instant(&column->time);
            break;
        case DB_TEXT:
        case DB_BYTES:
            if (fetch_string(statement, pool, (unsigned int)i, &row[i]) != 0)
                return -1;
            break;
        }
    }
    return 0;
}
