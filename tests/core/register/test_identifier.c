/* Numbers and identifiers: what is refused, then what is accepted and in which form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/register/identifier.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct date today = {2026, 3, 1};

/* A wrong row is named; the others still run. */
#define CHECK_ROW(ok, name) ((ok) ? 0 : (print_error("row: %s\n", (name)), 1))

static void test_uscc(void **state)
{
    static const struct {
        const char *code;
        bool valid;
    } rows[] = {
        {"", false},
        {"1", false},
        {"11110000000021135", false},
        {"11110000000021135MM", false},
        {"11110000000021135N", false}, /* another check character */
        {"11110000000021136M", false}, /* one digit off */
        {"11110000000012135M", false}, /* two digits swapped */
        {"1111000000002113IM", false}, /* I is not in the alphabet */
        {"1111000000002113OM", false},
        {"11110000000021135m", false},
        {"1111000000002113 M", false},
        {"11110000000021135M", true},
        {"11100000000013338W", true},
        {"11430000006122244L", true},
    };
    int wrong = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        wrong += CHECK_ROW(uscc_valid(rows[i].code) == rows[i].valid, rows[i].code);
    assert_false(uscc_valid(NULL));
    assert_int_equal(wrong, 0);
}

static void test_resident_id(void **state)
{
    static const char *const bad[] = {
        "",
        "11010519491231002",
        "11010519491231002x", /* lower case is not the normal form */
        "110105194912310021",
        "110105194912310O2X",
        "11010519491231002XX",
        "110105194913310024", /* month 13 */
        "110105190002290019", /* 1900 was no leap year */
        "110105202603020015", /* born tomorrow */
    };
    struct date birth = {0};
    int sex = 0, wrong = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        wrong += CHECK_ROW(!resident_id_valid(bad[i], today, &birth, &sex), bad[i]);
    assert_int_equal(wrong, 0);
    assert_true(date_is_none(birth));
    assert_false(resident_id_valid(NULL, today, NULL, NULL));
    assert_true(resident_id_valid("11010519491231002X", today, NULL, NULL));
    assert_true(resident_id_valid("11010519491231002X", today, &birth, &sex));
    assert_int_equal(date_compare(birth, (struct date){1949, 12, 31}), 0);
    assert_int_equal(sex, 2);
    assert_true(resident_id_valid("11010519491231002X", (struct date){1949, 12, 31}, NULL, NULL));
    assert_false(resident_id_valid("11010519491231002X", (struct date){1949, 12, 30}, NULL, NULL));
}

/* Every single wrong digit is found by the weights of GB 11643. */
static void test_resident_id_detects(void **state)
{
    const char good[] = "11010519491231002X";
    char number[sizeof good];

    (void)state;
    for (size_t at = 0; at < 17; at++)
        for (char c = '0'; c <= '9'; c++) {
            memcpy(number, good, sizeof good);
            number[at] = c;
            assert_int_equal(resident_id_valid(number, today, NULL, NULL), c == good[at]);
        }
}

static void test_document_no(void **state)
{
    static const struct {
        const char *type, *input, *normal; /* normal NULL: refused */
    } rows[] = {
        {"000", "E12345678", NULL},
        {"", "E12345678", NULL},
        {"111", "", NULL},
        {"111", "   ", NULL},
        {"111", "\xff\xfe", NULL},
        {"111", "1101051949123100\n2X", NULL},
        {"111", "E12345678", NULL},
        {"414", "E123", NULL},
        {"414", "E12345678901234567", NULL},
        {"414", "E1234-5678", NULL},
        {"414", "护照1234567", NULL},
        {"511", "1234567", NULL},
        {"511", "A2345678", NULL},
        {"511", "123456789", NULL},
        {"516", "H1234567", NULL},
        {"516", "H1234567801234", NULL},
        {"516", "K12345678", NULL},
        {"516", "H1234567890", "H12345678"},
        {"114", "字第1234567号", NULL},
        {"114", "军字第123号", NULL},
        {"114", "军字第123456789号", NULL},
        {"114", "军字1234567号", NULL},
        {"114", "军字第1234567号码", NULL},
        {"999", "ABC", NULL},
        {"999", "0123456789012345678901234567890123456789", NULL},
        {"111", "11010519491231002X", "11010519491231002X"},
        {"111", " 110105 19491231 002x\t", "11010519491231002X"},
        {"111", "　１１０１０５１９４９１２３１００２ｘ　", "11010519491231002X"},
        {"414", "e12345678", "E12345678"},
        {"511", "12345678", "12345678"},
        {"516", "h12345678", "H12345678"},
        {"516", "M12345678", "M12345678"},
        {"114", "军字第1234567", "军字第1234567号"},
        {"114", "军字第 1234567 号", "军字第1234567号"},
        {"114", "海字第12345678", "海字第12345678号"},
        {"999", "沪居字ab12", "沪居字AB12"},
    };
    char out[DOCUMENT_NO_SIZE];
    int wrong = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool ok = document_no_normalise(rows[i].type, rows[i].input, today, out);
        const char *want = rows[i].normal != NULL ? rows[i].normal : "";

        wrong += CHECK_ROW(ok == (rows[i].normal != NULL) && strcmp(out, want) == 0,
                           rows[i].input);
        if (ok) /* a normal form is its own normal form */
            wrong += CHECK_ROW(document_no_normalise(rows[i].type, want, today, out) &&
                                   strcmp(out, want) == 0,
                               want);
    }
    assert_int_equal(wrong, 0);
}

static void test_document_types(void **state)
{
    static const char *const types[] = {"111", "114", "414", "511", "516", "999"};

    (void)state;
    assert_false(document_type_valid("112"));
    assert_false(document_type_valid(NULL));
    assert_null(document_type_label("11"));
    for (size_t i = 0; i < COUNT(types); i++) {
        assert_true(document_type_valid(types[i]));
        assert_non_null(document_type_label(types[i]));
    }
    assert_string_equal(document_type_label("511"), "台胞证");
}

static void test_masks(void **state)
{
    static const struct {
        const char *number, *masked;
    } numbers[] = {
        {"", ""},
        {"\xff", ""},
        {"1", "*"},
        {"12345", "1***5"},
        {"12345678", "12*****8"},
        {"H12345678", "H12****78"},
        {"军字第1234567号", "军字第******7号"},
        {"11010519491231002X", "110105********002X"},
    };
    static const struct {
        const char *name, *masked;
    } names[] = {
        {"", ""},           {"\xe5\xbc", ""},      {"张", "*"},
        {"张三", "张*"},    {"王小明", "王*明"},   {"欧阳修远", "欧**远"},
        {"𠮷田", "𠮷*"},   {"李𬭚", "李*"},      {"Ann", "A*n"},
    };
    char number[DOCUMENT_NO_SIZE], name[64];
    int wrong = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        document_no_mask(numbers[i].number, number);
        wrong += CHECK_ROW(strcmp(number, numbers[i].masked) == 0, number);
    }
    for (size_t i = 0; i < COUNT(names); i++) {
        name_mask(names[i].name, name, sizeof name);
        wrong += CHECK_ROW(strcmp(name, names[i].masked) == 0, name);
    }
    assert_int_equal(wrong, 0);
    memset(name, 'x', sizeof name);
    name_mask("欧阳修远", name, 8); /* needs nine */
    assert_string_equal(name, "");
    assert_int_equal(name[8], 'x');
}

static void test_certificate_number(void **state)
{
    static const struct {
        const char *input, *normal;
    } rows[] = {
        {"", NULL},
        {"沪建安C4（2026）0000001", NULL},
        {"沪建安D（2026）0000001", NULL},
        {"沪建安（2026）0000001", NULL},
        {"苏建安A（2026）0000001", NULL},
        {"沪建安A（26）0000001", NULL},
        {"沪建安A（2026）000001", NULL},
        {"沪建安A（2026）00000001", NULL},
        {"沪建安A（2026）000000X", NULL},
        {"沪建安A20260000001", NULL},
        {"沪建安A（2026)", NULL},
        {"沪建安A（2026）0000001号", NULL},
        {"建安A（2026）0000001", NULL},
        {"沪建安A（2026）0000001\x01", NULL},
        {"沪建安C3（2026）0000001", "沪建安C3（2026）0000001"},
        {"沪建安C3(2026)0000001", "沪建安C3（2026）0000001"},
        {" 沪 建安 c3 （ 2026 ） 0000001 ", "沪建安C3（2026）0000001"},
        {"沪建安Ａ（２０２６）０００１２３４", "沪建安A（2026）0001234"},
        {"沪建安C（2019）0012345", "沪建安C（2019）0012345"},
        {"沪建安B(2026）0000009", "沪建安B（2026）0000009"},
    };
    char out[NUMBER_SIZE];
    int wrong = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool ok = certificate_number_normalise(rows[i].input, "沪", out);

        wrong += CHECK_ROW(ok == (rows[i].normal != NULL) &&
                               strcmp(out, rows[i].normal ? rows[i].normal : "") == 0,
                           rows[i].input);
    }
    assert_int_equal(wrong, 0);
}

static void test_certificate_number_parts(void **state)
{
    static const char *const classes[] = {"A", "B", "C1", "C2", "C3", "C"};
    char number[NUMBER_SIZE], class_code[3];
    uint32_t serial;
    int year;

    (void)state;
    assert_false(certificate_number_parts(NULL, class_code, &year, &serial));
    assert_false(certificate_number_parts("", class_code, &year, &serial));
    assert_false(certificate_number_parts("沪建安", class_code, &year, &serial));
    assert_false(certificate_number_parts("沪建安A(2026)0000001", class_code, &year, &serial));
    assert_false(certificate_number_parts("建安A（2026）0000001", class_code, &year, &serial));
    for (size_t i = 0; i < COUNT(classes); i++) {
        certificate_number_make("沪", classes[i], 2026, 9999999 - (uint32_t)i, number);
        assert_true(certificate_number_parts(number, class_code, &year, &serial));
        assert_string_equal(class_code, classes[i]);
        assert_int_equal(year, 2026);
        assert_int_equal(serial, 9999999 - i);
    }
    certificate_number_make("沪", "C3", 2026, 1, number);
    assert_string_equal(number, "沪建安C3（2026）0000001");
}

static void test_check_character(void **state)
{
    (void)state;
    assert_int_equal(mod37_36("a"), 0);
    assert_int_equal(mod37_36("A-B"), 0);
    assert_int_equal(mod37_36("11100000000013338W011.11430000006122244L.20230000403.001"), 'U');
    assert_int_equal(mod37_36("11100000000013338W011.11430000006122244L.20230000403.002"), 'S');
}

static void test_identifier(void **state)
{
    static const char first[] =
        "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U";
    static const char *const bad[] = {
        "",
        "1.2.156.3005.2.",
        "1.2.156.3005.3.11100000000013338W011.11430000006122244L.20230000403.001.U",
        "1.2.156.3005.2.11100000000013338W012.11430000006122244L.20230000403.001.U",
        "1.2.156.3005.2.11100000000013338W011.11430000006122244M.20230000403.001.U",
        "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.V",
        "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.002.U",
        "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000430.001.U",
        "1.2.156.3005.2.11100000000013338W011.11430000006122244L.2023000040.3001.U",
        "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001",
        "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U ",
    };
    char out[IDENTIFIER_SIZE];
    int wrong = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        wrong += CHECK_ROW(!identifier_valid(bad[i]), bad[i]);
    assert_int_equal(wrong, 0);
    assert_false(identifier_valid(NULL));
    identifier_make("11430000006122244L", 2023, 403, 1, out);
    assert_string_equal(out, first);
    assert_true(identifier_valid(out));
    identifier_make("11430000006122244L", 2023, 403, 2, out);
    assert_string_equal(out + strlen(out) - 5, "002.S");
    for (uint32_t serial = 0; serial < 2000; serial++) {
        identifier_make("11100000000013338W", 2026, serial * 4999, 1 + serial % 999, out);
        assert_true(identifier_valid(out));
    }
}

static void test_classes_and_posts(void **state)
{
    static const struct {
        const char *class_code, *posts;
    } rows[] = {
        {"A", "01 02 03 04 05 06 99"}, {"B", "07"},  {"C1", "08"}, {"C2", "08"},
        {"C3", "08"},                  {"C", ""},    {"D", ""},    {"", ""},
    };
    char post[12];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool known = rows[i].posts[0] != '\0';

        assert_int_equal(class_valid(rows[i].class_code), known);
        assert_int_equal(class_label(rows[i].class_code) != NULL, known);
        assert_int_equal(class_line(rows[i].class_code) != NULL, known);
        for (int n = 0; n < 100; n++) {
            snprintf(post, sizeof post, "%02d", n);
            assert_int_equal(post_allowed(rows[i].class_code, post),
                             strstr(rows[i].posts, post) != NULL);
        }
    }
    assert_false(post_allowed("A", ""));
    assert_false(post_allowed("A", "0"));
    assert_false(post_allowed("A", "01 02"));
    assert_false(post_allowed(NULL, "01"));
    assert_false(class_valid(NULL));
    assert_string_equal(class_today("C"), "C3");
    assert_string_equal(class_today("C1"), "C1");
    assert_string_equal(class_today("c"), "c");
    assert_string_equal(class_today(""), "");
    assert_null(class_today(NULL));
    assert_null(post_label("10"));
    assert_string_equal(post_label("07"), "项目负责人（项目经理）");
    assert_string_equal(class_line("C3"), "建筑施工企业综合类专职安全生产管理人员");
    assert_string_equal(class_label("B"), "项目负责人（B证）");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uscc),
        cmocka_unit_test(test_resident_id),
        cmocka_unit_test(test_resident_id_detects),
        cmocka_unit_test(test_document_no),
        cmocka_unit_test(test_document_types),
        cmocka_unit_test(test_masks),
        cmocka_unit_test(test_certificate_number),
        cmocka_unit_test(test_certificate_number_parts),
        cmocka_unit_test(test_check_character),
        cmocka_unit_test(test_identifier),
        cmocka_unit_test(test_classes_and_posts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
