#include "core/audit/audit.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "base/vault.h"
#include "core/queries.h"

enum { HASH = VAULT_HASH_SIZE, LINE_SIZE = 160 };

enum { SQL_HEAD_LOCK, SQL_HEAD_MOVE, SQL_EVENT_ADD, SQL_CHAIN_READ, SQL_CHAIN_FOREIGN, SQL_HEADS };

static const struct db_query queries[] = {
    [SQL_HEAD_LOCK] = {"audit_head_lock",
                       "SELECT sequence, hash, mac FROM audit_head WHERE chain = ? FOR UPDATE"},
    /* Travels with its event, and does nothing where that was not added (db_run_pair). */
    [SQL_HEAD_MOVE] = {"audit_head_move",
                       "UPDATE audit_head SET sequence = ?, hash = ?, mac = ? WHERE chain = ?"
                       " AND EXISTS (SELECT 1 FROM audit_event"
                       "   WHERE chain = ? AND sequence = ? AND hash = ?)"},
    [SQL_EVENT_ADD] =
        {"audit_event_add",
         "INSERT INTO audit_event (chain, sequence, happened_at, actor_kind, actor_id,"
         " action, object_kind, object_id, matter_id, request, detail, hash)"
         " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
    /* Head and events in one statement: one snapshot, while others append. */
    [SQL_CHAIN_READ] = {"audit_chain_read",
                        "SELECT h.sequence, h.hash, h.mac, e.sequence, e.happened_at, e.actor_kind,"
                        " e.actor_id, e.action, e.object_kind, e.object_id, e.matter_id, e.request,"
                        " e.detail, e.hash"
                        " FROM audit_head h LEFT JOIN audit_event e ON e.chain = h.chain"
                        " WHERE h.chain = ? ORDER BY e.sequence"},
    [SQL_CHAIN_FOREIGN] = {"audit_chain_foreign",
                           "SELECT chain, sequence FROM audit_event WHERE chain >= ?"
                           " ORDER BY chain, sequence LIMIT 1"},
    [SQL_HEADS] = {"audit_heads", "SELECT chain, sequence, hash FROM audit_head ORDER BY chain"},
};

const struct db_area audit_area = DB_AREA("audit", queries);

/* An event as it stands in the table. */
struct record {
    uint64_t chain, sequence;
    int64_t happened_ms;
    uint64_t actor_kind, actor_id;
    const char *action, *object_kind;
    uint64_t object_id, matter_id;
    const char *request, *detail;
};

struct head {
    uint64_t sequence;
    uint8_t hash[HASH];
    uint8_t mac[HASH];
};

/* The canonical encoding, piece by piece. */
enum { PIECES = 32 };
struct encoding {
    struct bytes pieces[PIECES];
    uint8_t numbers[PIECES][8];
    size_t count;
};

static void put_number(struct encoding *encoding, uint64_t number)
{
    uint8_t *out = encoding->numbers[encoding->count];

    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(number >> (56 - 8 * i));
    encoding->pieces[encoding->count++] = (struct bytes){out, 8};
}

static void put_bytes(struct encoding *encoding, const void *data, size_t size)
{
    put_number(encoding, size);
    encoding->pieces[encoding->count++] = (struct bytes){data, size};
}

static void put_text(struct encoding *encoding, const char *text)
{
    put_bytes(encoding, text, strlen(text));
}

static void record_hash(const struct core *core, const uint8_t before[HASH],
                        const struct record *record, uint8_t hash[HASH])
{
    struct encoding encoding = {.count = 0};

    put_text(&encoding, "event");
    put_bytes(&encoding, before, HASH);
    put_number(&encoding, record->chain);
    put_number(&encoding, record->sequence);
    put_number(&encoding, (uint64_t)record->happened_ms);
    put_number(&encoding, record->actor_kind);
    put_number(&encoding, record->actor_id);
    put_text(&encoding, record->action);
    put_text(&encoding, record->object_kind);
    put_number(&encoding, record->object_id);
    put_number(&encoding, record->matter_id);
    put_text(&encoding, record->request);
    put_text(&encoding, record->detail);
    vault_audit(core->vault, encoding.pieces, encoding.count, hash);
}

static void head_mac(const struct core *core, uint64_t chain, const struct head *head,
                     uint8_t mac[HASH])
{
    struct encoding encoding = {.count = 0};

    put_text(&encoding, "head");
    put_number(&encoding, chain);
    put_number(&encoding, head->sequence);
    put_bytes(&encoding, head->hash, HASH);
    vault_audit(core->vault, encoding.pieces, encoding.count, mac);
}

/* A head that was never moved is all zeros. */
static bool head_sound(const struct core *core, uint64_t chain, const struct head *head)
{
    static const uint8_t zero[HASH];
    uint8_t mac[HASH];

    if (head->sequence == 0)
        return memcmp(head->hash, zero, HASH) == 0 && memcmp(head->mac, zero, HASH) == 0;
    head_mac(core, chain, head, mac);
    return bytes_equal_secret(mac, head->mac, HASH);
}

/* False where a column is not as long as a hash. */
static bool copy_hash(const struct db_value *value, uint8_t out[HASH])
{
    struct bytes bytes = db_as_bytes(value);

    if (bytes.size != HASH)
        return false;
    memcpy(out, bytes.data, HASH);
    return true;
}

static int head_lock(struct db *db, struct pool *pool, const struct core *core, uint64_t chain,
                     struct head *head, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_HEAD_LOCK], DB_ARGS(db_uint(chain)), &row, err);

    if (found < 0)
        return -1;
    if (found == 0)
        return err_set(err, ERR_NOT_FOUND, 0, "audit chain %" PRIu64 " has no head", chain);
    head->sequence = db_as_uint(&row[0]);
    if (!copy_hash(&row[1], head->hash) || !copy_hash(&row[2], head->mac) ||
        !head_sound(core, chain, head))
        return err_set(err, ERR_CRYPTO, 0,
                       "audit chain %" PRIu64 ": its head was changed from outside", chain);
    return 0;
}

/* Adds the event, and moves the head to it where it is the last. */
static int record_add(struct db *db, const struct record *r, const struct head *head, bool last,
                      struct err *err)
{
    const struct db_value chain = db_uint(r->chain), sequence = db_uint(r->sequence);
    const struct db_value hash = db_bytes(head->hash, HASH);
    struct db_call calls[] = {
        {.query = &queries[SQL_EVENT_ADD],
         DB_CALL(chain, sequence, db_time(r->happened_ms), db_uint(r->actor_kind),
                 db_uint(r->actor_id), db_text(r->action), db_text(r->object_kind),
                 db_uint(r->object_id), db_uint(r->matter_id), db_text(r->request),
                 db_text(r->detail), hash)},
        {.query = &queries[SQL_HEAD_MOVE],
         DB_CALL(sequence, hash, db_bytes(head->mac, HASH), chain, chain, sequence, hash)},
    };

    if (!last)
        return db_run(db, calls[0].query, calls[0].args, calls[0].count, NULL, err);
    if (db_run_pair(db, calls, err) < 0)
        return -1;
    if (calls[1].affected != 1)
        return err_set(err, ERR_DB, 0, "audit chain %" PRIu64 ": its head did not move", r->chain);
    return 0;
}

static uint64_t event_chain(const struct audit_event *event)
{
    return (event->enterprise_id ? event->enterprise_id : event->object_id) % AUDIT_CHAINS;
}

void audit_ahead(struct db *db, struct pool *pool, uint64_t enterprise_id)
{
    db_ahead(db, pool, &queries[SQL_HEAD_LOCK], DB_ARGS(db_uint(enterprise_id % AUDIT_CHAINS)));
}

static struct record event_record(const struct audit_event *event, const struct head *head,
                                  int64_t now_ms)
{
    return (struct record){
        .chain = event_chain(event),
        .sequence = head->sequence + 1,
        .happened_ms = now_ms,
        .actor_kind = event->actor.kind,
        .actor_id = event->actor.id,
        .action = event->action,
        .object_kind = event->object_kind,
        .object_id = event->object_id,
        .matter_id = event->matter_id,
        .request = event->actor.request ? event->actor.request : "",
        .detail = event->detail ? event->detail : "",
    };
}

/* Appends those of the events that belong to the chain, one at least. */
static int chain_extend(struct db *db, struct pool *pool, const struct core *core, uint64_t chain,
                        const struct audit_event *events, size_t count, struct err *err)
{
    size_t last = count;
    struct head head;
    int64_t now_ms;

    while (event_chain(&events[--last]) != chain)
        continue;
    if (head_lock(db, pool, core, chain, &head, err) < 0)
        return -1;
    now_ms = clock_now_ms();
    for (size_t i = 0; i <= last; i++) {
        struct record record;

        if (event_chain(&events[i]) != chain)
            continue;
        record = event_record(&events[i], &head, now_ms);
        record_hash(core, head.hash, &record, head.hash);
        head.sequence = record.sequence;
        head_mac(core, chain, &head, head.mac);
        if (record_add(db, &record, &head, i == last, err) < 0)
            return -1;
    }
    return 0;
}

int audit_add(struct db *db, struct pool *pool, const struct core *core,
              const struct audit_event *events, size_t count, struct err *err)
{
    bool wanted[AUDIT_CHAINS] = {false};

    for (size_t i = 0; i < count; i++)
        wanted[event_chain(&events[i])] = true;
    /* Ascending, so that two who extend several chains never wait for each other in a circle. */
    for (uint64_t chain = 0; chain < AUDIT_CHAINS; chain++)
        if (wanted[chain] && chain_extend(db, pool, core, chain, events, count, err) < 0)
            return -1;
    return 0;
}

/* A head that was noted elsewhere. */
struct anchor {
    uint64_t chain, sequence;
    uint8_t hash[HASH];
};

static int anchor_compare(const void *a, const void *b)
{
    const struct anchor *x = a, *y = b;

    if (x->chain != y->chain)
        return x->chain < y->chain ? -1 : 1;
    return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

static bool anchor_parse(char *line, struct anchor *anchor)
{
    char *rest = line;
    const char *chain = strsep(&rest, " ");
    const char *sequence = strsep(&rest, " ");

    return sequence && rest && parse_uint(chain, 0, AUDIT_CHAINS - 1, &anchor->chain) &&
           parse_uint(sequence, 0, UINT64_MAX, &anchor->sequence) &&
           hex_decode(rest, anchor->hash, HASH) == HASH;
}

/* One a line, sorted by chain and sequence; empty lines are skipped. */
static int anchors_parse(struct pool *pool, const char *text, struct anchor **anchors,
                         size_t *count, struct err *err)
{
    size_t lines = 1, number = 0;
    char *rest = pool_text(pool, text ? text : "");
    char *line;

    for (const char *at = rest; *at; at++)
        lines += *at == '\n';
    *anchors = pool_array(pool, lines, sizeof(**anchors));
    *count = 0;
    while ((line = strsep(&rest, "\n")) != NULL) {
        number++;
        line = text_trim(line);
        if (*line == '\0')
            continue;
        if (!anchor_parse(line, &(*anchors)[*count]))
            return err_set(err, ERR_INPUT, 0, "anchors: line %zu is not \"chain sequence hash\"",
                           number);
        (*count)++;
    }
    qsort(*anchors, *count, sizeof(**anchors), anchor_compare);
    return 0;
}

/* A chain being read. */
struct reading {
    const struct core *core;
    void (*report)(void *context, const char *line);
    void *context;
    struct audit_totals *totals;
    const struct anchor *anchor, *anchors_end; /* the next one, over all chains */
    uint64_t chain;
    bool begun; /* the head was seen */
    struct head head;
    uint64_t last; /* sequence of the last event read */
    uint8_t hash[HASH];
};

__attribute__((format(printf, 2, 3))) static void fault(struct reading *reading, const char *format,
                                                        ...)
{
    char line[LINE_SIZE];
    struct text text;
    va_list args;
    char what[LINE_SIZE - 32];

    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    text_init_fixed(&text, line, sizeof(line));
    text_printf(&text, "chain %" PRIu64 ": %s", reading->chain, what);
    reading->totals->faults++;
    reading->report(reading->context, line);
}

static void read_head(struct reading *reading, const struct db_value *row)
{
    reading->begun = true;
    reading->head.sequence = db_as_uint(&row[0]);
    if (!copy_hash(&row[1], reading->head.hash) || !copy_hash(&row[2], reading->head.mac) ||
        !head_sound(reading->core, reading->chain, &reading->head))
        fault(reading, "the head's keyed hash is wrong");
}

/* What stands behind a zero byte is no part of a text, and so of no hash: we never write one. */
static bool texts_whole(const struct db_value *row)
{
    static const size_t texts[] = {7, 8, 11, 12}; /* action, object_kind, request, detail */

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (strlen(db_as_text(&row[texts[i]])) != row[texts[i]].bytes.size)
            return false;
    return true;
}

/* Anchors up to the event that was just read. */
static void pass_anchors(struct reading *reading)
{
    for (; reading->anchor < reading->anchors_end; reading->anchor++) {
        const struct anchor *anchor = reading->anchor;

        if (anchor->chain != reading->chain || anchor->sequence > reading->last)
            return;
        if (anchor->sequence == reading->last && memcmp(anchor->hash, reading->hash, HASH) != 0)
            fault(reading, "event %" PRIu64 " is not the one an anchor noted", reading->last);
    }
}

static int read_event(void *context, const struct db_value *row, struct err *err)
{
    struct reading *reading = context;
    struct record record;
    uint8_t computed[HASH], stored[HASH];

    (void)err;
    if (!reading->begun)
        read_head(reading, row);
    if (row[3].type == DB_NULL)
        return 0;
    record = (struct record){
        .chain = reading->chain,
        .sequence = db_as_uint(&row[3]),
        .happened_ms = db_as_time(&row[4]),
        .actor_kind = db_as_uint(&row[5]),
        .actor_id = db_as_uint(&row[6]),
        .action = db_as_text(&row[7]),
        .object_kind = db_as_text(&row[8]),
        .object_id = db_as_uint(&row[9]),
        .matter_id = db_as_uint(&row[10]),
        .request = db_as_text(&row[11]),
        .detail = db_as_text(&row[12]),
    };
    memset(stored, 0, HASH);
    copy_hash(&row[13], stored);
    record_hash(reading->core, reading->hash, &record, computed);
    /* Behind a gap the hash before is unknown; the gap itself is the fault. */
    if (record.sequence != reading->last + 1)
        fault(reading, "gap: events %" PRIu64 " to %" PRIu64 " are missing", reading->last + 1,
              record.sequence - 1);
    else if (!texts_whole(row) || !bytes_equal_secret(computed, stored, HASH))
        fault(reading, "event %" PRIu64 " was changed", record.sequence);
    reading->totals->events++;
    reading->last = record.sequence;
    memcpy(reading->hash, stored, HASH);
    pass_anchors(reading);
    return 0;
}

static void chain_end(struct reading *reading)
{
    if (!reading->begun)
        fault(reading, "the head is missing");
    else if (reading->last < reading->head.sequence)
        fault(reading, "the end was cut: events %" PRIu64 " to %" PRIu64 " are missing",
              reading->last + 1, reading->head.sequence);
    else if (reading->last > reading->head.sequence)
        fault(reading, "events %" PRIu64 " to %" PRIu64 " stand beyond the head",
              reading->head.sequence + 1, reading->last);
    else if (memcmp(reading->hash, reading->head.hash, HASH) != 0)
        fault(reading, "the head points at another event");
    while (reading->anchor < reading->anchors_end && reading->anchor->chain == reading->chain) {
        fault(reading, "event %" PRIu64 ", noted by an anchor, is missing",
              reading->anchor->sequence);
        reading->anchor++;
    }
}

static int chain_read(struct db *db, struct reading *reading, uint64_t chain, struct err *err)
{
    reading->chain = chain;
    reading->begun = false;
    reading->last = 0;
    memset(&reading->head, 0, sizeof(reading->head));
    memset(reading->hash, 0, HASH);
    /* Anchors of a chain that was empty then say nothing. */
    pass_anchors(reading);
    if (db_each(db, &queries[SQL_CHAIN_READ], DB_ARGS(db_uint(chain)), read_event, reading, err) <
        0)
        return -1;
    chain_end(reading);
    return 0;
}

/* Events of a chain that nobody writes. */
static int chains_foreign(struct db *db, struct pool *pool, struct reading *reading,
                          struct err *err)
{
    const struct db_value *row;
    int found =
        db_find(db, pool, &queries[SQL_CHAIN_FOREIGN], DB_ARGS(db_uint(AUDIT_CHAINS)), &row, err);

    if (found <= 0)
        return found;
    reading->chain = db_as_uint(&row[0]);
    fault(reading, "no such chain, but it has events");
    return 0;
}

int audit_verify(struct db *db, const struct core *core, const char *anchors,
                 void (*report)(void *context, const char *line), void *context,
                 struct audit_totals *totals, struct err *err)
{
    struct pool *pool = pool_new(0, 0);
    struct reading reading = {.core = core, .report = report, .context = context, .totals = totals};
    struct anchor *list;
    size_t count;
    int result = -1;

    *totals = (struct audit_totals){0};
    if (anchors_parse(pool, anchors, &list, &count, err) < 0)
        goto out;
    reading.anchor = list;
    reading.anchors_end = list + count;
    for (uint64_t chain = 0; chain < AUDIT_CHAINS; chain++)
        if (chain_read(db, &reading, chain, err) < 0)
            goto out;
    result = chains_foreign(db, pool, &reading, err);
out:
    pool_free(&pool);
    return result;
}

int audit_verify_chain(struct db *db, const struct core *core, uint64_t chain,
                       void (*report)(void *context, const char *line), void *context,
                       struct audit_totals *totals, struct err *err)
{
    struct reading reading = {.core = core, .report = report, .context = context, .totals = totals};
    struct pool *pool = pool_new(0, 0);
    int result = chain < AUDIT_CHAINS ? chain_read(db, &reading, chain, err)
                                      : chains_foreign(db, pool, &reading, err);

    pool_free(&pool);
    return result;
}

int audit_anchors(struct db *db, void (*line)(void *context, const char *text), void *context,
                  struct err *err)
{
    struct pool *pool = pool_new(0, 0);
    struct db_rows rows;
    int result = db_select(db, pool, &queries[SQL_HEADS], DB_NO_ARGS, &rows, err);

    for (size_t i = 0; result == 0 && i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);
        struct bytes hash = db_as_bytes(&row[2]);
        char hex[2 * HASH + 1] = "";

        if (hash.size == HASH)
            hex_encode(hash.data, HASH, hex);
        line(context, pool_printf(pool, "%" PRIu64 " %" PRIu64 " %s", db_as_uint(&row[0]),
                                  db_as_uint(&row[1]), hex));
    }
    pool_free(&pool);
    return result;
}
