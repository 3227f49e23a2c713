#include "tests/core/testdb.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "base/vault.h"
#include "core/audit/audit.h"
#include "core/item/exchange.h"
#include "core/places.h"
#include "core/upkeep/migrate.h"

const struct date testdb_today = {2026, 3, 1};

static const struct db_query add_person = {
    "testdb_person", "INSERT INTO person (id, id_type, id_no_hash, id_no_sealed, name, sex, birth,"
                     " created_at, updated_at)"
                     " VALUES (?, ?, ?, ?, ?, 1, '1980-05-06', NOW(3), NOW(3))"};
static const struct db_query set_number = {
    "testdb_number_of", "UPDATE person SET id_no_hash = ?, id_no_sealed = ? WHERE id = ?"};
static const struct db_query add_capture = {
    "testdb_capture", "INSERT INTO identity_capture (person_id, source, photo_sealed,"
                      " photo_sha256, width, height, captured_at)"
                      " VALUES (?, 'window', ?, ?, 358, 441, NOW(3))"};

static struct db_settings settings_of_server(void)
{
    const char *user = getenv("ECERT_TEST_DB_USER");

    return (struct db_settings){
        .socket = getenv("ECERT_TEST_DB_SOCKET"),
        .host = "",
        .user = user ? user : "root",
        .password = "",
        .schema = "",
        .timeout_ms = 30000,
    };
}

static void script(const struct db_settings *settings, const char *sql)
{
    struct db *db = db_new(settings);
    struct err err = {0};

    if (db_ready(db, &err) < 0 || db_script(db, sql, &err) < 0)
        fail_msg("%s: %s", sql, err.text);
    db_free(&db);
}

static void make_keys(struct testdb *testdb)
{
    char folder[] = "/tmp/ecert-testdb.XXXXXX";
    struct err err = {0};

    assert_non_null(mkdtemp(folder));
    snprintf(testdb->keys, sizeof(testdb->keys), "%s/vault", folder);
    if (vault_create(testdb->keys, &err) < 0 || vault_load(testdb->keys, &testdb->vault, &err) < 0)
        fail_msg("%s", err.text);
}

static void drop_keys(struct testdb *testdb)
{
    vault_free(&testdb->vault);
    unlink(testdb->keys);
    *strrchr(testdb->keys, '/') = '\0';
    rmdir(testdb->keys);
}

static void told(void *context, const char *name)
{
    (void)context, (void)name;
}

static void make_schema(struct testdb *testdb)
{
    struct db_settings server = settings_of_server();
    const char *top = getenv("srcdir");
    struct err err = {0};
    char text[512];

    snprintf(testdb->schema, sizeof(testdb->schema), "ecert_test_%ld_%ld", (long)getpid(),
             (long)(clock_tick_us() % 1000000));
    snprintf(text, sizeof(text), "CREATE DATABASE %s", testdb->schema);
    script(&server, text);
    testdb->settings = server;
    testdb->settings.schema = testdb->schema;
    snprintf(text, sizeof(text), "%s/schema", top ? top : ".");
    if (migrate_run(&testdb->settings, text, told, NULL, &err) < 0)
        fail_msg("%s", err.text);
}

void testdb_policy(struct policy *policy)
{
    *policy = (struct policy){
        .valid_years = 3,
        .renew_days = 90,
        .exam_months = 24,
        .education_hours = 24,
        .transfer_months = 6,
        .insurance_grace_months = 1,
        .one_c_class = true,
        .capture_by_reader = true,
        .departure_locked = "B C1 C2 C3",
        .age_max_c = 60,
        .age_max_b = 65,
        .draft_days = 7,
        .signing_days = 30,
        .deadline_days = {15, 5, 15, 5, 10, 10, 15},
        .issuer_name = "测试发证机关",
        .issuer_code = "11430000006122244L",
        .province = "沪",
        .demo = true,
    };
}

struct testdb *testdb_open(void)
{
    struct testdb *testdb;

    if (!getenv("ECERT_TEST_DB_SOCKET"))
        return NULL;
    testdb = calloc(1, sizeof(*testdb));
    assert_non_null(testdb);
    make_keys(testdb);
    make_schema(testdb);
    testdb->pool = pool_new(0, 0);
    testdb->db = testdb_connect(testdb);
    testdb_policy(&testdb->policy);
    testdb->staff = (struct staff_settings){
        .password = {.memory_kib = 64, .passes = 1, .lanes = 1, .common = ""},
        .delay = {.first_ms = 1000, .most_ms = 300000, .free = 3, .free_address = 30},
        .code_hours = 72,
        .rp_id = "localhost",
    };
    testdb->core = (struct core){
        .policy = &testdb->policy,
        .staff = &testdb->staff,
        .vault = testdb->vault,
        .verify_origin = "https://localhost:8443",
    };
    return testdb;
}

void testdb_close(struct testdb **testdb)
{
    struct db_settings server = settings_of_server();
    char text[128];

    if (!*testdb)
        return;
    db_free(&(*testdb)->db);
    snprintf(text, sizeof(text), "DROP DATABASE %s", (*testdb)->schema);
    script(&server, text);
    drop_keys(*testdb);
    pool_free(&(*testdb)->pool);
    free(*testdb);
    *testdb = NULL;
}

struct testdb *testdb_guest(const struct testdb *host)
{
    struct testdb *guest = malloc(sizeof(*guest));
    struct err err = {0};

    assert_non_null(guest);
    *guest = *host;
    if (vault_load(guest->keys, &guest->vault, &err) < 0)
        fail_msg("%s", err.text);
    guest->core.vault = guest->vault;
    guest->pool = pool_new(0, 0);
    guest->db = testdb_connect(guest);
    return guest;
}

void testdb_leave(struct testdb **guest)
{
    db_free(&(*guest)->db);
    pool_free(&(*guest)->pool);
    vault_free(&(*guest)->vault);
    free(*guest);
    *guest = NULL;
}

struct db *testdb_connect(const struct testdb *testdb)
{
    struct db *db = db_new(&testdb->settings);
    struct err err = {0};

    if (db_ready(db, &err) < 0)
        fail_msg("%s", err.text);
    return db;
}

void testdb_clear(struct testdb *testdb)
{
    static const char *const tables[] = {
        "staff_factor",
        "known_browser",
        "login_delay",
        "staff",
        "document",
        "seal_intent",
        "job",
        "task",
        "form_signature",
        "form_preparation",
        "form_box",
        "matter_finding",
        "hold",
        "proposal_object",
        "proposal",
        "matter_certificate",
        "certificate_event",
        "certificate_version",
        "paper_certificate",
        "certificate",
        "attachment",
        "person_change",
        "matter",
        "identity_capture",
        "exam_result",
        "insurance",
        "import_run",
        "import_chunk",
        "import_problem",
        "import_before",
        "education",
        "person",
        "outbox",
        "contact",
        "enterprise",
        "session",
        "login_ticket",
        "idempotency",
        "counter",
        "audit_event",
        "audit_head",
    };

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        testdb_sql(testdb, "DELETE FROM %s", tables[i]);
    testdb_sql(testdb, "INSERT INTO audit_head (chain, sequence, hash, mac)"
                       " SELECT seq, 0, REPEAT(CHAR(0), 32), REPEAT(CHAR(0), 32)"
                       " FROM seq_0_to_15");
    pool_reset(testdb->pool);
}

void testdb_sql(struct testdb *testdb, const char *format, ...)
{
    struct err err = {0};
    char text[16384];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (db_script(testdb->db, text, &err) < 0)
        fail_msg("%s: %s", text, err.text);
}

int64_t testdb_number(struct testdb *testdb, const char *format, ...)
{
    /* A statement's address is its identity, and each text here is another: its own connection. */
    struct db *db = testdb_connect(testdb);
    const struct db_value *row;
    struct db_query query = {.name = "testdb_number"};
    struct err err = {0};
    va_list args;

    va_start(args, format);
    query.sql = pool_vprintf(testdb->pool, format, args);
    va_end(args);
    if (db_find(db, testdb->pool, &query, DB_NO_ARGS, &row, &err) != 1)
        fail_msg("%s: %s", query.sql, err.text);
    db_free(&db);
    return db_as_int(&row[0]);
}

void testdb_firm(struct testdb *testdb, uint64_t id)
{
    testdb_sql(testdb,
               "INSERT INTO enterprise (id, uscc, name, region, created_at, updated_at)"
               " VALUES (%d, '%018d', '测试建筑%d有限公司', 'local', NOW(3), NOW(3))",
               (int)id, (int)id, (int)id);
}

static void run(struct testdb *testdb, const struct db_query *query, const struct db_value *args,
                size_t count)
{
    struct err err = {0};

    if (db_run(testdb->db, query, args, count, NULL, &err) < 0)
        fail_msg("%s", err.text);
}

static struct bytes sealed(struct testdb *testdb, const char *place, struct bytes plain)
{
    struct bytes out;
    struct err err = {0};

    if (vault_seal(testdb->vault, testdb->pool, place, plain, &out, &err) < 0)
        fail_msg("%s", err.text);
    return out;
}

void testdb_person(struct testdb *testdb, uint64_t id, const char *id_type, const char *name,
                   struct bytes photo)
{
    uint8_t hash[VAULT_HASH_SIZE];
    char number[24];
    struct bytes box;

    snprintf(number, sizeof(number), "110105%012d", (int)id);
    vault_lookup(testdb->vault, PLACE_PERSON_ID_NO, number, hash);
    box =
        sealed(testdb, PLACE_PERSON_ID_NO, (struct bytes){(const uint8_t *)number, strlen(number)});
    run(testdb, &add_person,
        DB_ARGS(db_uint(id), db_text(id_type), db_bytes(hash, sizeof(hash)),
                db_bytes(box.data, box.size), db_text(name)));
    if (photo.size == 0)
        return;
    sha256(photo.data, photo.size, hash);
    box = sealed(testdb, PLACE_CAPTURE_PHOTO, photo);
    run(testdb, &add_capture,
        DB_ARGS(db_uint(id), db_bytes(box.data, box.size), db_bytes(hash, sizeof(hash))));
    testdb_sql(testdb, "UPDATE person SET capture_id = %lld WHERE id = %lld",
               (long long)db_insert_id(testdb->db), (long long)id);
}

void testdb_number_of(struct testdb *testdb, uint64_t person, const char *number)
{
    const struct bytes plain = {(const uint8_t *)number, strlen(number)};
    struct bytes box = sealed(testdb, PLACE_PERSON_ID_NO, plain);
    uint8_t hash[VAULT_HASH_SIZE];

    vault_lookup(testdb->vault, PLACE_PERSON_ID_NO, number, hash);
    run(testdb, &set_number,
        DB_ARGS(db_bytes(hash, sizeof(hash)), db_bytes(box.data, box.size), db_uint(person)));
}

void testdb_paper(struct testdb *testdb, uint64_t id, uint64_t firm, uint64_t person,
                  const char *number, struct date until)
{
    char last[11];

    date_format(until, last);
    testdb_sql(testdb,
               "INSERT INTO paper_certificate (id, number, class, person_id, enterprise_id,"
               " enterprise_name, post, first_issued, valid_from, valid_until, held_since,"
               " created_at, updated_at) VALUES (%d, '%s', 'B', %d, %d, '测试建筑旧名有限公司',"
               " '07', '2020-02-03', '2023-04-05', '%s', '2021-06-07', NOW(3), NOW(3))",
               (int)id, number, (int)person, (int)firm, last);
}

static struct date or_else(struct date date, struct date other)
{
    return date_is_none(date) ? other : date;
}

static const char *post_of(const char *class_code)
{
    return strcmp(class_code, "A") == 0 ? "02" : strcmp(class_code, "B") == 0 ? "07" : "08";
}

static void add_versions(struct testdb *testdb, uint64_t id, unsigned count)
{
    for (unsigned version = 1; version <= count; version++)
        testdb_sql(testdb,
                   "INSERT INTO certificate_version (certificate_id, version, identifier,"
                   " verify_token, enterprise_id, class, holder_name, sex, birth,"
                   " enterprise_name, post, first_issued, valid_from, valid_until, issued_on,"
                   " issuer_name, capture_id, made_at, voided_at)"
                   " SELECT c.id, %u, 'i%d.%u', UNHEX(MD5('%d.%u')), c.enterprise_id, c.class,"
                   " c.holder_name, p.sex, p.birth, c.enterprise_name, c.post, c.first_issued,"
                   " c.valid_from, c.valid_until, c.valid_from, '机关', p.capture_id, NOW(3),"
                   " IF(%u < c.version, NOW(3), NULL)"
                   " FROM certificate c JOIN person p ON p.id = c.person_id WHERE c.id = %d",
                   version, (int)id, version, (int)id, version, version, (int)id);
}

void testdb_certificate(struct testdb *testdb, const struct testdb_certificate *what)
{
    const char *class_code = what->class_code ? what->class_code : "B";
    struct date first = or_else(what->from, (struct date){2024, 1, 10});
    struct date last = or_else(what->until, date_add_days(date_add_years(first, 3), -1));
    unsigned version = what->version ? what->version : 1;
    char from[11], until[11], held[11];

    date_format(first, from);
    date_format(last, until);
    date_format(or_else(what->held, first), held);
    testdb_sql(testdb,
               "INSERT INTO certificate (id, number, issue_year, serial, class, person_id,"
               " enterprise_id, state, version, holder_name, enterprise_name, post,"
               " first_issued, valid_from, valid_until, held_since, generation, state_reason,"
               " created_at, updated_at)"
               " SELECT %d, '沪建安%s（2024）%07d', 2024, %d, '%s', p.id, e.id, '%s', %u, p.name,"
               " IF('%s' = '', e.name, '%s'), '%s', '%s', '%s', '%s', '%s', 2,"
               " NULLIF('%s', ''), NOW(3), NOW(3)"
               " FROM person p JOIN enterprise e ON e.id = %d WHERE p.id = %d",
               (int)what->id, class_code, (int)what->id, (int)what->id, class_code,
               what->state ? what->state : "01", version, what->firm_name ? what->firm_name : "",
               what->firm_name ? what->firm_name : "",
               what->post ? what->post : post_of(class_code), from, from, until, held,
               what->reason ? what->reason : "", (int)what->firm, (int)what->person);
    add_versions(testdb, what->id, version);
}

void testdb_exam(struct testdb *testdb, uint64_t id, uint64_t firm, uint64_t person,
                 const char *class_code, const char *post, const char *day)
{
    testdb_sql(testdb,
               "INSERT INTO exam_result (id, exam_no, person_id, enterprise_id, class, post,"
               " exam_date, score, passed, created_at)"
               " VALUES (%d, 'KS%d', %d, %d, '%s', '%s', '%s', 85, TRUE, NOW(3))",
               (int)id, (int)id, (int)person, (int)firm, class_code, post, day);
}

void testdb_insured(struct testdb *testdb, uint64_t firm, uint64_t person, const char *month)
{
    testdb_sql(testdb, "INSERT INTO insurance VALUES (%d, %d, '%s', NOW(3), NULL)", (int)person,
               (int)firm, month);
}

void testdb_educated(struct testdb *testdb, uint64_t id, uint64_t person, const char *class_code,
                     unsigned hours, const char *day)
{
    testdb_sql(testdb,
               "INSERT INTO education (id, record_no, person_id, enterprise_id, class, hours,"
               " completed_on, created_at) VALUES (%d, 'JY%d', %d, 1, '%s', %u, '%s', NOW(3))",
               (int)id, (int)id, (int)person, class_code, hours, day);
}

void testdb_leads(struct testdb *testdb, uint64_t firm, uint64_t person)
{
    testdb_sql(testdb,
               "UPDATE enterprise e JOIN person p ON p.id = %d SET e.legal_rep_name = p.name,"
               " e.legal_rep_id_type = p.id_type, e.legal_rep_id_hash = p.id_no_hash"
               " WHERE e.id = %d",
               (int)person, (int)firm);
}

static void tell(void *context, const char *line)
{
    (void)context;
    print_error("%s\n", line);
}

void testdb_audited(struct testdb *testdb, uint64_t events)
{
    struct audit_totals totals;
    struct err err = {0};

    if (audit_verify(testdb->db, &testdb->core, NULL, tell, NULL, &totals, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(totals.faults, 0);
    assert_int_equal(totals.events, events);
}

/* What one exchange needs, for the transaction around it. */
struct exchanging {
    struct testdb *testdb;
    uint64_t firm, paper;
    struct exchange result;
};

static int exchange(void *context, struct err *err)
{
    struct exchanging *e = context;
    struct actor actor = {ACTOR_FIRM, e->firm, "test"};

    return exchange_papers(e->testdb->db, e->testdb->pool, &e->testdb->core, &actor,
                           &(struct exchange_choice){e->firm, &e->paper, 1, NULL}, testdb_today,
                           clock_now_ms(), &e->result, err) == 1
               ? 0
               : -1;
}

uint64_t testdb_exchange(struct testdb *testdb, uint64_t firm, uint64_t paper)
{
    struct exchanging exchanging = {testdb, firm, paper, {.refused_id = 0}};
    struct err err = {0};

    if (db_transact(testdb->db, exchange, &exchanging, &err) < 0)
        fail_msg("exchange of %d: %s", (int)paper, err.text);
    return (uint64_t)testdb_number(
        testdb, "SELECT certificate_id FROM paper_certificate WHERE id = %d", (int)paper);
}
