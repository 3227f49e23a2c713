#include "base/config.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/date.h"
#include "base/err.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/text.h"

enum { FILE_LIMIT = 1024 * 1024, SECRET_LIMIT = 64 * 1024, NAME_SIZE = 256, DEPTH_LIMIT = 16 };
enum { MORE_SIZE = 32 /* "… and 4294967295 more" */ };

/* One value of the file. */
struct entry {
    const char *name; /* in full */
    const char *value;
    int line;
    bool used;
    struct entry *next;
};

struct mistake {
    int line; /* 0: of no line */
    const char *text;
    struct mistake *next;
};

struct reader {
    struct pool *pool;
    const char *path;
    const char *folder;
    char *rest; /* of the file's text */
    int line;
    char prefix[NAME_SIZE]; /* of the sections that are open, with a dot at its end */
    size_t lengths[DEPTH_LIMIT];
    int opened[DEPTH_LIMIT]; /* lines */
    int depth;
    struct entry *entries, **last_entry;
    struct mistake *mistakes;
};

/* Mistakes */

/* Keeps them in the order of lines. */
static void mistake_add(struct reader *reader, int line, const char *text)
{
    struct mistake *mistake = POOL_NEW(reader->pool, struct mistake);
    struct mistake **place = &reader->mistakes;

    mistake->line = line;
    mistake->text = text;
    while (*place && (*place)->line <= line)
        place = &(*place)->next;
    mistake->next = *place;
    *place = mistake;
}

static void mistake_at(struct reader *reader, int line, const char *name, const char *what)
{
    const char *gap = *name ? ": " : "";

    mistake_add(
        reader, line,
        line ? pool_printf(reader->pool, "%s:%d: %s%s%s", reader->path, line, name, gap, what)
             : pool_printf(reader->pool, "%s: %s%s%s", reader->path, name, gap, what));
}

static int mistakes_tell(const struct reader *reader, struct err *err)
{
    char array[sizeof(err->text) - MORE_SIZE];
    struct text all;
    unsigned int more = 0;

    text_init_fixed(&all, array, sizeof(array));
    for (const struct mistake *m = reader->mistakes; m; m = m->next) {
        if (more || all.length + strlen(m->text) + 1 > all.cap)
            more++;
        else
            text_printf(&all, "%s%s", all.length ? "\n" : "", m->text);
    }
    if (more)
        return err_set(err, ERR_CONFIG, 0, "%s\n… and %u more", array, more);
    return err_set(err, ERR_CONFIG, 0, "%s", array);
}

/* The file */

static char *next_line(struct reader *reader)
{
    char *line = strsep(&reader->rest, "\n");

    if (line) {
        size_t length = strlen(line);
        reader->line++;
        if (length && line[length - 1] == '\r')
            line[length - 1] = '\0';
    }
    return line;
}

static struct entry *entry_find(const struct reader *reader, const char *name)
{
    for (struct entry *entry = reader->entries; entry; entry = entry->next)
        if (strcmp(entry->name, name) == 0)
            return entry;
    return NULL;
}

static void entry_add(struct reader *reader, const char *name, const char *value, int line)
{
    const char *full = pool_printf(reader->pool, "%s%s", reader->prefix, name);
    const struct entry *first = entry_find(reader, full);

    if (first) {
        mistake_at(reader, line, full,
                   pool_printf(reader->pool, "is given already on line %d", first->line));
        return;
    }
    struct entry *entry = POOL_NEW(reader->pool, struct entry);
    *entry = (struct entry){.name = full, .value = value, .line = line};
    *reader->last_entry = entry;
    reader->last_entry = &entry->next;
}

static void section_open(struct reader *reader, const char *name)
{
    size_t length = strlen(reader->prefix);

    if (reader->depth == DEPTH_LIMIT ||
        !text_format(reader->prefix + length, NAME_SIZE - length, "%s.", name)) {
        mistake_at(reader, reader->line, name, "sections are nested too deeply");
        return;
    }
    reader->lengths[reader->depth] = length;
    reader->opened[reader->depth++] = reader->line;
}

static void section_close(struct reader *reader)
{
    if (reader->depth == 0)
        mistake_at(reader, reader->line, "", "this } closes nothing");
    else
        reader->prefix[reader->lengths[--reader->depth]] = '\0';
}

static void read_lines(struct reader *reader, const char *name, const char *end)
{
    int start = reader->line;
    const char *value = "";
    char *line;

    while ((line = next_line(reader)) != NULL) {
        if (strcmp(line, end) == 0) {
            entry_add(reader, name, value, start);
            return;
        }
        value = pool_printf(reader->pool, "%s%s\n", value, line);
    }
    mistake_at(reader, start, name, "the end of the lines after << is missing");
}

/* The length of a name such as Policy.AgeMax.C, 0 where there is none. */
static size_t name_length(const char *text)
{
    size_t length = 0;

    for (; isalnum((unsigned char)text[length]) || text[length] == '_' || text[length] == '.';
         length++)
        if (text[length] == '.' && (length == 0 || text[length - 1] == '.'))
            return 0;
    return length && text[length - 1] != '.' ? length : 0;
}

static void read_line(struct reader *reader, char *line)
{
    char *text = text_trim(line);

    if (*text == '\0' || (*text == '#' && strncmp(text, "#include", 8) != 0))
        return;
    if (strcmp(text, "}") == 0) {
        section_close(reader);
        return;
    }
    size_t length = name_length(text);
    const char *name = pool_text_n(reader->pool, text, length);
    char *after = text_trim(text + length);
    if (length && length < NAME_SIZE && *after == '=')
        entry_add(reader, name, text_trim(after + 1), reader->line);
    else if (length && strcmp(after, "{") == 0)
        section_open(reader, name);
    else if (length && strncmp(after, "<<", 2) == 0 && *text_trim(after + 2))
        read_lines(reader, name, text_trim(after + 2));
    else
        mistake_at(reader, reader->line, name, "expected Name = value, Name {, Name << END or }");
}

/* The first line that is no UTF-8, or holds a zero byte. */
static int line_broken(const struct bytes *content)
{
    const char *text = (const char *)content->data;
    size_t at = 0;

    for (int line = 1; at < content->size; line++) {
        const char *end = memchr(text + at, '\n', content->size - at);
        size_t length = end ? (size_t)(end - text) - at : content->size - at;
        if (memchr(text + at, '\0', length) || !utf8_valid(text + at, length))
            return line;
        at += length + 1;
    }
    return 1;
}

static int read_file(struct reader *reader, struct err *err)
{
    struct bytes content;

    if (file_read(reader->pool, reader->path, FILE_LIMIT, &content, err) < 0) {
        if (err)
            err->kind = ERR_CONFIG;
        return -1;
    }
    if (memchr(content.data, '\0', content.size) ||
        !utf8_valid((const char *)content.data, content.size))
        return err_set(err, ERR_CONFIG, 0, "%s:%d: is not a UTF-8 text", reader->path, line_broken(&content));

    char *line;
    reader->rest = pool_copy(reader->pool, content.data, content.size + 1);
    while ((line = next_line(reader)) != NULL)
        read_line(reader, line);
    while (reader->depth > 0)
        mistake_at(reader, reader->opened[--reader->depth], "", "this { is not closed");
    return 0;
}

/* Values: each returns NULL, or what is wrong. */

static const char *check_length(struct pool *pool, const struct config_key *key, const char *value)
{
    long long length = (long long)utf8_count(value);

    if ((key->low == 0 && key->high == 0) || (length >= key->low && length <= key->high))
        return NULL;
    return pool_printf(pool, "must have %lld to %lld characters", key->low, key->high);
}

static const char *set_text(struct pool *pool, const struct config_key *key, const char *value,
                            void *member)
{
    const char *copy = pool_text(pool, value);

    memcpy(member, &copy, sizeof(copy));
    return check_length(pool, key, value);
}

static const char *set_path(const struct reader *reader, const struct config_key *key,
                            const char *value, void *member)
{
    bool as_it_is = *value == '\0' || *value == '/';
    const char *path = as_it_is ? pool_text(reader->pool, value)
                                : pool_printf(reader->pool, "%s/%s", reader->folder, value);

    memcpy(member, &path, sizeof(path));
    return check_length(reader->pool, key, value);
}

static const char *set_int(struct pool *pool, const struct config_key *key, const char *value,
                           void *member)
{
    bool bounded = key->low != 0 || key->high != 0;
    int64_t low = bounded ? key->low : INT64_MIN, high = bounded ? key->high : INT64_MAX, number;

    if (!parse_int(value, low, high, &number))
        return bounded ? pool_printf(pool, "must be a whole number from %" PRId64 " to %" PRId64,
                                     low, high)
                       : "must be a whole number";
    memcpy(member, &number, sizeof(number));
    return NULL;
}

static const char *set_bool(const char *value, void *member)
{
    bool flag = value[0] == '1';

    if ((value[0] != '0' && value[0] != '1') || value[1] != '\0')
        return "must be 0 or 1";
    memcpy(member, &flag, sizeof(flag));
    return NULL;
}

static const char *set_date(const char *value, void *member)
{
    struct date date = {0, 0, 0};

    if (*value && !date_parse(value, &date))
        return "must be a date yyyy-mm-dd, or empty";
    memcpy(member, &date, sizeof(date));
    return NULL;
}

static const char *set_value(const struct reader *reader, const struct config_key *key,
                             const char *value, void *member)
{
    switch (key->kind) {
    case CONFIG_TEXT:
        return set_text(reader->pool, key, value, member);
    case CONFIG_INT:
        return set_int(reader->pool, key, value, member);
    case CONFIG_BOOL:
        return set_bool(value, member);
    case CONFIG_DATE:
        return set_date(value, member);
    case CONFIG_PATH:
        return set_path(reader, key, value, member);
    case CONFIG_TREE:
        break;
    }
    err_fatal("%s: a tree has no value", key->name);
}

/* Policy.AgeMax.C → ECERT_POLICY_AGEMAX_C */
static const char *environment_name(struct pool *pool, const char *key)
{
    char *name = pool_printf(pool, "ECERT_%s", key);

    for (char *c = name; *c; c++)
        *c = *c == '.' ? '_' : (char)toupper((unsigned char)*c);
    return name;
}

/* 0_PATH → 0.Path */
static const char *child_name(struct pool *pool, const char *variable, size_t length)
{
    char *name = pool_text_n(pool, variable, length);

    for (char *c = name; *c; c++)
        *c = *c == '_'                     ? '.'
             : c > name && isalpha((unsigned char)c[-1]) ? (char)tolower((unsigned char)*c)
                                           : *c;
    return name;
}

/* Children that only the environment has stand behind those of the file. */
static void take_variables(struct reader *reader, const struct config_key *key, struct config_entry *first,
                           struct config_entry **last)
{
    const char *prefix = pool_printf(reader->pool, "%s_", environment_name(reader->pool, key->name));
    size_t length = strlen(prefix);

    for (char **variable = environ; *variable; variable++) {
        const char *sign = strchr(*variable, '=');
        if (strncmp(*variable, prefix, length) != 0 || !sign || sign == *variable + length)
            continue;
        const char *name = child_name(reader->pool, *variable + length, (size_t)(sign - *variable) - length);
        const struct config_entry *known = first;
        while (known && strcasecmp(known->name, name) != 0)
            known = known->next;
        if (known)
            continue;
        *last = POOL_NEW(reader->pool, struct config_entry);
        (*last)->name = name;
        (*last)->value = pool_text(reader->pool, sign + 1);
        last = &(*last)->next;
    }
}

static void take_tree(struct reader *reader, const struct config_key *key, void *member)
{
    struct config_entry *first = NULL, **last = &first;
    size_t length = strlen(key->name);

    for (struct entry *entry = reader->entries; entry; entry = entry->next) {
        if (strncmp(entry->name, key->name, length) != 0 || entry->name[length] != '.')
            continue;
        const char *from_environment = getenv(environment_name(reader->pool, entry->name));
        entry->used = true;
        *last = POOL_NEW(reader->pool, struct config_entry);
        (*last)->name = entry->name + length + 1;
        (*last)->value = from_environment ? pool_text(reader->pool, from_environment) : entry->value;
        last = &(*last)->next;
    }
    take_variables(reader, key, first, last);
    memcpy(member, &first, sizeof(first));
}

static void take_value(struct reader *reader, const struct config_key *key, void *member)
{
    struct entry *entry = entry_find(reader, key->name);
    const char *variable = environment_name(reader->pool, key->name);
    const char *from_environment = getenv(variable), *wrong;

    if (entry)
        entry->used = true;
    if (from_environment) {
        wrong = set_value(reader, key, from_environment, member);
        if (wrong)
            mistake_add(reader, 0,
                        pool_printf(reader->pool, "environment: %s: %s", variable, wrong));
    } else if (entry) {
        wrong = set_value(reader, key, entry->value, member);
        if (wrong)
            mistake_at(reader, entry->line, key->name, wrong);
    } else if (!key->fallback) {
        mistake_at(reader, 0, key->name, "must be given");
    } else if ((wrong = set_value(reader, key, key->fallback, member)) != NULL) {
        err_fatal("the fallback of %s %s", key->name, wrong);
    }
}

static void take_section(struct reader *reader, const struct config_section *section)
{
    for (size_t i = 0; i < section->count; i++) {
        const struct config_key *key = &section->keys[i];
        void *member = (char *)section->target + key->offset;
        if (key->kind == CONFIG_TREE)
            take_tree(reader, key, member);
        else
            take_value(reader, key, member);
    }
}

static const char *folder_of(struct pool *pool, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return ".";
    return slash == path ? "" : pool_text_n(pool, path, (size_t)(slash - path));
}

int config_load(struct pool *pool, const char *path, const struct config_section *sections,
                size_t count, struct err *err)
{
    struct reader reader = {.pool = pool, .path = path, .folder = folder_of(pool, path)};

    reader.last_entry = &reader.entries;
    if (read_file(&reader, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        take_section(&reader, &sections[i]);
    for (const struct entry *entry = reader.entries; entry; entry = entry->next)
        if (!entry->used)
            mistake_at(&reader, entry->line, entry->name, "is no key");
    return reader.mistakes ? mistakes_tell(&reader, err) : 0;
}

const char *config_where(struct pool *pool, const char *path, const char *key)
{
    struct reader reader = {.pool = pool, .path = path, .folder = ""};
    const char *variable = environment_name(pool, key);
    size_t length = strlen(key);
    struct err ignored;

    if (getenv(variable))
        return pool_printf(pool, "environment: %s", variable);
    reader.last_entry = &reader.entries;
    if (read_file(&reader, &ignored) == 0)
        for (const struct entry *entry = reader.entries; entry; entry = entry->next)
            if (strncmp(entry->name, key, length) == 0 && (!entry->name[length] || entry->name[length] == '.'))
                return pool_printf(pool, "%s:%d: %s", path, entry->line, key);
    return pool_printf(pool, "%s: %s", path, key);
}

int config_secret(struct pool *pool, const char *path, const char **secret, struct err *err)
{
    struct bytes content;

    *secret = "";
    if (!*path)
        return 0;
    if (file_read_secret(pool, path, SECRET_LIMIT, &content, err) < 0)
        return -1;
    if (memchr(content.data, '\0', content.size))
        return err_set(err, ERR_CONFIG, 0, "%s: holds a zero byte", path);
    size_t length = content.size;
    if (length && content.data[length - 1] == '\n')
        length--;
    if (length && content.data[length - 1] == '\r')
        length--;
    *secret = pool_text_n(pool, (const char *)content.data, length);
    return 0;
}
