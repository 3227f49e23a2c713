#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/err.h"
#include "base/text.h"

/* TAIL stays free for what closes a line that was cut. */
enum { LINE_SIZE = 8192, TAIL = 32 };

static const char *const level_names[] = {"debug", "info", "warn", "error"};

static struct {
    const char *program;
    enum log_level least;
    int fd;
} destination = {"ecert", LOG_INFO, STDERR_FILENO};

void log_open(const char *program, enum log_level least, int fd)
{
    destination.program = program;
    destination.least = least;
    destination.fd = fd;
}

static void put_string(struct text *line, const char *key, const char *value)
{
    size_t start = line->length;

    text_add(line, ",\"");
    text_json(line, key, strlen(key));
    text_add(line, "\":\"");
    if (line->overflow) {
        line->length = start;
        return;
    }
    text_json(line, value, strlen(value));
    text_char(line, '"');
    if (line->overflow)
        line->data[line->length++] = '"';
}

static void put_number(struct text *line, const char *key, int64_t number)
{
    size_t start = line->length;

    text_add(line, ",\"");
    text_json(line, key, strlen(key));
    text_printf(line, "\":%" PRId64, number);
    if (line->overflow)
        line->length = start;
}

static void put_end(struct text *line)
{
    bool cut = line->overflow;

    line->overflow = false;
    line->cap += TAIL;
    text_add(line, cut ? ",\"cut\":true}\n" : "}\n");
}

static void write_line(const struct text *line)
{
    ssize_t written;

    /* A log that can't be written has nowhere to say so. */
    do
        written = write(destination.fd, line->data, line->length);
    while (written < 0 && errno == EINTR);
}

void log_write(enum log_level level, const char *event, const struct log_pair *pairs, size_t count)
{
    char array[LINE_SIZE], now[25];
    struct text line;

    if (level < destination.least)
        return;
    text_init_fixed(&line, array, sizeof(array));
    line.cap -= TAIL;
    clock_iso(clock_now_ms(), now);
    text_printf(&line, "{\"ts\":\"%s\",\"level\":\"%s\"", now, level_names[level]);
    put_string(&line, "program", destination.program);
    put_number(&line, "pid", getpid());
    put_string(&line, "event", event);
    for (size_t i = 0; i < count && !line.overflow; i++) {
        if (pairs[i].text)
            put_string(&line, pairs[i].key, pairs[i].text);
        else
            put_number(&line, pairs[i].key, pairs[i].number);
    }
    put_end(&line);
    write_line(&line);
}

void log_err(const char *event, const char *request, const struct err *err)
{
    const struct log_pair pairs[] = {
        log_text("request", request), log_text("kind", err_kind_name(err->kind)),
        log_int("code", err->code),   log_text("file", err->file),
        log_int("line", err->line),   log_text("text", err->text),
    };
    size_t first = request ? 0 : 1;

    log_write(LOG_ERROR, event, pairs + first, sizeof(pairs) / sizeof(*pairs) - first);
}
