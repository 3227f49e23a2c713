#include "core/report/history.h"

#include <inttypes.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "core/audit/audit_log.h"
#include "core/core.h"
#include "core/places.h"
#include "core/register/person.h"
#include "core/report/history_source.h"
#include "core/staff/staff.h"

enum { KEY_ARGS = 4 };

enum { SQL_PERSON, SQL_CERTIFICATE, SQL_CERTIFICATES, SQL_VERSION, SQL_DOCUMENT };

#define PERSON "p.id, p.name, p.id_type, " ID_NO_BOX("p") ", p.sex, p.birth"

/* The sources have theirs in history_sources.c. */
static const struct db_query queries[] = {
    [SQL_PERSON] = {"history_person", "SELECT " PERSON " FROM person p WHERE p.id = ?"},
    [SQL_CERTIFICATE] = {"history_certificate",
                         "SELECT " PERSON ", c.class, c.enterprise_name FROM certificate c"
                         " JOIN person p ON p.id = c.person_id WHERE c.id = ?"},
    /* Of a person, or the one. */
    [SQL_CERTIFICATES] = {"history_certificates",
                          "SELECT " CERTIFICATE_COLUMNS " FROM certificate c"
                          " WHERE c.person_id = ? AND (? IS NULL OR c.id = ?)"
                          " ORDER BY c.id LIMIT ?"},
    [SQL_VERSION] = {"history_version_document",
                     "SELECT d.id, c.number, d.version, d.body, d.sha256"
                     " FROM document d JOIN certificate c ON c.id = d.certificate_id"
                     " WHERE d.kind = 'certificate' AND d.certificate_id = ? AND d.version = ?"
                     " AND d.proof_id = 0"},
    [SQL_DOCUMENT] = {"history_document",
                      "SELECT d.id, '', d.version, d.body, d.sha256, CAST(d.kind AS CHAR),"
                      " d.proof_id FROM document d WHERE d.id = ? AND d.proof_id > 0"},
};

const struct db_area history_area = DB_AREA("history", queries);

/* Whom it is about */

static int head_read(struct pool *pool, const struct core *core, const struct db_value *row,
                     struct history_head *head, struct err *err)
{
    *head = (struct history_head){.person_id = db_as_uint(&row[0]),
                                  .name = db_as_text(&row[1]),
                                  .id_type = db_as_text(&row[2]),
                                  .sex = (int)db_as_int(&row[4]),
                                  .birth = db_as_date(&row[5]),
                                  .number = "",
                                  .enterprise_name = ""};
    return person_id_no_masked(pool, core, db_as_bytes(&row[3]), &head->masked, err);
}

/* All certificates of a person, or one of them. */
static int scope_fill(struct db *db, struct pool *pool, uint64_t id, struct history_head *head,
                      struct history_scope *scope, struct err *err)
{
    struct certificate *list;
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_CERTIFICATES],
                  DB_ARGS(db_uint(head->person_id), db_id(id), db_id(id),
                          db_uint(SQL_IDS_MAX + 1)),
                  &rows, err) < 0)
        return -1;
    list = pool_array(pool, rows.count + 1, sizeof(*list));
    scope->more_certificates = rows.count > SQL_IDS_MAX;
    scope->count = scope->more_certificates ? SQL_IDS_MAX : rows.count;
    for (size_t i = 0; i < scope->count; i++) {
        certificate_read(db_row(&rows, i), &list[i]);
        scope->ids[i] = list[i].id;
    }
    head->certificates = list;
    head->count = scope->count;
    return 0;
}

int history_person(struct db *db, struct pool *pool, const struct core *core, uint64_t id,
                   struct history_head *head, struct history_scope *scope, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_PERSON], DB_ARGS(db_uint(id)), &row, err);

    if (found <= 0)
        return found;
    *scope = (struct history_scope){.whole = true, .person_id = id, .class_code = "%"};
    if (head_read(pool, core, row, head, err) < 0 || scope_fill(db, pool, 0, head, scope, err) < 0)
        return -1;
    return 1;
}

int history_certificate(struct db *db, struct pool *pool, const struct core *core, uint64_t id,
                        struct history_head *head, struct history_scope *scope, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_CERTIFICATE], DB_ARGS(db_uint(id)), &row, err);

    if (found <= 0)
        return found;
    *scope = (struct history_scope){.person_id = db_as_uint(&row[0]),
                                    .class_code = db_as_text(&row[6])};
    if (head_read(pool, core, row, head, err) < 0 ||
        scope_fill(db, pool, id, head, scope, err) < 0)
        return -1;
    head->enterprise_name = db_as_text(&row[7]);
    head->number = head->count ? head->certificates[0].number : "";
    return 1;
}

/* Merging */

bool history_key_parse(const char *text, struct history_key *key)
{
    char copy[HISTORY_KEY_SIZE], *rest = copy;

    if (!text_copy(copy, sizeof(copy), text))
        return false;
    const char *instant = strsep(&rest, ".");
    const char *source = strsep(&rest, ".");

    return rest && parse_int(instant, 0, INT64_C(253402300799999), &key->when_ms) &&
           parse_uint(source, 0, HISTORY_SOURCES - 1, &key->source) &&
           parse_uint(rest, 0, INT64_MAX, &key->tie);
}

/* The rows of one source, and how far they are merged. */
struct stream {
    struct db_rows rows;
    size_t at;
};

/* Arguments of the scope, by the letters of the source. */
static size_t scope_args(const struct history_scope *scope, const char *letters,
                         struct db_value *args)
{
    static const uint64_t none = UINT64_MAX;
    size_t count = 0;

    for (; *letters; letters++) {
        switch (*letters) {
        case 'h':
            args[count++] = db_uint(scope->person_id);
            break;
        case 'c':
            args[count++] = db_text(scope->class_code);
            break;
        case 'p':
            args[count++] = db_uint(scope->whole ? scope->person_id : none);
            break;
        default:
            queries_list(args + count, scope->count ? scope->ids : &none,
                         scope->count ? scope->count : 1);
            count += SQL_IDS_MAX;
        }
    }
    return count;
}

/* The source's rows behind the key: of its instant those of later sources, too. */
static int stream_open(struct db *db, struct pool *pool, const struct history_scope *scope,
                       uint64_t source, const struct history_key *after, size_t limit,
                       struct stream *stream, struct err *err)
{
    struct db_value args[2 * (SQL_IDS_MAX + 1) + KEY_ARGS];
    size_t count = scope_args(scope, history_sources[source].args, args);
    uint64_t tie = source < after->source ? INT64_MAX : source > after->source ? 0 : after->tie;

    args[count++] = db_time(after->when_ms);
    args[count++] = db_time(after->when_ms);
    args[count++] = db_uint(tie);
    args[count++] = db_uint(limit);
    return db_select(db, pool, history_sources[source].query, args, count, &stream->rows, err);
}

static const struct db_value *stream_row(const struct stream *stream)
{
    return stream->at < stream->rows.count ? db_row(&stream->rows, stream->at) : NULL;
}

/* The stream whose row comes first: rows of one instant in the order of the sources. NULL: none. */
static struct stream *earliest(struct stream streams[HISTORY_SOURCES])
{
    struct stream *first = NULL;

    for (size_t i = 0; i < HISTORY_SOURCES; i++) {
        const struct db_value *row = stream_row(&streams[i]);

        if (row && (!first || db_as_time(&row[HISTORY_AT]) <
                                  db_as_time(&stream_row(first)[HISTORY_AT])))
            first = &streams[i];
    }
    return first;
}

static const char *who(struct pool *pool, const struct db_value *row)
{
    enum actor_kind kind = (enum actor_kind)db_as_uint(&row[HISTORY_KIND]);
    const char *name = db_as_text(&row[HISTORY_NAME]);
    const char *role = db_as_text(&row[HISTORY_ROLE]);

    if (kind == ACTOR_NOBODY)
        return "";
    if (*role)
        return pool_printf(pool, "%s %s", staff_role_label(staff_role_bit(role)), name);
    return *name ? name : actor_kind_label(kind);
}

static void row_say(struct pool *pool, const struct history_source *source,
                    const struct db_value *row, struct history_row *out)
{
    *out = (struct history_row){.when_ms = db_as_time(&row[HISTORY_AT]),
                                .kind = source->kind,
                                .subject = "",
                                .words = "",
                                .more = "",
                                .who = who(pool, row),
                                .link_text = "",
                                .proposal = ""};
    source->say(pool, row + HISTORY_COLUMNS, out);
}

int history_list(struct db *db, struct pool *pool, const struct history_scope *scope,
                 const struct history_key *after, size_t limit, struct history_page *page,
                 struct err *err)
{
    static const struct history_key beginning = {0, 0, 0};
    struct history_row *list = pool_array(pool, limit + 1, sizeof(*list));
    struct stream streams[HISTORY_SOURCES] = {0}, *first;
    struct history_key last = {0, 0, 0};

    for (uint64_t i = 0; i < HISTORY_SOURCES; i++) {
        const struct history_source *source = &history_sources[i];

        if ((source->whole_only && !scope->whole) || (source->audit && !scope->audit))
            continue;
        if (stream_open(db, pool, scope, i, after ? after : &beginning, limit + 1, &streams[i],
                        err) < 0)
            return -1;
    }
    *page = (struct history_page){.rows = list};
    while (page->count < limit && (first = earliest(streams)) != NULL) {
        const struct db_value *row = stream_row(first);
        size_t source = (size_t)(first - streams);

        row_say(pool, &history_sources[source], row, &list[page->count++]);
        last = (struct history_key){db_as_time(&row[HISTORY_AT]), source,
                                    db_as_uint(&row[HISTORY_TIE])};
        first->at++;
    }
    if (earliest(streams))
        text_format(page->next, sizeof(page->next), "%" PRId64 ".%" PRIu64 ".%" PRIu64,
                    last.when_ms, last.source, last.tie);
    return 0;
}

/* Documents */

int history_version_document(struct db *db, struct pool *pool, uint64_t certificate_id,
                             unsigned version, struct document *out, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_VERSION],
                        DB_ARGS(db_uint(certificate_id), db_uint(version)), &row, err);

    if (found != 1)
        return found;
    *out = (struct document){.id = db_as_uint(&row[0]),
                             .number = db_as_text(&row[1]),
                             .version = (unsigned)db_as_uint(&row[2])};
    return document_read(&row[3], out, err);
}

int history_document(struct db *db, struct pool *pool, uint64_t id, struct document *out,
                     const char **kind, uint64_t *matter_id, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_DOCUMENT], DB_ARGS(db_uint(id)), &row, err);

    if (found != 1)
        return found;
    *out = (struct document){.id = db_as_uint(&row[0]), .number = ""};
    *kind = db_as_text(&row[5]);
    *matter_id = db_as_uint(&row[6]);
    return document_read(&row[3], out, err);
}
