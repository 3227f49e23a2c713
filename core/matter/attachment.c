#include "core/matter/attachment.h"

#include <inttypes.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "base/vault.h"
#include "core/core.h"
#include "core/matter/change.h"
#include "core/places.h"
#include "core/queries.h"

enum { SQL_ADD, SQL_TWIN, SQL_COUNT, SQL_TIE, SQL_LIST, SQL_FIND, SQL_BODY };

#define COLUMNS                                                                                    \
    "a.id, a.matter_id, a.kind, a.name_sealed, CAST(a.type AS CHAR), a.pages, a.size, a.sha256,"   \
    " a.added_by, COALESCE(s.name, ''), a.added_at, COALESCE(p.kind, '')"
#define FROM                                                                                       \
    " FROM attachment a LEFT JOIN staff s ON s.id = a.added_by"                                    \
    " LEFT JOIN proposal p ON p.matter_id = a.matter_id"

static const struct db_query queries[] = {
    [SQL_ADD] = {"attachment_add",
                 "INSERT INTO attachment (matter_id, kind, name_sealed, type, pages, size, sha256,"
                 " sent_sha256, body_sealed, added_by, added_at)"
                 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
    [SQL_TWIN] = {"attachment_twin", "SELECT id FROM attachment WHERE matter_id <=> ? AND kind = ?"
                                     " AND sent_sha256 = ? AND added_by = ? LIMIT 1"},
    [SQL_COUNT] = {"attachment_count", "SELECT COUNT(*) FROM attachment WHERE matter_id = ?"},
    [SQL_TIE] = {"attachment_tie", "UPDATE attachment SET matter_id = ?"
                                   " WHERE id = ? AND kind = ? AND matter_id IS NULL AND added_by = ?"},
    [SQL_LIST] = {"attachment_list",
                  "SELECT " COLUMNS FROM " WHERE a.matter_id = ? ORDER BY a.id LIMIT 100"},
    [SQL_FIND] = {"attachment_find", "SELECT " COLUMNS FROM " WHERE a.id = ?"},
    [SQL_BODY] = {"attachment_body", "SELECT body_sealed FROM attachment WHERE id = ?"},
};

const struct db_area attachment_area = DB_AREA("attachment", queries);

/* Marks that turn, join or hide text without being seen. */
static bool invisible(uint32_t point)
{
    return (point >= 0x200B && point <= 0x200F) || (point >= 0x202A && point <= 0x202E) ||
           (point >= 0x2060 && point <= 0x206F) || point == 0xFEFF || point == 0xAD ||
           point == 0x2028 || point == 0x2029 || (point >= 0xFFF9 && point <= 0xFFFB) ||
           (point >= 0xE0000 && point <= 0xE007F);
}

static bool name_character(uint32_t point)
{
    return point >= 0x20 && point != 0x7F && !(point >= 0x80 && point < 0xA0) &&
           !invisible(point) && (point >= 0x80 || !strchr("/\\:*?\"<>|%;", (int)point));
}

/* Cuts the endings that say a type, also of another one: a.pdf.exe.pdf is a. */
static void endings_cut(char *name)
{
    static const char *const endings[] = {".jpg", ".jpeg", ".jpe", ".pdf", ".png", ".gif", ".exe", ".html",
                                          ".htm", ".svg", ".js", ".zip", ".scr", ".bat", ".cmd"};
    bool cut = true;

    while (cut) {
        size_t length = strlen(name);

        cut = false;
        for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]) && !cut; i++) {
            size_t ending = strlen(endings[i]);

            if (length < ending || strcasecmp(name + length - ending, endings[i]) != 0)
                continue;
            name[length - ending] = '\0';
            cut = true;
        }
        for (length = strlen(name); length > 0 && strchr(". ", name[length - 1]); length--)
            name[length - 1] = '\0';
    }
}

const char *attachment_name(struct pool *pool, const char *file_name, const char *type)
{
    const char *ending = strcmp(type, "application/pdf") == 0 ? ".pdf" : ".jpg";
    const char *at = file_name;
    struct text text;
    char *name;

    for (const char *c = file_name; *c; c++)
        if (*c == '/' || *c == '\\')
            at = c + 1;
    text_init(&text, pool, SIZE_MAX / 2);
    if (!utf8_valid(at, strlen(at)))
        at = "";
    for (size_t count = 0; *at && count < ATTACHMENT_NAME;) {
        uint32_t point = utf8_next(&at);

        if (!name_character(point))
            continue;
        utf8_add(&text, point);
        count++;
    }
    name = text.length > 0 ? text.data : pool_text(pool, "");
    endings_cut(name);
    name = text_trim(name);
    while (*name == '.')
        name++;
    return pool_printf(pool, "%s%s", *name ? name : "材料", ending);
}

int attachment_check(const struct core *core, struct pool *pool, const char *file_name,
                     struct bytes sent, struct attachment_file *out, enum scan_fault *fault,
                     struct err *err)
{
    if (scan_ask(core, pool, SCAN_PAPER, sent, &out->scan, fault, err) < 0)
        return -1;
    if (*fault != SCAN_GOOD)
        return 0;
    out->name = attachment_name(pool, file_name, out->scan.type);
    sha256(out->scan.body.data, out->scan.body.size, out->sha256);
    sha256(sent.data, sent.size, out->sent);
    return 0;
}

static int insert(struct change *change, uint64_t matter_id, const char *kind,
                  const struct attachment_file *file, uint64_t *id, struct err *err)
{
    const struct vault *vault = change->core->vault;
    const struct bytes plain = {(const uint8_t *)file->name, strlen(file->name)};
    struct bytes name, body;

    if (vault_seal(vault, change->pool, PLACE_ATTACHMENT_NAME, plain, &name, err) < 0 ||
        vault_seal(vault, change->pool, PLACE_ATTACHMENT_BODY, file->scan.body, &body, err) < 0 ||
        db_run(change->db, &queries[SQL_ADD],
               DB_ARGS(db_id(matter_id), db_text(kind), db_bytes(name.data, name.size),
                       db_text(file->scan.type), db_uint(file->scan.pages),
                       db_uint(file->scan.body.size), db_bytes(file->sha256, 32),
                       db_bytes(file->sent, 32), db_bytes(body.data, body.size),
                       db_uint(change->actor->id), db_time(change->now_ms)),
               NULL, err) < 0)
        return -1;
    *id = db_insert_id(change->db);
    return 0;
}

int attachment_add(struct change *change, uint64_t matter_id, const char *kind,
                   const struct attachment_file *file, uint64_t *id, struct err *err)
{
    const struct db_value *row;
    int found = db_find(change->db, change->pool, &queries[SQL_TWIN],
                        DB_ARGS(db_id(matter_id), db_text(kind), db_bytes(file->sent, 32),
                                db_uint(change->actor->id)),
                        &row, err);

    if (found == 1)
        *id = db_as_uint(&row[0]);
    if (found != 0)
        return found < 0 ? -1 : 0;
    if (matter_id != 0) {
        if (db_one(change->db, change->pool, &queries[SQL_COUNT], DB_ARGS(db_uint(matter_id)), &row,
                   err) < 0)
            return -1;
        if (db_as_uint(&row[0]) >= ATTACHMENTS_MAX)
            return err_set(err, ERR_LIMIT, 0, "a matter with more than %d attachments",
                           ATTACHMENTS_MAX);
    }
    if (insert(change, matter_id, kind, file, id, err) < 0)
        return -1;
    change_note(change, 0, "attachment.add", "attachment", *id,
                pool_printf(change->pool, "{\"kind\":\"%s\",\"pages\":%u,\"bytes\":%zu}", kind,
                            file->scan.pages, file->scan.body.size));
    return 0;
}

int attachment_tie(struct change *change, uint64_t id, const char *kind, uint64_t matter_id,
                   struct err *err)
{
    int tied = db_change(change->db, &queries[SQL_TIE],
                         DB_ARGS(db_uint(matter_id), db_uint(id), db_text(kind),
                                 db_uint(change->actor->id)),
                         err);

    if (tied == 0)
        return err_set(err, ERR_CONFLICT, 0, "attachment %" PRIu64 " is not free", id);
    return tied < 0 ? -1 : 0;
}

static int read_row(struct pool *pool, const struct core *core, const struct db_value *row,
                    struct attachment *out, struct err *err)
{
    struct bytes hash = db_as_bytes(&row[7]), name;

    if (hash.size != 32)
        return err_set(err, ERR_DB, 0, "attachment: its hash has %zu bytes", hash.size);
    if (vault_open(core->vault, pool, PLACE_ATTACHMENT_NAME, db_as_bytes(&row[3]), &name, err) < 0)
        return -1;
    *out = (struct attachment){
        .id = db_as_uint(&row[0]),
        .matter_id = db_as_uint(&row[1]),
        .kind = db_as_text(&row[2]),
        .name = pool_text_n(pool, (const char *)name.data, name.size),
        .type = db_as_text(&row[4]),
        .pages = (unsigned)db_as_uint(&row[5]),
        .size = db_as_uint(&row[6]),
        .added_by = db_as_uint(&row[8]),
        .added_name = db_as_text(&row[9]),
        .added_ms = db_as_time(&row[10]),
        .proposal = db_as_text(&row[11]),
    };
    hex_encode(hash.data, hash.size, out->sha256);
    return 0;
}

int attachment_list(struct db *db, struct pool *pool, const struct core *core, uint64_t matter_id,
                    const struct attachment **rows, size_t *count, struct err *err)
{
    struct attachment *list;
    struct db_rows found;

    if (db_select(db, pool, &queries[SQL_LIST], DB_ARGS(db_uint(matter_id)), &found, err) < 0)
        return -1;
    list = pool_array(pool, found.count + 1, sizeof(*list));
    for (size_t i = 0; i < found.count; i++)
        if (read_row(pool, core, db_row(&found, i), &list[i], err) < 0)
            return -1;
    *rows = list;
    *count = found.count;
    return 0;
}

int attachment_find(struct db *db, struct pool *pool, const struct core *core, uint64_t id,
                    struct attachment *out, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_FIND], DB_ARGS(db_uint(id)), &row, err);

    if (found != 1)
        return found;
    return read_row(pool, core, row, out, err) < 0 ? -1 : 1;
}

int attachment_read(struct change *change, uint64_t id, struct attachment *out, struct bytes *body,
                    struct err *err)
{
    const struct db_value *row;
    char sha[65];
    uint8_t hash[32];
    int found = attachment_find(change->db, change->pool, change->core, id, out, err);

    if (found == 1)
        found = db_find(change->db, change->pool, &queries[SQL_BODY], DB_ARGS(db_uint(id)), &row,
                        err);
    if (found != 1)
        return found;
    if (vault_open(change->core->vault, change->pool, PLACE_ATTACHMENT_BODY, db_as_bytes(&row[0]),
                   body, err) < 0)
        return -1;
    sha256(body->data, body->size, hash);
    hex_encode(hash, sizeof(hash), sha);
    if (strcmp(sha, out->sha256) != 0)
        return err_set(err, ERR_CRYPTO, 0, "attachment %" PRIu64 " is not what was kept", id);
    change_note(change, 0, "attachment.read", "attachment", id, NULL);
    return 1;
}
