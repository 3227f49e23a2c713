#include "fcgi/route.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "fcgi/field.h"

enum { PATH_SIZE = 256, PORTS = ON_LOGIN_PORT | ON_OPERATIONS };

static bool is_capture(const char *segment)
{
    return segment[0] == '{';
}

/* Next segment of a pattern or a path: its length; *at moves behind it and its '/'. */
static const char *take_segment(const char **at, size_t *length)
{
    const char *start = *at;

    *length = strcspn(start, "/");
    *at = start + *length;
    if (**at == '/')
        *at += 1;
    return start;
}

/* "a/{id}" against "a/5": marks where captures begin and end. */
static bool match_path(const char *pattern, const char *path, struct route_match *match,
                       size_t lengths[ROUTE_CAPTURES])
{
    match->captured = 0;
    if (*pattern == '\0')
        return *path == '\0';
    while (*pattern && *path) {
        size_t want, have;
        const char *expected = take_segment(&pattern, &want);
        const char *segment = take_segment(&path, &have);
        if (is_capture(expected) && have > 0) {
            lengths[match->captured] = have;
            match->captures[match->captured++] = segment;
        } else if (want != have || memcmp(expected, segment, want) != 0) {
            return false;
        }
        /* A '/' at the end of one of them is a difference. */
        if (expected[want] != segment[have])
            return false;
    }
    return *pattern == '\0' && *path == '\0';
}

static bool find_in(const struct module *module, const char *path, enum http_method method,
                    unsigned port, struct route_match *match)
{
    size_t lengths[ROUTE_CAPTURES];

    for (const struct route *route = module->routes; route->handle; route++) {
        if ((route->need & PORTS) != port || !match_path(route->path, path, match, lengths))
            continue;
        match->allowed |= 1u << route->method;
        if (route->method != method)
            continue;
        for (size_t i = 0; i < match->captured; i++)
            ((char *)(uintptr_t)match->captures[i])[lengths[i]] = '\0';
        match->module = module;
        match->route = route;
        return true;
    }
    return false;
}

static const struct module *module_named(const struct module *const *modules, const char *name,
                                         size_t length)
{
    for (; *modules; modules++) {
        if (strlen((*modules)->name) == length && memcmp((*modules)->name, name, length) == 0)
            return *modules;
    }
    return NULL;
}

/* The module of a path, by two segments, by one, or by none; *rest is what it has to match. */
static const struct module *module_of(const struct module *const *modules, const char *path,
                                      const char **rest)
{
    const char *behind_one = path, *behind_two;
    size_t one, two;

    take_segment(&behind_one, &one);
    behind_two = behind_one;
    take_segment(&behind_two, &two);
    const struct module *module = one && two ? module_named(modules, path, one + 1 + two) : NULL;
    *rest = behind_two;
    if (!module) {
        module = one ? module_named(modules, path, one) : NULL;
        *rest = behind_one;
    }
    if (!module) {
        module = module_named(modules, "", 0);
        *rest = path;
    }
    return module;
}

int route_find(const struct module *const *modules, char *path, enum http_method method,
               unsigned port, struct route_match *match)
{
    const char *rest;

    *match = (struct route_match){0};
    const struct module *module = module_of(modules, path + 1, &rest);
    return module ? find_in(module, rest, method, port, match) : 0;
}

/* The next {name} of a pattern, from *at on; NULL at the end. */
static const char *next_capture(const char **at, size_t *length)
{
    while (**at) {
        const char *segment = take_segment(at, length);
        if (is_capture(segment) && *length > 2) {
            *length -= 2;
            return segment + 1;
        }
    }
    return NULL;
}

static const struct field *field_named(const struct field *fields, const char *name, size_t length)
{
    for (; fields && fields->name; fields++) {
        if (strlen(fields->name) == length && memcmp(fields->name, name, length) == 0)
            return fields;
    }
    return NULL;
}

void route_assign(const struct route_match *match, const char **by_field)
{
    const char *at = match->route->path;
    const struct field *fields = match->route->fields;
    for (size_t i = 0; i < match->captured; i++) {
        size_t length = 0;
        const char *name = next_capture(&at, &length);
        by_field[field_named(fields, name, length) - fields] = match->captures[i];
    }
}

/* The check at start. Each rule yields NULL, or what breaks it. */

static const char *check_needs(const struct route *route)
{
    unsigned need = route->need;
    bool session = need & (NEED_FIRM | NEED_STAFF);

    if (route->method != HTTP_GET && route->method != HTTP_POST)
        return "is neither GET nor POST";
    if ((need & PORTS) == PORTS)
        return "is on two ports";
    if ((need & NO_SESSION) && (session || (need & (NEED_CSRF | NEED_KEY))))
        return "needs a session that is not looked up";
    if ((need & NEED_KEY) && !session)
        return "needs a key without saying whose";
    if ((need & NEED_STAFF) && !(need & NEED_FIRM) && !route->roles)
        return "needs staff without saying in which roles";
    if (route->roles && !(need & NEED_STAFF))
        return "has roles without needing staff";
    if ((need & NEED_ORIGIN) && (session || (need & (NEED_CSRF | NEED_KEY))))
        return "needs an origin besides a session";
    if (route->method == HTTP_GET && (need & (NEED_CSRF | NEED_KEY | NEED_ORIGIN)))
        return "is a GET with a CSRF token, a key or an origin";
    if (route->method == HTTP_POST && !(need & PORTS) && !(need & (NEED_CSRF | NEED_ORIGIN)))
        return "is a POST without CSRF token";
    if (route->method == HTTP_POST && !(need & PORTS) && !(need & (NEED_KEY | NEED_TRANSACTION)))
        return "is a POST without key or transaction";
    return NULL;
}

static const char *check_path(const struct route *route)
{
    const char *at = route->path;
    size_t count = 0, length;

    if (*at == '/' || (*at && at[strlen(at) - 1] == '/') || strstr(at, "//"))
        return "has a '/' too much";
    while (*at) {
        const char *segment = take_segment(&at, &length);
        if (!is_capture(segment))
            continue;
        if (length < 3 || segment[length - 1] != '}' || ++count > ROUTE_CAPTURES)
            return "has a broken {name}, or too many";
        const struct field *field = field_named(route->fields, segment + 1, length - 2);
        if (!field || !(field->flags & FIELD_IN_PATH))
            return "has a {name} without a field in the path";
    }
    for (const struct field *field = route->fields; field && field->name; field++)
        count -= field->flags & FIELD_IN_PATH ? 1 : 0;
    return count ? "has more or fewer {name} than fields in the path" : NULL;
}

static const char *check_field(const struct route *route, const struct field *field)
{
    bool in_path = field->flags & FIELD_IN_PATH;

    if (!*field->name || field->name[0] == '_')
        return "has a field whose name is empty or begins with '_'";
    if (field_named(route->fields, field->name, strlen(field->name)) != field)
        return "has a field twice";
    if (field->kind == FIELD_INT ? (int64_t)field->low > (int64_t)field->high
                                 : field->high && field->low > field->high)
        return "has a field with bounds upside down";
    if ((field->kind == FIELD_TEXT || field->kind == FIELD_LINES || field->kind == FIELD_CODE ||
         field->kind == FIELD_TOKEN || field->kind == FIELD_UPLOAD) && !field->high)
        return "has a field without upper bound";
    if (in_path && (field->kind == FIELD_ID_LIST || field->kind == FIELD_UPLOAD))
        return "has a list or a file in its path";
    if (field->kind == FIELD_UPLOAD && route->method != HTTP_POST)
        return "has a file in a GET";
    if (field->flags & FIELD_SECRET && route->need & NEED_KEY)
        return "would keep a hash of a secret with its key";
    if (!in_path && !field->label)
        return "has a field without label";
    return NULL;
}

static const char *check_fields(const struct route *route)
{
    const char *wrong = NULL;

    if (field_count(route->fields) > ROUTE_FIELDS)
        return "has too many fields";
    for (const struct field *field = route->fields; field && field->name && !wrong; field++)
        wrong = check_field(route, field);
    return wrong;
}

/* A path that the route must be found by: no literal segment equals "~". */
static const char *check_reachable(const struct module *const *modules,
                                   const struct module *module, const struct route *route)
{
    char array[PATH_SIZE];
    struct text path;
    struct route_match match;
    const char *at = route->path;

    text_init_fixed(&path, array, sizeof(array));
    text_printf(&path, "/%s", module->name);
    if (*module->name)
        text_char(&path, '/');
    while (*at) {
        size_t length;
        const char *segment = take_segment(&at, &length);
        text_add_n(&path, is_capture(segment) ? "~" : segment, is_capture(segment) ? 1 : length);
        if (*at)
            text_char(&path, '/');
    }
    if (path.overflow)
        return "has too long a path";
    if (!route_find(modules, array, route->method, route->need & PORTS, &match) ||
        match.route != route)
        return "is not reachable behind another route";
    return NULL;
}

/* "", "one" or "one/two". */
static bool is_module_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    size_t length = strspn(name, letters);

    if (name[length] != '/')
        return !name[length];
    const char *second = name + length + 1;
    return length > 0 && *second && strspn(second, letters) == strlen(second);
}

static const char *check_module(const struct module *const *modules, const struct module *module)
{
    if (!module->name || !is_module_name(module->name))
        return "has no usable name";
    if (!module->label || !module->routes)
        return "has no label or no routes";
    if (module_named(modules, module->name, strlen(module->name)) != module)
        return "is there twice";
    return NULL;
}

int route_table_check(const struct module *const *modules, struct err *err)
{
    for (const struct module *const *module = modules; *module; module++) {
        const char *wrong = check_module(modules, *module);
        if (wrong)
            return err_set(err, ERR_CONFIG, 0, "module \"%s\" %s", (*module)->name, wrong);
        for (const struct route *route = (*module)->routes; route->handle; route++) {
            wrong = route->path ? check_needs(route) : "has no path";
            wrong = wrong ? wrong : check_path(route);
            wrong = wrong ? wrong : check_fields(route);
            wrong = wrong ? wrong : check_reachable(modules, *module, route);
            if (wrong)
                return err_set(err, ERR_CONFIG, 0, "route %s /%s/%s %s",
                               route->method == HTTP_POST ? "POST" : "GET", (*module)->name,
                               route->path ? route->path : "", wrong);
        }
    }
    return 0;
}
