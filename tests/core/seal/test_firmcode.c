/* Whose firm a certificate is: nobody gets another firm's code by what he has a word in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/seal/firmcode.h"
#include "tests/core/seal/pki.h"

enum { DAY = 24 * 3600, ROWS = 7 };

#define NOW          INT64_C(1767240000)
#define CODE         "11110000000021135M"
#define CODE_2       "11100000000013338W"
#define BAD          "11110000000021135N"
#define OID          "1.2.156.10260.4.1.4"
#define ORGANIZATION "organizationIdentifier"
#define ISSUER       "演示签发"
/* 240 characters that are no code, nor end one. */
#define TEXT60 " - 地址：上海市 abcdefghijklmnopqrstuvwxyz (1234567890), ..."
#define LONG   TEXT60 TEXT60 TEXT60 TEXT60

static struct pool *pool;
static struct pki issuing, other;
static EVP_PKEY *key;

static struct pki authority(const char *name, const char *organization)
{
    const struct pki_spec spec = {.name = name, .field = "O", .value = organization,
                                  .from = NOW - DAY, .until = NOW + DAY, .serial = 1,
                                  .authority = true};

    return pki_make(&spec, pki_ec(), NULL);
}

static int set_up(void **state)
{
    (void)state;
    pool = pool_new(1 << 16, 0);
    key = pki_ec();
    issuing = authority(ISSUER, "演示, 电子认证");
    other = authority("他人", "他人");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pki_free(&issuing);
    pki_free(&other);
    EVP_PKEY_free(key);
    pool_free(&pool);
    return 0;
}

/* Opens a table of these rows: issuer and field, in turn. */
static int open_table(const char *const *words, size_t rows, struct firmcode **table, struct err *err)
{
    struct config_entry *entries = pool_array(pool, 2 * rows, sizeof(*entries));

    for (size_t i = 0; i < 2 * rows; i++) {
        entries[i].name = pool_printf(pool, "%zu.%s", i / 2, i % 2 ? "Field" : "Issuer");
        entries[i].value = pool_text(pool, words[i]);
        entries[i].next = i + 1 < 2 * rows ? &entries[i + 1] : NULL;
    }
    return firmcode_open(entries, pool, table, err);
}

/* By ISSUER, by anybody, and by rows that fit nobody: half a name, and names that are longer. */
static struct firmcode *usual_table(void)
{
    static const char *const rows[ROWS][2] = {
        {"CN=" ISSUER, "OU"},     {"*", OID},
        {"*", ORGANIZATION},      {"CN=演示", "serialNumber"},
        {"CN=" ISSUER "二", "serialNumber"}, {"O=演示", "serialNumber"},
        {"电子认证,CN=" ISSUER, "serialNumber"},
    };
    struct firmcode *table;
    struct err err = {0};

    if (open_table(&rows[0][0], ROWS, &table, &err) < 0)
        fail_msg("%s", err.text);
    return table;
}

static enum firmcode_found find(const struct firmcode *table, struct pki_spec spec,
                                const struct pki *issuer, char code[FIRMCODE_SIZE])
{
    enum firmcode_found found;
    struct pki made;

    EVP_PKEY_up_ref(key);
    spec.name = "演示企业";
    spec.from = NOW - DAY;
    spec.until = NOW + DAY;
    spec.serial = 7;
    made = pki_make(&spec, key, issuer);
    found = firmcode_find(table, made.certificate, code);
    pki_free(&made);
    return found;
}

static const struct {
    const char *what;
    bool stranger; /* by an authority that the table does not name */
    struct pki_spec spec;
    enum firmcode_found found;
    const char *code;
} cases[] = {
    {"an extension", true, {.extension = OID, .text = "SF" CODE}, FIRMCODE_ONE, CODE},
    {"organizationIdentifier", true, {.field = ORGANIZATION, .value = "NTRCN-" CODE_2}, FIRMCODE_ONE,
     CODE_2},
    {"OU of who verifies it", false, {.field = "OU", .value = CODE}, FIRMCODE_ONE, CODE},
    {"OU of who is not known to verify it", true, {.field = "OU", .value = CODE}, FIRMCODE_NONE, ""},
    {"a field of rows that don't fit", false, {.field = "serialNumber", .value = CODE}, FIRMCODE_NONE, ""},
    {"a field that nobody named", false, {.field = "L", .value = CODE}, FIRMCODE_NONE, ""},
    {"two rows, one code", false, {.field = "OU", .value = CODE, .extension = OID, .text = "SF" CODE},
     FIRMCODE_ONE, CODE},
    {"two rows, one of them wrong", false, {.field = "OU", .value = CODE_2, .extension = OID, .text = BAD},
     FIRMCODE_ONE, CODE_2},
    {"two rows, two codes", false, {.field = "OU", .value = CODE_2, .extension = OID, .text = CODE},
     FIRMCODE_UNCLEAR, ""},
    {"the same of who does not count", true,
     {.field = "OU", .value = CODE_2, .extension = OID, .text = CODE}, FIRMCODE_ONE, CODE},
    {"two codes in one text", true, {.extension = OID, .text = CODE " " CODE_2}, FIRMCODE_UNCLEAR, ""},
    {"one code twice in one text", true, {.extension = OID, .text = CODE "/" CODE}, FIRMCODE_ONE, CODE},
    {"a second code far behind", true,
     {.extension = OID, .text = CODE LONG LONG LONG LONG LONG " " CODE_2}, FIRMCODE_UNCLEAR, ""},
    {"two attributes, two codes", true, {.field = ORGANIZATION, .value = CODE, .value_2 = CODE_2},
     FIRMCODE_UNCLEAR, ""},
    {"two attributes, the first no code", false, {.field = "OU", .value = "安全部", .value_2 = CODE_2},
     FIRMCODE_ONE, CODE_2},
    {"two attributes, one code", false, {.field = "OU", .value = CODE, .value_2 = CODE}, FIRMCODE_ONE, CODE},
    {"beside others in a relative name", true, {.field = ORGANIZATION, .value = CODE, .together = true},
     FIRMCODE_UNCLEAR, ""},
    {"beside others, and once more by itself", true,
     {.field = ORGANIZATION, .value = CODE, .together = true, .extension = OID, .text = CODE},
     FIRMCODE_UNCLEAR, ""},
    {"beside others, and no code", false,
     {.field = "OU", .value = "安全部", .together = true, .extension = OID, .text = CODE}, FIRMCODE_ONE,
     CODE},
    {"an extension twice", true, {.extension = OID, .text = CODE, .text_2 = CODE}, FIRMCODE_UNCLEAR, ""},
    {"an extension twice, the first no code", true, {.extension = OID, .text = "-", .text_2 = CODE_2},
     FIRMCODE_UNCLEAR, ""},
};

static void finds_one_or_none(void **state)
{
    struct firmcode *table = usual_table();

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct pki *issuer = cases[i].stranger ? &other : &issuing;
        char code[FIRMCODE_SIZE];
        enum firmcode_found found = find(table, cases[i].spec, issuer, code);

        if (found != cases[i].found || strcmp(code, cases[i].code) != 0)
            fail_msg("%s: %d, %s", cases[i].what, (int)found, code);
    }
}

/* Whole parts of the name as it is printed, in their order. */
static void knows_issuers_by_whole_parts(void **state)
{
    static const struct {
        const char *issuer;
        bool fits;
    } rows[] = {
        {"CN=" ISSUER, true},        {"O=演示\\, 电子认证", true}, {"O=演示\\, 电子认证,CN=" ISSUER, true},
        {"CN=" ISSUER ",O=演示", false}, {"O=演示\\", false},         {" 电子认证,CN=" ISSUER, false},
        {"N=" ISSUER, false},        {"CN=演示签", false},            {"CN=他人", false},
        {"cn=" ISSUER, false},       {"CN=" ISSUER ",", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const char *const words[] = {rows[i].issuer, "OU"};
        char code[FIRMCODE_SIZE];
        struct firmcode *table;

        assert_int_equal(open_table(words, 1, &table, NULL), 0);
        if ((find(table, (struct pki_spec){.field = "OU", .value = CODE}, &issuing, code) ==
             FIRMCODE_ONE) != rows[i].fits)
            fail_msg("%s", rows[i].issuer);
    }
}

static void refuses_loose_rows(void **state)
{
    static const char *const rows[][2] = {
        {"*", "OU"}, {"*", "CN"}, {"*", "2.5.4.5"}, {"*", "serialNumber"}, {"*", "subjectAltName"},
        {ISSUER, OID}, {"**", OID}, {"", OID}, {"CN=" ISSUER, "no such field"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct firmcode *table;
        struct err err = {0};

        if (open_table(rows[i], 1, &table, &err) == 0)
            fail_msg("taken: %s, %s", rows[i][0], rows[i][1]);
        assert_int_equal(err.kind, ERR_CONFIG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_one_or_none),
        cmocka_unit_test(knows_issuers_by_whole_parts),
        cmocka_unit_test(refuses_loose_rows),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
