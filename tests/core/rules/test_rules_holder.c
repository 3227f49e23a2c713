/* Rules about who the person is and what else is held: R1 R2 R9 R10 R11 R12 R19 R20 R21. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/register/certificate.h"
#include "core/register/hold.h"
#include "tests/core/rules/ruling.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define CALL "请联系管理部门处理"

static void test_r1_certificate(void **state)
{
    static const struct {
        enum act act;
        uint64_t firm;
        const char *advice;
    } rows[] = {
        {ACT_EXCHANGE, SECOND, CALL},
        {ACT_RENEW, SECOND, "人员已到本企业工作的，请先办理企业隶属关系变更"},
        {ACT_RENEW_OUTSIDE, SECOND, "人员已到本企业工作的，请先办理企业隶属关系变更"},
        {ACT_CANCEL, SECOND, "人员已到本企业工作的，请先办理企业隶属关系变更"},
        {ACT_DEPART, SECOND, "人员已到本企业工作的，请先办理企业隶属关系变更"},
        {ACT_EXCHANGE, OWN, ""},
        {ACT_RENEW, OWN, ""},
        {ACT_RENEW_OUTSIDE, OWN, ""},
        {ACT_CANCEL, OWN, ""},
        {ACT_DEPART, OWN, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ruling r;

        ruling_make(&r, rows[i].act, ruling_today);
        r.holdings[0].enterprise_id = rows[i].firm;
        ruling_expect(&r, "R1", rows[i].firm == OWN ? "证书属于本企业" : "证书不属于本企业",
                      rows[i].advice, 0);
        ruling_free(&r);
    }
}

static void test_r1_person(void **state)
{
    static const struct {
        enum act act;
        bool led, insured, exam;
        uint64_t holding_firm; /* 0: no certificate */
        const char *state;
        const char *fact;
    } rows[] = {
        {ACT_ISSUE, 0, 0, 0, 0, NULL, "没有查询到该人员属于本企业的记录"},
        {ACT_LEGAL, 0, 0, 0, 0, NULL, "没有查询到该人员属于本企业的记录"},
        {ACT_ISSUE, 0, 0, 0, SECOND, "01", "没有查询到该人员属于本企业的记录"},
        {ACT_ISSUE, 0, 0, 0, OWN, "03", "没有查询到该人员属于本企业的记录"},
        {ACT_ISSUE, 0, 0, 0, OWN, "04", "没有查询到该人员属于本企业的记录"},
        {ACT_ISSUE, 0, 0, 0, OWN, "05", "没有查询到该人员属于本企业的记录"},
        {ACT_ISSUE, 0, 0, 0, OWN, "06", "没有查询到该人员属于本企业的记录"},
        {ACT_ISSUE, 0, 0, 0, OWN, "07", "没有查询到该人员属于本企业的记录"},
        {ACT_ISSUE, 0, 0, 0, OWN, "01", "该人员在本企业持有证书"},
        {ACT_ISSUE, 0, 0, 0, OWN, "02", "该人员在本企业持有证书"},
        {ACT_ISSUE, 0, 0, 1, 0, NULL, "该人员以本企业名义参加了考核"},
        {ACT_ISSUE, 0, 1, 0, 0, NULL, "本企业为该人员缴纳过社会保险"},
        {ACT_ISSUE, 1, 0, 0, 0, NULL, "该人员是本企业登记的法定代表人"},
        {ACT_LEGAL, 1, 1, 1, OWN, "01", "该人员是本企业登记的法定代表人"},
        {ACT_LEGAL, 0, 1, 1, 0, NULL, "本企业为该人员缴纳过社会保险"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool known = strstr(rows[i].fact, "没有") == NULL;
        struct ruling r;
        size_t others = 0;

        ruling_make(&r, rows[i].act, ruling_today);
        r.facts.firm.local = false; /* R5 is not asked */
        r.facts.firm.led_by_person = rows[i].led;
        others += rows[i].act == ACT_LEGAL && !rows[i].led; /* R8 */
        r.facts.exam_count = rows[i].exam;
        if (!rows[i].insured)
            r.facts.insured = (struct date){0, 0, 0};
        if (rows[i].holding_firm)
            ruling_hold(&r, rows[i].act == ACT_LEGAL ? "B" : "A", rows[i].holding_firm,
                        rows[i].state);
        others += rows[i].holding_firm == SECOND; /* R12: its A is elsewhere */
        ruling_expect(&r, "R1", rows[i].fact,
                      known ? ""
                            : "请核对证件号码和姓名；人员确在本企业的，请先为其缴纳社会保险，"
                              "或以本企业名义参加考核",
                      others);
        ruling_free(&r);
    }
}

static void test_r2(void **state)
{
    static const char reader[] = "请携带二代身份证原件，就近到建设工程企业资质受理服务窗口"
                                 "通过读卡机自助完成个人身份信息采集";
    static const char window[] = "请携带本人证件原件，到市级建设工程企业资质受理服务窗口，"
                                 "由窗口工作人员完成个人身份信息采集";
    static const enum act acts[] = {ACT_EXCHANGE, ACT_ISSUE,         ACT_LEGAL,
                                    ACT_RENEW,    ACT_RENEW_OUTSIDE, ACT_TRANSFER};
    static const struct {
        const char *id_type;
        uint64_t capture;
        const char *fact, *advice;
    } rows[] = {
        {"111", 0, "未采集照片", reader}, {"114", 0, "未采集照片", window},
        {"414", 0, "未采集照片", window}, {"511", 0, "未采集照片", window},
        {"516", 0, "未采集照片", window}, {"999", 0, "未采集照片", window},
        {NULL, 0, "未采集照片", window},  {"111", 5, "已采集照片", ""},
        {"414", 5, "已采集照片", ""},
    };

    (void)state;
    for (size_t a = 0; a < COUNT(acts); a++)
        for (size_t i = 0; i < COUNT(rows); i++) {
            struct ruling r;

            ruling_make(&r, acts[a], ruling_today);
            r.facts.person.id_type = rows[i].id_type;
            r.facts.person.capture_id = rows[i].capture;
            ruling_expect(&r, "R2", rows[i].fact, rows[i].advice, 0);
            ruling_free(&r);
        }
}

static void test_r9_one_representative(void **state)
{
    struct ruling r;

    (void)state;
    ruling_make(&r, ACT_LEGAL, ruling_today);
    ruling_expect(&r, "R9", "本企业没有其他人员持有法定代表人A证", "", 0);
    r.facts.firm.legal_certificate = 9;
    ruling_expect(&r, "R9", "其他人员持有本企业的法定代表人A证",
                  "请先注销原法定代表人的A证，再为现任法定代表人申领", 0);
    ruling_free(&r);
}

#define A_HERE  "在本企业已持有A证 "
#define A_THERE "在乙公司持有A证 "
#define USE_IT  "请使用已有的A证；需要改为法定代表人A证的，请先注销原证"
#define CHANGE  "请先办理纸质证书换领电子证书"
#define LEAVE   "请先在该企业注销A证，或者办理企业隶属关系变更"

/* Another A, everywhere and in every state. */
static void test_r9_one_a(void **state)
{
    static const struct {
        enum act act;
        uint64_t firm;
        bool paper, chosen;
        const char *state;
        const char *fact; /* the number follows; NULL: it passes */
        const char *advice;
    } rows[] = {
        {ACT_ISSUE, OWN, 0, 0, "01", A_HERE, USE_IT},
        {ACT_ISSUE, OWN, 0, 0, "02", A_HERE, USE_IT},
        {ACT_ISSUE, OWN, 1, 0, "01", A_HERE, CHANGE},
        {ACT_ISSUE, OWN, 0, 0, "03", NULL, NULL},
        {ACT_ISSUE, OWN, 0, 0, "04", NULL, NULL},
        {ACT_ISSUE, OWN, 0, 0, "05", NULL, NULL},
        {ACT_ISSUE, OWN, 0, 0, "06", NULL, NULL},
        {ACT_ISSUE, OWN, 0, 0, "07", NULL, NULL},
        {ACT_ISSUE, SECOND, 0, 0, "01", A_THERE, LEAVE},
        {ACT_ISSUE, SECOND, 0, 0, "02", A_THERE, LEAVE},
        {ACT_ISSUE, SECOND, 1, 0, "01", A_THERE, LEAVE},
        {ACT_ISSUE, SECOND, 0, 0, "04", NULL, NULL},
        {ACT_ISSUE, SECOND, 0, 0, "05", NULL, NULL},
        {ACT_LEGAL, OWN, 0, 0, "01", A_HERE, USE_IT},
        {ACT_LEGAL, OWN, 0, 0, "02", A_HERE, USE_IT},
        {ACT_LEGAL, OWN, 1, 0, "01", A_HERE, CHANGE},
        {ACT_LEGAL, OWN, 0, 0, "04", NULL, NULL},
        {ACT_LEGAL, SECOND, 0, 0, "01", NULL, NULL},
        {ACT_LEGAL, SECOND, 0, 0, "02", NULL, NULL},
        {ACT_LEGAL, SECOND, 1, 0, "01", NULL, NULL},
        {ACT_TRANSFER, OWN, 0, 0, "01", A_HERE, USE_IT},
        {ACT_TRANSFER, OWN, 0, 0, "04", NULL, NULL},
        {ACT_TRANSFER, SECOND, 0, 0, "01", A_THERE, LEAVE},
        {ACT_TRANSFER, SECOND, 0, 1, "01", A_HERE, USE_IT}, /* it comes, too */
        {ACT_TRANSFER, SECOND, 0, 0, "05", NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool legal = rows[i].act == ACT_LEGAL;
        struct holding *other;
        char fact[128];
        struct ruling r;

        ruling_make(&r, rows[i].act, ruling_today);
        ruling_class(&r, "A");
        other = ruling_hold(&r, "A", rows[i].firm, rows[i].state);
        other->paper = rows[i].paper;
        other->chosen = rows[i].chosen;
        snprintf(fact, sizeof(fact), "%s%s", rows[i].fact ? rows[i].fact : "", other->number);
        ruling_expect(&r, "R9",
                      rows[i].fact ? fact
                      : legal      ? "在本企业没有A证"
                                   : "没有其他A证",
                      rows[i].fact ? rows[i].advice : "", 0);
        ruling_free(&r);
    }
}

/* Somebody who leads several firms holds an A in each. */
static void test_r9_several_as_representative(void **state)
{
    struct ruling r;

    (void)state;
    ruling_make(&r, ACT_LEGAL, ruling_today);
    ruling_hold(&r, "A", SECOND, "01")->post = "01";
    ruling_hold(&r, "A", THIRD, "01")->post = "01";
    ruling_expect(&r, "R9", "在本企业没有A证", "", 0);
    ruling_free(&r);

    ruling_make(&r, ACT_ISSUE, ruling_today);
    ruling_expect(&r, "R9", "不涉及A证", "", 0);
    ruling_hold(&r, "A", OWN, "01");
    ruling_expect(&r, "R9", "不涉及A证", "", 0);
    ruling_free(&r);
}

#define OWN_HELD     "请使用已有的证书；到期前办理延期"
#define FOREIGN_HELD "请办理企业隶属关系变更，或者由该企业先注销证书"

static void test_r10(void **state)
{
    static const struct {
        enum act act;
        uint64_t firm;
        bool paper;
        const char *state, *fact, *advice;
        size_t others; /* R12, where it is elsewhere */
    } rows[] = {
        {ACT_ISSUE, OWN, 0, "01", "在本企业持有B证 沪建安B（2023）0000001", OWN_HELD, 0},
        {ACT_ISSUE, OWN, 0, "02", "在本企业持有B证 沪建安B（2023）0000001", OWN_HELD, 0},
        {ACT_ISSUE, OWN, 1, "01", "在本企业持有B证 沪建安B（2023）0000001", CHANGE, 0},
        {ACT_ISSUE, SECOND, 0, "01", "在乙公司持有B证 沪建安B（2023）0000001", FOREIGN_HELD, 1},
        {ACT_ISSUE, SECOND, 1, "01", "在乙公司持有B证 沪建安B（2023）0000001", CHANGE, 1},
        {ACT_ISSUE, SECOND, 0, "03", "没有其他B证", "", 0},
        {ACT_ISSUE, SECOND, 0, "04", "没有其他B证", "", 0},
        {ACT_ISSUE, OWN, 0, "05", "没有其他B证", "", 0},
        {ACT_ISSUE, OWN, 0, "06", "没有其他B证", "", 0},
        {ACT_ISSUE, OWN, 0, "07", "没有其他B证", "", 0},
        {ACT_TRANSFER, OWN, 0, "01", "在本企业持有B证 沪建安B（2023）0000002", OWN_HELD, 0},
        {ACT_TRANSFER, THIRD, 0, "02", "在丙公司持有B证 沪建安B（2023）0000002", FOREIGN_HELD, 1},
        {ACT_TRANSFER, OWN, 0, "04", "没有其他B证", "", 0},
    };
    struct ruling r;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ruling_make(&r, rows[i].act, ruling_today);
        ruling_hold(&r, "B", rows[i].firm, rows[i].state)->paper = rows[i].paper;
        ruling_expect(&r, "R10", rows[i].fact, rows[i].advice, rows[i].others);
        ruling_free(&r);
    }
    ruling_make(&r, ACT_ISSUE, ruling_today);
    ruling_class(&r, "C1");
    ruling_hold(&r, "B", OWN, "01");
    ruling_expect(&r, "R10", "不涉及B证", "", 0);
    ruling_free(&r);
}

static void test_r11(void **state)
{
    static const struct {
        enum act act;
        bool one_c;
        const char *wanted, *held;
        uint64_t firm;
        const char *state, *fact, *advice;
        size_t others; /* R12 */
    } rows[] = {
        {ACT_ISSUE, 1, "C1", "C1", OWN, "01", "在本企业持有C1证 沪建安C1（2023）0000001", OWN_HELD, 0},
        {ACT_ISSUE, 1, "C2", "C1", OWN, "01", "在本企业持有C1证 沪建安C1（2023）0000001", OWN_HELD, 0},
        {ACT_ISSUE, 1, "C3", "C2", OWN, "02", "在本企业持有C2证 沪建安C2（2023）0000001", OWN_HELD, 0},
        {ACT_ISSUE, 1, "C1", "C3", SECOND, "01", "在乙公司持有C3证 沪建安C3（2023）0000001",
         FOREIGN_HELD, 1},
        {ACT_ISSUE, 1, "C", "C2", OWN, "01", "在本企业持有C2证 沪建安C2（2023）0000001", OWN_HELD, 0},
        {ACT_ISSUE, 1, "C1", "C1", OWN, "04", "没有其他C证", "", 0},
        {ACT_ISSUE, 1, "C1", "C3", SECOND, "05", "没有其他C证", "", 0},
        {ACT_ISSUE, 1, "C1", "B", OWN, "01", "没有其他C证", "", 0},
        {ACT_ISSUE, 1, "B", "C1", OWN, "01", "不涉及C证", "", 0},
        {ACT_ISSUE, 0, "C1", "C1", OWN, "01", "在本企业持有C1证 沪建安C1（2023）0000001", OWN_HELD, 0},
        {ACT_ISSUE, 0, "C3", "C1", OWN, "01", "在本企业持有C1证 沪建安C1（2023）0000001", OWN_HELD, 0},
        {ACT_ISSUE, 0, "C3", "C2", OWN, "01", "在本企业持有C2证 沪建安C2（2023）0000001", OWN_HELD, 0},
        {ACT_ISSUE, 0, "C1", "C3", OWN, "01", "在本企业持有C3证 沪建安C3（2023）0000001", OWN_HELD, 0},
        {ACT_ISSUE, 0, "C2", "C3", OWN, "02", "在本企业持有C3证 沪建安C3（2023）0000001", OWN_HELD, 0},
        {ACT_ISSUE, 0, "C3", "C3", OWN, "01", "在本企业持有C3证 沪建安C3（2023）0000001", OWN_HELD, 0},
        {ACT_ISSUE, 0, "C2", "C1", OWN, "01", "没有其他C证", "", 0},
        {ACT_ISSUE, 0, "C1", "C2", OWN, "01", "没有其他C证", "", 0},
        {ACT_ISSUE, 0, "C2", "C1", SECOND, "01", "没有其他C证", "", 1},
        {ACT_TRANSFER, 1, "C2", "C1", OWN, "01", "在本企业持有C1证 沪建安C1（2023）0000002", OWN_HELD,
         0},
        {ACT_TRANSFER, 0, "C2", "C1", OWN, "01", "没有其他C证", "", 0},
        {ACT_TRANSFER, 0, "C3", "C1", OWN, "01", "在本企业持有C1证 沪建安C1（2023）0000002", OWN_HELD,
         0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ruling r;

        ruling_make(&r, rows[i].act, ruling_today);
        r.policy.one_c_class = rows[i].one_c;
        ruling_class(&r, rows[i].wanted);
        ruling_hold(&r, rows[i].held, rows[i].firm, rows[i].state);
        ruling_expect(&r, "R11", rows[i].fact, rows[i].advice, rows[i].others);
        ruling_free(&r);
    }
}

#define TOGETHER "办理后B证、C证在同一企业"
#define A_FIRST                                                                                    \
    "持有A证的人员，其B证、C证须与其中一本A证在同一企业：请一并办理企业隶属关系变更"
#define ONE_FIRM "B证和C证须在同一企业：请一并办理企业隶属关系变更，或者先注销其中一本"

/* A certificate beside the one that is meant. */
struct beside {
    const char *class_code;
    uint64_t firm;
    bool chosen;
    const char *state; /* NULL: 01 */
};

static void test_r12(void **state)
{
    static const struct {
        enum act act;
        const char *class_code;
        struct beside beside[3];
        const char *fact, *advice;
        size_t others;
    } rows[] = {
        {ACT_ISSUE, "B", {{"C1", SECOND, 0, NULL}}, "C1证 沪建安C1（2023）0000001 在乙公司", ONE_FIRM, 0},
        {ACT_ISSUE, "C1", {{"B", SECOND, 0, NULL}}, "B证 沪建安B（2023）0000001 在乙公司", ONE_FIRM, 0},
        {ACT_ISSUE, "B", {{"C1", SECOND, 0, "02"}}, "C1证 沪建安C1（2023）0000001 在乙公司", ONE_FIRM, 0},
        {ACT_ISSUE, "B", {{"A", SECOND, 0, NULL}}, "B证或C证在甲公司，而A证不在该企业", A_FIRST, 0},
        {ACT_ISSUE, "A", {{"B", SECOND, 0, NULL}}, "B证或C证在乙公司，而A证不在该企业", A_FIRST, 0},
        {ACT_LEGAL, "A", {{"C3", SECOND, 0, NULL}}, "B证或C证在乙公司，而A证不在该企业", A_FIRST, 0},
        {ACT_ISSUE, "B", {{NULL, 0, 0, NULL}}, TOGETHER, "", 0},
        {ACT_ISSUE, "B", {{"C1", OWN, 0, NULL}}, TOGETHER, "", 0},
        {ACT_ISSUE, "B", {{"A", OWN, 0, NULL}}, TOGETHER, "", 0},
        {ACT_ISSUE, "B", {{"A", SECOND, 0, NULL}, {"A", OWN, 0, NULL}}, TOGETHER, "", 0},
        {ACT_ISSUE, "B", {{"A", SECOND, 0, "04"}}, TOGETHER, "", 0},
        {ACT_ISSUE, "B", {{"C1", SECOND, 0, "04"}}, TOGETHER, "", 0},
        {ACT_ISSUE, "B", {{"C1", SECOND, 0, "06"}, {"C2", OWN, 0, NULL}}, TOGETHER, "", 0},
        {ACT_ISSUE, "A", {{"B", OWN, 0, NULL}}, TOGETHER, "", 0},
        {ACT_LEGAL, "A", {{"B", OWN, 0, NULL}}, TOGETHER, "", 0},
        {ACT_LEGAL, "A", {{"B", SECOND, 0, NULL}, {"A", SECOND, 0, NULL}}, TOGETHER, "", 0},

        /* Into 甲公司 comes one from 乙公司, and which of the others? */
        {ACT_TRANSFER, "B", {{"C1", SECOND, 0, NULL}}, "C1证 沪建安C1（2023）0000002 在乙公司", ONE_FIRM, 0},
        {ACT_TRANSFER, "C1", {{"B", SECOND, 0, NULL}}, "B证 沪建安B（2023）0000002 在乙公司", ONE_FIRM, 0},
        {ACT_TRANSFER, "B", {{"C1", THIRD, 0, NULL}}, "C1证 沪建安C1（2023）0000002 在丙公司", ONE_FIRM, 0},
        {ACT_TRANSFER, "B", {{"A", SECOND, 0, NULL}}, "B证或C证在甲公司，而A证不在该企业", A_FIRST, 0},
        {ACT_TRANSFER, "B", {{"A", SECOND, 0, NULL}, {"C1", SECOND, 1, NULL}},
         "B证或C证在甲公司，而A证不在该企业", A_FIRST, 0},
        {ACT_TRANSFER, "B", {{"A", SECOND, 1, NULL}, {"C1", SECOND, 0, NULL}},
         "C1证 沪建安C1（2023）0000003 在乙公司", ONE_FIRM, 0},
        {ACT_TRANSFER, "A", {{"B", SECOND, 0, NULL}}, "B证或C证在乙公司，而A证不在该企业", A_FIRST, 0},
        {ACT_TRANSFER, "A", {{"B", SECOND, 1, NULL}, {"C2", SECOND, 0, NULL}},
         "C2证 沪建安C2（2023）0000003 在乙公司", ONE_FIRM, 0},
        {ACT_TRANSFER, "B", {{NULL, 0, 0, NULL}}, TOGETHER, "", 0},
        {ACT_TRANSFER, "B", {{"C1", SECOND, 1, NULL}}, TOGETHER, "", 0},
        {ACT_TRANSFER, "B", {{"C1", THIRD, 1, NULL}}, TOGETHER, "", 0},
        {ACT_TRANSFER, "B", {{"C1", OWN, 0, NULL}}, TOGETHER, "", 0},
        {ACT_TRANSFER, "B", {{"C1", SECOND, 0, "05"}}, TOGETHER, "", 0},
        {ACT_TRANSFER, "B", {{"A", SECOND, 1, NULL}}, TOGETHER, "", 0},
        {ACT_TRANSFER, "B", {{"A", OWN, 0, NULL}}, TOGETHER, "", 0},
        {ACT_TRANSFER, "B", {{"A", SECOND, 1, NULL}, {"C1", SECOND, 1, NULL}}, TOGETHER, "", 0},
        {ACT_TRANSFER, "A", {{"B", SECOND, 1, NULL}, {"C1", SECOND, 1, NULL}}, TOGETHER, "", 0},
        {ACT_TRANSFER, "A", {{"B", OWN, 0, NULL}}, TOGETHER, "", 0},
        {ACT_TRANSFER, "A", {{NULL, 0, 0, NULL}}, TOGETHER, "", 0},
        /* A cancelled one that comes back stands where it goes to. */
        {ACT_TRANSFER, "B", {{"C1", SECOND, 1, "04"}}, TOGETHER, "", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ruling r;

        ruling_make(&r, rows[i].act, ruling_today);
        ruling_class(&r, rows[i].class_code);
        for (const struct beside *b = rows[i].beside; b < rows[i].beside + 3 && b->class_code; b++)
            ruling_hold(&r, b->class_code, b->firm, b->state ? b->state : "01")->chosen = b->chosen;
        ruling_expect(&r, "R12", rows[i].fact, rows[i].advice, rows[i].others);
        ruling_free(&r);
    }
}

static void test_r19(void **state)
{
    static const enum act waits[] = {ACT_RENEW, ACT_RENEW_OUTSIDE, ACT_TRANSFER, ACT_CANCEL,
                                     ACT_DEPART};
    static const enum act makes[] = {ACT_ISSUE, ACT_LEGAL, ACT_RENAME};
    struct ruling r;

    (void)state;
    for (size_t i = 0; i < COUNT(waits); i++) {
        ruling_make(&r, waits[i], ruling_today);
        ruling_expect(&r, "R19", "没有正在办理的事项", "", 0);
        r.holdings[0].pending_id = 7;
        snprintf(r.holdings[0].pending, sizeof(r.holdings[0].pending), "ZX20260301-00000007");
        ruling_expect(&r, "R19", "该证书正在办理事项 ZX20260301-00000007",
                      "请等待该事项办结；不再办理的，由原申请企业撤回后再申请", 0);
        ruling_free(&r);
    }
    for (size_t i = 0; i < COUNT(makes); i++) {
        ruling_make(&r, makes[i], ruling_today);
        ruling_expect(&r, "R19", "没有正在办理的事项", "", 0);
        ruling_free(&r);
    }
}

#define TOO_YOUNG "年满 18 周岁后才能持有C证"
#define TOO_OLD_C "C证持证人年龄不得超过 60 周岁，请由其他人员担任该岗位"
#define TOO_OLD_B "B证持证人年龄不得超过 65 周岁，请由其他人员担任该岗位"

static void test_r20(void **state)
{
    static const struct {
        const char *class_code;
        struct date birth, today;
        const char *fact, *advice;
    } rows[] = {
        {"C1", {2008, 3, 2}, {2026, 3, 1}, "出生于 2008-03-02，17 周岁", TOO_YOUNG},
        {"C1", {2008, 3, 1}, {2026, 3, 1}, "出生于 2008-03-01，18 周岁", ""},
        {"C3", {2008, 2, 29}, {2026, 2, 28}, "出生于 2008-02-29，17 周岁", TOO_YOUNG},
        {"C3", {2008, 2, 29}, {2026, 3, 1}, "出生于 2008-02-29，18 周岁", ""},
        {"C2", {1966, 2, 28}, {2026, 3, 1}, "出生于 1966-02-28，60 周岁", TOO_OLD_C},
        {"C2", {1966, 3, 1}, {2026, 3, 1}, "出生于 1966-03-01，60 周岁", ""},
        {"C1", {1964, 2, 29}, {2024, 2, 29}, "出生于 1964-02-29，60 周岁", ""},
        {"C1", {1964, 2, 29}, {2024, 3, 1}, "出生于 1964-02-29，60 周岁", TOO_OLD_C},
        {"B", {1961, 2, 28}, {2026, 3, 1}, "出生于 1961-02-28，65 周岁", TOO_OLD_B},
        {"B", {1961, 3, 1}, {2026, 3, 1}, "出生于 1961-03-01，65 周岁", ""},
        /* 65 on 1 March 2025, which has no 29 February before it. */
        {"B", {1960, 2, 29}, {2025, 2, 28}, "出生于 1960-02-29，64 周岁", ""},
        {"B", {1960, 2, 29}, {2025, 3, 1}, "出生于 1960-02-29，65 周岁", ""},
        {"B", {1960, 2, 29}, {2025, 3, 2}, "出生于 1960-02-29，65 周岁", TOO_OLD_B},
        {"B", {2010, 1, 1}, {2026, 3, 1}, "出生于 2010-01-01，16 周岁", ""},
        {"A", {1900, 1, 1}, {2026, 3, 1}, "A证不限年龄", ""},
        {"A", {2015, 1, 1}, {2026, 3, 1}, "A证不限年龄", ""},
    };
    static const enum act acts[] = {ACT_ISSUE, ACT_LEGAL, ACT_RENEW, ACT_RENEW_OUTSIDE,
                                    ACT_TRANSFER};

    (void)state;
    for (size_t a = 0; a < COUNT(acts); a++)
        for (size_t i = 0; i < COUNT(rows); i++) {
            struct ruling r;

            if (acts[a] == ACT_LEGAL && strcmp(rows[i].class_code, "A") != 0)
                continue;
            ruling_make(&r, acts[a], rows[i].today);
            ruling_class(&r, rows[i].class_code);
            r.facts.person.birth = rows[i].birth;
            ruling_expect(&r, "R20", rows[i].fact, rows[i].advice, 0);
            ruling_free(&r);
        }
}

static void test_r20_policy(void **state)
{
    struct ruling r;

    (void)state;
    ruling_make(&r, ACT_RENEW, ruling_today);
    r.facts.person.birth = (struct date){1950, 3, 1};
    r.policy.age_max_b = 75;
    ruling_expect(&r, "R20", "出生于 1950-03-01，76 周岁",
                  "B证持证人年龄不得超过 75 周岁，请由其他人员担任该岗位", 0);
    r.policy.age_max_b = 76;
    ruling_expect(&r, "R20", "出生于 1950-03-01，76 周岁", "", 0);
    ruling_free(&r);
}

static void test_r21(void **state)
{
    static const struct hold open = {.number = "CF20260301-00000009",
                                     .legal_basis = "《条例》第三条",
                                     .from = {2026, 2, 1}};
    static const struct hold until = {.number = "CF20260301-00000010",
                                      .legal_basis = "《条例》第四条",
                                      .from = {2026, 2, 1},
                                      .until = {2026, 4, 30}};
    static const char advice[] =
        "锁定期间不能办理。请联系管理部门处理，并说明事项编号 CF20260301-00000009";

    (void)state;
    for (int act = 0; act < ACT_COUNT; act++) {
        struct ruling r;

        ruling_make(&r, (enum act)act, ruling_today);
        ruling_expect(&r, "R21", "没有被锁定", "", 0);
        r.facts.firm.hold = &open;
        ruling_expect(&r, "R21", "本企业自 2026-02-01 起被管理部门锁定，依据：《条例》第三条", advice,
                      0);
        r.facts.firm.hold = NULL;
        r.facts.person.hold = &open;
        ruling_expect(&r, "R21", "该人员自 2026-02-01 起被管理部门锁定，依据：《条例》第三条", advice,
                      0);
        r.facts.person.hold = &until;
        ruling_expect(
            &r, "R21",
            "该人员自 2026-02-01 起被管理部门锁定，至 2026-04-30，依据：《条例》第四条",
            "锁定期间不能办理。请联系管理部门处理，并说明事项编号 CF20260301-00000010", 0);
        ruling_free(&r);
    }
}

static void test_covered(void **state)
{
    (void)state;
    ruling_assert_covered(" R1 R2 R9 R10 R11 R12 R19 R20 R21 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_r1_certificate),
        cmocka_unit_test(test_r1_person),
        cmocka_unit_test(test_r2),
        cmocka_unit_test(test_r9_one_representative),
        cmocka_unit_test(test_r9_one_a),
        cmocka_unit_test(test_r9_several_as_representative),
        cmocka_unit_test(test_r10),
        cmocka_unit_test(test_r11),
        cmocka_unit_test(test_r12),
        cmocka_unit_test(test_r19),
        cmocka_unit_test(test_r20),
        cmocka_unit_test(test_r20_policy),
        cmocka_unit_test(test_r21),
        cmocka_unit_test(test_covered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
