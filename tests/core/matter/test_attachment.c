/* Attachments: what a file is called, kept once, sealed, read back under the audit's eyes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/matter/attachment.h"
#include "core/matter/change.h"
#include "core/matter/matter.h"
#include "tests/core/document/fixture.h"
#include "tests/core/scan/paper_pdf.h"
#include "tests/core/testdb.h"

enum { CLERK = 7, OTHER_CLERK = 8 };

static struct testdb *testdb;
static char program[512];

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    testdb->core.scanner = program;
    return 0;
}

static const struct actor clerk = {ACTOR_STAFF, CLERK, "request-1"},
                          other = {ACTOR_STAFF, OTHER_CLERK, "request-2"};

static struct change change_of(const struct actor *actor)
{
    return (struct change){.db = testdb->db,
                           .pool = testdb->pool,
                           .core = &testdb->core,
                           .actor = actor,
                           .today = testdb_today,
                           .now_ms = clock_now_ms()};
}

static void begin(void)
{
    struct err err = {0};

    if (db_begin(testdb->db, &err) < 0)
        fail_msg("%s", err.text);
}

static void end(struct change *change)
{
    struct err err = {0};

    if (change_end(change, &err) < 0 || db_commit(testdb->db, &err) < 0)
        fail_msg("%s", err.text);
}

static uint64_t matter_new(void)
{
    struct matter matter;
    struct err err = {0};

    if (matter_open(testdb->db, &clerk,
                    &(struct matter_new){.item = ITEM_NAME_CHANGE, .state = MATTER_OPEN}, testdb_today,
                    clock_now_ms(), &matter, &err) < 0)
        fail_msg("%s", err.text);
    return matter.id;
}

static struct attachment_file check(const char *name, struct bytes sent)
{
    struct attachment_file file;
    enum scan_fault fault;
    struct err err = {0};

    if (attachment_check(&testdb->core, testdb->pool, name, sent, &file, &fault, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(fault, SCAN_GOOD);
    return file;
}

static struct bytes page(void)
{
    return paper_page(testdb->pool, "", "", NULL);
}

static struct bytes picture(void)
{
    const struct fixture_photo kind = {600, 800, FIXTURE_COLOUR, 85, false, true};

    return fixture_photo(testdb->pool, &kind);
}

static void test_names(void **state)
{
    static const struct {
        const char *sent, *kept;
    } rows[] = {
        {"企业情况说明.pdf", "企业情况说明.pdf"},
        {"scan 001.PDF", "scan 001.pdf"},
        {"../../etc/passwd", "passwd.pdf"},
        {"C:\\Users\\a\\b.pdf", "b.pdf"},
        {"a.pdf.exe", "a.pdf"},
        {"a.exe.pdf", "a.pdf"},
        {"invoice\xe2\x80\xae" "fdp.exe", "invoicefdp.pdf"},
        {"a\xe2\x80\x8b" "b.pdf", "ab.pdf"},
        {"a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"},
        {"\"><script>.pdf", "script.pdf"},
        {".htaccess", "htaccess.pdf"},
        {"...", "材料.pdf"},
        {"", "材料.pdf"},
        {".pdf", "材料.pdf"},
        {"\xff\xfe.pdf", "材料.pdf"},
        {"CON:|*?%;.pdf", "CON.pdf"},
    };
    struct text overlong;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(attachment_name(testdb->pool, rows[i].sent, "application/pdf"),
                            rows[i].kept);
    assert_string_equal(attachment_name(testdb->pool, "a.pdf", "image/jpeg"), "a.jpg");
    text_init(&overlong, testdb->pool, 10000);
    for (int i = 0; i < 500; i++)
        text_add(&overlong, "长");
    assert_int_equal(utf8_count(attachment_name(testdb->pool, overlong.data, "image/jpeg")),
                     ATTACHMENT_NAME + 4);
}

static void test_refused(void **state)
{
    static const struct bytes script = {(const uint8_t *)"<script>alert(1)</script>", 25};
    struct attachment_file file;
    enum scan_fault fault;
    struct err err = {0};

    (void)state;
    assert_int_equal(attachment_check(&testdb->core, testdb->pool, "a.pdf", script, &file, &fault,
                                      &err),
                     0);
    assert_int_equal(fault, SCAN_FOREIGN);
    testdb->core.scanner = "/nonexistent/ecert-scan";
    assert_int_equal(attachment_check(&testdb->core, testdb->pool, "a.pdf", script, &file, &fault,
                                      &err),
                     -1);
    assert_int_equal(err.kind, ERR_SYSTEM);
}

static void test_kept_and_read(void **state)
{
    struct change change = change_of(&clerk);
    struct attachment_file pdf = check("张三的身份证.pdf", page()), jpeg = check("b.png", picture());
    const struct attachment *rows;
    struct attachment found;
    struct err err = {0};
    uint64_t matter, id, again, second;
    struct bytes body;
    size_t count;

    (void)state;
    begin();
    matter = matter_new();
    assert_int_equal(attachment_add(&change, matter, "letter", &pdf, &id, &err), 0);
    assert_int_equal(attachment_add(&change, matter, "letter", &pdf, &again, &err), 0);
    assert_int_equal(id, again);
    assert_int_equal(attachment_add(&change, matter, "id_card", &jpeg, &second, &err), 0);
    end(&change);
    testdb_audited(testdb, 2);

    assert_int_equal(attachment_list(testdb->db, testdb->pool, &testdb->core, matter, &rows, &count, &err),
                     0);
    assert_int_equal(count, 2);
    assert_string_equal(rows[0].name, "张三的身份证.pdf");
    assert_string_equal(rows[1].name, "b.jpg");
    assert_string_equal(rows[1].kind, "id_card");
    assert_int_equal(rows[1].added_by, CLERK);
    /* Neither the name nor the content is there to be read. */
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM attachment WHERE"
                                           " INSTR(name_sealed, '张三') OR INSTR(body_sealed, '%%PDF')"),
                     0);

    change = change_of(&other);
    begin();
    assert_int_equal(attachment_read(&change, id, &found, &body, &err), 1);
    assert_int_equal(body.size, found.size);
    assert_memory_equal(body.data, "%PDF-", 5);
    assert_int_equal(attachment_read(&change, 999, &found, &body, &err), 0);
    end(&change);
    testdb_audited(testdb, 3);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM audit_event WHERE action ="
                                           " 'attachment.read' AND actor_id = %d",
                                   OTHER_CLERK),
                     1);
}

/* A body that was put in another's place does not open, and one that was sealed anew is noticed. */
static void test_tampered(void **state)
{
    struct change change = change_of(&clerk);
    struct attachment_file file = check("a.pdf", page());
    struct attachment found;
    struct err err = {0};
    uint64_t id;
    struct bytes body;

    (void)state;
    begin();
    assert_int_equal(attachment_add(&change, matter_new(), "letter", &file, &id, &err), 0);
    end(&change);
    testdb_sql(testdb, "UPDATE attachment SET body_sealed = name_sealed");
    change = change_of(&clerk);
    assert_int_equal(attachment_read(&change, id, &found, &body, &err), -1);
    assert_int_equal(err.kind, ERR_CRYPTO);
    testdb_sql(testdb, "DELETE FROM attachment");
    change = change_of(&clerk);
    begin();
    file.sha256[0] ^= 1;
    assert_int_equal(attachment_add(&change, matter_new(), "letter", &file, &id, &err), 0);
    end(&change);
    assert_int_equal(attachment_read(&change, id, &found, &body, &err), -1);
    assert_int_equal(err.kind, ERR_CRYPTO);
}

static void test_tied(void **state)
{
    struct change change = change_of(&clerk), others = change_of(&other);
    struct attachment_file file = check("a.pdf", page());
    const struct attachment *rows;
    struct err err = {0};
    uint64_t matter, id, foreign;
    size_t count;

    (void)state;
    begin();
    assert_int_equal(attachment_add(&change, 0, "letter", &file, &id, &err), 0);
    assert_int_equal(attachment_add(&others, 0, "letter", &file, &foreign, &err), 0);
    assert_int_not_equal(id, foreign); /* each has his own */
    matter = matter_new();
    /* Not as another paper than it was handed in as. */
    assert_int_equal(attachment_tie(&change, id, "identity", matter, &err), -1);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_int_equal(attachment_tie(&change, id, "letter", matter, &err), 0);
    assert_int_equal(attachment_tie(&change, id, "letter", matter, &err), -1);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_int_equal(attachment_tie(&change, foreign, "letter", matter, &err), -1);
    end(&change);
    assert_int_equal(attachment_list(testdb->db, testdb->pool, &testdb->core, matter, &rows, &count, &err),
                     0);
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].id, id);
}

static void test_too_many(void **state)
{
    struct change change = change_of(&clerk);
    struct attachment_file file = check("a.pdf", page());
    struct err err = {0};
    uint64_t matter, id;

    (void)state;
    begin();
    matter = matter_new();
    for (int i = 0; i < ATTACHMENTS_MAX; i++) {
        file.sent[0]++;
        assert_int_equal(attachment_add(&change, matter, "letter", &file, &id, &err), 0);
    }
    file.sent[0]++;
    assert_int_equal(attachment_add(&change, matter, "letter", &file, &id, &err), -1);
    assert_int_equal(err.kind, ERR_LIMIT);
    db_rollback(testdb->db);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_names),    TEST(test_refused), TEST(test_kept_and_read),
        TEST(test_tampered), TEST(test_tied),    TEST(test_too_many),
    };
    const char *top = getenv("TOP_BUILDDIR");
    int failed;

    snprintf(program, sizeof(program), "%s/ecert-scan", top ? top : ".");
    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed;
}
