/* Load-test data: many rows a statement, many statements a transaction. */
#include <inttypes.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/random.h"
#include "base/sha256.h"
#include "base/vault.h"
#include "core/core.h"
#include "core/demo/demo.h"
#include "core/demo/demo_make.h"
#include "core/places.h"

enum { BLOCK = 80, STEP = 4000, WIDTH_MAX = 18, POOL_KEEP = 4 * 1024 * 1024 };
enum { PEOPLE_FIRST = 1000000, FIRMS_FIRST = 1000, SERIAL_FIRST = 10000, YEARS = 8, TERM_YEARS = 3 };
enum { FIRM_LARGE = 10000, FIRM_SMALL = 20, FIRM_SPREAD = 481, LARGE_FROM = 20000 };

#define TIMES_10(g)  g "," g "," g "," g "," g "," g "," g "," g "," g "," g
#define TIMES_80(g)                                                                                \
    TIMES_10(g) "," TIMES_10(g) "," TIMES_10(g) "," TIMES_10(g) "," TIMES_10(g) "," TIMES_10(g)    \
        "," TIMES_10(g) "," TIMES_10(g)
#define INSERT(named, head, group)                                                                 \
    {                                                                                              \
        {"demo_block_" named, "INSERT INTO " head " VALUES " TIMES_80(group)},                    \
            {"demo_single_" named, "INSERT INTO " head " VALUES " group}                           \
    }

enum table { PERSON, CAPTURE, PAPER, CERTIFICATE, VERSION, TABLES };

static const struct {
    struct db_query block, single;
} inserts[] = {
    [PERSON] = INSERT("person",
                      "person (id, id_type, id_no_hash, id_no_sealed, name, sex, birth, education,"
                      " capture_id, created_at, updated_at)",
                      "(?,'111',?,?,?,?,?,'03',?,?,?)"),
    [CAPTURE] = INSERT("capture",
                       "identity_capture (id, person_id, source, photo_sealed, photo_sha256, width,"
                       " height, captured_at)",
                       "(?,?,'import',?,?,295,413,?)"),
    [PAPER] = INSERT("paper",
                     "paper_certificate (number, class, person_id, enterprise_id, enterprise_name,"
                     " post, first_issued, valid_from, valid_until, held_since, created_at,"
                     " updated_at)",
                     "(?,?,?,?,?,?,?,?,?,?,?,?)"),
    [CERTIFICATE] = INSERT("certificate",
                           "certificate (id, number, issue_year, serial, class, person_id,"
                           " enterprise_id, holder_name, enterprise_name, post, first_issued,"
                           " valid_from, valid_until, held_since, created_at, updated_at, state,"
                           " version, generation)",
                           "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,'01',1,2)"),
    [VERSION] = INSERT("version",
                       "certificate_version (certificate_id, version, identifier, verify_token,"
                       " enterprise_id, class, holder_name, sex, birth, enterprise_name, post,"
                       " first_issued, valid_from, valid_until, issued_on, issuer_name, made_at)",
                       "(?,1,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"),
};

enum { SQL_EVENTS, SQL_FIRM, SQL_NOTE, SQL_STATE };

static const struct db_query queries[] = {
    [SQL_EVENTS] = {"demo_events",
                    "INSERT INTO certificate_event (certificate_id, version, action, to_state,"
                    " enterprise_id, actor_kind, actor_id, happened_at)"
                    " SELECT id, 1, 'exchange', '01', enterprise_id, 3, 0, created_at"
                    " FROM certificate WHERE id BETWEEN ? AND ?"},
    [SQL_FIRM] = {"demo_firm",
                  "INSERT INTO enterprise (uscc, name, region, province, created_at, updated_at)"
                  " VALUES (?, ?, ?, ?, ?, ?)"},
    [SQL_NOTE] = {"demo_note", "REPLACE INTO counter (name, value) VALUES ('demo.bulk', ?),"
                               " ('demo.firms', ?)"},
    [SQL_STATE] = {"demo_state",
                   "SELECT CAST(IFNULL((SELECT value FROM counter WHERE name = 'demo.bulk'), 0) AS UNSIGNED),"
                   " CAST(IFNULL((SELECT value FROM counter WHERE name = 'demo.firms'), 0) AS UNSIGNED),"
                   " CAST(IFNULL((SELECT MAX(id) FROM person), 0) AS UNSIGNED),"
                   " CAST(IFNULL((SELECT MAX(id) FROM identity_capture), 0) AS UNSIGNED),"
                   " CAST(IFNULL((SELECT MAX(id) FROM certificate), 0) AS UNSIGNED)"},
};

/* Where the numbers stand; what a transaction that is repeated must start from again. */
struct position {
    uint64_t made, firms; /* ever, over all runs */
    uint64_t person_id, capture_id, certificate_id;
    uint64_t firm_id, firm_left;
    char firm_name[64];
};

struct rows {
    struct db_value values[BLOCK * WIDTH_MAX];
    size_t width, count;
};

struct bulk {
    struct db *db;
    const struct core *core;
    struct pool *pool, *photo_pool;
    enum demo_bulk what;
    struct bytes photos[DEMO_PHOTOS];
    uint8_t hashes[DEMO_PHOTOS][32];
    struct date today;
    int64_t now_ms;
    bool large_first;
    struct position at, start;
    uint64_t step;
    struct rows rows[TABLES];
};

/* One certificate, electronic or of paper. */
struct subject {
    struct demo_person person;
    struct demo_dates dates;
    const char *class_code, *post;
    char number[NUMBER_SIZE];
    int year;
    uint32_t serial;
};

static void put(struct rows *rows, const struct db_value *values, size_t width)
{
    memcpy(rows->values + rows->count++ * width, values, width * sizeof(*values));
    rows->width = width;
}

static struct db_value keep(struct bulk *bulk, const char *text)
{
    return db_text(pool_text(bulk->pool, text));
}

/* All tables' blocks: certificates before their versions. */
static int flush(struct bulk *bulk, struct err *err)
{
    for (enum table t = 0; t < TABLES; t++) {
        struct rows *rows = &bulk->rows[t];
        int result = 0;
        if (rows->count == BLOCK)
            result = db_run(bulk->db, &inserts[t].block, rows->values, rows->width * BLOCK, NULL,
                            err);
        else
            for (size_t i = 0; result == 0 && i < rows->count; i++)
                result = db_run(bulk->db, &inserts[t].single, rows->values + i * rows->width,
                                rows->width, NULL, err);
        rows->count = 0;
        if (result < 0)
            return -1;
    }
    pool_reset(bulk->pool);
    return 0;
}

static int next_firm(struct bulk *bulk, struct err *err)
{
    struct position *at = &bulk->at;
    uint64_t n = at->firms++;
    bool large = n == 0 && bulk->large_first;
    char uscc[USCC_SIZE];

    demo_uscc(FIRMS_FIRST + n, uscc);
    text_format(at->firm_name, sizeof(at->firm_name), "压力测试第%" PRIu64 "示范有限公司", n);
    if (db_run(bulk->db, &queries[SQL_FIRM],
               DB_ARGS(db_text(uscc), db_text(at->firm_name),
                       db_text(n % 5 == 4 ? "outside" : "local"),
                       db_text(n % 5 == 4 ? "江苏" : "上海"), db_time(bulk->now_ms),
                       db_time(bulk->now_ms)),
               NULL, err) < 0)
        return -1;
    at->firm_id = db_insert_id(bulk->db);
    at->firm_left = large ? FIRM_LARGE : FIRM_SMALL + demo_mix(n) % FIRM_SPREAD;
    return 0;
}

/* Number and dates belong together: the year of first issue is the number's. */
static void subject_make(const struct bulk *bulk, uint64_t n, struct subject *subject)
{
    const char *province = bulk->core->policy->province;
    struct date first = {0, 1, 1}, end;

    demo_person(PEOPLE_FIRST + n, &subject->person);
    subject->year = bulk->today.year - 1 - (int)(n % YEARS);
    subject->serial = (uint32_t)(SERIAL_FIRST + n / YEARS);
    subject->class_code = demo_class(demo_mix(n), &subject->post);
    certificate_number_make(province, subject->class_code, subject->year, subject->serial,
                            subject->number);
    if (strcmp(subject->class_code, "C") == 0)
        subject->class_code = "C3";
    first.year = (int16_t)subject->year;
    first = date_add_days(first, (int)(demo_mix(n) % 365));
    end = date_add_days(date_add_years(first, TERM_YEARS), -1);
    subject->dates.first_issued = subject->dates.valid_from = first;
    while (date_compare(end, bulk->today) < 0) {
        subject->dates.valid_from = date_add_days(end, 1);
        end = date_add_years(end, TERM_YEARS);
    }
    subject->dates.valid_until = end;
}

static int put_person(struct bulk *bulk, const struct subject *subject, bool photo, struct err *err)
{
    const struct demo_person *person = &subject->person;
    uint8_t hash[VAULT_HASH_SIZE];
    struct bytes sealed;

    vault_lookup(bulk->core->vault, PLACE_PERSON_ID_NO, person->id_no, hash);
    if (vault_seal(bulk->core->vault, bulk->pool, place_of_hash(bulk->pool, PLACE_PERSON_ID_NO, hash),
                   (struct bytes){(const uint8_t *)person->id_no, strlen(person->id_no)}, &sealed,
                   err) < 0)
        return -1;
    const struct db_value values[] = {
        db_uint(bulk->at.person_id),
        db_bytes(pool_copy(bulk->pool, hash, sizeof(hash)), sizeof(hash)),
        db_bytes(sealed.data, sealed.size),
        keep(bulk, person->name),
        db_int(person->sex),
        db_date(person->birth),
        db_id(photo ? bulk->at.capture_id : 0),
        db_time(bulk->now_ms),
        db_time(bulk->now_ms),
    };
    put(&bulk->rows[PERSON], values, sizeof(values) / sizeof(*values));
    return 0;
}

static int put_paper(struct bulk *bulk, const struct subject *subject, struct err *err)
{
    unsigned which = (unsigned)(bulk->at.made % DEMO_PHOTOS);
    const struct demo_dates *dates = &subject->dates;
    struct bytes sealed;

    bulk->at.capture_id++;
    if (put_person(bulk, subject, true, err) < 0 ||
        vault_seal(bulk->core->vault, bulk->pool,
                   place_of(bulk->pool, PLACE_CAPTURE_PHOTO, bulk->at.person_id), bulk->photos[which],
                   &sealed, err) < 0)
        return -1;
    const struct db_value capture[] = {
        db_uint(bulk->at.capture_id),           db_uint(bulk->at.person_id),
        db_bytes(sealed.data, sealed.size),     db_bytes(bulk->hashes[which], 32),
        db_time(bulk->now_ms),
    };
    const struct db_value paper[] = {
        keep(bulk, subject->number),   db_text(subject->class_code),
        db_uint(bulk->at.person_id),   db_uint(bulk->at.firm_id),
        keep(bulk, bulk->at.firm_name), db_text(subject->post),
        db_date(dates->first_issued),  db_date(dates->valid_from),
        db_date(dates->valid_until),   db_date(dates->first_issued),
        db_time(bulk->now_ms),         db_time(bulk->now_ms),
    };
    put(&bulk->rows[CAPTURE], capture, sizeof(capture) / sizeof(*capture));
    put(&bulk->rows[PAPER], paper, sizeof(paper) / sizeof(*paper));
    return 0;
}

static int put_certificate(struct bulk *bulk, const struct subject *subject, struct err *err)
{
    const struct demo_dates *dates = &subject->dates;
    struct db_value number = keep(bulk, subject->number), firm = keep(bulk, bulk->at.firm_name);
    struct db_value holder = keep(bulk, subject->person.name);
    struct db_value id = db_uint(++bulk->at.certificate_id), firm_id = db_uint(bulk->at.firm_id);
    struct db_value now = db_time(bulk->now_ms), post = db_text(subject->post);
    struct db_value class_code = db_text(subject->class_code);
    struct db_value first = db_date(dates->first_issued), from = db_date(dates->valid_from);
    struct db_value until = db_date(dates->valid_until);
    char identifier[IDENTIFIER_SIZE];
    uint8_t *token = pool_alloc(bulk->pool, 16);

    if (put_person(bulk, subject, false, err) < 0)
        return -1;
    random_bytes(token, 16);
    identifier_make(bulk->core->policy->issuer_code, subject->year, subject->serial, 1, identifier);
    const struct db_value certificate[] = {
        id,         number,  db_int(subject->year), db_uint(subject->serial),
        class_code, db_uint(bulk->at.person_id), firm_id, holder, firm, post, first, from, until,
        first,      now,     now,
    };
    const struct db_value version[] = {
        id, keep(bulk, identifier), db_bytes(token, 16), firm_id, class_code, holder,
        db_int(subject->person.sex), db_date(subject->person.birth), firm, post, first, from,
        until, from, db_text(bulk->core->policy->issuer_name), now,
    };
    put(&bulk->rows[CERTIFICATE], certificate, sizeof(certificate) / sizeof(*certificate));
    put(&bulk->rows[VERSION], version, sizeof(version) / sizeof(*version));
    return 0;
}

static int make_one(struct bulk *bulk, struct err *err)
{
    struct subject subject;

    if (bulk->at.firm_left == 0 && next_firm(bulk, err) < 0)
        return -1;
    bulk->at.firm_left--;
    bulk->at.person_id++;
    subject_make(bulk, bulk->at.made, &subject);
    if ((bulk->what == DEMO_PAPERS ? put_paper(bulk, &subject, err)
                                   : put_certificate(bulk, &subject, err)) < 0)
        return -1;
    bulk->at.made++;
    return bulk->rows[PERSON].count == BLOCK ? flush(bulk, err) : 0;
}

static int make_step(void *context, struct err *err)
{
    struct bulk *bulk = context;

    bulk->at = bulk->start;
    for (enum table t = 0; t < TABLES; t++)
        bulk->rows[t].count = 0;
    pool_reset(bulk->pool);
    for (uint64_t i = 0; i < bulk->step; i++)
        if (make_one(bulk, err) < 0)
            return -1;
    if (flush(bulk, err) < 0)
        return -1;
    if (bulk->what == DEMO_CERTIFICATES &&
        db_run(bulk->db, &queries[SQL_EVENTS],
               DB_ARGS(db_uint(bulk->start.certificate_id + 1), db_uint(bulk->at.certificate_id)),
               NULL, err) < 0)
        return -1;
    return db_run(bulk->db, &queries[SQL_NOTE],
                  DB_ARGS(db_uint(bulk->at.made), db_uint(bulk->at.firms)), NULL, err);
}

static int prepare(struct bulk *bulk, struct err *err)
{
    const struct db_value *row;

    if (db_ready(bulk->db, err) < 0 ||
        db_find(bulk->db, bulk->pool, &queries[SQL_STATE], DB_NO_ARGS, &row, err) < 0)
        return -1;
    bulk->start = (struct position){.made = db_as_uint(&row[0]),
                                    .firms = db_as_uint(&row[1]),
                                    .person_id = db_as_uint(&row[2]),
                                    .capture_id = db_as_uint(&row[3]),
                                    .certificate_id = db_as_uint(&row[4])};
    for (unsigned i = 0; i < DEMO_PHOTOS; i++) {
        bulk->photos[i] = demo_photo(bulk->photo_pool, i);
        sha256(bulk->photos[i].data, bulk->photos[i].size, bulk->hashes[i]);
    }
    return 0;
}

int demo_bulk(struct db *db, const struct core *core, enum demo_bulk what, uint64_t count,
              void (*progress)(void *context, uint64_t done, uint64_t all), void *context,
              struct err *err)
{
    struct pool *pool = pool_new(POOL_KEEP, 0), *photo_pool = pool_new(0, 0);
    struct bulk *bulk = POOL_NEW(photo_pool, struct bulk);
    int result = -1;

    *bulk = (struct bulk){.db = db,
                          .core = core,
                          .pool = pool,
                          .photo_pool = photo_pool,
                          .what = what,
                          .today = date_today(),
                          .now_ms = clock_now_ms(),
                          .large_first = count >= LARGE_FROM};
    if (!core->policy->demo) {
        err_set(err, ERR_CONFIG, 0, "demonstration data need Issuer.Demo = 1");
        goto out;
    }
    if (prepare(bulk, err) < 0)
        goto out;
    for (uint64_t done = 0; done < count; done += bulk->step) {
        bulk->step = count - done < STEP ? count - done : STEP;
        if (db_transact(db, make_step, bulk, err) < 0)
            goto out;
        bulk->start = bulk->at;
        progress(context, done + bulk->step, count);
    }
    result = 0;
out:
    pool_free(&pool);
    pool_free(&photo_pool);
    return result;
}
