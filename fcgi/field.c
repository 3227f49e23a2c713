#include "fcgi/field.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "fcgi/request.h"

size_t field_count(const struct field *fields)
{
    size_t count = 0;

    while (fields && fields[count].name)
        count++;
    return count;
}

static const char *label_of(const struct field *field)
{
    return field->label ? field->label : field->name;
}

/* Each reader yields NULL, or what is wrong. */

static const char *check_length(struct pool *pool, const struct field *field, size_t length)
{
    if (field->high && length > field->high)
        return pool_printf(pool, "错误：%s不能超过%zu个字符", label_of(field), field->high);
    if (length < field->low)
        return pool_printf(pool, "错误：%s不能少于%zu个字符", label_of(field), field->low);
    return NULL;
}

static const char *read_text(struct pool *pool, const struct field *field,
                             struct field_value *value)
{
    if (utf8_has_control(value->text))
        return pool_printf(pool, "错误：%s含有不能使用的字符", label_of(field));
    return check_length(pool, field, utf8_count(value->text));
}

/* A line without its end, and without its tabs. */
static bool line_good(struct pool *pool, const char *from, size_t length)
{
    char *line = pool_text_n(pool, from, length);

    for (char *at = line; (at = strchr(at, '\t')) != NULL;)
        *at = ' ';
    return !utf8_has_control(line);
}

/* Browsers send CR LF at the end of a line (HTML, "constructing the entry list"). */
static const char *read_lines(struct pool *pool, const struct field *field,
                              struct field_value *value)
{
    char *text = pool_text(pool, value->text), *to = text;
    bool good = true;

    for (const char *from = value->text; *from;) {
        size_t length = strcspn(from, "\n");
        bool last = from[length] == '\0';
        size_t kept = !last && length > 0 && from[length - 1] == '\r' ? length - 1 : length;

        good = good && line_good(pool, from, kept);
        memcpy(to, from, kept);
        to += kept;
        if (!last)
            *to++ = '\n';
        from += length + !last;
    }
    *to = '\0';
    value->text = text;
    if (!good)
        return pool_printf(pool, "错误：%s含有不能使用的字符", label_of(field));
    return check_length(pool, field, utf8_count(text));
}

static const char *read_ascii(struct pool *pool, const struct field *field,
                              struct field_value *value)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
    size_t length = strlen(value->text);
    size_t good = strspn(value->text, letters);

    /* base64url knows no '.' */
    if (good < length || (field->kind == FIELD_TOKEN && strchr(value->text, '.')))
        return pool_printf(pool, "错误：%s格式不正确", label_of(field));
    return check_length(pool, field, length);
}

static const char *read_id(struct pool *pool, const struct field *field, struct field_value *value)
{
    if (!parse_uint(value->text, 1, INT64_MAX, &value->id))
        return pool_printf(pool, "错误：%s格式不正确", label_of(field));
    return NULL;
}

static const char *read_int(struct pool *pool, const struct field *field,
                            struct field_value *value)
{
    if (!parse_int(value->text, INT64_MIN, INT64_MAX, &value->integer))
        return pool_printf(pool, "错误：%s应为整数", label_of(field));
    long long low = (long long)field->low, high = (long long)field->high;
    if (value->integer < low || value->integer > high)
        return pool_printf(pool, "错误：%s应在%lld至%lld之间", label_of(field), low, high);
    return NULL;
}

static const char *read_date(struct pool *pool, const struct field *field,
                             struct field_value *value)
{
    if (!date_parse(value->text, &value->date))
        return pool_printf(pool, "错误：%s应为日期，例如2026-01-31", label_of(field));
    return NULL;
}

static const char *read_flag(struct pool *pool, const struct field *field,
                             struct field_value *value)
{
    if (strcmp(value->text, "1") != 0)
        return pool_printf(pool, "错误：%s格式不正确", label_of(field));
    return NULL;
}

static const char *read_upload(struct pool *pool, const struct field *field,
                               struct field_value *value)
{
    if (!value->upload)
        return pool_printf(pool, "错误：%s应为文件", label_of(field));
    if (value->upload->bytes.size > field->high)
        return pool_printf(pool, "错误：%s不能超过%zuKB", label_of(field), field->high / 1024);
    if (value->upload->bytes.size < field->low)
        return pool_printf(pool, "错误：%s是空文件或内容不完整", label_of(field));
    return NULL;
}

static const char *(*const readers[])(struct pool *, const struct field *, struct field_value *) = {
    [FIELD_TEXT] = read_text,   [FIELD_LINES] = read_lines, [FIELD_CODE] = read_ascii,
    [FIELD_ID] = read_id,       [FIELD_INT] = read_int,     [FIELD_DATE] = read_date,
    [FIELD_TOKEN] = read_ascii, [FIELD_FLAG] = read_flag,   [FIELD_UPLOAD] = read_upload,
};

static const char *missing(struct pool *pool, const struct field *field)
{
    bool chosen = field->kind == FIELD_ID || field->kind == FIELD_ID_LIST ||
                  field->kind == FIELD_UPLOAD || field->kind == FIELD_FLAG ||
                  field->flags & FIELD_CHOSEN;

    if (!(field->flags & FIELD_REQUIRED))
        return NULL;
    return pool_printf(pool, chosen ? "错误：请选择%s" : "错误：请填写%s", label_of(field));
}

static bool id_known(const uint64_t *ids, size_t count, uint64_t id)
{
    for (size_t i = 0; i < count; i++) {
        if (ids[i] == id)
            return true;
    }
    return false;
}

/* All pairs of the name, each an id; at most FORM_PAIRS of them, so the search may be plain. */
static const char *read_list(struct pool *pool, const struct field *field, const struct form *form,
                             struct field_value *value)
{
    uint64_t *ids = NULL;

    for (size_t i = 0; i < form->count; i++) {
        const struct pair *pair = &form->pairs[i];
        uint64_t id;
        if (strcmp(pair->name, field->name) != 0)
            continue;
        if (!parse_uint(pair->value, 1, INT64_MAX, &id))
            return pool_printf(pool, "错误：%s格式不正确", label_of(field));
        if (!ids)
            ids = pool_array(pool, form->count, sizeof(*ids));
        if (!id_known(ids, value->count, id))
            ids[value->count++] = id;
    }
    value->ids = ids;
    value->given = value->count > 0;
    if (!value->given)
        return missing(pool, field);
    if (value->count < field->low)
        return pool_printf(pool, "错误：%s至少选择%zu项", label_of(field), field->low);
    if (field->high && value->count > field->high)
        return pool_printf(pool, "错误：%s至多选择%zu项", label_of(field), field->high);
    return NULL;
}

/* The only pair of the name: 1, 0 for none, -1 for more. */
static int find_pair(const struct form *form, const char *name, const struct pair **found)
{
    int count = 0;

    for (size_t i = 0; i < form->count; i++) {
        if (strcmp(form->pairs[i].name, name) != 0)
            continue;
        if (++count > 1)
            return -1;
        *found = &form->pairs[i];
    }
    return count;
}

static const char *read_single(struct pool *pool, const struct field *field,
                               const struct pair *pair, struct field_value *value)
{
    value->upload = pair->upload;
    char *text = pool_text_n(pool, pair->value, pair->size);
    value->text = pair->upload ? "" : field->flags & FIELD_SECRET ? text : text_trim(text);
    if (pair->upload && field->kind != FIELD_UPLOAD)
        return pool_printf(pool, "错误：%s格式不正确", label_of(field));
    if (!pair->upload && *value->text == '\0')
        return missing(pool, field);
    value->given = 1;
    return readers[field->kind](pool, field, value);
}

static int read_capture(struct pool *pool, const struct field *field, const char *capture,
                        struct field_value *value, struct err *err)
{
    value->text = capture;
    value->given = 1;
    if (readers[field->kind](pool, field, value))
        return err_set(err, ERR_NOT_FOUND, 0, "no such %s in the path", field->name);
    return 0;
}

int field_read(struct pool *pool, const struct field *fields, const struct form *form,
               const char *const *captures, struct field_value *values,
               struct field_error *errors, struct err *err)
{
    int wrong = 0;

    for (size_t i = 0; fields && fields[i].name; i++) {
        const struct pair *pair = NULL;
        const char *text = NULL;
        values[i] = (struct field_value){.text = ""};
        if (fields[i].flags & FIELD_IN_PATH) {
            if (read_capture(pool, &fields[i], captures[i], &values[i], err) < 0)
                return -1;
            continue;
        }
        if (fields[i].kind == FIELD_ID_LIST) {
            text = read_list(pool, &fields[i], form, &values[i]);
        } else {
            int found = find_pair(form, fields[i].name, &pair);
            if (found < 0)
                return err_set(err, ERR_INPUT, 0, "%s is given twice", fields[i].name);
            text = found ? read_single(pool, &fields[i], pair, &values[i])
                         : missing(pool, &fields[i]);
        }
        if (text)
            errors[wrong++] = (struct field_error){i, text};
    }
    return wrong;
}
