#include "core/import.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/identifier.h"
#include "core/import_kind.h"

enum { VALUE_SHOWN = 60, TEXT_SIZE = 256, CHUNK = 64 * 1024, POOL_KEEP = 256 * 1024, TELL = 1000 };

static const struct import_kind *const kinds[] = {
    &import_enterprises,  &import_people,    &import_paper_certificates,
    &import_exam_results, &import_insurance, &import_education,
};

enum { SQL_NOTE };

static const struct db_query queries[] = {
    [SQL_NOTE] = {"import_run_add",
                  "INSERT INTO import_run (kind, file_sha256, file_rows, added, changed,"
                  " created_at) VALUES (?, ?, ?, ?, ?, ?)"},
};

/* The block of lines that waits to be put into the temporary table. */
struct block {
    struct db_value values[IMPORT_BLOCK * IMPORT_VALUES];
    size_t rows;
};

const struct import_kind *import_kind_find(const char *name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    return NULL;
}

const char *import_kind_name(size_t n)
{
    return n < sizeof(kinds) / sizeof(*kinds) ? kinds[n]->name : NULL;
}

/* Problems */

void import_problem_add(struct import_run *run, size_t line, const char *column, const char *value,
                        const char *text)
{
    struct import_result *result = run->result;

    result->problem_count++;
    if (result->kept == IMPORT_PROBLEMS)
        return;
    run->problems[result->kept++] = (struct import_problem){
        line, column, pool_text(run->pool, value), pool_text(run->pool, text)};
}

/* What of a field may be shown: shortened, without control characters, masked if sensitive. */
static const char *shown(struct import_row *row, size_t column)
{
    const char *value = row->fields[column];
    struct text text;
    uint32_t point;

    if (row->run->kind->columns[column].flags & IMPORT_SENSITIVE) {
        char masked[DOCUMENT_NO_SIZE];
        document_no_mask(value, masked);
        return pool_text(row->run->row_pool, masked);
    }
    text_init(&text, row->run->row_pool, VALUE_SHOWN * 4);
    for (size_t i = 0; i < VALUE_SHOWN && (point = utf8_next(&value)) != 0; i++)
        utf8_add(&text, point < ' ' || point == 0x7f || point == UINT32_MAX ? '?' : point);
    if (*value)
        text_add(&text, "…");
    return text.data;
}

void import_wrong(struct import_row *row, size_t column, const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    row->wrong[column] = true;
    import_problem_add(row->run, row->line, row->run->kind->columns[column].name,
                       shown(row, column), text);
}

static int problem_order(const void *a, const void *b)
{
    const struct import_problem *x = a, *y = b;

    return x->line < y->line ? -1 : x->line > y->line;
}

/* Pass one: lines */

static void row_take(struct import_row *row)
{
    const struct import_kind *kind = row->run->kind;

    row->values[0] = db_uint(row->line);
    for (size_t i = 0; i < kind->column_count; i++) {
        if (*row->fields[i])
            kind->columns[i].take(row, i);
        else if (kind->columns[i].flags & IMPORT_REQUIRED)
            import_wrong(row, i, "must not be empty");
    }
    if (kind->check)
        kind->check(row);
}

/* A whole block goes in one statement; the rest of the file line by line. */
static int block_flush(struct import_run *run, struct block *block, struct err *err)
{
    const struct import_kind *kind = run->kind;
    size_t width = kind->value_count;
    int result = 0;

    if (block->rows == IMPORT_BLOCK)
        result = db_run(run->db, &kind->block, block->values, width * IMPORT_BLOCK, NULL, err);
    else
        for (size_t i = 0; result == 0 && i < block->rows; i++)
            result = db_run(run->db, &kind->single, block->values + i * width, width, NULL, err);
    block->rows = 0;
    pool_reset(run->row_pool);
    return result;
}

static int lines_read(struct import_run *run, struct csv *csv, const struct import *import,
                      struct err *err)
{
    struct block *block = POOL_NEW(run->pool, struct block);
    const char *fields[IMPORT_COLUMNS];
    size_t width = run->kind->value_count;
    int more;

    while ((more = csv_next(csv, fields, err)) != 0) {
        struct import_row row = {.run = run, .line = csv_line(csv), .fields = fields};
        if (more < 0 && err->kind != ERR_INPUT && err->kind != ERR_LIMIT)
            return -1;
        run->result->rows++;
        if (more < 0) {
            import_problem_add(run, row.line, "", "", err->text);
            err_clear(err);
            continue;
        }
        row_take(&row);
        memcpy(block->values + block->rows++ * width, row.values, width * sizeof(*row.values));
        if (block->rows == IMPORT_BLOCK && block_flush(run, block, err) < 0)
            return -1;
        if (import->progress && run->result->rows % TELL == 0)
            import->progress(import->context, run->result->rows);
    }
    return block_flush(run, block, err);
}

static int file_stage(struct import_run *run, const struct import *import, struct err *err)
{
    const char *names[IMPORT_COLUMNS];
    struct csv *csv = NULL;
    int result = -1;

    for (size_t i = 0; i < run->kind->column_count; i++)
        names[i] = run->kind->columns[i].name;
    if (csv_open(import->path, names, run->kind->column_count, &csv, err) < 0)
        goto out;
    if (db_script(run->db, "DROP TEMPORARY TABLE IF EXISTS import_stage", err) < 0 ||
        db_script(run->db, run->kind->stage, err) < 0)
        goto out;
    result = lines_read(run, csv, import, err);
out:
    csv_close(&csv);
    return result;
}

/* Pass two: the whole set */

struct finding {
    struct import_run *run;
    const struct import_check *check;
};

static int finding_add(void *context, const struct db_value *row, struct err *err)
{
    const struct finding *finding = context;
    char text[TEXT_SIZE];
    const char *cut = strstr(finding->check->text, "%llu");

    (void)err;
    if (cut)
        text_format(text, sizeof(text), "%.*s%llu%s", (int)(cut - finding->check->text),
                    finding->check->text, (unsigned long long)db_as_uint(&row[2]), cut + 4);
    else
        text_copy(text, sizeof(text), finding->check->text);
    import_problem_add(finding->run, (size_t)db_as_uint(&row[0]),
                       finding->run->kind->columns[finding->check->column].name,
                       db_as_text(&row[1]), text);
    return 0;
}

static int checks_run(struct import_run *run, struct err *err)
{
    const struct import_kind *kind = run->kind;

    for (size_t i = 0; i < kind->check_count; i++) {
        struct finding finding = {run, &kind->checks[i]};
        if (db_each(run->db, &kind->checks[i].query, DB_NO_ARGS, finding_add, &finding, err) < 0)
            return -1;
    }
    return 0;
}

static int set_check(struct import_run *run, struct err *err)
{
    const struct import_kind *kind = run->kind;

    for (const struct db_query *query = kind->resolve; query && query->name; query++)
        if (db_run(run->db, query, DB_NO_ARGS, NULL, err) < 0)
            return -1;
    if (kind->compare && kind->compare(run, err) < 0)
        return -1;
    return checks_run(run, err);
}

static int merges_run(struct import_run *run, struct err *err)
{
    struct import_result *result = run->result;
    const struct db_value now[2] = {db_time(run->now_ms), db_time(run->now_ms)};

    result->added = result->changed = result->photos = 0;
    for (size_t i = 0; i < run->kind->merge_count; i++) {
        const struct import_merge *merge = &run->kind->merges[i];
        uint64_t rows;
        if (db_run(run->db, &merge->query, now, merge->times, &rows, err) < 0) {
            /* The checks left no key twice: somebody added one since it was looked for. */
            if (err->kind == ERR_DB_DUPLICATE)
                err->kind = ERR_DB_RETRY;
            return -1;
        }
        *(merge->effect == IMPORT_ADDS ? &result->added : &result->changed) += rows;
    }
    return run->kind->finish ? run->kind->finish(run, err) : 0;
}

struct merging {
    struct import_run *run;
    const struct import *import;
    uint8_t sha256[32];
};

/* Merge, note and audit: one transaction. Nothing is noted where nothing changed. The checks are
 * made again behind the merge, which has waited for whoever was changing the same rows. */
static int merge(void *context, struct err *err)
{
    struct merging *merging = context;
    struct import_run *run = merging->run;
    const struct import_result *result = run->result;

    if (merges_run(run, err) < 0 || checks_run(run, err) < 0)
        return -1;
    if (result->problem_count > 0)
        return err_set(err, ERR_CONFLICT, 0, "the register was changed meanwhile");
    if (result->added + result->changed + result->photos == 0)
        return 0;
    if (db_run(run->db, &queries[SQL_NOTE],
               DB_ARGS(db_text(run->kind->name), db_bytes(merging->sha256, 32),
                       db_uint(result->rows), db_uint(result->added), db_uint(result->changed),
                       db_time(run->now_ms)),
               NULL, err) < 0)
        return -1;
    struct audit_event event = {
        .actor = merging->import->actor,
        .action = "import",
        .object_kind = "import_run",
        .object_id = db_insert_id(run->db),
        .detail = pool_printf(run->pool,
                              "{\"kind\":\"%s\",\"rows\":%llu,\"added\":%llu,\"changed\":%llu,"
                              "\"photos\":%llu}",
                              run->kind->name, (unsigned long long)result->rows,
                              (unsigned long long)result->added,
                              (unsigned long long)result->changed,
                              (unsigned long long)result->photos)};
    return audit_add(run->db, run->pool, run->core, &event, 1, err);
}

static int merge_dry(struct merging *merging, struct err *err)
{
    if (db_begin(merging->run->db, err) < 0)
        return -1;
    int result = merges_run(merging->run, err);
    db_rollback(merging->run->db);
    return result;
}

/* The file */

static int file_hash(const char *path, uint8_t hash[32], struct err *err)
{
    static unsigned char chunk[CHUNK];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    FILE *file = fopen(path, "rb");
    int result = -1;
    size_t got;

    if (!file) {
        err_set(err, ERR_SYSTEM, errno, "%s: %s", path, strerror(errno));
        goto out;
    }
    if (!context || !EVP_DigestInit_ex(context, EVP_sha256(), NULL))
        err_fatal("no SHA-256");
    while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0)
        EVP_DigestUpdate(context, chunk, got);
    if (ferror(file))
        err_set(err, ERR_SYSTEM, errno, "%s: cannot be read", path);
    else
        result = EVP_DigestFinal_ex(context, hash, NULL) == 1 ? 0 : -1;
out:
    EVP_MD_CTX_free(context);
    if (file)
        fclose(file);
    return result;
}

static int folder_open(const char *path, struct pool *pool, int *folder, struct err *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = !slash          ? "."
                       : slash == path ? "/"
                                       : pool_text_n(pool, path, (size_t)(slash - path));

    *folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *folder < 0 ? err_set(err, ERR_SYSTEM, errno, "%s: %s", name, strerror(errno)) : 0;
}

/* Takes nothing, and says so line by line. */
static int refuse(struct import_run *run)
{
    qsort(run->problems, run->result->kept, sizeof(*run->problems), problem_order);
    run->result->added = run->result->changed = run->result->photos = 0;
    return 0;
}

static int file_take(struct import_run *run, const struct import *import, struct err *err)
{
    struct merging merging = {.run = run, .import = import};

    if (file_hash(import->path, merging.sha256, err) < 0 || file_stage(run, import, err) < 0 ||
        set_check(run, err) < 0)
        return -1;
    if (run->result->problem_count > 0)
        return refuse(run);
    if (import->dry_run)
        return merge_dry(&merging, err);
    if (db_transact(run->db, merge, &merging, err) == 0)
        return 0;
    if (run->result->problem_count == 0)
        return -1;
    err_clear(err);
    return refuse(run);
}

int import_file(struct db *db, struct pool *pool, const struct core *core,
                const struct import *import, struct import_result *result, struct err *err)
{
    struct import_run run = {.db = db,
                             .pool = pool,
                             .row_pool = pool_new(POOL_KEEP, 0),
                             .core = core,
                             .kind = import->kind,
                             .result = result,
                             .today = date_today(),
                             .now_ms = clock_now_ms(),
                             .folder = -1};
    struct err own = {0};
    int taken = -1;

    if (!err)
        err = &own;
    *result = (struct import_result){0};
    run.problems = pool_array(pool, IMPORT_PROBLEMS, sizeof(*run.problems));
    result->problems = run.problems;
    if (db_ready(db, err) == 0 && folder_open(import->path, pool, &run.folder, err) == 0)
        taken = file_take(&run, import, err);
    if (run.folder >= 0)
        close(run.folder);
    pool_free(&run.row_pool);
    return taken;
}
