/* The work on uploaded files: what an issuer leases and does. */
#include <inttypes.h>
#include <string.h>

#include "base/date.h"
#include "base/db.h"
#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/text.h"
#include "core/audit/audit.h"
#include "core/import/import_desk.h"
#include "core/import/import_store.h"
#include "core/queries.h"

/* The lease is renewed while the file is read. Statements over a whole file renew nothing: they get
 * the long one; whoever comes to the place of a killed one gives back what it held. */
enum {
    LEASE_MS = 60 * 1000,
    MERGE_MS = 30 * 60 * 1000,
    TELL_MS = 1000,
    READ_PERCENT = 60,
    ATTEMPTS = 5,
    RETRY_MS = 5 * 1000,
    PREVIEW_CAP = 256 * 1024,
    TIDY_RUNS = 50,
    HOUR_MS = 60 * 60 * 1000,
    CAUSE_SHOWN = 220 /* characters of a faulty header: import_problem.said has 256 */
};

enum {
    SQL_DUE,
    SQL_LEASE,
    SQL_TELL,
    SQL_RELEASE,
    SQL_CHECKED,
    SQL_TAKEN,
    SQL_AGAIN,
    SQL_LATER,
    SQL_FAILED,
    SQL_UNDOING,
    SQL_UNDONE,
    SQL_KEPT,
    SQL_PROBLEMS_GONE,
    SQL_PROBLEM,
    SQL_LOST,
    SQL_STALE,
    SQL_STORED,
    SQL_CHUNKS_GONE,
    SQL_IMAGES,
    SQL_OLD,
    SQL_BEFORE_GONE
};

static const struct db_query queries[] = {
    [SQL_DUE] = {"import_due",
                 "SELECT id, kind, state, file_name, file_size, file_sha256, added, changed,"
                 " actor_kind, actor_id, attempts, run_at, undone_by FROM import_run"
                 " WHERE run_at <= ? ORDER BY run_at, id LIMIT 1"},
    [SQL_LEASE] = {"import_lease", "UPDATE import_run SET run_at = ?, owner = ?,"
                                   " attempts = attempts + 1 WHERE id = ? AND run_at = ?"},
    [SQL_TELL] = {"import_tell", "UPDATE import_run SET progress = ?, run_at = ?"
                                 " WHERE id = ? AND run_at = ?"},
    [SQL_RELEASE] = {"import_release", "UPDATE import_run SET run_at = ?, owner = ''"
                                       " WHERE run_at > ? AND owner = ?"},
    [SQL_CHECKED] = {"import_checked",
                     "UPDATE import_run SET state = ?, file_rows = ?, added = ?, changed = ?,"
                     " problems = ?, preview = ?, progress = 100, run_at = NULL, owner = ''"
                     " WHERE id = ? AND run_at = ?"},
    [SQL_TAKEN] = {"import_taken",
                   "UPDATE import_run SET state = ?, file_rows = ?, progress = 100,"
                   " preview = NULL, run_at = NULL, owner = '' WHERE id = ? AND run_at = ?"},
    [SQL_AGAIN] = {"import_again", "UPDATE import_run SET state = 'checking', note = ?, run_at = ?,"
                                   " owner = '' WHERE id = ? AND run_at = ?"},
    [SQL_LATER] = {"import_retry",
                   "UPDATE import_run SET run_at = ?, owner = '' WHERE id = ? AND run_at = ?"},
    [SQL_FAILED] = {"import_failed", "UPDATE import_run SET state = ?, note = ?, run_at = NULL,"
                                     " owner = '' WHERE id = ? AND run_at = ?"},
    [SQL_UNDOING] = {"import_undoing",
                     "UPDATE import_run SET undone_at = ? WHERE id = ? AND run_at = ?"},
    [SQL_UNDONE] = {"import_undone",
                    "UPDATE import_run SET state = 'undone', progress = 100, run_at = NULL,"
                    " owner = '' WHERE id = ? AND run_at = ?"},
    [SQL_KEPT] = {"import_kept", "UPDATE import_run SET state = 'taken', note = ?, problems = ?,"
                                 " undone_at = NULL, undone_by = NULL, run_at = NULL, owner = ''"
                                 " WHERE id = ? AND run_at = ?"},
    [SQL_PROBLEMS_GONE] = {"import_problems_gone",
                           "DELETE FROM import_problem WHERE import_id = ?"},
    [SQL_PROBLEM] = {"import_problem_add",
                     "INSERT INTO import_problem (import_id, number, line, column_name, value,"
                     " said) VALUES (?, ?, ?, ?, ?, ?)"},
    [SQL_LOST] = {"import_lost", "UPDATE import_run SET state = 'dropped', note = ?"
                                 " WHERE state = 'receiving' AND created_at < ?"},
    [SQL_STALE] = {"import_stale",
                   "UPDATE import_run FORCE INDEX (import_run_state) SET state = 'dropped',"
                   " note = ? WHERE state IN ('checked', 'faulty', 'failed') AND created_at < ?"},
    [SQL_STORED] = {"import_stored",
                    "SELECT c.import_id, r.state FROM import_chunk c"
                    " FORCE INDEX (import_chunk_number) JOIN import_run r ON r.id = c.import_id"
                    " WHERE c.import_id > ? AND c.number = 0 ORDER BY c.import_id LIMIT 50"},
    [SQL_CHUNKS_GONE] = {"import_chunks_gone",
                         "DELETE FROM import_chunk WHERE import_id = ? ORDER BY number DESC"
                         " LIMIT 16"},
    [SQL_IMAGES] = {"import_images_next", "SELECT import_id FROM import_before"
                                          " WHERE import_id > ? ORDER BY import_id LIMIT 1"},
    /* Can't be taken back any more: too old, or not the last of its kind. */
    [SQL_OLD] = {"import_old",
                 "SELECT r.id FROM import_run r WHERE r.id = ? AND r.state = 'taken'"
                 " AND (r.taken_at < ? OR EXISTS (SELECT 1 FROM import_run o"
                 " FORCE INDEX (import_run_kind) WHERE o.kind = r.kind AND o.taken_at > r.taken_at"
                 " AND o.state IN ('taken', 'undoing')))"},
    [SQL_BEFORE_GONE] = {"import_before_gone",
                         "DELETE FROM import_before WHERE import_id = ? ORDER BY row_id LIMIT 5000"},
};

const struct db_area import_work_area = DB_AREA("import_work", queries);

/* A piece of work under lease. */
struct piece {
    struct import_clerk *clerk;
    uint64_t id, size, added, changed;
    const struct import_kind *kind;
    const char *state, *file_name;
    struct bytes sha256;
    struct actor actor;
    unsigned attempts;
    int64_t lease_ms; /* the end of it: what the row must say */
    int64_t told_ms;
    uint64_t undone_by;
    FILE *file;
    struct text preview;
    const struct import_result *result;
    bool differs; /* from what was shown */
};

int import_release(struct db *db, const char *owner, int64_t now_ms, struct err *err)
{
    const struct db_value now = db_time(now_ms);

    return db_run(db, &queries[SQL_RELEASE], DB_ARGS(now, now, db_text(owner)), NULL, err);
}

static int lost(const struct piece *piece, struct err *err)
{
    return err_set(err, ERR_CONFLICT, 0, "the lease of import %" PRIu64 " was lost", piece->id);
}

/* A statement of which the lease is the last argument: -1 where it is another's. */
static int held_run(struct piece *piece, int query, const struct db_value *args, size_t count,
                    struct err *err)
{
    uint64_t rows;

    if (db_run(piece->clerk->db, &queries[query], args, count, &rows, err) < 0)
        return -1;
    return rows == 1 ? 0 : lost(piece, err);
}

static int tell(void *context, uint64_t lines, struct err *err)
{
    struct piece *piece = context;
    int64_t now = clock_now_ms(), until = now + (lines ? LEASE_MS : MERGE_MS);
    uint64_t at = lines ? (uint64_t)ftello(piece->file) : piece->size;

    if (piece->clerk->stopping && piece->clerk->stopping(piece->clerk->context))
        return err_set(err, ERR_CONFLICT, 0, "the issuer ends");
    if (lines && now - piece->told_ms < TELL_MS)
        return 0;
    if (held_run(piece, SQL_TELL,
                 DB_ARGS(db_uint(at * READ_PERCENT / (piece->size ? piece->size : 1)),
                         db_time(until), db_uint(piece->id), db_time(piece->lease_ms)),
                 err) < 0)
        return -1;
    piece->lease_ms = until;
    piece->told_ms = now;
    return 0;
}

static void sample(void *context, size_t line, const char *const *shown)
{
    struct piece *piece = context;
    const char *label;

    text_printf(&piece->preview, "%s[\"%zu\"", piece->preview.length > 1 ? "," : "", line);
    for (size_t i = 0; import_column_name(piece->kind, i, &label); i++) {
        text_add(&piece->preview, ",\"");
        text_json(&piece->preview, shown[i], strlen(shown[i]));
        text_char(&piece->preview, '"');
    }
    text_char(&piece->preview, ']');
}

static int problems_store(struct piece *piece, const struct import_problem *problems, size_t count,
                          struct err *err)
{
    struct db *db = piece->clerk->db;

    if (db_run(db, &queries[SQL_PROBLEMS_GONE], DB_ARGS(db_uint(piece->id)), NULL, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (db_run(db, &queries[SQL_PROBLEM],
                   DB_ARGS(db_uint(piece->id), db_uint(i + 1), db_uint(problems[i].line),
                           db_text(problems[i].column ? problems[i].column : ""),
                           db_text(problems[i].value), db_text(problems[i].said)),
                   NULL, err) < 0)
            return -1;
    return 0;
}

/* Checking */

static int checked_store(void *context, struct err *err)
{
    struct piece *piece = context;
    const struct import_result *result = piece->result;
    const char *state = result->problem_count > 0                            ? "faulty"
                        : result->added + result->changed + result->photos > 0 ? "checked"
                                                                             : "unchanged";

    if (problems_store(piece, result->problems, result->kept, err) < 0)
        return -1;
    return held_run(piece, SQL_CHECKED,
                    DB_ARGS(db_text(state), db_uint(result->rows), db_uint(result->added),
                            db_uint(result->changed), db_uint(result->problem_count),
                            db_text(piece->preview.overflow ? NULL : piece->preview.data),
                            db_uint(piece->id), db_time(piece->lease_ms)),
                    err);
}

/* What is no CSV file of this kind at all. */
static int header_faulty(struct piece *piece, struct err *err)
{
    struct pool *pool = piece->clerk->pool;
    const struct import_problem problem = {
        1, "", "", "",
        pool_printf(pool, "文件不是这一类的 CSV：%.*s", (int)utf8_prefix(err->text, CAUSE_SHOWN), err->text)};
    const struct import_result result = {.problem_count = 1, .kept = 1, .problems = &problem};

    log_event(LOG_INFO, "import_faulty", log_int("import", (int64_t)piece->id),
              log_text("cause", err->text));
    err_clear(err);
    piece->result = &result;
    piece->preview.overflow = true;
    return db_transact(piece->clerk->db, checked_store, piece, err);
}

static int check(struct piece *piece, struct import *import, struct err *err)
{
    struct import_clerk *clerk = piece->clerk;
    struct import_result result;

    import->dry_run = true;
    import->sample = sample;
    text_init(&piece->preview, clerk->pool, PREVIEW_CAP);
    text_char(&piece->preview, '[');
    if (import_file(clerk->db, clerk->pool, clerk->core, import, &result, err) < 0)
        return err->kind == ERR_INPUT || err->kind == ERR_LIMIT ? header_faulty(piece, err) : -1;
    text_char(&piece->preview, ']');
    piece->result = &result;
    return db_transact(clerk->db, checked_store, piece, err);
}

/* Taking */

/* The last look inside the transaction: it is what was shown, and still ours to do. */
static int settle(void *context, const struct import_result *result, struct err *err)
{
    struct piece *piece = context;

    piece->differs = result->added != piece->added || result->changed != piece->changed;
    if (piece->differs)
        return err_set(err, ERR_CONFLICT, 0, "another result than was shown");
    return held_run(piece, SQL_TAKEN,
                    DB_ARGS(db_text("taken"), db_uint(result->rows), db_uint(piece->id),
                            db_time(piece->lease_ms)),
                    err);
}

static int check_again(struct piece *piece, struct err *err)
{
    return held_run(piece, SQL_AGAIN,
                    DB_ARGS(db_text("核对之后登记册发生了变化，没有导入。已重新核对，请再次确认。"),
                            db_time(clock_now_ms()), db_uint(piece->id),
                            db_time(piece->lease_ms)),
                    err);
}

static int take(struct piece *piece, struct import *import, struct err *err)
{
    struct import_clerk *clerk = piece->clerk;
    struct import_result result;

    import->id = piece->id;
    import->settle = settle;
    if (import_file(clerk->db, clerk->pool, clerk->core, import, &result, err) == 0)
        return result.problem_count > 0 ? check_again(piece, err) : 0;
    if (!piece->differs)
        return -1;
    err_clear(err);
    return check_again(piece, err);
}

static int with_file(struct piece *piece, struct err *err)
{
    struct import_clerk *clerk = piece->clerk;
    struct err cause = {0};
    struct import import = {
        .kind = piece->kind,
        .path = "upload",
        .file = import_store_read(clerk->db, clerk->core, piece->id, piece->size, &cause),
        .sha256 = piece->sha256.data,
        .actor = piece->actor,
        .progress = tell,
        .context = piece,
    };

    piece->file = import.file;
    int done = strcmp(piece->state, "checking") == 0 ? check(piece, &import, err)
                                                     : take(piece, &import, err);
    /* stdio says only that it could not read. */
    if (done < 0 && err->kind == ERR_SYSTEM && cause.kind)
        *err = cause;
    return done;
}

/* Taking back */

static int undo(void *context, struct err *err)
{
    struct piece *piece = context;
    struct import_clerk *clerk = piece->clerk;
    const struct db_value id = db_uint(piece->id), lease = db_time(piece->lease_ms);
    struct import_undone undone;

    if (held_run(piece, SQL_UNDOING, DB_ARGS(db_time(clock_now_ms()), id, lease), err) < 0 ||
        import_undo(clerk->db, clerk->pool, piece->kind, piece->id, &undone, err) < 0)
        return -1;
    if (undone.built > 0) {
        if (problems_store(piece, undone.problems, undone.kept, err) < 0)
            return -1;
        return held_run(piece, SQL_KEPT,
                        DB_ARGS(db_text("没有撤回：这次导入的数据已经被使用，见下表。"),
                                db_uint(undone.built), id, lease),
                        err);
    }
    if (held_run(piece, SQL_UNDONE, DB_ARGS(id, lease), err) < 0)
        return -1;
    struct audit_event event = {.actor = {.kind = piece->undone_by ? ACTOR_STAFF : ACTOR_OPERATOR,
                                            .id = piece->undone_by,
                                            .request = ""},
                                .action = "import.undone",
                                .object_kind = "import_run",
                                .object_id = piece->id};
    return audit_add(clerk->db, clerk->pool, clerk->core, &event, 1, err);
}

/* The queue */

static int find_due(struct import_clerk *clerk, int64_t now_ms, struct piece *piece,
                    struct err *err)
{
    const struct db_value *row;
    int found = db_find(clerk->db, clerk->pool, &queries[SQL_DUE], DB_ARGS(db_time(now_ms)), &row,
                        err);

    if (found != 1)
        return found;
    *piece = (struct piece){
        .clerk = clerk,
        .id = db_as_uint(&row[0]),
        .kind = import_kind_find(db_as_text(&row[1])),
        .state = db_as_text(&row[2]),
        .file_name = db_as_text(&row[3]),
        .size = db_as_uint(&row[4]),
        .sha256 = db_as_bytes(&row[5]),
        .added = db_as_uint(&row[6]),
        .changed = db_as_uint(&row[7]),
        .actor = {(enum actor_kind)db_as_uint(&row[8]), db_as_uint(&row[9]), ""},
        .attempts = (unsigned)db_as_uint(&row[10]) + 1,
        .lease_ms = now_ms + LEASE_MS,
        .undone_by = db_as_uint(&row[12]),
    };
    if (strcmp(piece->state, "undoing") == 0)
        piece->lease_ms = now_ms + MERGE_MS;
    return db_change(clerk->db, &queries[SQL_LEASE],
                     DB_ARGS(db_time(piece->lease_ms), db_text(clerk->owner), db_uint(piece->id),
                             row[11]),
                     err);
}

/* What is left of a piece that did not work: it is tried again a few times. */
static int put_off(struct piece *piece, const struct err *cause, struct err *err)
{
    const struct db_value id = db_uint(piece->id), lease = db_time(piece->lease_ms);
    const struct import_clerk *clerk = piece->clerk;
    bool undoing = strcmp(piece->state, "undoing") == 0;
    bool stopped = clerk->stopping && clerk->stopping(clerk->context);

    log_err("import", NULL, cause);
    if (stopped || piece->attempts < ATTEMPTS)
        return db_run(clerk->db, &queries[SQL_LATER],
                      DB_ARGS(db_time(clock_now_ms() + (stopped ? 0 : RETRY_MS)), id, lease), NULL, err);
    return db_run(clerk->db, &queries[SQL_FAILED],
                  DB_ARGS(db_text(undoing ? "taken" : "failed"),
                          db_text(undoing ? "没有撤回：系统多次尝试未能完成，可以再次撤回；仍不能完成的，请联系运维人员。"
                                          : "系统多次尝试未能完成，没有导入任何内容，可以重新核对；仍不能完成的，请联系运维人员。"),
                          id, lease),
                  NULL, err);
}

int import_advance(struct import_clerk *clerk, int64_t now_ms, struct err *err)
{
    struct piece piece;
    struct err cause = {0};

    pool_reset(clerk->pool);
    int found = find_due(clerk, now_ms, &piece, err);
    if (found != 1)
        return found;
    int done = !piece.kind ? err_set(&cause, ERR_INPUT, 0, "import %" PRIu64 " is of no kind", piece.id)
               : strcmp(piece.state, "undoing") == 0
                   ? db_transact(clerk->db, undo, &piece, &cause)
                   : with_file(&piece, &cause);
    if (done == 0) {
        log_event(LOG_INFO, "import", log_int("import", (int64_t)piece.id),
                  log_text("was", piece.state));
        return 1;
    }
    /* The next attempt belongs to whoever connects next. */
    if (db_lost(&cause) || cause.kind == ERR_DB_UNKNOWN) {
        *err = cause;
        return -1;
    }
    return put_off(&piece, &cause, err) < 0 ? -1 : 1;
}

/* Tidying up */

static bool needs_file(const char *state)
{
    return strcmp(state, "receiving") == 0 || strcmp(state, "checked") == 0 ||
           strcmp(state, "checking") == 0 || strcmp(state, "taking") == 0 ||
           strcmp(state, "failed") == 0;
}

static int files_tidy(struct db *db, struct pool *pool, uint64_t *deleted, struct err *err)
{
    struct db_rows rows;
    uint64_t after = 0, gone;

    do {
        pool_reset(pool);
        if (db_select(db, pool, &queries[SQL_STORED], DB_ARGS(db_uint(after)), &rows, err) < 0)
            return -1;
        for (size_t i = 0; i < rows.count; i++) {
            const struct db_value *row = db_row(&rows, i);

            after = db_as_uint(&row[0]);
            if (needs_file(db_as_text(&row[1])))
                continue;
            if (db_run(db, &queries[SQL_CHUNKS_GONE], DB_ARGS(row[0]), &gone, err) < 0)
                return -1;
            *deleted += gone;
        }
    } while (rows.count == TIDY_RUNS);
    return 0;
}

static int images_tidy(struct db *db, struct pool *pool, int64_t now_ms, uint64_t *deleted,
                       struct err *err)
{
    const struct db_value old = db_time(now_ms - IMPORT_UNDO_DAYS * DAY_MS);
    const struct db_value *row;
    struct db_value id = db_uint(0);
    uint64_t gone;
    int found;

    for (;;) {
        pool_reset(pool);
        if ((found = db_find(db, pool, &queries[SQL_IMAGES], &id, 1, &row, err)) <= 0)
            return found;
        id = row[0];
        if ((found = db_find(db, pool, &queries[SQL_OLD], DB_ARGS(id, old), &row, err)) < 0)
            return -1;
        if (found == 0)
            continue;
        if (db_run(db, &queries[SQL_BEFORE_GONE], DB_ARGS(id), &gone, err) < 0)
            return -1;
        *deleted += gone;
    }
}

int import_tidy(struct db *db, struct pool *pool, int64_t now_ms, uint64_t *deleted,
                struct err *err)
{
    *deleted = 0;
    if (db_run(db, &queries[SQL_LOST],
               DB_ARGS(db_text("上传没有完成"), db_time(now_ms - HOUR_MS)), NULL, err) < 0 ||
        db_run(db, &queries[SQL_STALE],
               DB_ARGS(db_text("超过期限没有确认，文件已删除"),
                       db_time(now_ms - IMPORT_DAYS * DAY_MS)),
               NULL, err) < 0)
        return -1;
    return files_tidy(db, pool, deleted, err) < 0 || images_tidy(db, pool, now_ms, deleted, err) < 0
               ? -1
               : 0;
}
