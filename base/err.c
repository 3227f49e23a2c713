#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONTEXT_SIZE = 256 };

static const char *const kind_names[] = {
    [ERR_NONE] = "none",
    [ERR_INPUT] = "input",
    [ERR_LIMIT] = "limit",
    [ERR_NOT_FOUND] = "not_found",
    [ERR_CONFLICT] = "conflict",
    [ERR_CONFIG] = "config",
    [ERR_SYSTEM] = "system",
    [ERR_DB] = "db",
    [ERR_DB_DUPLICATE] = "db_duplicate",
    [ERR_DB_RETRY] = "db_retry",
    [ERR_DB_UNKNOWN] = "db_unknown",
    [ERR_UNAVAILABLE] = "unavailable",
    [ERR_TEMPLATE] = "template",
    [ERR_DOCUMENT] = "document",
    [ERR_CRYPTO] = "crypto",
};

int err_set_at(struct err *err, enum err_kind kind, int code, const char *file, int line,
               const char *format, ...)
{
    if (!err)
        return -1;

    /* Apart, because an argument may well be the text that is replaced. */
    char text[sizeof(err->text)];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);

    err->kind = kind;
    err->code = code;
    err->file = file;
    err->line = line;
    memcpy(err->text, text, strlen(text) + 1);
    return -1;
}

int err_context(struct err *err, const char *format, ...)
{
    if (!err)
        return -1;

    char prefix[CONTEXT_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(prefix, sizeof(prefix), format, args);
    va_end(args);

    size_t length = strlen(prefix) + 2;
    size_t kept = strnlen(err->text, sizeof(err->text) - 1 - length);
    memmove(err->text + length, err->text, kept);
    err->text[length + kept] = '\0';
    memcpy(err->text, prefix, length - 2);
    memcpy(err->text + length - 2, ": ", 2);
    return -1;
}

void err_clear(struct err *err)
{
    if (!err)
        return;
    err->kind = ERR_NONE;
    err->code = 0;
    err->file = NULL;
    err->line = 0;
    err->text[0] = '\0';
}

const char *err_kind_name(enum err_kind kind)
{
    size_t index = (size_t)kind;

    return index < sizeof(kind_names) / sizeof(*kind_names) ? kind_names[index] : "unknown";
}

_Noreturn void err_fatal_at(const char *file, int line, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "fatal: %s:%d: ", file, line);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    abort();
}
