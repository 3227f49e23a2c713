#include "fcgi/request.h"

#include <stdarg.h>
#include <string.h>

#include "fcgi/field.h"

/* A field read as what its table says it is not is a mistake of the handler. */
static const struct field_value *value_of(const struct request *request, size_t field,
                                          unsigned kinds)
{
    const struct field *fields = request->route->fields;

    if (field >= field_count(fields) || !(1u << fields[field].kind & kinds))
        err_fatal("route %s/%s reads field %zu as another kind", request->module->name,
                  request->route->path, field);
    return &request->values[field];
}

bool request_has(const struct request *request, size_t field)
{
    return value_of(request, field, ~0u)->given;
}

const char *request_text(const struct request *request, size_t field)
{
    const unsigned kinds =
        1u << FIELD_TEXT | 1u << FIELD_LINES | 1u << FIELD_CODE | 1u << FIELD_TOKEN;
    const struct field_value *value = value_of(request, field, kinds);

    return value->given ? value->text : NULL;
}

uint64_t request_id(const struct request *request, size_t field)
{
    return value_of(request, field, 1u << FIELD_ID)->id;
}

const uint64_t *request_ids(const struct request *request, size_t field, size_t *count)
{
    const struct field_value *value = value_of(request, field, 1u << FIELD_ID_LIST);

    *count = value->count;
    return value->ids;
}

int64_t request_int(const struct request *request, size_t field)
{
    return value_of(request, field, 1u << FIELD_INT)->integer;
}

struct date request_date(const struct request *request, size_t field)
{
    return value_of(request, field, 1u << FIELD_DATE)->date;
}

bool request_flag(const struct request *request, size_t field)
{
    return value_of(request, field, 1u << FIELD_FLAG)->given;
}

const struct upload *request_upload(const struct request *request, size_t field)
{
    return value_of(request, field, 1u << FIELD_UPLOAD)->upload;
}

long request_stream(struct request *request, void *to, size_t size, struct err *err)
{
    if (!(request->route->need & TAKES_STREAM))
        err_fatal("%s takes no stream", request->route->path);
    return form_stream_read(request->stream, to, size, err);
}

enum outcome request_reject(struct request *request, size_t field, const char *format, ...)
{
    static const char mark[] = "错误：";
    const struct field *fields = request->route->fields;
    HDF *item = page_item(request->hdf, "Errors", request->rejected++);
    va_list args;

    va_start(args, format);
    const char *text = pool_vprintf(request->pool, format, args);
    va_end(args);
    if (strncmp(text, mark, sizeof(mark) - 1) != 0)
        text = pool_printf(request->pool, "%s%s", mark, text);
    page_text(item, "field", fields[field].name);
    page_text(item, "label", fields[field].label);
    page_text(item, "text", text);
    return OUT_INVALID;
}

enum outcome request_conflict(struct request *request, const char *text, const char *path)
{
    request->conflict = pool_text(request->pool, text);
    request->conflict_path = pool_text(request->pool, path);
    return OUT_CONFLICT;
}

void request_secret(struct request *request)
{
    request->secret = true;
    pool_secret(request->pool);
}

void request_keep(struct request *request, const char *location)
{
    request->keep = true;
    request->kept_at = pool_text(request->pool, location);
}

enum outcome outcome_of(const struct err *err)
{
    switch (err->kind) {
    case ERR_CONFLICT:
    case ERR_DB_DUPLICATE:
        return OUT_CONFLICT;
    case ERR_NOT_FOUND:
        return OUT_NOT_FOUND;
    default:
        return OUT_FAIL;
    }
}
