/* Imports against a real database: what is refused and how it is told, then what is taken. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <jpeglib.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/import/import.h"
#include "core/places.h"
#include "core/upkeep/migrate.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct db_settings settings = {
    .user = "root", .password = "", .host = "", .schema = "", .timeout_ms = 120000};
static struct policy policy = {.province = "沪", .issuer_code = "11310000MB00000009"};
static struct core core = {.policy = &policy, .verify_origin = "https://localhost"};
static struct vault *vault;
static struct db *db;
static struct pool *pool;
static char folder[] = "/tmp/ecert-import.XXXXXX";
static char path[300];

static void in_folder(const char *name)
{
    snprintf(path, sizeof(path), "%s/%s", folder, name);
}

static void put_file(const char *name, const void *data, size_t size)
{
    in_folder(name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    fclose(file);
}

static void script(const char *sql)
{
    struct err err = {0};

    if (db_script(db, sql, &err) < 0)
        fail_msg("%s: %s", sql, err.text);
}

static int64_t number(const char *sql)
{
    const struct db_query query = {"test_number", sql};
    struct db *own = db_new(&settings);
    const struct db_value *row;
    struct err err = {0};

    assert_int_equal(db_ready(own, &err), 0);
    if (db_find(own, pool, &query, DB_NO_ARGS, &row, &err) != 1)
        fail_msg("%s: %s", sql, err.text);
    int64_t value = db_as_int(&row[0]);
    db_free(&own);
    return value;
}

/* Everything that an import may write, as one number. */
static int64_t fingerprint(void)
{
    return number("SELECT CAST(CONV(LEFT(MD5(CONCAT_WS('|',"
                  " (SELECT GROUP_CONCAT(CONCAT_WS(':', id, name, updated_at, HEX(phone_sealed)))"
                  " FROM enterprise),"
                  " (SELECT GROUP_CONCAT(CONCAT_WS(':', id, name, updated_at, HEX(phone_sealed),"
                  " capture_id)) FROM person),"
                  " (SELECT GROUP_CONCAT(CONCAT_WS(':', id, number, updated_at))"
                  " FROM paper_certificate),"
                  " (SELECT COUNT(*) FROM identity_capture), (SELECT COUNT(*) FROM import_run),"
                  " (SELECT COUNT(*) FROM audit_event), (SELECT COUNT(*) FROM exam_result),"
                  " (SELECT COUNT(*) FROM insurance), (SELECT COUNT(*) FROM education)"
                  ")), 8), 16, 10) AS SIGNED)");
}

static void take(const char *kind, const char *text, bool dry_run, struct import_result *result)
{
    struct import import = {.kind = import_kind_find(kind),
                            .path = path,
                            .dry_run = dry_run,
                            .actor = {ACTOR_OPERATOR, 7, ""}};
    struct err err = {0};

    assert_non_null(import.kind);
    put_file("file.csv", text, strlen(text));
    if (import_file(db, pool, &core, &import, result, &err) < 0)
        fail_msg("%s: %s", kind, err.text);
}

static bool has_problem(const struct import_result *result, size_t line, const char *column,
                        const char *word)
{
    for (size_t i = 0; i < result->kept; i++)
        if (result->problems[i].line == line && strcmp(result->problems[i].column, column) == 0 &&
            strstr(result->problems[i].text, word))
            return true;
    for (size_t i = 0; i < result->kept; i++)
        print_error("  %zu %s \"%s\" %s\n", result->problems[i].line, result->problems[i].column,
                    result->problems[i].value, result->problems[i].text);
    return false;
}

/* The numbers are the samples of GB 11643 and GB 32100. */
#define ENTERPRISE_HEAD "uscc,name,region,province,legal_rep_name,legal_rep_id_type,legal_rep_id_no,phone\n"
#define PEOPLE_HEAD "id_type,id_no,name,sex,birth,education,technical_title,phone,photo\n"
#define PAPER_HEAD                                                                                 \
    "number,class,id_type,id_no,uscc,enterprise_name,post,first_issued,valid_from,valid_until,"    \
    "held_since\n"

#define FIRM_ROW "11110000000021135M,沪东示范建设有限公司,local,上海,,,,021-5555\n"
#define PERSON_ROW "111,11010519491231002X,示范人,2,1949-12-31,03,,13800000000,\n"
#define PAPER_ROW                                                                                  \
    "沪建安C（2020）0000001,C,111,11010519491231002X,11110000000021135M,沪东示范建设有限公司,08,"  \
    "2020-01-01,2023-01-01,2099-12-31,2020-01-01\n"

static void empty_tables(void)
{
    static const char *const tables[] = {"identity_capture", "paper_certificate", "exam_result",
                                         "insurance", "education", "person", "enterprise",
                                         "import_run"};
    char sql[64];

    for (size_t i = 0; i < COUNT(tables); i++) {
        snprintf(sql, sizeof(sql), "DELETE FROM %s", tables[i]);
        script(sql);
    }
}

static int set_up(void **state)
{
    (void)state;
    empty_tables();
    return 0;
}

static void take_base(void)
{
    struct import_result result;

    take("enterprises", ENTERPRISE_HEAD FIRM_ROW, false, &result);
    assert_int_equal(result.added, 1);
    take("people", PEOPLE_HEAD PERSON_ROW, false, &result);
    assert_int_equal(result.added, 1);
}

/* One wrong line each; the line is always 2. */
static void test_each_problem(void **state)
{
    static const struct {
        const char *kind, *text, *column, *word;
    } rows[] = {
        {"enterprises", ENTERPRISE_HEAD "11110000000021135N,名称,local,,,,,\n", "uscc", "code"},
        {"enterprises", ENTERPRISE_HEAD "11110000000021135M,,local,,,,,\n", "name", "empty"},
        {"enterprises", ENTERPRISE_HEAD "11110000000021135M,名称,loc,,,,,\n", "region", "one of"},
        {"enterprises", ENTERPRISE_HEAD "11110000000021135M,名称,local outside,,,,,\n", "region",
         "one of"},
        {"enterprises", ENTERPRISE_HEAD "11110000000021135M,名称,local,,,111,,\n",
         "legal_rep_id_no", "together"},
        {"enterprises", ENTERPRISE_HEAD "11110000000021135M,名称,local,,甲,111,1,\n",
         "legal_rep_id_no", "no number"},
        {"enterprises", ENTERPRISE_HEAD "11110000000021135M,名称,local,,,,,abc\n", "phone",
         "digits"},
        {"people", PEOPLE_HEAD "112,1,甲,1,1980-01-01,,,,\n", "id_type", "must be 111"},
        {"people", PEOPLE_HEAD "111,110105194912310021,甲,1,1949-12-31,,,,\n", "id_no", "no number"},
        {"people", PEOPLE_HEAD "111,11010519491231002X,甲,1,1949-12-31,,,,\n", "sex", "id_no"},
        {"people", PEOPLE_HEAD "111,11010519491231002X,甲,2,1949-12-30,,,,\n", "birth", "id_no"},
        {"people", PEOPLE_HEAD "111,11010519491231002X,甲,2,1949-02-30,,,,\n", "birth", "date"},
        {"people", PEOPLE_HEAD "414,AB12345,甲,2,2999-01-01,,,,\n", "birth", "after today"},
        {"people", PEOPLE_HEAD "414,AB12345,甲,3,1999-01-01,,,,\n", "sex", "1 to 2"},
        {"people", PEOPLE_HEAD "414,AB12345,甲,2,1999-01-01,08,,,\n", "education", "one of"},
        {"people", PEOPLE_HEAD "414,AB12345,甲,2,1999-01-01,01 02,,,\n", "education", "one of"},
        {"people", PEOPLE_HEAD "414,AB12345,甲,2,1999-01-01,03,06,,\n", "technical_title", "one of"},
        {"people", PEOPLE_HEAD "414,AB12345,,2,1999-01-01,03,,,\n", "name", "empty"},
        {"people", PEOPLE_HEAD "414,AB12345,甲,2,1999-01-01,03,,,../x.jpg\n", "photo", "same folder"},
        {"people", PEOPLE_HEAD "414,AB12345,甲,2,1999-01-01,03,,,/etc/passwd\n", "photo",
         "same folder"},
        {"people", PEOPLE_HEAD "414,AB12345,甲,2,1999-01-01,03,,,none.jpg\n", "photo", "opened"},
        {"people", PEOPLE_HEAD "414,AB12345,甲,2,1999-01-01\n", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct import_result result;
        take(rows[i].kind, rows[i].text, false, &result);
        if (result.problem_count != 1 || !has_problem(&result, 2, rows[i].column, rows[i].word))
            fail_msg("row %zu: %llu problems", i, (unsigned long long)result.problem_count);
    }
    assert_int_equal(number("SELECT (SELECT COUNT(*) FROM enterprise)"
                            " + (SELECT COUNT(*) FROM person)"), 0);
}

static void test_each_paper_problem(void **state)
{
#define P_REST ",111,11010519491231002X,11110000000021135M,企业名称,"
#define P_DATES ",2020-01-01,2023-01-01,2099-12-31,2020-01-01\n"
    static const struct {
        const char *text, *column, *word;
    } rows[] = {
        {"沪建安C3（2020）000001,C3" P_REST "08" P_DATES, "number", "no certificate's"},
        {"京建安C3（2020）0000001,C3" P_REST "08" P_DATES, "number", "no certificate's"},
        {"沪建安C3（2020）0000001,C2" P_REST "08" P_DATES, "number", "names class C3"},
        {"沪建安C3（2020）0000001,D" P_REST "08" P_DATES, "class", "must be A"},
        {"沪建安A（2020）0000001,A" P_REST "07" P_DATES, "post", "class A"},
        {"沪建安B（2020）0000001,B" P_REST "08" P_DATES, "post", "class B"},
        {"沪建安C（2020）0000001,C" P_REST "07" P_DATES, "post", "class C3"},
        {"沪建安C（2020）0000001,C" P_REST "10" P_DATES, "post", "01 to 08"},
        {"沪建安C（2020）0000001,C" P_REST "08,2020-01-01,2023-01-01,2023-01-01,2020-01-01\n",
         "valid_until", "after valid_from"},
        {"沪建安C（2020）0000001,C" P_REST "08,2024-01-01,2023-01-01,2099-01-01,2024-01-01\n",
         "first_issued", "not be after"},
        {"沪建安C（2020）0000001,C" P_REST "08,2020-01-01,2023-01-01,2099-01-01,2019-01-01\n",
         "held_since", "before first_issued"},
        {"沪建安C（2020）0000001,C,111,11010519491231002X,11100000000013338W,名称,08" P_DATES, "uscc",
         "no enterprise"},
        {"沪建安C（2020）0000001,C,414,AB12345,11110000000021135M,名称,08" P_DATES, "id_no",
         "no person"},
    };

    (void)state;
    take_base();
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct import_result result;
        char text[1024];
        snprintf(text, sizeof(text), "%s%s", PAPER_HEAD, rows[i].text);
        take("paper_certificates", text, false, &result);
        if (result.problem_count != 1 || !has_problem(&result, 2, rows[i].column, rows[i].word))
            fail_msg("row %zu: %llu problems", i, (unsigned long long)result.problem_count);
    }
    assert_int_equal(number("SELECT COUNT(*) FROM paper_certificate"), 0);
}

static void test_all_problems_at_once_and_masked(void **state)
{
    struct import_result result;
    int64_t before = fingerprint();

    (void)state;
    take("people",
         PEOPLE_HEAD "111,110105194912310021,甲,9,1949-13-31,,,,\n"
                     "414,AB12345,乙,1,1999-01-01,,,,\n"
                     "414,\"AB12\n345\"x,丙,1,1999-01-01,,,,\n"
                     "414,AB12345,丁,1,1999-01-01,,,,\n",
         false, &result);
    assert_true(has_problem(&result, 2, "id_no", "no number"));
    assert_true(has_problem(&result, 2, "sex", "1 to 2"));
    assert_true(has_problem(&result, 2, "birth", "date"));
    assert_true(has_problem(&result, 4, "", ""));
    assert_true(has_problem(&result, 6, "id_no", "on line 3"));
    assert_int_equal(result.problem_count, 5);
    for (size_t i = 0; i < result.kept; i++)
        assert_null(strstr(result.problems[i].value, "194912"));
    assert_int_equal(fingerprint(), before);
}

static void test_problems_are_counted_beyond_the_kept(void **state)
{
    struct import_result result;
    size_t size = 64 * (IMPORT_PROBLEMS + 300);
    char *text = malloc(size);
    size_t length = (size_t)snprintf(text, size, "%s", PEOPLE_HEAD);

    (void)state;
    for (int i = 0; i < IMPORT_PROBLEMS + 234; i++)
        length += (size_t)snprintf(text + length, size - length, "414,PA%06d,甲,5,1999-01-01,,,,\n", i);
    take("people", text, false, &result);
    free(text);
    assert_int_equal(result.problem_count, IMPORT_PROBLEMS + 234);
    assert_int_equal(result.kept, IMPORT_PROBLEMS);
}

static void test_taken_once(void **state)
{
    struct import_result result;

    (void)state;
    take_base();
    take("paper_certificates", PAPER_HEAD PAPER_ROW, false, &result);
    assert_int_equal(result.added, 1);
    assert_int_equal(number("SELECT COUNT(*) FROM paper_certificate WHERE class = 'C3'"
                            " AND number = '沪建安C（2020）0000001'"), 1);
    int64_t before = fingerprint();
    take("enterprises", ENTERPRISE_HEAD FIRM_ROW, false, &result);
    assert_int_equal(result.added + result.changed, 0);
    take("people", PEOPLE_HEAD PERSON_ROW, false, &result);
    assert_int_equal(result.added + result.changed, 0);
    take("paper_certificates", PAPER_HEAD PAPER_ROW, false, &result);
    assert_int_equal(result.added + result.changed, 0);
    assert_int_equal(fingerprint(), before);
}

/* However its dot was typed, a name is one. */
static void test_names_are_normal(void **state)
{
    static const char *const typed[] = {"古丽•示范", "　古丽・示范 ", "古丽.示范", "古丽·示范"};
    struct import_result result;

    (void)state;
    for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
        char row[256];

        text_format(row, sizeof(row), PEOPLE_HEAD "414,AB12345,%s,2,1999-01-01,03,,,\n", typed[i]);
        take("people", row, false, &result);
        assert_int_equal(result.added + result.changed, i == 0);
    }
    assert_int_equal(number("SELECT COUNT(*) FROM person WHERE name = '古丽·示范'"), 1);
}

static void test_dry_run_tells_and_keeps_nothing(void **state)
{
    struct import_result result;
    int64_t before = fingerprint();

    (void)state;
    take("people", PEOPLE_HEAD PERSON_ROW, true, &result);
    assert_int_equal(result.added, 1);
    assert_int_equal(fingerprint(), before);
}

static void test_changes_are_counted(void **state)
{
    static const char *const rows[] = {
        "111,11010519491231002X,改名人,2,1949-12-31,03,,13800000000,\n",
        "111,11010519491231002x,改名人,2,1949-12-31,03,,13800000001,\n", /* phone */
        "111,11010519491231002X,改名人,2,1949-12-31,03,,,\n",            /* no phone */
        "111,11010519491231002X,改名人,2,1949-12-31,04,02,,\n",
    };
    struct import_result result;

    (void)state;
    take_base();
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[512];
        snprintf(text, sizeof(text), "%s%s", PEOPLE_HEAD, rows[i]);
        take("people", text, false, &result);
        if (result.changed != 1 || result.added != 0)
            fail_msg("row %zu: %llu changed", i, (unsigned long long)result.changed);
        int64_t before = fingerprint();
        take("people", text, false, &result);
        assert_int_equal(result.changed, 0);
        assert_int_equal(fingerprint(), before);
    }
    take("enterprises", ENTERPRISE_HEAD
         "11110000000021135M,沪东示范建设（集团）有限公司,outside,江苏,示范人,111,"
         "11010519491231002X,021-6666\n", false, &result);
    assert_int_equal(result.changed, 1);
    assert_int_equal(number("SELECT COUNT(*) FROM enterprise e JOIN person p"
                            " ON p.id_no_hash = e.legal_rep_id_hash WHERE e.region = 'outside'"), 1);
}

static void test_exchanged_is_not_changed(void **state)
{
    struct import_result result;

    (void)state;
    take_base();
    take("paper_certificates", PAPER_HEAD PAPER_ROW, false, &result);
    script("UPDATE paper_certificate SET certificate_id = 42");
    take("paper_certificates", PAPER_HEAD PAPER_ROW, false, &result);
    assert_int_equal(result.problem_count, 0);
    take("paper_certificates",
         PAPER_HEAD "沪建安C（2020）0000001,C,111,11010519491231002X,11110000000021135M,另名公司,08,"
                    "2020-01-01,2023-01-01,2099-12-31,2020-01-01\n",
         false, &result);
    assert_int_equal(result.problem_count, 1);
    assert_true(has_problem(&result, 2, "number", "exchanged"));
}

static void *commit_soon(void *context)
{
    struct db *other = context;
    struct err err = {0};

    usleep(500000);
    return db_commit(other, &err) < 0 ? other : NULL;
}

/* Checked while an exchange was under way, merged when it was done. */
static void test_exchanged_meanwhile(void **state)
{
    struct db *other = db_new(&settings);
    struct import_result result;
    struct err err = {0};
    pthread_t thread;
    void *failure;

    (void)state;
    take_base();
    take("paper_certificates", PAPER_HEAD PAPER_ROW, false, &result);
    if (db_ready(other, &err) < 0 || db_begin(other, &err) < 0 ||
        db_script(other, "UPDATE paper_certificate SET certificate_id = 42", &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(pthread_create(&thread, NULL, commit_soon, other), 0);
    take("paper_certificates",
         PAPER_HEAD "沪建安C（2020）0000002,C,111,11010519491231002X,11110000000021135M,新名公司,08,"
                    "2020-01-01,2023-01-01,2099-12-31,2020-01-01\n"
                    "沪建安C（2020）0000001,C,111,11010519491231002X,11110000000021135M,另名公司,08,"
                    "2020-01-01,2023-01-01,2099-12-31,2020-01-01\n",
         false, &result);
    pthread_join(thread, &failure);
    assert_null(failure);
    db_free(&other);
    assert_int_equal(result.problem_count, 1);
    assert_true(has_problem(&result, 3, "number", "exchanged"));
    assert_int_equal(number("SELECT COUNT(*) FROM paper_certificate"), 1);
}

static void test_evidence(void **state)
{
    static const struct {
        const char *kind, *text;
    } rows[] = {
        {"exam_results", "exam_no,id_type,id_no,uscc,class,post,exam_date,score,passed\n"
                         "K1,111,11010519491231002X,11110000000021135M,A,02,2025-01-01,88,1\n"
                         "K2,111,11010519491231002X,11110000000021135M,B,07,2025-01-01,50,0\n"},
        {"insurance", "id_type,id_no,uscc,month\n"
                      "111,11010519491231002X,11110000000021135M,2025-01\n"
                      "111,11010519491231002X,11110000000021135M,2025-02\n"},
        {"education", "record_no,id_type,id_no,uscc,class,hours,completed_on,provider\n"
                      "E1,111,11010519491231002X,11110000000021135M,A,24,2025-01-01,示范学校\n"
                      "E2,111,11010519491231002X,11110000000021135M,C,8,2025-02-01,\n"},
    };
    struct import_result result;

    (void)state;
    take_base();
    for (size_t i = 0; i < COUNT(rows); i++) {
        take(rows[i].kind, rows[i].text, false, &result);
        assert_int_equal(result.problem_count, 0);
        assert_int_equal(result.added, 2);
        int64_t before = fingerprint();
        take(rows[i].kind, rows[i].text, false, &result);
        assert_int_equal(result.added + result.changed, 0);
        assert_int_equal(fingerprint(), before);
    }
    take("insurance",
         "id_type,id_no,uscc,month\n111,11010519491231002X,11110000000021135M,2025-13\n"
         "111,11010519491231002X,11110000000021135M,2999-01\n"
         "414,AB12345,11110000000021135M,2025-01\n",
         false, &result);
    assert_int_equal(result.problem_count, 3);
    assert_true(has_problem(&result, 2, "month", "yyyy-mm"));
    assert_true(has_problem(&result, 3, "month", "after"));
    assert_true(has_problem(&result, 4, "id_no", "no person"));
}

/* Photos */

static void put_jpeg(const char *name, int width, int height, int components, int shade)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *data = NULL, *line = malloc((size_t)width * 4);
    unsigned long size = 0;

    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &data, &size);
    jpeg.image_width = (JDIMENSION)width;
    jpeg.image_height = (JDIMENSION)height;
    jpeg.input_components = components;
    jpeg.in_color_space = components == 4 ? JCS_CMYK : JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
        memset(line, shade + (int)(jpeg.next_scanline % 8) * 4, (size_t)width * 4);
        jpeg_write_scanlines(&jpeg, &line, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    put_file(name, data, size);
    free(data);
    free(line);
}

static void test_bad_photos(void **state)
{
    static const unsigned char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10";
    static char large[60 * 1024];
    struct import_result result;
    struct stat status;

    (void)state;
    put_jpeg("cut.jpg", 295, 413, 3, 100);
    stat(path, &status);
    assert_int_equal(truncate(path, status.st_size / 2), 0);
    put_jpeg("cmyk.jpg", 295, 413, 4, 100);
    put_jpeg("small.jpg", 20, 20, 3, 100);
    put_file("png.jpg", png, sizeof(png));
    put_file("large.jpg", large, sizeof(large));
    put_file("empty.jpg", "", 0);
    in_folder("link.jpg");
    unlink(path);
    assert_int_equal(symlink("cmyk.jpg", path), 0);
    take("people", PEOPLE_HEAD "414,PA000001,甲,1,1999-01-01,,,,cut.jpg\n"
                               "414,PA000002,甲,1,1999-01-01,,,,cmyk.jpg\n"
                               "414,PA000003,甲,1,1999-01-01,,,,small.jpg\n"
                               "414,PA000004,甲,1,1999-01-01,,,,png.jpg\n"
                               "414,PA000005,甲,1,1999-01-01,,,,large.jpg\n"
                               "414,PA000006,甲,1,1999-01-01,,,,empty.jpg\n"
                               "414,PA000007,甲,1,1999-01-01,,,,link.jpg\n"
                               "414,PA000008,甲,1,1999-01-01,,,,.\n",
         false, &result);
    assert_int_equal(result.problem_count, 8);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(result.problems[i].line, i + 2);
        assert_string_equal(result.problems[i].column, "photo");
    }
    assert_int_equal(number("SELECT COUNT(*) FROM person"), 0);
}

static void test_photos_taken_once(void **state)
{
    static const char text[] = PEOPLE_HEAD "414,PA000001,甲,1,1999-01-01,,,,one.jpg\n";
    static const char other[] = PEOPLE_HEAD "414,PA000001,甲,1,1999-01-01,,,,two.jpg\n";
    struct import_result result;

    (void)state;
    put_jpeg("one.jpg", 295, 413, 3, 100);
    put_jpeg("two.jpg", 295, 413, 3, 180);
    take("people", text, false, &result);
    assert_int_equal(result.photos, 1);
    assert_int_equal(number("SELECT COUNT(*) FROM person p JOIN identity_capture c"
                            " ON c.id = p.capture_id WHERE c.width = 295"), 1);
    take("people", text, false, &result);
    assert_int_equal(result.photos, 0);
    take("people", other, false, &result);
    assert_int_equal(result.photos, 1);
    assert_int_equal(result.changed, 0);
    /* An old photo again is no news: the newer one stays. */
    take("people", text, false, &result);
    assert_int_equal(result.photos, 0);
    /* And an empty column takes no photo away. */
    take("people", PEOPLE_HEAD "414,PA000001,甲,1,1999-01-01,,,,\n", false, &result);
    assert_int_equal(number("SELECT COUNT(*) FROM person p JOIN identity_capture c"
                            " ON c.id = p.capture_id AND c.id = (SELECT MAX(id)"
                            " FROM identity_capture)"), 1);
}

static void test_sealed_columns_open(void **state)
{
    const struct db_query query = {"test_sealed", "SELECT " ID_NO_BOX("person") ", phone_sealed FROM person"};
    const struct db_value *row;
    struct bytes plain;
    struct err err = {0};

    (void)state;
    take_base();
    assert_int_equal(db_find(db, pool, &query, DB_NO_ARGS, &row, &err), 1);
    assert_int_equal(id_no_open(vault, pool, db_as_bytes(&row[0]), &plain, &err), 0);
    assert_memory_equal(plain.data, "11010519491231002X", 18);
    /* The number is bound to the hash that it is found by. */
    assert_int_equal(number("SELECT ASCII(id_no_sealed) FROM person"), 2);
    assert_int_equal(vault_open(vault, pool, PLACE_PERSON_PHONE, db_as_bytes(&row[1]), &plain, &err), 0);
    assert_memory_equal(plain.data, "13800000000", 11);
}

/* More lines than a block, with a rest: every line arrives. */
static void test_many_lines(void **state)
{
    enum { LINES = 1234 };
    struct import_result result;
    size_t size = 64 * (LINES + 10);
    char *text = malloc(size);
    size_t length = (size_t)snprintf(text, size, "\xef\xbb\xbf%s", PEOPLE_HEAD);

    (void)state;
    for (int i = 0; i < LINES; i++)
        length += (size_t)snprintf(text + length, size - length,
                                   "414,PA%06d,甲,1,1999-01-01,,,021-%05d,\r\n", i, i);
    take("people", text, false, &result);
    assert_int_equal(result.rows, LINES);
    assert_int_equal(result.added, LINES);
    take("people", text, false, &result);
    free(text);
    assert_int_equal(result.added + result.changed, 0);
    assert_int_equal(number("SELECT COUNT(*) FROM person"), LINES);
}

static int connect_all(void)
{
    struct err err = {0};
    struct db *first = db_new(&settings);

    if (db_ready(first, &err) < 0 || db_script(first, "DROP DATABASE IF EXISTS ecert_import", &err) < 0 ||
        db_script(first, "CREATE DATABASE ecert_import CHARACTER SET utf8mb4", &err) < 0)
        return -1;
    db_free(&first);
    settings.schema = "ecert_import";
    db = db_new(&settings);
    in_folder("vault.keys");
    if (vault_create(path, &err) < 0 || vault_load(path, &vault, &err) < 0)
        return -1;
    core.vault = vault;
    return db_ready(db, &err);
}

/* All files of the tests, then their folder. */
static void remove_folder(void)
{
    static const char *const names[] = {"file.csv",  "vault.keys", "cut.jpg",   "cmyk.jpg",
                                        "small.jpg", "png.jpg",    "large.jpg", "empty.jpg",
                                        "link.jpg",  "one.jpg",    "two.jpg"};

    for (size_t i = 0; i < COUNT(names); i++) {
        in_folder(names[i]);
        unlink(path);
    }
    rmdir(folder);
}

static void ignore(void *context, const char *name)
{
    (void)context;
    (void)name;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_each_problem, set_up),
        cmocka_unit_test_setup(test_each_paper_problem, set_up),
        cmocka_unit_test_setup(test_all_problems_at_once_and_masked, set_up),
        cmocka_unit_test_setup(test_problems_are_counted_beyond_the_kept, set_up),
        cmocka_unit_test_setup(test_bad_photos, set_up),
        cmocka_unit_test_setup(test_taken_once, set_up),
        cmocka_unit_test_setup(test_names_are_normal, set_up),
        cmocka_unit_test_setup(test_dry_run_tells_and_keeps_nothing, set_up),
        cmocka_unit_test_setup(test_changes_are_counted, set_up),
        cmocka_unit_test_setup(test_exchanged_is_not_changed, set_up),
        cmocka_unit_test_setup(test_exchanged_meanwhile, set_up),
        cmocka_unit_test_setup(test_evidence, set_up),
        cmocka_unit_test_setup(test_photos_taken_once, set_up),
        cmocka_unit_test_setup(test_sealed_columns_open, set_up),
        cmocka_unit_test_setup(test_many_lines, set_up),
    };
    const char *top = getenv("srcdir");
    char schema[512];
    struct err err = {0};

    settings.socket = getenv("ECERT_TEST_DB_SOCKET");
    if (!settings.socket)
        return 77;
    if (!mkdtemp(folder) || connect_all() < 0)
        return 1;
    snprintf(schema, sizeof(schema), "%s/schema", top ? top : ".");
    if (migrate_run(&settings, schema, ignore, NULL, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    pool = pool_new(0, 0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    vault_free(&vault);
    db_free(&db);
    remove_folder();
    return failed ? 1 : 0;
}
