/* Proofs and the form of a cancellation: what is refused, then what comes out, and that nothing
 * overlaps. */
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
#include "core/document/layout_proof.h"
#include "core/document/pdf_read.h"
#include "tests/core/document/fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define QUIET        9.0 /* around a QR code, for its reader: four modules */
#define FRAME        44.0

/* 128 characters, 64, and 200. */
#define LONG_FIRM                                                                                  \
    "中国（上海）自由贸易试验区临港新片区第一建筑安装工程集团股份有限公司华东区域总承包分公司"     \
    "浦东新区临港新城项目建设管理指挥部（普通合伙）有限责任公司第二工程局䶮㛃𬭚𠮷机电设备安装与"   \
    "市政公用工程施工总承包联合体上海建设项目管理部综合协调办公室（临时派驻机构）部"
#define LONG_NAME                                                                                  \
    "阿卜杜热合曼·买买提依明·伊敏·艾孜买提·阿卜杜拉·古丽娜尔·图尔荪江·卡德尔·热依汗古丽·阿布都热依木·"  \
    "吐尔逊江·克里木·䶮㛃"
#define LONG_REASON                                                                                \
    "其他（须说明）：因本企业内部机构调整，该人员已调入集团公司其他子公司从事非安全生产管理岗位"   \
    "工作，不再担任本企业专职安全生产管理人员，经本人书面同意并经本企业安全生产委员会审议，现申请" \
    "注销其持有的安全生产考核合格证书。该人员在本企业任职期间负责的工程项目均已竣工验收并办理移交" \
    "手续，没有尚未结案的安全生产事故，也没有被暂扣证书的情形，相关材料已由本企业存档备查，可随时" \
    "向管理部门提供查验并作出书面说明。"

static const enum proof_kind kinds[] = {PROOF_DEPARTURE, PROOF_CANCELLATION_FORM,
                                        PROOF_CANCELLATION};
static const size_t counts[] = {1, 3, PROOF_CERTIFICATES};

static struct fonts *fonts;
static struct pool *pool;
static struct err err;

static int reset(void **state)
{
    (void)state;
    pool_reset(pool);
    err_clear(&err);
    return 0;
}

static int render(const struct proof *proof, struct bytes *pdf)
{
    return document_proof(fonts, pool, proof, pdf, NULL, &err);
}

static void refused(const struct proof *proof, const char *cause)
{
    struct bytes pdf;

    err_clear(&err);
    if (render(proof, &pdf) != -1 || err.kind != ERR_DOCUMENT ||
        strncmp(err.text, cause, strlen(cause)) != 0)
        fail_msg("%s expected, not: %s", cause, err.text);
    assert_null(strstr(err.text, "张"));
}

#define TEXT(member) offsetof(struct proof, member)

static void test_refused(void **state)
{
    static const struct {
        enum proof_kind kind;
        size_t member;
        const char *value, *cause;
    } rows[] = {
        {PROOF_DEPARTURE, TEXT(matter_number), NULL, "matter_number: is empty"},
        {PROOF_DEPARTURE, TEXT(matter_number), "", "matter_number: is empty"},
        {PROOF_DEPARTURE, TEXT(enterprise_name), "", "enterprise_name: is empty"},
        {PROOF_DEPARTURE, TEXT(enterprise_name), "\xed\xa0\x80", "enterprise_name: not plain"},
        {PROOF_DEPARTURE, TEXT(uscc), NULL, "uscc: is empty"},
        {PROOF_DEPARTURE, TEXT(holder_name), "", "holder_name: is empty"},
        {PROOF_DEPARTURE, TEXT(holder_name), "张\xf4\x8f\xbf\xbd",
         "holder_name: no font has U+10FFFD"},
        {PROOF_DEPARTURE, TEXT(holder_name), "张\xee\x80\x80", "holder_name: no font has U+E000"},
        {PROOF_DEPARTURE, TEXT(holder_name), "张\n三", "holder_name: not plain"},
        {PROOF_DEPARTURE, TEXT(id_type_label), NULL, "id_type_label: is empty"},
        {PROOF_DEPARTURE, TEXT(id_no_masked), "", "id_no_masked: is empty"},
        {PROOF_DEPARTURE, TEXT(province), "江\xe2\x80\xae苏", "province: not plain"},
        {PROOF_DEPARTURE, TEXT(issuer_name), NULL, "issuer_name: is empty"},
        {PROOF_DEPARTURE, TEXT(issuer_name), "委\xf4\x8f\xbf\xbd", "issuer_name: no font"},
        {PROOF_DEPARTURE, TEXT(verify_url), NULL, "verify_url:"},
        {PROOF_DEPARTURE, TEXT(verify_url), "", "verify_url:"},
        {PROOF_DEPARTURE, TEXT(verify_url), "https://例子", "verify_url:"},
        {PROOF_CANCELLATION_FORM, TEXT(reason), NULL, "reason: is empty"},
        {PROOF_CANCELLATION_FORM, TEXT(reason), "\xff", "reason: not plain"},
        {PROOF_CANCELLATION_FORM, TEXT(issuer_name), "", "issuer_name: is empty"},
        {PROOF_CANCELLATION_FORM, TEXT(issuer_name), NULL, "issuer_name: is empty"},
        {PROOF_CANCELLATION, TEXT(reason), "", "reason: is empty"},
        {PROOF_CANCELLATION, TEXT(signer_name), NULL, "signer_name: is empty"},
        {PROOF_CANCELLATION, TEXT(signer_name), "司\xf4\x8f\xbf\xbd", "signer_name: no font"},
        {PROOF_CANCELLATION, TEXT(signer_serial), "", "signer_serial: is empty"},
        {PROOF_CANCELLATION, TEXT(verify_url), NULL, "verify_url:"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct proof proof = fixture_proof(pool, rows[i].kind, 2);

        memcpy((char *)&proof + rows[i].member, &rows[i].value, sizeof rows[i].value);
        refused(&proof, rows[i].cause);
    }
}

static void test_refused_numbers(void **state)
{
    struct proof proof = fixture_proof(pool, PROOF_CANCELLATION, PROOF_CERTIFICATES + 1);

    (void)state;
    refused(&proof, "certificates: not 1 to 12");
    proof.count = 0;
    refused(&proof, "certificates: not 1 to 12");
    proof.count = 1;
    proof.certificates = NULL;
    refused(&proof, "certificates: not 1 to 12");
    proof = fixture_proof(pool, PROOF_CANCELLATION, 1);
    proof.signed_ms = 0;
    refused(&proof, "signed_ms: is missing");
    proof.kind = (enum proof_kind)3;
    refused(&proof, "kind: unknown");
}

static void test_refused_certificate(void **state)
{
    static const struct proof_certificate good = {
        "项目负责人（B证）", "沪建安B（2026）0000001", {2026, 3, 1}, {2026, 3, 1}, {2029, 2, 28},
        "有效"};
    static const struct {
        size_t member;
        const char *text;
        struct date date;
        const char *cause;
    } rows[] = {
        {offsetof(struct proof_certificate, class_label), NULL, {0, 0, 0}, "class_label: is empty"},
        {offsetof(struct proof_certificate, number), "", {0, 0, 0}, "number: is empty"},
        {offsetof(struct proof_certificate, number), "沪\xf4\x8f\xbf\xbd", {0, 0, 0},
         "number: no font has U+10FFFD"},
        {offsetof(struct proof_certificate, state_label), "", {0, 0, 0}, "state_label: is empty"},
        {offsetof(struct proof_certificate, first_issued), NULL, {0, 0, 0}, "first_issued: no date"},
        {offsetof(struct proof_certificate, valid_from), NULL, {2026, 2, 29}, "valid_from: no date"},
        {offsetof(struct proof_certificate, valid_until), NULL, {2026, 13, 1},
         "valid_until: no date"},
        {offsetof(struct proof_certificate, valid_until), NULL, {2026, 2, 28},
         "valid_until: before valid_from"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct proof_certificate certificates[] = {good, good, good};
        struct proof proof = fixture_proof(pool, kinds[i % 3], 0);
        char *member = (char *)&certificates[2] + rows[i].member;

        if (strstr(rows[i].cause, "valid_") != NULL || strstr(rows[i].cause, "date") != NULL)
            memcpy(member, &rows[i].date, sizeof rows[i].date);
        else
            memcpy(member, &rows[i].text, sizeof rows[i].text);
        proof.certificates = certificates;
        proof.count = COUNT(certificates);
        refused(&proof, pool_printf(pool, "certificates[2]: %s", rows[i].cause));
    }
}

static void test_refused_date(void **state)
{
    static const struct date bad[] = {{0, 0, 0}, {2026, 2, 29}, {2026, 13, 1}};

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct proof proof = fixture_proof(pool, kinds[i], 1);

        proof.issued_on = bad[i];
        refused(&proof, "issued_on: no date");
    }
}

/* `text` 256 times is more than any place holds. */
static void test_refused_length(void **state)
{
    static const size_t members[] = {TEXT(enterprise_name), TEXT(uscc), TEXT(holder_name),
                                     TEXT(id_no_masked), TEXT(reason), TEXT(signer_name),
                                     TEXT(issuer_name), TEXT(matter_number)};
    struct text out;
    const char *longest;

    (void)state;
    text_init(&out, pool, 1024);
    for (int i = 0; i < 256; i++)
        text_add(&out, "建");
    longest = out.data;
    for (size_t i = 0; i < COUNT(members); i++) {
        struct proof proof = fixture_proof(pool, PROOF_CANCELLATION, 1);

        memcpy((char *)&proof + members[i], &longest, sizeof longest);
        refused(&proof, "");
    }
}

/* What a kind does not print is not asked for. */
static void test_not_needed(void **state)
{
    struct bytes pdf;

    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct proof proof = fixture_proof(pool, kinds[i], 1);

        if (kinds[i] != PROOF_CANCELLATION) {
            proof.signer_name = proof.signer_serial = NULL;
            proof.signed_ms = 0;
        }
        if (kinds[i] == PROOF_CANCELLATION_FORM)
            proof.verify_url = NULL;
        if (kinds[i] == PROOF_DEPARTURE)
            proof.reason = NULL;
        proof.province = NULL;
        if (render(&proof, &pdf) < 0)
            fail_msg("%s", err.text);
    }
}

/* document_proof has linted it: glyphs, text, fonts, table. What is left is its frame. */
static void test_whole(void **state)
{
    struct document_rect seal;
    struct pdf_read file;
    struct bytes pdf;

    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++)
        for (size_t k = 0; k < COUNT(counts); k++) {
            struct proof proof = fixture_proof(pool, kinds[i], counts[k]);

            proof.demo = k % 2 == 0;
            if (document_proof(fonts, pool, &proof, &pdf, &seal, &err) < 0)
                fail_msg("%s", err.text);
            assert_true(pdf.size <= 80 * 1024);
            assert_int_equal(pdf_read_open(pool, pdf, &file, &err), 0);
            assert_true(pdf_read_is(pdf_read_object(&file, 1), "/Type", "/Catalog"));
            assert_true(pdf_read_has(pdf_read_object(&file, 1), "/Metadata"));
            assert_true(pdf_read_has(file.trailer, "/ID"));
            assert_true(seal.left > FRAME && seal.right < PAGE_WIDTH - FRAME);
            assert_true(seal.bottom > FRAME && seal.top < PAGE_HEIGHT / 2);
            assert_true(seal.right - seal.left > 100 && seal.top - seal.bottom > 70);
        }
}

static bool same(struct bytes a, struct bytes b)
{
    return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

static void test_deterministic(void **state)
{
    struct fonts *others = fixture_fonts();
    struct bytes first, second, third;

    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct proof proof = fixture_proof(pool, kinds[i], 2);
        struct proof again = fixture_proof(pool, kinds[i], 2);
        struct proof other = fixture_proof(pool, kinds[i], 3);

        assert_int_equal(render(&proof, &first), 0);
        assert_int_equal(render(&other, &second), 0);
        assert_false(same(first, second));
        assert_int_equal(render(&again, &second), 0);
        assert_true(same(first, second));
        assert_int_equal(document_proof(others, pool, &proof, &third, NULL, &err), 0);
        assert_true(same(first, third));
        again.made_ms += 1000;
        assert_int_equal(render(&again, &second), 0);
        assert_false(same(first, second));
    }
    fonts_free(&others);
}

static void laid_out(struct page *page, const struct proof *proof, struct layout_proof *layout)
{
    page_init(page, fonts, pool);
    if (layout_proof(page, proof, layout, &err) < 0)
        fail_msg("%s", err.text);
}

static bool spoken(const struct page *page, const char *text)
{
    return strstr(page->spoken.data, text) != NULL;
}

static void test_spoken(void **state)
{
    static const struct {
        enum proof_kind kind;
        const char *text;
        bool there;
    } rows[] = {
        {PROOF_DEPARTURE, "离沪证明编号：LH20261123-00000042　　兹证明", true},
        {PROOF_DEPARTURE, "企业名称上海示范建筑工程有限公司统一社会信用代码11430000006122244L姓名"
                          "张三丰证件类型居民身份证证件号码110105********002X转往省市江苏省", true},
        {PROOF_DEPARTURE, "企业主要负责人（A证）沪建安A（2026）00000012020年12月31日"
                          "2026年1月1日 至 2029年1月28日办理转出", true},
        {PROOF_DEPARTURE, "上海市住房和城乡建设管理委员会2026年11月23日", true},
        {PROOF_DEPARTURE, "演示样本 · 由演示密钥签发，不具法律效力", true},
        {PROOF_DEPARTURE, "注销", false},
        {PROOF_DEPARTURE, "签名", false},
        {PROOF_CANCELLATION_FORM, "注销申请表编号：ZX20261123-00000042上海市住房和城乡建设管理"
                                  "委员会：　　本企业申请注销", true},
        {PROOF_CANCELLATION_FORM, "注销原因已与聘用企业解除聘用合同关系", true},
        {PROOF_CANCELLATION_FORM, "企业承诺本企业承诺所填信息真实、准确，自愿申请注销", true},
        {PROOF_CANCELLATION_FORM, "企业电子签章申请日期2026年11月23日", true},
        {PROOF_CANCELLATION_FORM, "证书序列号签署时间签署企业", true},
        {PROOF_CANCELLATION_FORM, "二维码", false},
        {PROOF_CANCELLATION_FORM, "密钥签发", false},
        {PROOF_CANCELLATION_FORM, "江苏省", false},
        {PROOF_CANCELLATION_FORM, "4f3a2b1c", false},
        {PROOF_CANCELLATION, "注销证明编号：ZX20261123-00000042　　兹证明", true},
        {PROOF_CANCELLATION, "注销原因已与聘用企业解除聘用合同关系", true},
        {PROOF_CANCELLATION, "自愿申请注销", true},
        {PROOF_CANCELLATION, "电子签名企业上海示范建筑工程有限公司（电子钥匙）签名证书序列号"
                             "4f3a2b1c00112233445566778899aabbccddeeff签名时间"
                             "2026-11-23 15:04:05（北京时间）", true},
        {PROOF_CANCELLATION, "江苏省", false},
        {PROOF_CANCELLATION, "企业电子签章", false},
    };
    struct layout_proof layout;
    struct page page;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct proof proof = fixture_proof(pool, rows[i].kind, 3);

        laid_out(&page, &proof, &layout);
        if (spoken(&page, rows[i].text) != rows[i].there)
            fail_msg("%s: %s in:\n%s", rows[i].text, rows[i].there ? "not there" : "there",
                     page.spoken.data);
    }
}

static void test_left_out(void **state)
{
    struct layout_proof layout;
    struct page page;

    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct proof proof = fixture_proof(pool, kinds[i], 1);

        proof.demo = false;
        proof.province = "";
        laid_out(&page, &proof, &layout);
        assert_false(spoken(&page, "演示"));
        assert_false(spoken(&page, "转往省市"));
    }
}

static void test_rare_characters(void **state)
{
    static const char *const names[] = {"李䶮", "王㛃", "张𬭚", "𠮷田", "䶮㛃𬭚𠮷", "阿·䶮·𠮷",
                                        "Müller", "𪚥", "㐀"};
    struct layout_proof layout;
    struct bytes pdf;
    struct page page;

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct proof proof = fixture_proof(pool, kinds[i % 3], 1);

        proof.holder_name = names[i];
        proof.enterprise_name = pool_printf(pool, "上海%s建设有限公司", names[i]);
        laid_out(&page, &proof, &layout);
        assert_true(spoken(&page, pool_printf(pool, "姓名%s证件类型", names[i])));
        if (render(&proof, &pdf) < 0)
            fail_msg("%s: %s", names[i], err.text);
    }
}

/* Texts lie beside each other, off the QR code with its quiet zone and off the firm's box; the
 * table ends above the seal. */
static void areas_check(const struct page *page, const struct layout_proof *layout)
{
    double qr = layout->stamp.y - LAYOUT_PROOF_QR_BELOW, bottom = table_bottom(&layout->table);
    const struct fixture_area code = {LAYOUT_PROOF_QR_LEFT - QUIET, qr - QUIET,
                                      LAYOUT_PROOF_QR_LEFT + LAYOUT_PROOF_QR_SIDE + QUIET,
                                      qr + LAYOUT_PROOF_QR_SIDE + QUIET};
    const struct fixture_area box = {layout->seal.left, layout->seal.bottom, layout->seal.right,
                                     layout->seal.top};
    const char *clash = fixture_clash(page, FRAME, layout->sealed ? &code : &box, 1);

    if (clash != NULL)
        fail_msg("%s", clash);
    if (layout->sealed)
        assert_true(layout->seal.top < bottom && code.top < bottom);
    else
        assert_true(box.bottom > bottom);
}

/* Every text of a cell between its rules. */
static void cells_check(const struct layout_proof *layout)
{
    for (size_t i = 0; i < layout->table.count; i++) {
        const struct table_row *row = &layout->table.rows[i];

        assert_true(row->height < row->top - row->bottom);
        for (size_t k = 0; k < row->count; k++) {
            const struct table_cell *cell = &row->cells[k];

            assert_true(k == 0 || cell->left == row->cells[k - 1].right);
            assert_true(cell->fit.height <= row->height);
            for (size_t n = 0; n < cell->fit.count; n++)
                assert_true(cell->fit.lines[n].width * cell->fit.size < cell->right - cell->left);
        }
    }
}

static void test_nothing_overlaps(void **state)
{
    static const struct {
        const char *firm, *holder, *reason;
    } rows[] = {
        {"上海公司", "张三", "死亡"},
        {"上海示范建筑工程有限公司", "买买提·阿卜杜热合曼·伊敏", "已与聘用企业解除聘用合同关系"},
        {LONG_FIRM, LONG_NAME, LONG_REASON},
        {"Shanghai Sample Construction and Engineering Group Co., Ltd. (Sino-Foreign Joint Venture)",
         "Maximilian Alexander von Hohenstaufen-Wittgenstein", "其他（须说明）：other"},
    };
    struct layout_proof layout;
    struct page page;
    struct bytes pdf;

    (void)state;
    for (size_t i = 0; i < COUNT(rows) * COUNT(kinds) * COUNT(counts); i++) {
        size_t k = i / COUNT(rows);
        struct proof proof = fixture_proof(pool, kinds[k % COUNT(kinds)], counts[k / COUNT(kinds)]);

        proof.enterprise_name = proof.signer_name = rows[i % COUNT(rows)].firm;
        proof.holder_name = rows[i % COUNT(rows)].holder;
        proof.reason = rows[i % COUNT(rows)].reason;
        proof.signer_serial = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        proof.demo = i % 2 == 0;
        laid_out(&page, &proof, &layout);
        areas_check(&page, &layout);
        cells_check(&layout);
        assert_true(spoken(&page, proof.enterprise_name));
        assert_true(spoken(&page, proof.holder_name));
        if (render(&proof, &pdf) < 0)
            fail_msg("%s", err.text);
        pool_reset(pool);
    }
}

/* Texts of any length up to the longest, next to as many certificates as there may be. */
static void test_always_fits(void **state)
{
    struct layout_proof layout;
    struct page page;

    (void)state;
    assert_int_equal(utf8_count(LONG_FIRM), 128);
    assert_int_equal(utf8_count(LONG_NAME), 64);
    assert_int_equal(utf8_count(LONG_REASON), 200);
    for (size_t i = 1; i <= 200; i++) {
        struct proof proof = fixture_proof(pool, PROOF_CANCELLATION, i % PROOF_CERTIFICATES + 1);
        size_t firm = i < 128 ? i : 128;

        proof.reason = pool_text_n(pool, LONG_REASON, strlen(LONG_REASON) / 200 * i);
        proof.enterprise_name = proof.signer_name = LONG_FIRM;
        while (utf8_count(proof.enterprise_name) > firm)
            utf8_next(&proof.enterprise_name);
        proof.signer_name = proof.enterprise_name;
        proof.holder_name = i % 2 == 0 ? LONG_NAME : "张三";
        laid_out(&page, &proof, &layout);
        areas_check(&page, &layout);
        pool_reset(pool);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_refused),         TEST(test_refused_numbers), TEST(test_refused_certificate),
        TEST(test_refused_date),    TEST(test_refused_length),  TEST(test_not_needed),
        TEST(test_whole),           TEST(test_deterministic),   TEST(test_spoken),
        TEST(test_left_out),        TEST(test_rare_characters), TEST(test_nothing_overlaps),
        TEST(test_always_fits),
    };
    int failed;

    fonts = fixture_fonts();
    if (fonts == NULL)
        return 77;
    pool = pool_new(4 << 20, 0);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    fonts_free(&fonts);
    return failed;
}
