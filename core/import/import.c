#include "core/import/import.h"

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
#include "core/audit/audit.h"
#include "core/import/import_kind.h"
#include "core/queries.h"
#include "core/register/identifier.h"

enum { VALUE_SHOWN = 60, TEXT_SIZE = 256, CHUNK = 64 * 1024, POOL_KEEP = 1024 * 1024, TELL = 1000, ATTEMPTS = 5 };
enum { ER_BAD_NULL = 1048, ER_NULL_FOUND = 1263 };

static const struct import_kind *const kinds[] = {
    &import_enterprises,  &import_people,    &import_paper_certificates,
    &import_exam_results, &import_insurance, &import_education,
};

enum { SQL_NOTE, SQL_NOTED, SQL_FORGET, SQL_EPOCH, SQL_EPOCH_HOLD };

static const struct db_query queries[] = {
    [SQL_NOTE] = {"import_run_add",
                  "INSERT INTO import_run (kind, file_sha256, file_rows, added, changed, actor_kind,"
                  " actor_id, created_at) VALUES (?, ?, ?, 0, 0, ?, ?, ?)"},
    [SQL_NOTED] = {"import_run_taken",
                   "UPDATE import_run SET added = ?, changed = ?, photos = ?, first_id = ?,"
                   " taken_at = ? WHERE id = ?"},
    [SQL_FORGET] = {"import_run_forget", "DELETE FROM import_run WHERE id = ?"},
    /* Grows with each import that is taken back: what was looked up before is not there any more. */
    [SQL_EPOCH] = {"import_epoch", "SELECT value FROM counter WHERE name = 'import.undo'"},
    [SQL_EPOCH_HOLD] = {"import_epoch_hold", "SELECT value FROM counter WHERE name = 'import.undo'"
                                             " LOCK IN SHARE MODE"},
};

const struct db_area import_area = DB_AREA("import", queries);

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

const char *import_name(const struct import_kind *kind)
{
    return kind->name;
}

const char *import_kind_label(const struct import_kind *kind)
{
    return kind->label;
}

const char *import_column_name(const struct import_kind *kind, size_t n, const char **label)
{
    if (n >= kind->column_count)
        return NULL;
    *label = kind->columns[n].label;
    return kind->columns[n].name;
}

/* Problems */

static void problem_add(struct import_run *run, const struct import_problem *problem)
{
    struct import_result *result = run->result;

    result->problem_count++;
    if (result->kept == IMPORT_PROBLEMS) {
        if (run->import->beyond)
            run->import->beyond(run->import->context, problem);
        return;
    }
    run->problems[result->kept++] = (struct import_problem){
        problem->line, problem->column, pool_text(run->pool, problem->value),
        pool_text(run->pool, problem->text), pool_text(run->pool, problem->said)};
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

void import_wrong(struct import_row *row, size_t column, const char *text, const char *said, ...)
{
    char english[TEXT_SIZE], chinese[TEXT_SIZE];
    va_list args;

    va_start(args, said);
    vsnprintf(english, sizeof(english), text, args);
    va_end(args);
    va_start(args, said);
    vsnprintf(chinese, sizeof(chinese), said, args);
    va_end(args);
    row->wrong[column] = true;
    problem_add(row->run, &(struct import_problem){row->line, row->run->kind->columns[column].name,
                                                   shown(row, column), english, chinese});
}

/* What the reader of CSV files says of a line, in Chinese. */
static const char *line_said(const char *text)
{
    static const struct {
        const char *text, *said;
    } sentences[] = {
        {"a zero byte", "这一行含有空字符（NUL），可能不是文本文件"},
        {"a field is too long", "这一行有一格内容过长"},
        {"more columns than can be", "这一行的列数过多"},
        {"a quote is not closed", "这一行的引号没有成对"},
        {"text behind a closing quote", "引号之后还有内容"},
        {"a quote inside an unquoted field", "没有用引号括起的内容中含有引号"},
        {"a broken character", "这一行含有无法识别的字符，请检查文件编码"},
        {"fields where the header has", "这一行的列数与表头不一致"},
    };

    for (size_t i = 0; i < sizeof(sentences) / sizeof(*sentences); i++)
        if (strstr(text, sentences[i].text))
            return sentences[i].said;
    return "这一行无法读取";
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
            import_wrong(row, i, "must not be empty", "不能为空");
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

static void sample(const struct import *import, struct import_row *row)
{
    const char *cells[IMPORT_COLUMNS];

    for (size_t i = 0; i < row->run->kind->column_count; i++)
        cells[i] = shown(row, i);
    import->sample(import->context, row->line, cells);
}

/* One record, into the block. */
static void line_take(struct import_run *run, const struct import *import, struct block *block,
                      struct import_row *row)
{
    size_t width = run->kind->value_count;

    row_take(row);
    memcpy(block->values + block->rows++ * width, row->values, width * sizeof(*row->values));
    if (import->sample && run->result->rows <= IMPORT_SAMPLES)
        sample(import, row);
}

static int lines_read(struct import_run *run, struct csv *csv, const struct import *import,
                      struct err *err)
{
    struct block *block = POOL_NEW(run->pool, struct block);
    const char *fields[IMPORT_COLUMNS];
    int more;

    while ((more = csv_next(csv, fields, err)) != 0) {
        struct import_row row = {.run = run, .line = csv_line(csv), .fields = fields};
        if (more < 0 && err->kind != ERR_INPUT && err->kind != ERR_LIMIT)
            return -1;
        run->result->rows++;
        if (more < 0) {
            problem_add(run, &(struct import_problem){row.line, "", "", err->text, line_said(err->text)});
            err_clear(err);
            continue;
        }
        line_take(run, import, block, &row);
        if (block->rows == IMPORT_BLOCK && block_flush(run, block, err) < 0)
            return -1;
        if (import->progress && run->result->rows % TELL == 0 &&
            import->progress(import->context, run->result->rows, err) < 0)
            return -1;
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
    if (csv_open_file(run->file, import->path, names, run->kind->column_count, &csv, err) < 0)
        goto out;
    if (db_script(run->db, "DROP TEMPORARY TABLE IF EXISTS import_stage", err) < 0 ||
        db_script(run->db, run->kind->stage, err) < 0)
        goto out;
    result = lines_read(run, csv, import, err);
    if (result == 0 && import->progress)
        result = import->progress(import->context, 0, err);
out:
    csv_close(&csv);
    return result;
}

/* Pass two: the whole set */

/* The text with a number in it, or without. */
static void number_in(const char *format, unsigned long long number, char text[TEXT_SIZE])
{
    const char *cut = strstr(format, "%llu");

    if (cut)
        text_format(text, TEXT_SIZE, "%.*s%llu%s", (int)(cut - format), format, number,
                    cut + strlen("%llu"));
    else
        text_copy(text, TEXT_SIZE, format);
}

struct finding {
    struct import_run *run;
    const struct import_check *check;
};

static int finding_add(void *context, const struct db_value *row, struct err *err)
{
    const struct finding *finding = context;
    const struct import_check *check = finding->check;
    unsigned long long other = db_as_uint(&row[2]);
    char text[TEXT_SIZE], said[TEXT_SIZE];

    (void)err;
    number_in(check->text, other, text);
    number_in(check->said, other, said);
    problem_add(
        finding->run,
        &(struct import_problem){(size_t)db_as_uint(&row[0]),
                                 finding->run->kind->columns[check->column].name,
                                 db_as_text(&row[1]), text, said});
    return 0;
}

enum { CHECKS_FIRST, CHECKS_TWICE, CHECKS_AGAIN };

static bool is_wanted(const struct import_check *check, int which)
{
    return which == CHECKS_TWICE   ? check->twice
           : which == CHECKS_FIRST ? !check->twice
                                   : !check->steady;
}

/* The first before the merge, keys that are there twice only where they must be told, and again
 * behind the merge what others may have changed. */
static int checks_run(struct import_run *run, int which, struct err *err)
{
    const struct import_kind *kind = run->kind;

    for (size_t i = 0; i < kind->check_count; i++) {
        struct finding finding = {run, &kind->checks[i]};
        if (!is_wanted(&kind->checks[i], which))
            continue;
        if (db_each(run->db, &kind->checks[i].query, DB_NO_ARGS, finding_add, &finding, err) < 0)
            return -1;
    }
    return 0;
}

/* A file that is going to be merged stumbles over keys that are there twice by itself. */
static int set_check(struct import_run *run, bool dry_run, struct err *err)
{
    const struct import_kind *kind = run->kind;

    for (const struct db_query *query = kind->resolve; query && query->name; query++)
        if (db_run(run->db, query, DB_NO_ARGS, NULL, err) < 0)
            return -1;
    if (kind->compare && kind->compare(run, err) < 0)
        return -1;
    if (checks_run(run, CHECKS_FIRST, err) < 0)
        return -1;
    return dry_run || run->result->problem_count > 0 ? checks_run(run, CHECKS_TWICE, err) : 0;
}

static int merge_run(struct import_run *run, const struct import_merge *merge, struct err *err)
{
    struct import_result *result = run->result;
    const struct db_value now = db_time(run->now_ms);
    struct db_value args[3] = {now, now, now};
    uint64_t rows;

    args[merge->times] = db_uint(run->id);
    if (db_run(run->db, &merge->query, args, merge->times + 1, &rows, err) < 0) {
        /* Keys that are there twice, or somebody came between; and the checks left nobody unknown. */
        run->doubled = err->kind == ERR_DB_DUPLICATE;
        if (run->doubled)
            err->kind = ERR_CONFLICT;
        else if (err->kind == ERR_DB && (err->code == ER_BAD_NULL || err->code == ER_NULL_FOUND))
            err->kind = ERR_CONFLICT;
        return -1;
    }
    if (merge->effect == IMPORT_ADDS) {
        result->added += rows;
        run->first_id = db_insert_id(run->db);
    } else if (merge->effect == IMPORT_CHANGES) {
        result->changed += rows;
    }
    return 0;
}

static int merges_run(struct import_run *run, struct err *err)
{
    struct import_result *result = run->result;

    result->added = result->changed = result->photos = 0;
    for (size_t i = 0; i < run->kind->merge_count; i++)
        if (merge_run(run, &run->kind->merges[i], err) < 0)
            return -1;
    return run->kind->finish ? run->kind->finish(run, err) : 0;
}

struct merging {
    struct import_run *run;
    const struct import *import;
    uint8_t sha256[32];
    uint64_t epoch;
};

static int epoch_read(struct import_run *run, int query, uint64_t *epoch, struct err *err)
{
    const struct db_value *row;
    int found = db_find(run->db, run->pool, &queries[query], DB_NO_ARGS, &row, err);

    *epoch = found > 0 ? db_as_uint(&row[0]) : 0;
    return found < 0 ? -1 : 0;
}

/* The run gets its row, unless it has one, and nobody takes an import back meanwhile. */
static int merge_open(struct merging *merging, struct err *err)
{
    struct import_run *run = merging->run;
    const struct import *import = merging->import;
    uint64_t epoch;

    if (epoch_read(run, SQL_EPOCH_HOLD, &epoch, err) < 0)
        return -1;
    run->overtaken = epoch != merging->epoch;
    if (run->overtaken)
        return err_set(err, ERR_CONFLICT, 0, "an import was taken back meanwhile");
    run->id = import->id;
    if (run->id)
        return 0;
    if (db_run(run->db, &queries[SQL_NOTE],
               DB_ARGS(db_text(run->kind->name), db_bytes(merging->sha256, 32),
                       db_uint(run->result->rows), db_uint(import->actor.kind),
                       db_uint(import->actor.id), db_time(run->now_ms)),
               NULL, err) < 0)
        return -1;
    run->id = db_insert_id(run->db);
    return 0;
}

static int note(struct merging *merging, struct err *err)
{
    struct import_run *run = merging->run;
    const struct import_result *result = run->result;
    struct audit_event event = {
        .actor = merging->import->actor,
        .action = "import",
        .object_kind = "import_run",
        .object_id = run->id,
        .detail = pool_printf(run->pool,
                              "{\"kind\":\"%s\",\"rows\":%llu,\"added\":%llu,\"changed\":%llu,"
                              "\"photos\":%llu}",
                              run->kind->name, (unsigned long long)result->rows,
                              (unsigned long long)result->added,
                              (unsigned long long)result->changed,
                              (unsigned long long)result->photos)};

    if (db_run(run->db, &queries[SQL_NOTED],
               DB_ARGS(db_uint(result->added), db_uint(result->changed), db_uint(result->photos),
                       db_uint(run->first_id), db_time(run->now_ms), db_uint(run->id)),
               NULL, err) < 0)
        return -1;
    return audit_add(run->db, run->pool, run->core, &event, 1, err);
}

/* Merge, note and audit: one transaction. Nothing is noted where nothing changed. What others may
 * have changed is checked again behind the merge, which has waited for them. */
static int merge(void *context, struct err *err)
{
    struct merging *merging = context;
    struct import_run *run = merging->run;
    const struct import *import = merging->import;
    const struct import_result *result = run->result;

    if (merge_open(merging, err) < 0 || merges_run(run, err) < 0 || checks_run(run, CHECKS_AGAIN, err) < 0)
        return -1;
    if (result->problem_count > 0)
        return err_set(err, ERR_CONFLICT, 0, "the register was changed meanwhile");
    bool changed = result->added + result->changed + result->photos > 0;
    if (import->settle && import->settle(import->context, result, err) < 0)
        return -1;
    if (changed)
        return note(merging, err);
    return import->id ? 0
                      : db_run(run->db, &queries[SQL_FORGET], DB_ARGS(db_uint(run->id)), NULL, err);
}

static int foresee_count(struct import_run *run, const struct db_query *query, uint64_t *count,
                         struct err *err)
{
    const struct db_value *row;

    *count = 0;
    if (!query->name)
        return 0;
    if (db_one(run->db, run->pool, query, DB_NO_ARGS, &row, err) < 0)
        return -1;
    *count = db_as_uint(&row[0]);
    return 0;
}

/* What the merge would do, without holding anybody up. */
static int foresee(struct import_run *run, struct err *err)
{
    if (foresee_count(run, &run->kind->adds, &run->result->added, err) < 0 ||
        foresee_count(run, &run->kind->changes, &run->result->changed, err) < 0)
        return -1;
    return run->kind->foresee ? run->kind->foresee(run, err) : 0;
}

/* The file */

static int file_hash(FILE *file, const char *path, uint8_t hash[32], struct err *err)
{
    static unsigned char chunk[CHUNK];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int result = -1;
    size_t got;

    if (!context || !EVP_DigestInit_ex(context, EVP_sha256(), NULL))
        err_fatal("no SHA-256");
    while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0)
        EVP_DigestUpdate(context, chunk, got);
    if (ferror(file))
        err_set(err, ERR_SYSTEM, errno, "%s: cannot be read", path);
    else
        result = EVP_DigestFinal_ex(context, hash, NULL) == 1 ? 0 : -1;
    EVP_MD_CTX_free(context);
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

    if (import->sha256)
        memcpy(merging.sha256, import->sha256, sizeof(merging.sha256));
    else if (file_hash(run->file, import->path, merging.sha256, err) < 0)
        return -1;
    if (epoch_read(run, SQL_EPOCH, &merging.epoch, err) < 0 || file_stage(run, import, err) < 0 ||
        set_check(run, import->dry_run, err) < 0)
        return -1;
    if (run->result->problem_count > 0)
        return refuse(run);
    if (import->dry_run)
        return foresee(run, err);
    run->doubled = false;
    if (db_transact(run->db, merge, &merging, err) == 0)
        return 0;
    if (run->doubled && checks_run(run, CHECKS_TWICE, err) < 0)
        return -1;
    run->overtaken = run->overtaken || (run->doubled && run->result->problem_count == 0);
    if (run->result->problem_count == 0)
        return -1;
    err_clear(err);
    return refuse(run);
}

/* The file, and the folder in which its photos are. */
static int file_open(struct import_run *run, const struct import *import, struct err *err)
{
    if (import->file) {
        run->file = import->file;
        return 0;
    }
    run->file = fopen(import->path, "re");
    if (!run->file)
        return err_set(err, ERR_SYSTEM, errno, "%s: %s", import->path, strerror(errno));
    return folder_open(import->path, run->pool, &run->folder, err);
}

int import_file(struct db *db, struct pool *pool, const struct core *core,
                const struct import *import, struct import_result *result, struct err *err)
{
    struct import_run run = {.db = db,
                             .pool = pool,
                             .row_pool = pool_new(POOL_KEEP, 0),
                             .core = core,
                             .kind = import->kind,
                             .import = import,
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
    if (file_open(&run, import, err) == 0 && db_ready(db, err) == 0)
        taken = file_take(&run, import, err);
    for (int i = 1; taken < 0 && run.overtaken && i < ATTEMPTS; i++) {
        err_clear(err);
        *result = (struct import_result){.problems = run.problems};
        run.overtaken = false;
        rewind(run.file);
        taken = file_take(&run, import, err);
    }
    if (run.file)
        fclose(run.file);
    if (run.folder >= 0)
        close(run.folder);
    pool_free(&run.row_pool);
    return taken;
}
