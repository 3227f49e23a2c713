/* Targets, urlencoded and multipart bodies, cookies: what is refused first, then what is read. */
#include "fcgi/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "fcgi/header.h"
#include "fcgi/request.h"

static struct pool *pool;
static struct err err;

static int set_up(void **state)
{
    (void)state;
    pool = pool_new(0, 0);
    err_clear(&err);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pool_free(&pool);
    return 0;
}

/* Targets */

static const char *const bad_targets[] = {
    "", "x", "http://host/", "*", "/%00", "/a%00b", "/a%2fb", "/a%2Fb", "/..", "/../etc",
    "/a/../b", "/a/./b", "/a/..", "/%2e%2e/a", "/a/%2e", "//", "//a", "/a//b", "/a%", "/a%4",
    "/a%zz", "/a%4?x=1", "/\\a", "/a%5cb", "/a%0ab", "/a\tb", "/%ff", "/%c0%af", "/%ed%a0%80",
    "/a%7f", "/%e2%80%ae", "/a\xff",
};

static void refuses_targets(void **state)
{
    char *path, *query;

    (void)state;
    for (size_t i = 0; i < sizeof(bad_targets) / sizeof(*bad_targets); i++) {
        if (form_target(pool, bad_targets[i], &path, &query, &err) == 0)
            fail_msg("\"%s\" was taken for \"%s\"", bad_targets[i], path);
        assert_int_equal(err.kind, ERR_INPUT);
    }
    char *huge = pool_alloc(pool, FORM_TARGET + 2);
    memset(huge, 'a', FORM_TARGET + 1);
    huge[0] = '/';
    assert_int_equal(form_target(pool, huge, &path, &query, &err), -1);
}

static const struct {
    const char *target, *path, *query;
} targets[] = {
    {"/", "/", ""},
    {"/?", "/", ""},
    {"/a/b/?x=%2F", "/a/b/", "x=%2F"},
    {"/a?b?c", "/a", "b?c"},
    {"/%E6%9D%8E", "/李", ""},
    {"/a+b%20c", "/a+b c", ""},
    {"/...", "/...", ""},
    {"/.a/..b", "/.a/..b", ""},
    {"/a%25b", "/a%b", ""},
};

static void reads_targets(void **state)
{
    char *path, *query;

    (void)state;
    for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
        assert_int_equal(form_target(pool, targets[i].target, &path, &query, &err), 0);
        assert_string_equal(path, targets[i].path);
        assert_string_equal(query, targets[i].query);
    }
}

/* Forms: what was read, written as "name=value;" (a file as "name=<file|type|size>;"). */

static const char *show(const struct form *form)
{
    struct text text;

    text_init(&text, pool, 1 << 20);
    for (size_t i = 0; i < form->count; i++) {
        const struct pair *pair = &form->pairs[i];
        if (pair->upload)
            text_printf(&text, "%s=<%s|%s|%zu>;", pair->name, pair->upload->file_name,
                        pair->upload->type, pair->upload->bytes.size);
        else
            text_printf(&text, "%s=%s;", pair->name, pair->value);
    }
    return text.data;
}

struct body_case {
    const char *what;
    const char *type;
    const char *body;
    size_t size; /* 0: strlen */
    const char *shown; /* NULL: refused */
};

#define URLENCODED "application/x-www-form-urlencoded"
#define MULTIPART  "multipart/form-data; boundary=B"
#define HEAD(name) "--B\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define FILE_HEAD(name, file)                                                                      \
    "--B\r\nContent-Disposition: form-data; name=\"" name "\"; filename=\"" file "\"\r\n"
#define SIZED(text) text, sizeof(text) - 1

static const struct body_case bodies[] = {
    /* Refused */
    {"no type", "", "a=1", 0, NULL},
    {"type null", NULL, "a=1", 0, NULL},
    {"foreign type", "text/plain", "a=1", 0, NULL},
    {"json", "application/json", "{}", 0, NULL},
    {"GBK", URLENCODED "; charset=GBK", "a=1", 0, NULL},
    {"charset twice", URLENCODED "; charset=utf-8; charset=utf-8", "a=1", 0, NULL},
    {"broken parameter", URLENCODED "; charset", "a=1", 0, NULL},
    {"open quote", URLENCODED "; charset=\"utf-8", "a=1", 0, NULL},
    {"broken escape", URLENCODED, "a=%", 0, NULL},
    {"short escape", URLENCODED, "a=%4", 0, NULL},
    {"escape over pairs", URLENCODED, "a=%4&1=b", 0, NULL},
    {"escaped NUL", URLENCODED, "a=x%00y", 0, NULL},
    {"NUL in a name", URLENCODED, "a%00=1", 0, NULL},
    {"raw NUL", URLENCODED, SIZED("a=x\0y"), NULL},
    {"GBK bytes", URLENCODED, "a=%C0%EE", 0, NULL},
    {"overlong", URLENCODED, "a=%C0%AF", 0, NULL},
    {"surrogate", URLENCODED, "a=%ED%A0%80", 0, NULL},
    {"broken name", URLENCODED, "%FF=1", 0, NULL},
    {"no boundary", "multipart/form-data", HEAD("a") "1\r\n--B--\r\n", 0, NULL},
    {"empty boundary", "multipart/form-data; boundary=", HEAD("a") "1\r\n--B--\r\n", 0, NULL},
    {"boundary with blank end", "multipart/form-data; boundary=\"B \"", "--B --", 0, NULL},
    {"boundary with a foreign character", "multipart/form-data; boundary=\"B*\"", "--B*--", 0, NULL},
    {"boundary of 71",
     "multipart/form-data; boundary="
     "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggg1", "", 0, NULL},
    {"empty body", MULTIPART, "", 0, NULL},
    {"preamble", MULTIPART, "hello\r\n" HEAD("a") "1\r\n--B--", 0, NULL},
    {"other boundary", MULTIPART, "--C\r\n\r\n--C--", 0, NULL},
    {"no end", MULTIPART, HEAD("a") "1", 0, NULL},
    {"no final dashes", MULTIPART, HEAD("a") "1\r\n--B", 0, NULL},
    {"one final dash", MULTIPART, HEAD("a") "1\r\n--B-", 0, NULL},
    {"boundary as beginning of a longer one", MULTIPART, HEAD("a") "1\r\n--BB\r\n2\r\n--B--", 0, NULL},
    {"epilogue", MULTIPART, HEAD("a") "1\r\n--B--\r\nmore", 0, NULL},
    {"LF only", MULTIPART, "--B\nContent-Disposition: form-data; name=\"a\"\n\n1\n--B--", 0, NULL},
    {"header without end", MULTIPART, "--B\r\nContent-Disposition: form-data; name=\"a\"", 0, NULL},
    {"no disposition", MULTIPART, "--B\r\nContent-Type: text/plain\r\n\r\n1\r\n--B--", 0, NULL},
    {"no name", MULTIPART, "--B\r\nContent-Disposition: form-data\r\n\r\n1\r\n--B--", 0, NULL},
    {"attachment", MULTIPART,
     "--B\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n--B--", 0, NULL},
    {"disposition twice", MULTIPART,
     "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n"
     "Content-Disposition: form-data; name=\"b\"\r\n\r\n1\r\n--B--", 0, NULL},
    {"name twice", MULTIPART,
     "--B\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\n1\r\n--B--", 0, NULL},
    {"filename*", MULTIPART,
     "--B\r\nContent-Disposition: form-data; name=\"a\"; filename*=UTF-8''x\r\n\r\n1\r\n--B--", 0, NULL},
    {"line without colon", MULTIPART,
     "--B\r\nnonsense\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B--", 0, NULL},
    {"nested", MULTIPART,
     FILE_HEAD("a", "x") "Content-Type: multipart/mixed; boundary=C\r\n\r\n--C--\r\n--B--", 0, NULL},
    {"base64", MULTIPART,
     FILE_HEAD("a", "x") "Content-Transfer-Encoding: base64\r\n\r\nYQ==\r\n--B--", 0, NULL},
    {"part in GBK", MULTIPART,
     "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n"
     "Content-Type: text/plain; charset=gbk\r\n\r\n1\r\n--B--", 0, NULL},
    {"text with NUL", MULTIPART, SIZED(HEAD("a") "x\0y\r\n--B--"), NULL},
    {"text not UTF-8", MULTIPART, HEAD("a") "\xc0\xee\r\n--B--", 0, NULL},
    {"NUL in a header", MULTIPART,
     SIZED("--B\r\nContent-Disposition: form-data; name=\"a\0b\"\r\n\r\n1\r\n--B--"), NULL},
    {"file name not UTF-8", MULTIPART, FILE_HEAD("a", "\xff") "\r\n1\r\n--B--", 0, NULL},
    {"file name with a control", MULTIPART, FILE_HEAD("a", "a\x01") "\r\n1\r\n--B--", 0, NULL},
    {"nine parameters", MULTIPART,
     "--B\r\nContent-Disposition: form-data; a=1; b=1; c=1; d=1; e=1; f=1; g=1; h=1; name=\"n\""
     "\r\n\r\n1\r\n--B--", 0, NULL},
    {"nine lines", MULTIPART,
     "--B\r\na:1\r\nb:1\r\nc:1\r\nd:1\r\ne:1\r\nf:1\r\ng:1\r\nh:1\r\n"
     "Content-Disposition: form-data; name=\"n\"\r\n\r\n1\r\n--B--", 0, NULL},
    /* Read */
    {"nothing", "", "", 0, ""},
    {"nothing, typed", URLENCODED, "", 0, ""},
    {"pairs", URLENCODED, "a=1&b=2&a=3", 0, "a=1;b=2;a=3;"},
    {"charset", URLENCODED ";charset=UTF-8", "a=1", 0, "a=1;"},
    {"quoted charset, capitals", "Application/X-WWW-Form-Urlencoded ; Charset=\"utf-8\" ;", "a=1", 0, "a=1;"},
    {"blanks and plus", URLENCODED, "a=1+2%2B3%20", 0, "a=1 2+3 ;"},
    {"no value", URLENCODED, "a&b=&=c", 0, "a=;b=;=c;"},
    {"empty pairs", URLENCODED, "&&a=1&&", 0, "a=1;"},
    {"equals in the value", URLENCODED, "a=b=c", 0, "a=b=c;"},
    {"Chinese", URLENCODED, "%E5%A7%93%E5%90%8D=%E6%9D%8E", 0, "姓名=李;"},
    {"raw Chinese", URLENCODED, "a=李", 0, "a=李;"},
    {"outside the BMP", URLENCODED, "a=%F0%AC%AD%9A", 0, "a=𬭚;"},
    {"no parts but the end", MULTIPART, "--B--\r\n", 0, ""},
    {"parts", MULTIPART, HEAD("a") "1\r\n" HEAD("b") "李\r\n--B--\r\n", 0, "a=1;b=李;"},
    {"no CRLF at the end", MULTIPART, HEAD("a") "1\r\n--B--", 0, "a=1;"},
    {"empty part", MULTIPART, HEAD("a") "\r\n--B--", 0, "a=;"},
    {"boundary quoted", "multipart/form-data; boundary=\"B\"", HEAD("a") "1\r\n--B--", 0, "a=1;"},
    {"boundary within the text", MULTIPART, HEAD("a") "x--B--y\r\n-B\n--B\r\n--B--", 0,
     "a=x--B--y\r\n-B\n--B;"},
    {"lines in a text", MULTIPART, HEAD("a") "1\r\n2\r\n\r\n--B--", 0, "a=1\r\n2\r\n;"},
    {"file", MULTIPART, FILE_HEAD("f", "x.jpg") "Content-Type: image/jpeg\r\n\r\nJPEG\r\n--B--", 0,
     "f=<x.jpg|image/jpeg|4>;"},
    {"file with NUL and broken UTF-8", MULTIPART,
     SIZED(FILE_HEAD("f", "x") "\r\n\0\xff\r\n--A\r\n--B--"),
     "f=<x|application/octet-stream|7>;"},
    {"no file chosen", MULTIPART,
     FILE_HEAD("f", "") "Content-Type: application/octet-stream\r\n\r\n\r\n--B--", 0, ""},
    {"empty file", MULTIPART, FILE_HEAD("f", "x") "\r\n\r\n--B--", 0,
     "f=<x|application/octet-stream|0>;"},
    {"folders in a file name", MULTIPART, FILE_HEAD("f", "C:\\a\\../../etc/李.jpg") "\r\n1\r\n--B--",
     0, "f=<李.jpg|application/octet-stream|1>;"},
    {"only folders", MULTIPART, FILE_HEAD("f", "../") "\r\n1\r\n--B--", 0,
     "f=<|application/octet-stream|1>;"},
    {"quotation marks and semicolons", MULTIPART, FILE_HEAD("f", "a%22;x=y.jpg") "\r\n1\r\n--B--", 0,
     "f=<a%22;x=y.jpg|application/octet-stream|1>;"},
    {"backslash at the end", MULTIPART, FILE_HEAD("f", "x\\") "\r\n1\r\n--B--", 0,
     "f=<|application/octet-stream|1>;"},
    {"token instead of quotes", MULTIPART,
     "--B\r\ncontent-disposition:form-data;name=a\r\n\r\n1\r\n--B--", 0, "a=1;"},
    {"unknown header", MULTIPART,
     "--B\r\nX-Any: thing\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B--", 0, "a=1;"},
};

static void reads_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
        const struct body_case *test = &bodies[i];
        struct form form;
        size_t size = test->size ? test->size : strlen(test->body);
        /* Exactly as large as promised, so that the sanitizer sees a step too far. */
        char *body = pool_text_n(pool, test->body, size);
        form_init(&form, pool);
        err_clear(&err);
        int result = form_body(&form, test->type, body, size, &err);
        if (result == 0 && !test->shown)
            fail_msg("%s: taken as %s", test->what, show(&form));
        if (result < 0 && test->shown)
            fail_msg("%s: %s", test->what, err.text);
        if (result < 0)
            assert_int_equal(err.kind, ERR_INPUT);
        else
            assert_string_equal(show(&form), test->shown);
    }
}

static void bounds_fields(void **state)
{
    struct form form;
    struct text text;

    (void)state;
    for (int extra = 0; extra <= 1; extra++) {
        text_init(&text, pool, 1 << 20);
        for (int i = 0; i < FORM_PAIRS + extra; i++)
            text_printf(&text, "id=%d&", i);
        form_init(&form, pool);
        assert_int_equal(form_urlencoded(&form, text.data, text.length, &err), extra ? -1 : 0);
        assert_int_equal(form.count, FORM_PAIRS);
    }
    assert_int_equal(err.kind, ERR_LIMIT);
}

static void bounds_part_headers(void **state)
{
    struct form form;
    struct text text;

    (void)state;
    text_init(&text, pool, 1 << 20);
    text_add(&text, "--B\r\nX-Long: ");
    for (int i = 0; i < FORM_PART_HEADER; i++)
        text_char(&text, 'x');
    text_add(&text, "\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B--");
    form_init(&form, pool);
    assert_int_equal(form_multipart(&form, "B", text.data, text.length, &err), -1);
    assert_int_equal(err.kind, ERR_INPUT);
}

/* By this process: whatever else the machine does. */
static int64_t worked_us(void)
{
    struct timespec worked;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &worked);
    return (int64_t)worked.tv_sec * 1000000 + worked.tv_nsec / 1000;
}

/* Twenty times the input must not take much more than twenty times the time. */
static void takes_linear_time(void **state)
{
    enum { SMALL = 200 * 1000, FACTOR = 20 };
    int64_t took[2];

    (void)state;
    for (int large = 0; large <= 1; large++) {
        size_t size = large ? (size_t)SMALL * FACTOR : SMALL;
        struct form form;
        struct text text;
        text_init(&text, pool, size * 2);
        text_add(&text, HEAD("a"));
        while (text.length < size)
            text_add(&text, "\r\n--\r\n--C\r\n\r\n-");
        text_add(&text, "\r\n--B--");
        form_init(&form, pool);
        int64_t start = worked_us();
        assert_int_equal(form_multipart(&form, "B", text.data, text.length, &err), 0);
        took[large] = worked_us() - start;
    }
    assert_true(took[1] < (took[0] + 500) * FACTOR * 4);
}

/* Cookies */

static const struct {
    const char *header, *value;
} cookies[] = {
    {NULL, NULL},
    {"", NULL},
    {";", NULL},
    {"__Host-ecert", NULL},
    {"__host-ecert=a", NULL},
    {"x__Host-ecert=a", NULL},
    {"__Host-ecertx=a", NULL},
    {"x=__Host-ecert=a", NULL},
    {"__Host-ecert=a; __Host-ecert=b", NULL},
    {"__Host-ecert=a; x=1; __Host-ecert=a", NULL},
    {"__Host-ecert=", ""},
    {"__Host-ecert=;x", ""},
    {"__Host-ecert=a", "a"},
    {" __Host-ecert = a ; b=c", "a"},
    {"b=c;__Host-ecert=a=b", "a=b"},
    {"a; b; __Host-ecert=v;", "v"},
};

static void finds_cookies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cookies) / sizeof(*cookies); i++) {
        const char *value = cookie_find(pool, cookies[i].header, "__Host-ecert");
        if (!cookies[i].value)
            assert_null(value);
        else
            assert_string_equal(value, cookies[i].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refuses_targets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_targets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_bodies, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bounds_fields, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bounds_part_headers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(takes_linear_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(finds_cookies, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
