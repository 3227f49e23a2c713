/*
 * The log: one JSON object a line on a file descriptor (standard error unless told otherwise),
 * written by a single write(2). No personal data: the caller passes numbers, codes and names of
 * things, never names, document numbers or keys of people.
 *
 *     log_event(LOG_INFO, "request", log_text("route", route), log_int("status", 200));
 */
#ifndef ECERT_BASE_LOG_H
#define ECERT_BASE_LOG_H

#include <stddef.h>
#include <stdint.h>

struct err;

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_pair {
    const char *key;
    const char *text; /* NULL: it is a number */
    int64_t number;
};

static inline struct log_pair log_text(const char *key, const char *text)
{
    return (struct log_pair){key, text ? text : "", 0};
}

static inline struct log_pair log_int(const char *key, int64_t number)
{
    return (struct log_pair){key, NULL, number};
}

/* Program's name (in every line), least level, file descriptor. */
void log_open(const char *program, enum log_level least, int fd);

#define log_event(level, event, ...)                                                               \
    log_write((level), (event), (const struct log_pair[]){__VA_ARGS__},                            \
              sizeof((const struct log_pair[]){__VA_ARGS__}) / sizeof(struct log_pair))

void log_write(enum log_level level, const char *event, const struct log_pair *pairs, size_t count);

/* An error with kind, code, file, line and text; `request` is the request number, or NULL. */
void log_err(const char *event, const char *request, const struct err *err);

#endif
