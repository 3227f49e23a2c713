#include "fcgi/form.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "fcgi/header.h"
#include "fcgi/percent.h"

enum { FIRST_ROOM = 16 };

void form_init(struct form *form, struct pool *pool)
{
    *form = (struct form){.pool = pool};
}

int form_add(struct form *form, const struct pair *pair, struct err *err)
{
    if (form->count == FORM_PAIRS)
        return err_set(err, ERR_LIMIT, 0, "more than %d fields", FORM_PAIRS);
    if (form->count == form->room) {
        size_t room = form->room ? form->room * 2 : FIRST_ROOM;
        struct pair *pairs = pool_array(form->pool, room, sizeof(*pairs));
        if (form->count)
            memcpy(pairs, form->pairs, form->count * sizeof(*pairs));
        form->pairs = pairs;
        form->room = room;
    }
    form->pairs[form->count++] = *pair;
    return 0;
}

/* Decodes in place and ends with a NUL; returns the length, or -1. */
static long decode(char *text, size_t length)
{
    long decoded = percent_decode(text, length, true);

    if (decoded < 0 || memchr(text, '\0', (size_t)decoded) || !utf8_valid(text, (size_t)decoded))
        return -1;
    text[decoded] = '\0';
    return decoded;
}

int form_urlencoded(struct form *form, char *text, size_t size, struct err *err)
{
    char *end = text + size;

    for (char *at = text; at < end;) {
        char *stop = memchr(at, '&', (size_t)(end - at));
        if (!stop)
            stop = end;
        char *name = at;
        at = stop + 1;
        if (stop == name)
            continue;
        char *equals = memchr(name, '=', (size_t)(stop - name));
        struct pair pair = {.name = name, .value = ""};
        if (equals) {
            long length = decode(equals + 1, (size_t)(stop - equals - 1));
            if (length < 0)
                return err_set(err, ERR_INPUT, 0, "a form's value is not encoded UTF-8");
            pair.value = equals + 1;
            pair.size = (size_t)length;
        }
        if (decode(name, (size_t)((equals ? equals : stop) - name)) < 0)
            return err_set(err, ERR_INPUT, 0, "a form's name is not encoded UTF-8");
        if (form_add(form, &pair, err) < 0)
            return -1;
    }
    return 0;
}

int form_body(struct form *form, const char *content_type, char *body, size_t size,
              struct err *err)
{
    struct header header;

    if (size == 0 && (!content_type || !*content_type))
        return 0;
    if (!content_type || !header_parse(pool_text(form->pool, content_type), &header))
        return err_set(err, ERR_INPUT, 0, "a body without a readable content type");
    if (!header_charset_utf8(&header))
        return err_set(err, ERR_INPUT, 0, "a form in another charset than UTF-8");
    if (strcmp(header.value, "application/x-www-form-urlencoded") == 0)
        return form_urlencoded(form, body, size, err);
    if (strcmp(header.value, "multipart/form-data") == 0)
        return form_multipart(form, header_parameter(&header, "boundary"), body, size, err);
    return err_set(err, ERR_INPUT, 0, "content type is no form's");
}

/* The path's rules, after decoding. */
static bool path_clean(const char *path, size_t length)
{
    if (!utf8_valid(path, length) || strlen(path) != length || utf8_has_control(path))
        return false;
    if (strchr(path, '\\'))
        return false;
    for (const char *segment = path; segment;) {
        const char *name = segment + 1;
        size_t size = strcspn(name, "/");
        if (size == 0 && name[0] == '/')
            return false;
        if ((size == 1 && name[0] == '.') || (size == 2 && memcmp(name, "..", 2) == 0))
            return false;
        segment = name[size] ? name + size : NULL;
    }
    return true;
}

static bool has_encoded_slash(const char *path)
{
    for (const char *at = strchr(path, '%'); at; at = strchr(at + 1, '%')) {
        if (at[1] == '2' && (at[2] == 'F' || at[2] == 'f'))
            return true;
    }
    return false;
}

int form_target(struct pool *pool, const char *target, char **path, char **query, struct err *err)
{
    size_t size = strlen(target);

    if (size > FORM_TARGET)
        return err_set(err, ERR_INPUT, 0, "request target of %zu bytes", size);
    char *copy = pool_text_n(pool, target, size);
    char *mark = strchr(copy, '?');
    *query = mark ? mark + 1 : copy + size;
    if (mark)
        *mark = '\0';
    if (copy[0] != '/' || has_encoded_slash(copy))
        return err_set(err, ERR_INPUT, 0, "no plain absolute path");
    long length = percent_decode(copy, strlen(copy), false);
    if (length < 0)
        return err_set(err, ERR_INPUT, 0, "a broken escape in the path");
    copy[length] = '\0';
    if (!path_clean(copy, (size_t)length))
        return err_set(err, ERR_INPUT, 0, "characters or segments no path has");
    *path = copy;
    return 0;
}
