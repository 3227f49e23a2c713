#include "core/upkeep/migrate.h"

#include <ctype.h>
#include <dirent.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/db.h"
#include "base/err.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "base/text.h"

enum { TEXT_LIMIT = 1024 * 1024, HASH_SIZE = 32, NO_SUCH_TABLE = 1146, SUBJECT_SIZE = 65 };

/* Row 0 is nothing but the lock that a run holds. */
static const char table_sql[] =
    "CREATE TABLE IF NOT EXISTS schema_migration ("
    " number INT UNSIGNED NOT NULL,"
    " name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    " checksum BINARY(32) NOT NULL COMMENT 'SHA-256 of the text',"
    " before_hash BINARY(32) NOT NULL COMMENT 'fingerprint of the table before the statement',"
    " begun_at DATETIME(3) NOT NULL,"
    " applied_at DATETIME(3) NULL COMMENT 'NULL: begun, and perhaps done',"
    " PRIMARY KEY (number)) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4";
static const char lock_row_sql[] =
    "INSERT IGNORE INTO schema_migration VALUES"
    " (0, 'lock', REPEAT(CHAR(0), 32), REPEAT(CHAR(0), 32), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))";

enum { SQL_LIST, SQL_LOCK, SQL_BEGIN, SQL_FINISH, SQL_DESCRIBE };

static const struct db_query queries[] = {
    [SQL_LIST] = {"migration_list", "SELECT number, name, checksum, before_hash,"
                                    " applied_at IS NOT NULL FROM schema_migration"
                                    " WHERE number > 0 ORDER BY number"},
    [SQL_LOCK] = {"migration_lock", "SELECT number FROM schema_migration WHERE number = 0"
                                    " FOR UPDATE"},
    [SQL_BEGIN] = {"migration_begin", "INSERT INTO schema_migration (number, name, checksum,"
                                      " before_hash, begun_at)"
                                      " VALUES (?, ?, ?, ?, UTC_TIMESTAMP(3))"},
    [SQL_FINISH] = {"migration_finish", "UPDATE schema_migration SET applied_at = UTC_TIMESTAMP(3)"
                                        " WHERE number = ?"},
    [SQL_DESCRIBE] =
        {"migration_describe",
         "SELECT CONCAT_WS('|', 'column', column_name, ordinal_position, column_type, is_nullable,"
         " column_default, extra, collation_name, column_comment) AS line"
         " FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?"
         " UNION ALL SELECT CONCAT_WS('|', 'key', index_name, seq_in_index, column_name,"
         " non_unique, sub_part) FROM information_schema.statistics"
         " WHERE table_schema = DATABASE() AND table_name = ?"
         " UNION ALL SELECT CONCAT_WS('|', 'constraint', constraint_name, constraint_type)"
         " FROM information_schema.table_constraints"
         " WHERE table_schema = DATABASE() AND table_name = ? ORDER BY line"},
};

/* One file. */
struct script {
    unsigned number;
    const char *name;
    const char *sql;
    uint8_t checksum[HASH_SIZE];
};

/* One note in the database. */
struct note {
    unsigned number;
    const char *name;
    uint8_t checksum[HASH_SIZE];
    uint8_t before[HASH_SIZE];
    bool applied;
};

struct state {
    struct script *scripts;
    size_t script_count;
    struct note *notes;
    size_t note_count;
};

/* The folder */

static int is_sql(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return length > 4 && strcmp(entry->d_name + length - 4, ".sql") == 0;
}

static bool name_parse(const char *name, unsigned *number)
{
    size_t digits = strspn(name, "0123456789");
    size_t words = strspn(name + digits, "abcdefghijklmnopqrstuvwxyz0123456789-");

    if (digits != 3 || name[3] != '-' || words < 2 || strcmp(name + digits + words, ".sql") != 0)
        return false;
    *number = (unsigned)(name[0] - '0') * 100 + (unsigned)(name[1] - '0') * 10 +
              (unsigned)(name[2] - '0');
    return true;
}

static int script_read(struct pool *pool, const char *folder, const char *name, unsigned expected,
                       struct script *script, struct err *err)
{
    struct bytes text;

    if (!name_parse(name, &script->number))
        return err_set(err, ERR_CONFIG, 0, "%s/%s: not named like 001-what.sql", folder, name);
    if (script->number != expected)
        return err_set(err, ERR_CONFIG, 0, "%s/%s: number %03u was expected here", folder, name,
                       expected);
    if (file_read(pool, pool_printf(pool, "%s/%s", folder, name), TEXT_LIMIT, &text, err) < 0)
        return -1;
    script->name = pool_text(pool, name);
    script->sql = (const char *)text.data;
    sha256(text.data, text.size, script->checksum);
    return 0;
}

static int folder_read(struct pool *pool, const char *folder, struct state *state, struct err *err)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_sql, alphasort);
    int result = 0;

    if (count < 0)
        return err_set(err, ERR_CONFIG, 0, "%s: cannot read the folder of migrations", folder);
    state->scripts = pool_array(pool, (size_t)count, sizeof(*state->scripts));
    state->script_count = (size_t)count;
    for (int i = 0; i < count; i++) {
        if (result == 0)
            result = script_read(pool, folder, entries[i]->d_name, (unsigned)i + 1,
                                 &state->scripts[i], err);
        free(entries[i]);
    }
    free(entries);
    if (result == 0 && count == 0)
        return err_set(err, ERR_CONFIG, 0, "%s: holds no migrations", folder);
    return result;
}

/* The database */

static void hash_copy(uint8_t to[HASH_SIZE], const struct db_value *value)
{
    struct bytes bytes = db_as_bytes(value);

    if (bytes.size == HASH_SIZE)
        memcpy(to, bytes.data, HASH_SIZE);
}

/* A database without the table has no notes. */
static int notes_read(struct db *db, struct pool *pool, struct state *state, struct err *err)
{
    struct db_rows rows;

    state->note_count = 0;
    if (db_select(db, pool, &queries[SQL_LIST], DB_NO_ARGS, &rows, err) < 0) {
        if (!err || err->kind != ERR_DB || err->code != NO_SUCH_TABLE)
            return -1;
        err_clear(err);
        return 0;
    }
    state->notes = pool_array(pool, rows.count, sizeof(*state->notes));
    state->note_count = rows.count;
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);
        state->notes[i].number = (unsigned)db_as_uint(&row[0]);
        state->notes[i].name = db_as_text(&row[1]);
        hash_copy(state->notes[i].checksum, &row[2]);
        hash_copy(state->notes[i].before, &row[3]);
        state->notes[i].applied = db_as_int(&row[4]) != 0;
    }
    return 0;
}

/* The notes must be the first ones of the files, in order, with equal texts; only the last may
 * be unfinished. */
static int state_check(const struct state *state, struct err *err)
{
    for (size_t i = 0; i < state->note_count; i++) {
        const struct note *note = &state->notes[i];
        if (i >= state->script_count)
            return err_set(err, ERR_CONFIG, 0,
                           "the database has migration %s, which this installation does not know: "
                           "it is newer than these programs",
                           note->name);
        const struct script *script = &state->scripts[i];
        if (note->number != script->number)
            return err_set(err, ERR_CONFIG, 0, "the database lacks migration %s but has %s",
                           script->name, note->name);
        if (memcmp(note->checksum, script->checksum, HASH_SIZE) != 0)
            return err_set(err, ERR_CONFIG, 0, "the text of migration %s has changed since it ran",
                           script->name);
        if (!note->applied && i + 1 < state->note_count)
            return err_set(err, ERR_CONFIG, 0, "migration %s was begun and never finished",
                           script->name);
    }
    return 0;
}

static int state_read(struct db *db, struct pool *pool, const char *folder, struct state *state,
                      struct err *err)
{
    if (folder_read(pool, folder, state, err) < 0 || notes_read(db, pool, state, err) < 0)
        return -1;
    return state_check(state, err);
}

int migrate_plan(struct db *db, struct pool *pool, const char *folder,
                 const struct migration **migrations, size_t *count, struct err *err)
{
    struct state state = {0};

    if (db_ready(db, err) < 0 || state_read(db, pool, folder, &state, err) < 0)
        return -1;
    struct migration *plan = pool_array(pool, state.script_count, sizeof(*plan));
    for (size_t i = 0; i < state.script_count; i++) {
        plan[i].number = state.scripts[i].number;
        plan[i].name = state.scripts[i].name;
        plan[i].applied = i < state.note_count && state.notes[i].applied;
    }
    *migrations = plan;
    *count = state.script_count;
    return 0;
}

int migrate_check(struct db *db, const char *folder, struct err *err)
{
    struct pool *pool = pool_new(0, 0);
    const struct migration *plan;
    size_t count;
    int result = migrate_plan(db, pool, folder, &plan, &count, err);

    for (size_t i = 0; result == 0 && i < count; i++)
        if (!plan[i].applied)
            result = err_set(err, ERR_CONFIG, 0,
                             "migration %s has not run on this database: run ecertctl migrate",
                             plan[i].name);
    pool_free(&pool);
    return result;
}

/* Statements */

/* What a migration may be; of DDL the word behind it is the table. */
static const struct form {
    const char *words;
    bool ddl;
} forms[] = {
    {"CREATE TABLE ", true },
    {"ALTER TABLE ",  true },
    {"DROP TABLE ",   true },
    {"INSERT INTO ",  false},
    {"UPDATE ",       false},
    {"DELETE ",       false},
};

/* The form of a statement; NULL for none that is allowed. */
static const struct form *statement_form(const struct script *script, char subject[SUBJECT_SIZE])
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        size_t length = strlen(forms[i].words);
        if (strncasecmp(script->sql, forms[i].words, length) != 0)
            continue;
        size_t end = 0;
        const char *word = script->sql + length;
        while (isalnum((unsigned char)word[end]) || word[end] == '_')
            end++;
        return text_format(subject, SUBJECT_SIZE, "%.*s", (int)end, word) ? &forms[i] : NULL;
    }
    return NULL;
}

/* Zero for a table that is not there. */
static int fingerprint(struct db *db, struct pool *pool, const char *table, uint8_t hash[HASH_SIZE],
                       struct err *err)
{
    struct db_rows rows;
    struct text lines;

    memset(hash, 0, HASH_SIZE);
    if (db_select(db, pool, &queries[SQL_DESCRIBE],
                  DB_ARGS(db_text(table), db_text(table), db_text(table)), &rows, err) < 0)
        return -1;
    if (rows.count == 0)
        return 0;
    text_init(&lines, pool, TEXT_LIMIT);
    for (size_t i = 0; i < rows.count; i++) {
        text_add(&lines, db_as_text(db_row(&rows, i)));
        text_char(&lines, '\n');
    }
    sha256(lines.data, lines.length, hash);
    return 0;
}

static int note_begin(struct db *db, const struct script *script, const uint8_t before[HASH_SIZE],
                      struct err *err)
{
    return db_run(db, &queries[SQL_BEGIN],
                  DB_ARGS(db_uint(script->number), db_text(script->name),
                          db_bytes(script->checksum, HASH_SIZE), db_bytes(before, HASH_SIZE)),
                  NULL, err);
}

static int note_finish(struct db *db, const struct script *script, struct err *err)
{
    return db_run(db, &queries[SQL_FINISH], DB_ARGS(db_uint(script->number)), NULL, err);
}

/* `begun` is the note a killed run left behind, or NULL. */
static int run_ddl(struct db *db, struct pool *pool, const struct script *script,
                   const struct note *begun, const char *table, struct err *err)
{
    uint8_t now[HASH_SIZE];

    if (fingerprint(db, pool, table, now, err) < 0)
        return -1;
    if (!begun && note_begin(db, script, now, err) < 0)
        return -1;
    bool done = begun && memcmp(begun->before, now, HASH_SIZE) != 0;
    if (!done && db_script(db, script->sql, err) < 0)
        return -1;
    return note_finish(db, script, err);
}

static int run_change(struct db *db, const struct script *script, struct err *err)
{
    static const uint8_t none[HASH_SIZE];

    if (db_begin(db, err) < 0)
        return -1;
    if (note_begin(db, script, none, err) < 0 || db_script(db, script->sql, err) < 0 ||
        note_finish(db, script, err) < 0) {
        db_rollback(db);
        return -1;
    }
    return db_commit(db, err);
}

static int run_one(struct db *db, struct pool *pool, const struct script *script,
                   const struct note *begun, struct err *err)
{
    char subject[SUBJECT_SIZE];
    const struct form *form = statement_form(script, subject);
    int result;

    if (!form)
        return err_set(err, ERR_CONFIG, 0, "migration %s: not a statement that a migration may be",
                       script->name);
    result =
        form->ddl ? run_ddl(db, pool, script, begun, subject, err) : run_change(db, script, err);
    return result < 0 ? err_context(err, "migration %s", script->name) : 0;
}

static int run_missing(struct db *db, struct pool *pool, const char *folder,
                       void (*told)(void *context, const char *name), void *context,
                       struct err *err)
{
    struct state state = {0};

    if (state_read(db, pool, folder, &state, err) < 0)
        return -1;
    for (size_t i = 0; i < state.script_count; i++) {
        const struct note *note = i < state.note_count ? &state.notes[i] : NULL;
        if (note && note->applied)
            continue;
        if (run_one(db, pool, &state.scripts[i], note, err) < 0)
            return -1;
        told(context, state.scripts[i].name);
    }
    return 0;
}

/* Takes the row lock, which is held until this connection ends its transaction or is lost. */
static int lock_take(struct db *lock, struct pool *pool, struct err *err)
{
    const struct db_value *row;

    if (db_ready(lock, err) == 0 && db_script(lock, table_sql, err) == 0 &&
        db_script(lock, lock_row_sql, err) == 0 && db_begin(lock, err) == 0 &&
        db_find(lock, pool, &queries[SQL_LOCK], DB_NO_ARGS, &row, err) >= 0)
        return 0;
    if (err && err->kind == ERR_DB_RETRY)
        return err_set(err, ERR_CONFLICT, 0, "another ecertctl migrate is at work");
    return -1;
}

int migrate_run(const struct db_settings *settings, const char *folder,
                void (*told)(void *context, const char *name), void *context, struct err *err)
{
    struct pool *pool = pool_new(0, 0);
    struct db *lock = db_new(settings);
    struct db *work = db_new(settings);
    int result = -1;

    if (lock_take(lock, pool, err) < 0 || db_ready(work, err) < 0)
        goto out;
    result = run_missing(work, pool, folder, told, context, err);
    db_rollback(lock);
out:
    db_free(&work);
    db_free(&lock);
    pool_free(&pool);
    return result;
}
