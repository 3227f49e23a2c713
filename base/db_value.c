#include "base/db.h"

#include <inttypes.h>
#include <string.h>

#include "base/err.h"

struct db_value db_text(const char *text)
{
    if (!text)
        return db_null();
    return (struct db_value){
        .type = DB_TEXT, .bytes = {(const uint8_t *)text, strlen(text)}
    };
}

struct db_value db_bytes(const void *data, size_t size)
{
    if (!data)
        return db_null();
    return (struct db_value){
        .type = DB_BYTES, .bytes = {data, size}
    };
}

struct db_value db_date(struct date date)
{
    if (date_is_none(date))
        return db_null();
    return (struct db_value){.type = DB_DATE, .date = date};
}

struct db_value db_time(int64_t ms)
{
    return (struct db_value){.type = DB_TIME, .integer = ms};
}

struct db_value db_id(uint64_t id)
{
    return id ? db_uint(id) : db_null();
}

static bool value_is(const struct db_value *value, enum db_type type)
{
    if (value->type == DB_NULL)
        return false;
    if (value->type != type)
        err_fatal("a column of type %d is read as type %d", (int)value->type, (int)type);
    return true;
}

int64_t db_as_int(const struct db_value *value)
{
    if (value->type != DB_UINT)
        return value_is(value, DB_INT) ? value->integer : 0;
    if (value->natural > INT64_MAX)
        err_fatal("%" PRIu64 " does not fit a signed integer", value->natural);
    return (int64_t)value->natural;
}

uint64_t db_as_uint(const struct db_value *value)
{
    if (value->type != DB_INT)
        return value_is(value, DB_UINT) ? value->natural : 0;
    if (value->integer < 0)
        err_fatal("%" PRId64 " does not fit an unsigned integer", value->integer);
    return (uint64_t)value->integer;
}

const char *db_as_text(const struct db_value *value)
{
    return value_is(value, DB_TEXT) ? (const char *)value->bytes.data : "";
}

struct bytes db_as_bytes(const struct db_value *value)
{
    return value_is(value, DB_BYTES) ? value->bytes : (struct bytes){NULL, 0};
}

struct date db_as_date(const struct db_value *value)
{
    return value_is(value, DB_DATE) ? value->date : (struct date){0, 0, 0};
}

int64_t db_as_time(const struct db_value *value)
{
    return value_is(value, DB_TIME) ? value->integer : 0;
}
