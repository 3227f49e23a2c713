/* The services of other offices, played by one of our own: everything they may do wrong first. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "core/evidence/evidence_service.h"
#include "tests/core/office.h"
#include "tests/core/seal/pki.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define FIRM  "11310000MB00000009"
#define ID_NO "11010519491231002X"

#define EXAM(change)                                                                               \
    "{\"exam_no\":\"K-1\",\"uscc\":\"" FIRM "\",\"class\":\"B\",\"post\":\"07\","                  \
    "\"exam_date\":\"2026-01-15\",\"score\":86,\"passed\":true" change "}"
#define LESSON                                                                                     \
    "{\"record_no\":\"J-1\",\"uscc\":\"" FIRM "\",\"class\":\"B\",\"hours\":12,"                   \
    "\"completed_on\":\"2026-02-01\"}"
#define MONTH(month)     "{\"uscc\":\"" FIRM "\",\"month\":\"" month "\"}"
#define RECORDS(records) "{\"records\":[" records "]}"

static struct office *office;
static struct pool *pool;
static struct evidence_settings settings;
static struct evidence_source source;
static struct evidence_records records;
static struct err err;
static char folder[] = "/tmp/ecert-evidence.XXXXXX";
static const struct evidence_query query = {
    .kinds = EVIDENCE_ALL,
    .person_id = 1,
    .enterprise_id = 1,
    .id_type = "111",
    .id_no = ID_NO,
    .uscc = FIRM,
    .today = {2026, 3, 1}
};

static const char *in_folder(const char *name)
{
    return pool_printf(pool, "%s/%s", folder, name);
}

static const char *put_file(const char *name, const char *text, mode_t mode)
{
    const char *path = in_folder(name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static int64_t now_ms(void)
{
    return clock_tick_us() / 1000;
}

static void wait_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static void let_go(void)
{
    if (source.release)
        source.release(source.self);
    source = (struct evidence_source){.name = NULL};
}

/* A service that knows nothing of earlier questions. */
static void open_for(enum evidence_kind kind)
{
    let_go();
    if (evidence_service_open(kind, &settings, &source, &err) < 0)
        fail_msg("%s", err.text);
}

static int ask_of(enum evidence_kind kind)
{
    err_clear(&err);
    records = (struct evidence_records){.count = 0};
    if (source.fetch(source.self, pool, &query, &records, &err) < 0)
        return -1;
    return evidence_check(kind, query.today, &records, &err);
}

static void refused(size_t row, enum evidence_kind kind, const char *word)
{
    if (ask_of(kind) == 0)
        fail_msg("row %zu was taken", row);
    if (err.kind != ERR_UNAVAILABLE || !strstr(err.text, word))
        fail_msg("row %zu: %s: %s", row, err_kind_name(err.kind), err.text);
    if (strstr(err.text, ID_NO) || strstr(err.text, "K-1") || strstr(err.text, FIRM))
        fail_msg("row %zu tells personal data: %s", row, err.text);
}

static void test_refused_answers(void **state)
{
    static const struct {
        struct office_answer answer;
        const char *word;
        size_t requests;
    } rows[] = {
        {{.status = 404, .body = "{}"}, "status 404", 1},
        {{.status = 401, .body = "{}"}, "status 401", 1},
        {{.status = 204, .body = ""}, "status 204", 1},
        {{.status = 301, .header = "Location: /other\r\n", .body = ""}, "status 301", 1},
        {{.status = 307, .header = "Location: /other\r\n", .body = ""}, "status 307", 1},
        {{.status = 500, .body = "{}"}, "status 500", 3},
        {{.status = 503, .body = "{}"}, "status 503", 3},
        {{.status = 429, .body = "{}"}, "status 429", 3},
        {{.type = "text/html", .body = RECORDS("")}, "application/json", 1},
        {{.type = "application/jsonp", .body = RECORDS("")}, "application/json", 1},
        {{.header = "Content-Encoding: gzip\r\n", .body = "x"}, "no JSON", 1},
        {{.manner = OFFICE_SHUTS, .body = ""}, "no answer", 3},
        {{.manner = OFFICE_CUTS, .body = RECORDS(EXAM(""))}, "no answer", 3},
        {{.manner = OFFICE_RAW, .body = "SSH-2.0-OpenSSH\r\n"}, "no answer", 1},
        {{.body = RECORDS(EXAM("")), .size = 2 << 20}, "more than 1048576 bytes", 1},
    };

    (void)state;
    settings.attempts = 3;
    for (size_t i = 0; i < COUNT(rows); i++) {
        open_for(EVIDENCE_EXAM);
        office_script(office, &rows[i].answer, 1);
        refused(i, EVIDENCE_EXAM, rows[i].word);
        if (office_requests(office) != rows[i].requests)
            fail_msg("row %zu: %zu requests", i, office_requests(office));
    }
}

static void test_refused_bodies(void **state)
{
    static const struct {
        enum evidence_kind kind;
        const char *body, *word;
    } rows[] = {
        {EVIDENCE_EXAM, "", "no JSON"},
        {EVIDENCE_EXAM, "{\"records\":[", "no JSON"},
        {EVIDENCE_EXAM, "{\"records\":[]} trailing", "no JSON"},
        {EVIDENCE_EXAM, "{\"records\":[],\"records\":[]}", "no JSON"},
        {EVIDENCE_EXAM, "{\"records\":[],\"x\":\"\xff\"}", "no JSON"},
        {EVIDENCE_EXAM, "{\"records\":[],\"x\":\"\xed\xa0\x80\"}", "no JSON"},
        {EVIDENCE_EXAM, "{\"records\":[],\"x\":\"a\\u0000b\"}", "no JSON"},
        {EVIDENCE_EXAM, "{\"records\":[],\"x\":NaN}", "no JSON"},
        {EVIDENCE_EXAM, "[]", "\"records\""},
        {EVIDENCE_EXAM, "\"records\"", "no JSON"},
        {EVIDENCE_EXAM, "{}", "\"records\""},
        {EVIDENCE_EXAM, "{\"records\":null}", "\"records\""},
        {EVIDENCE_EXAM, "{\"records\":{\"0\":" EXAM("") "}}", "\"records\""},
        {EVIDENCE_EXAM, RECORDS("[]"), "no object"},
        {EVIDENCE_EXAM, RECORDS(EXAM("") ",null"), "record 2"},
        {EVIDENCE_EXAM, RECORDS("{}"), "exam_no: is missing"},
        {EVIDENCE_EXAM, RECORDS("{\"exam_no\":1}"), "exam_no: must be a string"},
        {EVIDENCE_EXAM, RECORDS(EXAM(",\"score\":87")), "no JSON"},
        {EVIDENCE_EXAM, RECORDS(EXAM("") "," EXAM("")), "twice"},
        {EVIDENCE_INSURANCE, RECORDS(MONTH("2026-02") "," MONTH("2026-02")), "twice"},
        {EVIDENCE_INSURANCE, RECORDS(MONTH("2026-2")), "month: must be"},
        {EVIDENCE_INSURANCE, RECORDS(MONTH("2026-13")), "month: must be"},
        {EVIDENCE_INSURANCE, RECORDS(MONTH("2026-02-01")), "month: must be"},
        {EVIDENCE_INSURANCE, RECORDS(MONTH("2026-04")), "month: must be"},
        {EVIDENCE_INSURANCE, RECORDS("{\"uscc\":\"" FIRM "\",\"month\":202602}"), "month: must"},
        {EVIDENCE_EDUCATION, RECORDS(LESSON "," LESSON), "twice"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct office_answer answer = {.body = rows[i].body};

        open_for(rows[i].kind);
        office_script(office, &answer, 1);
        refused(i, rows[i].kind, rows[i].word);
        assert_int_equal(office_requests(office), 1);
    }
}

/* Each member of a good record with a value that it can't have. */
static void test_refused_members(void **state)
{
    static const struct {
        const char *good, *bad, *word;
    } rows[] = {
        {"\"K-1\"", "\"\"", "exam_no"},
        {"\"K-1\"", "\"K 1\"", "exam_no"},
        {"\"K-1\"", "\"考1\"", "exam_no"},
        {"\"K-1\"", "\"12345678901234567890123456789012345678901\"", "exam_no"},
        {FIRM, "11310000MB00000008", "uscc"},
        {FIRM, "", "uscc"},
        {"\"B\"", "\"D\"", "class"},
        {"\"B\"", "\"b\"", "class"},
        {"\"B\"", "null", "class"},
        {"\"07\"", "\"7\"", "post"},
        {"\"07\"", "\"42\"", "post"},
        {"\"07\"", "7", "post"},
        {"2026-01-15", "2026-02-30", "exam_date"},
        {"2026-01-15", "2026-03-02", "exam_date"},
        {"2026-01-15", "9999-12-31", "exam_date"},
        {"2026-01-15", "0001-01-01", "exam_date"},
        {"2026-01-15", "2026-1-15", "exam_date"},
        {"2026-01-15", "2026-01-15T00:00:00Z", "exam_date"},
        {"\"2026-01-15\"", "20260115", "exam_date"},
        {"86", "-1", "score"},
        {"86", "1001", "score"},
        {"86", "85.5", "score"},
        {"86", "\"86\"", "score"},
        {"86", "true", "score"},
        {"86", "99999999999999999999", "no JSON"},
        {"true", "\"1\"", "passed"},
        {"true", "2", "passed"},
        {"true", "null", "passed"},
    };
    static const char whole[] = RECORDS(EXAM(""));

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *at = strstr(whole, rows[i].good);
        assert_non_null(at);
        struct office_answer answer = {.body =
                                           pool_printf(pool, "%.*s%s%s", (int)(at - whole), whole,
                                                       rows[i].bad, at + strlen(rows[i].good))};

        open_for(EVIDENCE_EXAM);
        office_script(office, &answer, 1);
        refused(i, EVIDENCE_EXAM, rows[i].word);
    }
}

static void test_too_much(void **state)
{
    struct text many, deep;
    struct office_answer answers[2] = {{.manner = OFFICE_WHOLE}};

    (void)state;
    text_init(&many, pool, 1 << 20);
    text_init(&deep, pool, 1 << 20);
    text_add(&many, "{\"records\":[");
    for (int i = 0; i <= EVIDENCE_RECORDS; i++)
        text_add(&many, i ? ",{}" : "{}");
    text_add(&many, "]}");
    text_add(&deep, "{\"records\":[],\"x\":");
    for (int i = 0; i < 400000; i++)
        text_char(&deep, '[');
    answers[0].body = many.data;
    answers[1].body = deep.data;
    open_for(EVIDENCE_EXAM);
    office_script(office, answers, 2);
    refused(0, EVIDENCE_EXAM, "more than 500 records");
    refused(1, EVIDENCE_EXAM, "no JSON");
}

/* The time-out holds for all attempts together. */
static void test_slow_answers(void **state)
{
    static const struct office_answer rows[] = {
        {.manner = OFFICE_SILENT, .body = ""},
        {.manner = OFFICE_DRIPS, .body = RECORDS(""), .size = 4096},
    };

    (void)state;
    settings.timeout_ms = 300;
    settings.attempts = 5;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t begun = now_ms();

        open_for(EVIDENCE_EXAM);
        office_script(office, &rows[i], 1);
        refused(i, EVIDENCE_EXAM, "no answer");
        assert_int_equal(office_requests(office), 1);
        assert_in_range(now_ms() - begun, 250, 15000);
    }
}

/* A listener whose queue is full lets nobody in: the handshake never ends. */
static void test_slow_connection(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0), waiting[8];
    int64_t begun;

    (void)state;
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 0), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    for (size_t i = 0; i < COUNT(waiting); i++) {
        waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(waiting[i], (struct sockaddr *)&address, size);
    }
    settings.timeout_ms = 400;
    settings.url[EVIDENCE_EXAM] =
        pool_printf(pool, "http://127.0.0.1:%d/", ntohs(address.sin_port));
    open_for(EVIDENCE_EXAM);
    begun = now_ms();
    refused(0, EVIDENCE_EXAM, "no answer");
    assert_in_range(now_ms() - begun, 150, 15000);
    for (size_t i = 0; i < COUNT(waiting); i++)
        close(waiting[i]);
    close(listener);
}

static void test_nobody_there(void **state)
{
    (void)state;
    settings.url[EVIDENCE_EXAM] = "http://127.0.0.1:1/";
    open_for(EVIDENCE_EXAM);
    refused(0, EVIDENCE_EXAM, "no answer");
}

static void test_retried(void **state)
{
    static const struct office_answer rows[][3] = {
        {{.status = 500, .body = ""}, {.body = RECORDS(EXAM(""))}},
        {{.status = 429, .body = ""}, {.body = RECORDS(EXAM(""))}},
        {{.manner = OFFICE_SHUTS, .body = ""}, {.body = RECORDS(EXAM(""))}},
        {{.manner = OFFICE_CUTS, .body = RECORDS(EXAM(""))}, {.body = RECORDS(EXAM(""))}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        open_for(EVIDENCE_EXAM);
        office_script(office, rows[i], 3);
        if (ask_of(EVIDENCE_EXAM) < 0)
            fail_msg("row %zu: %s", i, err.text);
        assert_int_equal(records.count, 1);
        assert_int_equal(office_requests(office), 2);
    }
}

static void test_breaker(void **state)
{
    static const struct office_answer bad = {.status = 503, .body = ""};
    static const struct office_answer good = {.body = RECORDS("")};

    (void)state;
    settings.attempts = 3;
    settings.breaker_failures = 2;
    settings.breaker_ms = 3000;
    open_for(EVIDENCE_EXAM);
    office_script(office, &bad, 1);
    refused(1, EVIDENCE_EXAM, "status 503");
    refused(2, EVIDENCE_EXAM, "status 503");
    assert_int_equal(office_requests(office), 6);
    refused(3, EVIDENCE_EXAM, "2 times in a row");
    assert_int_equal(office_requests(office), 6);
    wait_ms(3050);
    refused(4, EVIDENCE_EXAM, "status 503");
    assert_int_equal(office_requests(office), 7);
    refused(5, EVIDENCE_EXAM, "2 times in a row");
    assert_int_equal(office_requests(office), 7);
    wait_ms(3050);
    office_script(office, &good, 1);
    assert_int_equal(ask_of(EVIDENCE_EXAM), 0);
    assert_int_equal(ask_of(EVIDENCE_EXAM), 0);
    assert_int_equal(office_requests(office), 2);
    office_script(office, &bad, 1);
    refused(6, EVIDENCE_EXAM, "status 503");
    refused(7, EVIDENCE_EXAM, "status 503");
    refused(8, EVIDENCE_EXAM, "2 times in a row");
}

/* A record out of bounds is about one person: others are asked about all the same. */
static void test_breaker_leaves_records_alone(void **state)
{
    static const struct office_answer odd = {.body = RECORDS(MONTH("2026-04"))};

    (void)state;
    settings.breaker_failures = 1;
    open_for(EVIDENCE_INSURANCE);
    office_script(office, &odd, 1);
    for (size_t i = 0; i < 3; i++)
        refused(i, EVIDENCE_INSURANCE, "month");
    assert_int_equal(office_requests(office), 3);
}

static void test_question(void **state)
{
    static const struct office_answer good = {.type = "Application/JSON; charset=utf-8",
                                              .body = RECORDS("")};

    (void)state;
    settings.token_file = put_file("token", "abc.DEF-123_~+/=\n", 0600);
    open_for(EVIDENCE_EXAM);
    office_script(office, &good, 1);
    for (int i = 0; i < 3; i++)
        if (ask_of(EVIDENCE_EXAM) < 0)
            fail_msg("%s", err.text);
    assert_int_equal(office_connections(office), 1);
    const char *sent = office_last(office), *body = strstr(sent, "\r\n\r\n");
    assert_non_null(body);
    assert_memory_equal(sent, "POST /exam?v=1 HTTP/1.1\r\n", 25);
    assert_non_null(strstr(sent, "\r\nAuthorization: Bearer abc.DEF-123_~+/=\r\n"));
    assert_non_null(strstr(sent, "\r\nContent-Type: application/json\r\n"));
    assert_null(strstr(sent, "\r\nExpect"));
    assert_string_equal(body + 4,
                        "{\"id_type\":\"111\",\"id_no\":\"" ID_NO "\",\"uscc\":\"" FIRM "\"}");
}

static void test_taken(void **state)
{
    static const struct office_answer answers[] = {
        {.body = RECORDS(EXAM(",\"remark\":{\"by\":[1,null]}"))},
        {.body = "{\"total\":2,\"records\":[" MONTH("2026-02") "," MONTH("2026-01") "]}"},
        {.body = RECORDS("{\"record_no\":\"J-1\",\"uscc\":\"" FIRM "\",\"class\":\"C1\","
                         "\"hours\":12,\"completed_on\":\"2026-03-01\",\"provider\":\"培训学校\"},"
                         "{\"record_no\":\"J-0\",\"uscc\":\"" FIRM "\",\"class\":\"A\","
                         "\"hours\":1000,\"completed_on\":\"1980-01-01\",\"provider\":null}")},
    };
    static const struct date first = {2026, 1, 1}, day = {2026, 1, 15};

    (void)state;
    for (int kind = 0; kind < EVIDENCE_KINDS; kind++) {
        open_for((enum evidence_kind)kind);
        office_script(office, &answers[kind], 1);
        if (ask_of((enum evidence_kind)kind) < 0)
            fail_msg("kind %d: %s", kind, err.text);
        const struct evidence_record *record = &records.items[0];
        assert_string_equal(record->uscc, FIRM);
        if (kind == EVIDENCE_EXAM) {
            assert_int_equal(records.count, 1);
            assert_string_equal(record->number, "K-1");
            assert_string_equal(record->class_code, "B");
            assert_string_equal(record->post, "07");
            assert_int_equal(date_compare(record->date, day), 0);
            assert_int_equal(record->amount, 86);
            assert_true(record->passed);
        } else if (kind == EVIDENCE_INSURANCE) {
            assert_int_equal(records.count, 2);
            assert_int_equal(date_compare(record->date, first), 0);
        } else {
            assert_int_equal(records.count, 2);
            assert_string_equal(record->provider, "");
            assert_string_equal(records.items[1].provider, "培训学校");
            assert_int_equal(records.items[1].amount, 12);
        }
    }
}

static void test_refused_settings(void **state)
{
    static const struct {
        const char *token;
        mode_t mode;
    } rows[] = {
        {"", 0600},
        {"\n", 0600},
        {"a b\n", 0600},
        {"abc\nX-Other: 1\n", 0600},
        {"abc\n", 0644},
    };

    (void)state;
    let_go();
    for (size_t i = 0; i < COUNT(rows); i++) {
        settings.token_file = put_file("token", rows[i].token, rows[i].mode);
        if (evidence_service_open(EVIDENCE_EXAM, &settings, &source, &err) == 0)
            fail_msg("row %zu was taken", i);
        unlink(settings.token_file);
    }
    settings.token_file = in_folder("absent");
    assert_int_equal(evidence_service_open(EVIDENCE_EXAM, &settings, &source, &err), -1);
    settings.token_file = "";
    settings.authority_file = in_folder("absent");
    assert_int_equal(evidence_service_open(EVIDENCE_EXAM, &settings, &source, &err), -1);
    settings.authority_file = "";
    settings.url[EVIDENCE_EXAM] = "http://example.org/";
    assert_int_equal(evidence_service_open(EVIDENCE_EXAM, &settings, &source, &err), -1);
}

/* TLS: who is believed. */

static struct pki make(const char *name, bool authority, const struct pki *issuer)
{
    const struct pki_spec spec = {.name = name,
                                  .from = time(NULL) - 3600,
                                  .until = time(NULL) + 3600,
                                  .serial = 1,
                                  .usage = authority ? "keyCertSign" : "digitalSignature",
                                  .authority = authority};

    return pki_make(&spec, pki_ec(), issuer);
}

static SSL_CTX *context_of(const struct pki *pki)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    assert_non_null(context);
    assert_int_equal(SSL_CTX_use_certificate(context, pki->certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, pki->key), 1);
    return context;
}

static void test_tls(void **state)
{
    static const struct {
        const char *name; /* in the certificate */
        int file;         /* 0: the system's, 1: its authority, 2: another */
        bool taken;
    } rows[] = {
        {"localhost",   0, false},
        {"localhost",   2, false},
        {"other.local", 1, false},
        {"localhost",   1, true },
    };
    static const struct office_answer good = {.body = RECORDS("")};
    struct pki own = make("Own CA", true, NULL), other = make("Other CA", true, NULL);
    const char *files[] = {"", in_folder("own.pem"), in_folder("other.pem")};

    (void)state;
    pki_write_certificates(files[1], own.certificate, NULL);
    pki_write_certificates(files[2], other.certificate, NULL);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pki leaf = make(rows[i].name, false, &own);
        SSL_CTX *context = context_of(&leaf);
        struct office *guarded = office_open(context);

        office_script(guarded, &good, 1);
        settings.authority_file = files[rows[i].file];
        settings.url[EVIDENCE_EXAM] =
            pool_printf(pool, "https://localhost:%d/", office_port(guarded));
        open_for(EVIDENCE_EXAM);
        if (rows[i].taken && ask_of(EVIDENCE_EXAM) < 0)
            fail_msg("row %zu: %s", i, err.text);
        if (!rows[i].taken)
            refused(i, EVIDENCE_EXAM, "no answer");
        assert_int_equal(office_requests(guarded), rows[i].taken ? 1 : 0);
        let_go();
        office_close(&guarded);
        SSL_CTX_free(context);
        pki_free(&leaf);
    }
    unlink(files[1]);
    unlink(files[2]);
    pki_free(&own);
    pki_free(&other);
}

static int each(void **state)
{
    (void)state;
    let_go();
    pool_reset(pool);
    settings = (struct evidence_settings){.token_file = "",
                                          .authority_file = "",
                                          .timeout_ms = 10000,
                                          .attempts = 2,
                                          .breaker_failures = 1000,
                                          .breaker_ms = 60000};
    for (int kind = 0; kind < EVIDENCE_KINDS; kind++)
        settings.url[kind] = pool_printf(pool, "http://127.0.0.1:%d/exam?v=1", office_port(office));
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_refused_settings, each),
        cmocka_unit_test_setup(test_refused_answers, each),
        cmocka_unit_test_setup(test_refused_bodies, each),
        cmocka_unit_test_setup(test_refused_members, each),
        cmocka_unit_test_setup(test_too_much, each),
        cmocka_unit_test_setup(test_slow_answers, each),
        cmocka_unit_test_setup(test_slow_connection, each),
        cmocka_unit_test_setup(test_nobody_there, each),
        cmocka_unit_test_setup(test_tls, each),
        cmocka_unit_test_setup(test_retried, each),
        cmocka_unit_test_setup(test_breaker, each),
        cmocka_unit_test_setup(test_breaker_leaves_records_alone, each),
        cmocka_unit_test_setup(test_question, each),
        cmocka_unit_test_setup(test_taken, each),
    };

    signal(SIGPIPE, SIG_IGN);
    if (!mkdtemp(folder))
        return 1;
    pool = pool_new(0, 0);
    office = office_open(NULL);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    let_go();
    office_close(&office);
    unlink(in_folder("token"));
    pool_free(&pool);
    rmdir(folder);
    return failed ? 1 : 0;
}
