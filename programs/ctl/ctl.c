#include "programs/ctl/ctl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "core/audit/audit.h"
#include "core/matter/change.h"

enum { LINE_LIMIT = 64 * 1024, PROGRESS_US = 100000 };

int ctl_choose(struct ctl *ctl, const struct ctl_action *actions, size_t count, struct err *err)
{
    const char *name = ctl->operand_count ? ctl->operands[0] : "";

    for (size_t i = 0; i < count; i++) {
        if (strcmp(actions[i].name, name) != 0)
            continue;
        if (ctl->operand_count - (*name != '\0') != actions[i].operands) {
            fprintf(stderr, "ecertctl: \"%s\" takes %zu operand%s\n", name, actions[i].operands,
                    actions[i].operands == 1 ? "" : "s");
            return EXIT_USAGE;
        }
        return actions[i].run(ctl, err);
    }
    fprintf(stderr, "ecertctl: \"%s\" is none of:", name);
    for (size_t i = 0; i < count; i++)
        if (*actions[i].name)
            fprintf(stderr, " %s", actions[i].name);
    fputc('\n', stderr);
    return EXIT_USAGE;
}

struct change ctl_change(struct ctl *ctl)
{
    return (struct change){.db = ctl->db,
                           .pool = ctl->pool,
                           .core = &ctl->core,
                           .actor = &ctl->actor,
                           .today = date_today(),
                           .now_ms = clock_now_ms()};
}

bool ctl_number(const struct ctl *ctl, size_t option, const char *name, uint64_t high,
                uint64_t fallback, uint64_t *value)
{
    *value = fallback;
    if (!ctl->given[option] || parse_uint(ctl->given[option], 0, high, value))
        return true;
    fprintf(stderr, "ecertctl: --%s must be a whole number up to %llu\n", name,
            (unsigned long long)high);
    return false;
}

static void tell_json(const struct log_pair *pairs, size_t count)
{
    /* Of its own: some verbs tell millions of lines. */
    struct pool *pool = pool_new(0, 0);
    struct text line;

    text_init(&line, pool, LINE_LIMIT);
    text_char(&line, '{');
    for (size_t i = 0; i < count; i++) {
        text_printf(&line, "%s\"%s\":", i ? "," : "", pairs[i].key);
        if (pairs[i].text) {
            text_char(&line, '"');
            text_json(&line, pairs[i].text, strlen(pairs[i].text));
            text_char(&line, '"');
        } else {
            text_printf(&line, "%lld", (long long)pairs[i].number);
        }
    }
    text_char(&line, '}');
    puts(line.data);
    pool_free(&pool);
}

void ctl_tell(const struct ctl *ctl, const struct log_pair *pairs, size_t count,
              const char *format, ...)
{
    va_list args;

    if (ctl->json) {
        tell_json(pairs, count);
        return;
    }
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

void ctl_progress(const char *what, uint64_t done, uint64_t all)
{
    static int64_t told_us;
    int64_t now_us = clock_tick_us();

    if (!isatty(STDERR_FILENO) || (done != all && now_us - told_us < PROGRESS_US))
        return;
    told_us = now_us;
    fprintf(stderr, "\r%s: %llu of %llu%s", what, (unsigned long long)done,
            (unsigned long long)all, done == all ? "\n" : "");
}

struct note {
    struct ctl *ctl;
    struct audit_event event;
};

static int note_write(void *context, struct err *err)
{
    struct note *note = context;

    return audit_add(note->ctl->db, note->ctl->pool, &note->ctl->core, &note->event, 1, err);
}

int ctl_audit(struct ctl *ctl, const char *action, const char *object_kind, uint64_t object_id,
              const char *detail, struct err *err)
{
    struct note note = {ctl,
                        {.actor = ctl->actor,
                         .action = action,
                         .object_kind = object_kind,
                         .object_id = object_id,
                         .detail = detail}};

    return db_transact(ctl->db, note_write, &note, err);
}
