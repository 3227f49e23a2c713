#include "core/proposal/sanction_lines.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/core.h"
#include "core/proposal/proposal.h"
#include "core/queries.h"
#include "core/register/identifier.h"

enum { LINES_MOST = 2 * PROPOSAL_CERTIFICATES, ID_TEXT = 24 };

enum { SQL_BY_NUMBER, SQL_BY_ID, SQL_OF_FIRM };

static const struct db_query queries[] = {
    [SQL_BY_NUMBER] = {"sanction_by_number",
                       "SELECT number, id FROM certificate WHERE number IN (" SQL_IDS ")"},
    [SQL_BY_ID] = {"sanction_by_id",
                   "SELECT number FROM certificate WHERE id IN (" SQL_IDS ") ORDER BY id"},
    [SQL_OF_FIRM] = {"sanction_of_firm",
                     "SELECT number FROM certificate FORCE INDEX (certificate_list)"
                     " WHERE enterprise_id = ? AND state IN ('01', '02', '06') ORDER BY id LIMIT ?"},
};

const struct db_area sanction_lines_area = DB_AREA("sanction_lines", queries);

/* Reading lines */

/* Cuts the line into number and reason. */
static void line_cut(struct pool *pool, const char *text, size_t length, struct sanction_line *out)
{
    static const char wide_comma[] = "，";
    char *line = pool_text_n(pool, text, length);
    char *comma = line + strcspn(line, ",\t"), *wide = strstr(line, wide_comma);
    size_t width = *comma ? 1 : 0;

    if (wide && wide < comma) {
        comma = wide;
        width = sizeof(wide_comma) - 1;
    }
    out->reason = text_trim(comma + width);
    *comma = '\0';
    out->number = text_trim(line);
}

/* The number as ours, or what is wrong with the line. */
static void line_check(struct pool *pool, const struct core *core, struct sanction_line *line)
{
    char *normal = pool_alloc(pool, NUMBER_SIZE);

    if (!certificate_number_normalise(line->number, core->policy->province, normal))
        line->wrong = "不是完整的证书编号";
    else
        line->number = normal;
    if (!line->wrong && utf8_count(line->reason) > SANCTION_REASON)
        line->wrong = pool_printf(pool, "原因不能超过%d个字符", SANCTION_REASON);
}

static int by_number(const void *a, const void *b)
{
    const struct sanction_line *const *one = a, *const *other = b;
    int order = strcmp((*one)->number, (*other)->number);

    return order ? order : ((*one)->line > (*other)->line) - ((*one)->line < (*other)->line);
}

/* Of lines that name one certificate only the first counts: sorted by number, then line. */
static size_t drop_twins(struct sanction_line **sorted, size_t count)
{
    size_t kept = 0;

    qsort(sorted, count, sizeof(*sorted), by_number);
    for (size_t i = 0; i < count; i++)
        if (kept > 0 && strcmp(sorted[kept - 1]->number, sorted[i]->number) == 0)
            sorted[i]->wrong = "编号重复";
        else
            sorted[kept++] = sorted[i];
    return kept;
}

/* The ids of up to SQL_IDS_MAX lines. */
static int look_up(struct db *db, struct pool *pool, struct sanction_line **lines, size_t count,
                   struct err *err)
{
    struct db_value args[SQL_IDS_MAX];
    struct db_rows rows;

    for (size_t i = 0; i < SQL_IDS_MAX; i++)
        args[i] = db_text(lines[i < count ? i : count - 1]->number);
    if (db_select(db, pool, &queries[SQL_BY_NUMBER], args, SQL_IDS_MAX, &rows, err) < 0)
        return -1;
    for (size_t r = 0; r < rows.count; r++)
        for (size_t i = 0; i < count; i++)
            if (strcmp(lines[i]->number, db_as_text(&db_row(&rows, r)[0])) == 0)
                lines[i]->id = db_as_uint(&db_row(&rows, r)[1]);
    return 0;
}

static int look_up_all(struct db *db, struct pool *pool, struct sanction_lines *out,
                       struct err *err)
{
    struct sanction_line **sorted = pool_array(pool, out->count + 1, sizeof(struct sanction_line *));
    size_t count = 0;

    for (size_t i = 0; i < out->count; i++)
        if (!out->lines[i].wrong)
            sorted[count++] = &out->lines[i];
    count = drop_twins(sorted, count);
    for (size_t at = 0; at < count; at += SQL_IDS_MAX)
        if (look_up(db, pool, sorted + at, count - at < SQL_IDS_MAX ? count - at : SQL_IDS_MAX,
                    err) < 0)
            return -1;
    for (size_t i = 0; i < count; i++)
        if (sorted[i]->id == 0)
            sorted[i]->wrong = "没有这本证书";
        else
            out->right++;
    return 0;
}

int sanction_lines_read(struct db *db, struct pool *pool, const struct core *core,
                        const char *text, struct sanction_lines *out, struct err *err)
{
    size_t number = 0;

    *out = (struct sanction_lines){
        .lines = pool_array(pool, LINES_MOST, sizeof(struct sanction_line))};
    while (*text) {
        size_t length = strcspn(text, "\n");
        struct sanction_line line = {.line = ++number};

        line_cut(pool, text, length, &line);
        text += length + (text[length] == '\n');
        if (!*line.number && !*line.reason)
            continue;
        if (out->count == LINES_MOST)
            return err_set(err, ERR_LIMIT, 0, "more than %d lines", LINES_MOST);
        line_check(pool, core, &line);
        out->lines[out->count++] = line;
    }
    return look_up_all(db, pool, out, err);
}

/* What comes of them */

static bool picked(const struct sanction_line *line, bool (*wanted)(void *context, uint64_t id),
                   void *context)
{
    return !line->wrong && (!wanted || wanted(context, line->id));
}

void sanction_lines_pick(struct pool *pool, const struct sanction_lines *lines,
                         bool (*wanted)(void *context, uint64_t id), void *context,
                         uint64_t **ids, struct proposal_row **rows, size_t *count,
                         size_t *row_count)
{
    *ids = pool_array(pool, lines->count + 1, sizeof(**ids));
    *rows = pool_array(pool, lines->count + 1, sizeof(**rows));
    *count = *row_count = 0;
    for (size_t i = 0; i < lines->count; i++) {
        const struct sanction_line *line = &lines->lines[i];

        if (!picked(line, wanted, context))
            continue;
        (*ids)[(*count)++] = line->id;
        if (*line->reason)
            (*rows)[(*row_count)++] = (struct proposal_row){
                .key = pool_printf(pool, "%" PRIu64, line->id), .after = line->reason};
    }
}

const char *sanction_lines_text(struct pool *pool, const struct sanction_lines *lines,
                                bool (*wanted)(void *context, uint64_t id), void *context)
{
    struct text text;

    text_init(&text, pool, SIZE_MAX / 2);
    for (size_t i = 0; i < lines->count; i++) {
        const struct sanction_line *line = &lines->lines[i];

        if (picked(line, wanted, context))
            text_printf(&text, "%s%s%s\n", line->number, *line->reason ? "," : "", line->reason);
    }
    return text.data;
}

/* Files */

/* A cell that holds a line of its own would end ours. False: it holds what no line may. */
static bool cell_add(struct text *lines, const char *cell)
{
    size_t start = lines->length;

    for (; *cell; cell++)
        text_char(lines, *cell == '\n' || *cell == '\r' || *cell == '\t' ? ' ' : *cell);
    return !utf8_has_control(lines->data + start);
}

/* Every record, or the first that is wrong: NULL, or what is. */
static const char *csv_take(struct pool *pool, struct csv *csv, bool reasons, struct text *lines)
{
    const char *fields[2] = {"", ""};
    struct err cause = {0};
    int more;

    while ((more = csv_next(csv, fields, &cause)) == 1) {
        bool good = cell_add(lines, fields[0]);

        if (reasons && *fields[1]) {
            text_char(lines, ',');
            good = cell_add(lines, fields[1]) && good;
        }
        text_char(lines, '\n');
        if (lines->overflow)
            return "文件过大，请分批提请";
        if (!good)
            return pool_printf(pool, "第 %zu 行含有不能使用的字符", csv_line(csv));
    }
    return more < 0 ? pool_printf(pool, "第 %zu 行的格式不正确", csv_line(csv)) : NULL;
}

bool sanction_lines_csv(struct pool *pool, struct bytes file, const char **text,
                        const char **wrong)
{
    static const char *const columns[] = {"number", "reason"};
    struct err cause = {0};
    struct text lines;
    struct csv *csv = NULL;
    bool reasons = true;

    text_init(&lines, pool, SANCTION_TEXT);
    if (csv_open_memory(file.data, file.size, columns, 2, &csv, &cause) < 0) {
        reasons = false;
        if (csv_open_memory(file.data, file.size, columns, 1, &csv, &cause) < 0) {
            *wrong = "第一行须为列名：number，或者 number,reason";
            return false;
        }
    }
    *wrong = csv_take(pool, csv, reasons, &lines);
    csv_close(&csv);
    *text = lines.data;
    return *wrong == NULL;
}

/* What a search has found */

static void rows_add(struct text *text, const struct db_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        text_printf(text, "%s\n", db_as_text(db_row(rows, i)));
}

int sanction_lines_of(struct db *db, struct pool *pool, const uint64_t *ids, size_t count,
                      const char **out, struct err *err)
{
    struct db_value args[SQL_IDS_MAX];
    struct db_rows rows;
    struct text text;

    text_init(&text, pool, SANCTION_TEXT);
    for (size_t at = 0; at < count; at += SQL_IDS_MAX) {
        queries_list(args, ids + at, count - at < SQL_IDS_MAX ? count - at : SQL_IDS_MAX);
        if (db_select(db, pool, &queries[SQL_BY_ID], args, SQL_IDS_MAX, &rows, err) < 0)
            return -1;
        rows_add(&text, &rows);
    }
    *out = text.data;
    return 0;
}

int sanction_lines_of_firm(struct db *db, struct pool *pool, uint64_t enterprise_id, size_t limit,
                           const char **out, struct err *err)
{
    struct db_rows rows;
    struct text text;

    text_init(&text, pool, SANCTION_TEXT);
    if (db_select(db, pool, &queries[SQL_OF_FIRM],
                  DB_ARGS(db_uint(enterprise_id), db_uint(limit)), &rows, err) < 0)
        return -1;
    rows_add(&text, &rows);
    *out = text.data;
    return 0;
}
