/* What other programs make of a certificate and of proofs: qpdf, poppler's pdftotext and pdffonts,
 * mutool. Exit code 77 where none of them is installed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/document/layout.h"
#include "core/document/layout_proof.h"
#include "tests/core/document/fixture.h"

enum { OUTPUT_MAX = 64 * 1024, NOT_THERE = 127 };

extern char **environ;

static struct fonts *fonts;
static struct pool *pool;
static struct err err;
static char path[] = "/tmp/test_document_XXXXXX";

/* Runs a program of the PATH; its standard output in *out. Its exit code, NOT_THERE if there is
 * no such program. */
static int run(const char *const argv[], struct text *out)
{
    posix_spawn_file_actions_t actions;
    char buffer[4096];
    int ends[2], status = 0, rc;
    ssize_t got;
    pid_t pid;

    text_init(out, pool, OUTPUT_MAX);
    if (pipe(ends) < 0)
        err_fatal("pipe: %s", strerror(errno));
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    rc = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    while (rc == 0 && (got = read(ends[0], buffer, sizeof buffer)) > 0)
        text_add_n(out, buffer, (size_t)got);
    close(ends[0]);
    if (rc != 0)
        return NOT_THERE;
    if (waitpid(pid, &status, 0) < 0)
        err_fatal("waitpid: %s", strerror(errno));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool there(const char *program)
{
    const char *const argv[] = {program, "--version", NULL};
    struct text out;

    return run(argv, &out) != NOT_THERE;
}

static void write_file(struct bytes data)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(data.data, 1, data.size, file), data.size);
    assert_int_equal(fclose(file), 0);
}

/* Renders into the file, and yields the page as it was laid out. */
static void make(const struct face *face, struct page *page)
{
    struct bytes pdf;

    if (document_certificate(fonts, pool, face, &pdf, NULL, &err) < 0)
        fail_msg("%s", err.text);
    write_file(pdf);
    page_init(page, fonts, pool);
    assert_int_equal(layout_certificate(page, face, &err), 0);
}

static void make_proof(const struct proof *proof, struct page *page)
{
    struct layout_proof layout;
    struct bytes pdf;

    if (document_proof(fonts, pool, proof, &pdf, NULL, &err) < 0)
        fail_msg("%s", err.text);
    write_file(pdf);
    page_init(page, fonts, pool);
    assert_int_equal(layout_proof(page, proof, &layout, &err), 0);
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* The text's code points, sorted, without blanks. */
static size_t points_of(const char *text, uint32_t *points, size_t room)
{
    uint32_t point;
    size_t count = 0;

    while ((point = utf8_next(&text)) != 0) {
        assert_int_not_equal(point, UINT32_MAX);
        if (point == ' ' || point == 0x3000 || point == '\n' || point == '\f')
            continue;
        assert_true(count < room);
        points[count++] = point;
    }
    qsort(points, count, sizeof *points, compare);
    return count;
}

/* The very same characters, however often, in whatever order the columns were read. */
static void same_characters(const char *got, const char *wanted)
{
    uint32_t a[2048], b[2048];
    size_t n = points_of(got, a, 2048), m = points_of(wanted, b, 2048);

    for (size_t i = 0; i < n && i < m; i++)
        if (a[i] != b[i])
            fail_msg("U+%04X against U+%04X in:\n%s", a[i], b[i], got);
    assert_int_equal(n, m);
}

static struct face rare_face(void)
{
    struct face face = fixture_face(pool);

    face.holder_name = "欧阳䶮㛃·𬭚𠮷";
    face.enterprise_name = "上海𠮷䶮（示范）建筑工程有限公司";
    return face;
}

static void test_pdftotext(void **state)
{
    const char *const argv[] = {"pdftotext", "-enc", "UTF-8", path, "-", NULL};
    struct face faces[3] = {fixture_face(pool), rare_face(), fixture_face(pool)};
    struct page page;
    struct text out;

    (void)state;
    if (!there("pdftotext"))
        skip();
    faces[2].enterprise_name =
        "中国（上海）自由贸易试验区临港新片区第一建筑安装工程集团股份有限公司华东区域总承包"
        "分公司浦东新区临港新城项目建设管理指挥部";
    faces[2].demo = false;
    for (size_t i = 0; i < 3; i++) {
        make(&faces[i], &page);
        assert_int_equal(run(argv, &out), 0);
        same_characters(out.data, page.spoken.data);
        assert_non_null(strstr(out.data, faces[i].holder_name));
        assert_non_null(strstr(out.data, faces[i].number));
        assert_non_null(strstr(out.data, faces[i].identifier));
        assert_non_null(strstr(out.data, "有效期： 2026年3月1日 至 2029年2月28日\n"));
    }
    assert_null(strstr(out.data, "演示"));
}

static void test_mutool(void **state)
{
    const char *const argv[] = {"mutool", "draw", "-q", "-F", "txt", path, NULL};
    struct face face = rare_face();
    struct page page;
    struct text out;

    (void)state;
    if (!there("mutool"))
        skip();
    make(&face, &page);
    assert_int_equal(run(argv, &out), 0);
    assert_non_null(strstr(out.data, face.holder_name));
    assert_non_null(strstr(out.data, face.enterprise_name));
    assert_non_null(strstr(out.data, face.number));
    assert_null(strstr(out.data, "\xef\xbf\xbd")); /* U+FFFD */
}

static void test_qpdf(void **state)
{
    const char *const argv[] = {"qpdf", "--check", path, NULL};
    struct face face = rare_face();
    struct page page;
    struct text out;

    (void)state;
    if (!there("qpdf"))
        skip();
    make(&face, &page);
    assert_int_equal(run(argv, &out), 0); /* 2 errors, 3 warnings */
    assert_non_null(strstr(out.data, "PDF Version: 1.7"));
}

static void test_pdffonts(void **state)
{
    const char *const argv[] = {"pdffonts", path, NULL};
    struct face face = rare_face();
    struct page page;
    struct text out;
    unsigned used = 0, found = 0;

    (void)state;
    if (!there("pdffonts"))
        skip();
    make(&face, &page);
    assert_int_equal(run(argv, &out), 0);
    for (size_t i = 0; i < FONTS_MAX; i++)
        used += page.uses[i].count > 0;
    /* type, encoding; embedded, subset, with ToUnicode */
    for (const char *at = out.data; (at = strstr(at, "CID TrueType")) != NULL; at++) {
        assert_non_null(strstr(at, "Identity-H"));
        found++;
    }
    assert_int_equal(found, used);
    assert_true(used >= 3);
    assert_null(strstr(out.data, " no "));
}

static void test_pdfinfo(void **state)
{
    const char *const argv[] = {"pdfinfo", path, NULL};
    struct face face = fixture_face(pool);
    struct page page;
    struct text out;

    (void)state;
    if (!there("pdfinfo"))
        skip();
    make(&face, &page);
    assert_int_equal(run(argv, &out), 0);
    assert_non_null(strstr(out.data, "安全生产考核合格证书 沪建安C3（2026）0000001"));
    assert_non_null(strstr(out.data, "Pages:           1\n"));
    assert_non_null(strstr(out.data, "JavaScript:      no\n"));
    assert_non_null(strstr(out.data, "A4"));
    assert_null(strstr(out.data, face.holder_name));
}

static struct proof rare_proof(enum proof_kind kind)
{
    struct proof proof = fixture_proof(pool, kind, kind == PROOF_CANCELLATION ? 12 : 3);

    proof.holder_name = "阿卜杜热合曼·买买提依明·䶮㛃𬭚𠮷";
    proof.enterprise_name = "上海𠮷䶮（示范）建筑工程有限公司";
    return proof;
}

static void test_proof_text(void **state)
{
    const char *const argv[] = {"pdftotext", "-enc", "UTF-8", path, "-", NULL};
    struct page page;
    struct text out;

    (void)state;
    if (!there("pdftotext"))
        skip();
    for (int kind = PROOF_DEPARTURE; kind <= PROOF_CANCELLATION; kind++) {
        struct proof proof = rare_proof((enum proof_kind)kind);

        make_proof(&proof, &page);
        assert_int_equal(run(argv, &out), 0);
        same_characters(out.data, page.spoken.data);
        assert_non_null(strstr(out.data, proof.holder_name));
        assert_non_null(strstr(out.data, proof.enterprise_name));
        assert_non_null(strstr(out.data, proof.matter_number));
        for (size_t i = 0; i < proof.count; i++)
            assert_non_null(strstr(out.data, proof.certificates[i].number));
    }
}

static void test_proof_structure(void **state)
{
    const char *const check[] = {"qpdf", "--check", path, NULL};
    const char *const info[] = {"pdfinfo", path, NULL};
    static const char *const titles[] = {"离沪证明 LH20261123-00000042",
                                         "注销申请表 ZX20261123-00000042",
                                         "注销证明 ZX20261123-00000042"};
    struct page page;
    struct text out;

    (void)state;
    if (!there("qpdf") || !there("pdfinfo"))
        skip();
    for (int kind = PROOF_DEPARTURE; kind <= PROOF_CANCELLATION; kind++) {
        struct proof proof = rare_proof((enum proof_kind)kind);

        make_proof(&proof, &page);
        assert_int_equal(run(check, &out), 0);
        assert_int_equal(run(info, &out), 0);
        assert_non_null(strstr(out.data, titles[kind]));
        assert_non_null(strstr(out.data, "Pages:           1\n"));
        assert_null(strstr(out.data, proof.holder_name));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pdftotext), cmocka_unit_test(test_mutool),
        cmocka_unit_test(test_qpdf),      cmocka_unit_test(test_pdffonts),
        cmocka_unit_test(test_pdfinfo),   cmocka_unit_test(test_proof_text),
        cmocka_unit_test(test_proof_structure),
    };
    int failed = 77, file;

    pool = pool_new(4 << 20, 0);
    fonts = fixture_fonts();
    file = mkstemp(path);
    if (file < 0)
        err_fatal("mkstemp: %s", strerror(errno));
    close(file);
    if (fonts != NULL && (there("pdftotext") || there("mutool") || there("qpdf")))
        failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    fonts_free(&fonts);
    pool_free(&pool);
    return failed;
}
