/*
 * What the issuer says about a document that failed, and what the clerk reads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/pool.h"
#include "modules/cause.h"

static const struct {
    const char *cause, *sentence;
} cases[] = {
    {"", "系统未能制作证书文件"},
    {": ", "系统未能制作证书文件"},
    {"password: no font has U+4DAE", "系统未能制作证书文件"},
    {"libharu: error 0x1025, detail 0", "系统未能制作证书文件"},
    {"each attempt ended without an answer", "系统未能制作证书文件"},
    {"the photo is not there", "没有照片"},
    {"photo: damaged JPEG (Premature end)", "照片不符合要求"},
    {"holder_name: no font has U+2CB5A", "姓名（王<𬭚>）含有无法打印的字符 U+2CB5A"},
    {"enterprise_name: does not fit its place", "企业名称（某公司）过长，证书上印不下"},
    {"enterprise_name: longer than 1000 bytes", "企业名称（某公司）过长，证书上印不下"},
    {"issuer_name: no font has U+00E9", "发证机关含有无法打印的字符 U+00E9"},
    {"issued_on: no date", "发证日期没有填写"},
};

static void test_every_cause_has_a_sentence(void **state)
{
    const struct certificate certificate = {.holder_name = "王<𬭚>", .enterprise_name = "某公司"};
    struct pool *pool = pool_new(0, 0);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(cause_sentence(pool, cases[i].cause, &certificate), cases[i].sentence);
    pool_free(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_cause_has_a_sentence)};

    return cmocka_run_group_tests_name("cause", tests, NULL, NULL);
}
