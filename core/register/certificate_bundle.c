#include "core/register/certificate_bundle.h"

#include <inttypes.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "core/queries.h"

enum { SQL_PICK, SQL_DOCUMENTS };

enum { BATCH = 8, PAGE_ROWS = 500, POOL_KEEP = 256 * 1024, HASH_SIZE = 32 };

/* What certificate_downloadable says. */
#define DOWNLOADABLE                                                                               \
    " AND c.enterprise_id = ? AND c.state = '01' AND c.valid_until >= ? AND c.generation = 2"

static const struct db_query queries[] = {
    [SQL_PICK] = {"certificate_pick",
                  "SELECT COUNT(*) FROM certificate c WHERE c.id IN (" SQL_IDS ")" DOWNLOADABLE},
    [SQL_DOCUMENTS] = {"certificate_documents",
                       "SELECT c.id, c.number, c.holder_name, d.body, d.sha256, d.created_at"
                       " FROM certificate c"
                       " JOIN document d ON d.kind = 'certificate' AND d.certificate_id = c.id"
                       "   AND d.version = c.version"
                       " WHERE c.id IN (?,?,?,?,?,?,?,?)" DOWNLOADABLE " ORDER BY c.id DESC"},
};

const struct db_area certificate_bundle_area = DB_AREA("certificate_bundle", queries);

/* Which they are */

/* Takes what can be downloaded; false when a further one does not find room. */
static bool pick_page(struct certificate_pick *pick, uint64_t ids[BUNDLE_FILES],
                      const struct certificate_page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        if (!certificate_downloadable(&page->rows[i], pick->today))
            continue;
        if (pick->count == BUNDLE_FILES)
            return false;
        ids[pick->count++] = page->rows[i].id;
    }
    return true;
}

int certificate_pick_found(struct db *db, struct pool *pool,
                           const struct certificate_filter *filter, struct certificate_pick *pick,
                           struct err *err)
{
    uint64_t *ids = pool_array(pool, BUNDLE_FILES, sizeof(*ids));
    struct certificate_filter next = *filter;
    struct pool *rows = pool_new(POOL_KEEP, 0);
    struct certificate_page page = {0};
    int result;

    *pick = (struct certificate_pick){
        .enterprise_id = filter->enterprise_id, .today = filter->today, .ids = ids};
    next.limit = PAGE_ROWS;
    if (filter->show == SHOW_ALL && !filter->state)
        next.state = STATE_VALID;
    do {
        pool_reset(rows);
        result = certificate_list(db, rows, &next, &page, err);
        if (result == 0 && !pick_page(pick, ids, &page))
            pick->next = ids[BUNDLE_FILES - 1];
        next.after = page.next;
    } while (result == 0 && next.after != 0 && pick->next == 0);
    pool_free(&rows);
    return result;
}

int certificate_pick_ids(struct db *db, struct pool *pool, uint64_t enterprise_id,
                         struct date today, const uint64_t *ids, size_t count,
                         struct certificate_pick *pick, struct err *err)
{
    struct db_value args[SQL_IDS_MAX + 2];
    const struct db_value *row;

    queries_list(args, ids, count);
    args[SQL_IDS_MAX] = db_uint(enterprise_id);
    args[SQL_IDS_MAX + 1] = db_date(today);
    if (db_one(db, pool, &queries[SQL_PICK], args, SQL_IDS_MAX + 2, &row, err) < 0)
        return -1;
    *pick = (struct certificate_pick){
        .enterprise_id = enterprise_id, .today = today, .count = count, .ids = ids};
    return db_as_uint(row) == count;
}

/* The ZIP */

static int add_document(struct bundle *bundle, struct pool *pool, const struct db_value *row,
                        struct err *err)
{
    struct bytes body = db_as_bytes(&row[3]), stored = db_as_bytes(&row[4]);
    uint8_t hash[HASH_SIZE];

    sha256(body.data, body.size, hash);
    if (stored.size != HASH_SIZE || memcmp(stored.data, hash, HASH_SIZE) != 0)
        return err_set(err, ERR_DOCUMENT, 0, "the document of certificate %" PRIu64
                       " is not what was sealed", db_as_uint(&row[0]));
    return bundle_add(bundle,
                      &(struct bundle_file){
                          .stem = pool_printf(pool, "%s %s", db_as_text(&row[1]),
                                              db_as_text(&row[2])),
                          .ending = ".pdf",
                          .body = body,
                          .made_ms = db_as_time(&row[5]),
                      },
                      err);
}

/* The next of them, at most BATCH. */
static int add_batch(struct db *db, struct pool *pool, const struct certificate_pick *pick,
                     size_t first, struct bundle *bundle, struct err *err)
{
    size_t count = pick->count - first < BATCH ? pick->count - first : BATCH;
    struct db_value args[BATCH + 2];
    struct db_rows rows;

    for (size_t i = 0; i < BATCH; i++)
        args[i] = db_uint(pick->ids[first + (i < count ? i : 0)]);
    args[BATCH] = db_uint(pick->enterprise_id);
    args[BATCH + 1] = db_date(pick->today);
    if (db_select(db, pool, &queries[SQL_DOCUMENTS], args, BATCH + 2, &rows, err) < 0)
        return -1;
    if (rows.count != count)
        return err_set(err, ERR_CONFLICT, 0, "%zu of %zu documents may be downloaded", rows.count,
                       count);
    for (size_t i = 0; i < count; i++)
        if (add_document(bundle, pool, db_row(&rows, i), err) < 0)
            return -1;
    return 0;
}

int certificate_bundle(struct db *db, const struct certificate_pick *pick, const struct sink *sink,
                       struct err *err)
{
    struct pool *whole = pool_new(0, 0), *batch = pool_new(POOL_KEEP, 0);
    struct bundle *bundle = bundle_new(whole, sink);
    int result = 0;

    for (size_t i = 0; i < pick->count && result == 0; i += BATCH) {
        pool_reset(batch);
        result = add_batch(db, batch, pick, i, bundle, err);
    }
    if (result == 0)
        result = bundle_end(bundle, err);
    pool_free(&batch);
    pool_free(&whole);
    return result;
}
