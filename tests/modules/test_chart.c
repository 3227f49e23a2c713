/* Charts as numbers: everything inside the drawing, in proportion, whatever the values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/pool.h"
#include "fcgi/page.h"
#include "modules/staff/chart.h"
#include "modules/staff/sheet.h"

static struct request request;

static int set_up(void **state)
{
    (void)state;
    request = (struct request){.pool = pool_new(64 * 1024, 0)};
    request.hdf = page_new(request.pool);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pool_free(&request.pool);
    return 0;
}

static struct chart chart_of(enum chart_form form, size_t series, size_t count)
{
    struct chart chart = {.form = form, .title = "图", .unit = "本", .count = count, .series_count = series};

    for (size_t s = 0; s < series; s++)
        chart.series[s] = "类";
    for (size_t i = 0; i < count; i++)
        chart.labels[i] = "2026-03";
    return chart;
}

static long number(const char *name, size_t index, const char *part)
{
    return hdf_get_int_value(request.hdf, pool_printf(request.pool, "%s.%zu.%s", name, index, part), -1);
}

static size_t count_of(const char *name)
{
    size_t count = 0;

    while (hdf_get_obj(request.hdf, pool_printf(request.pool, "%s.%zu", name, count)))
        count++;
    return count;
}

static long whole(const char *name)
{
    return hdf_get_int_value(request.hdf, (char *)(uintptr_t)name, -1);
}

static void test_bars_stand_on_each_other(void **state)
{
    struct chart chart = chart_of(CHART_BARS, 2, 2);

    (void)state;
    chart.values[0][0] = 30;
    chart.values[1][0] = 10;
    chart.values[1][1] = 20;
    page_chart(&request, request.hdf, &chart);
    assert_int_equal(count_of("Bars"), 3); /* none for nothing */
    assert_int_equal(number("Bars", 0, "Y") + number("Bars", 0, "H"), whole("Base"));
    assert_int_equal(number("Bars", 1, "Y") + number("Bars", 1, "H"), number("Bars", 0, "Y"));
    assert_in_range(number("Bars", 0, "H"), 3 * number("Bars", 1, "H") - 3, 3 * number("Bars", 1, "H") + 3);
    assert_int_equal(count_of("Legend"), 2);
    /* The scale ends at or above the highest. */
    assert_int_equal(number("Scale", 4, "Text"), 40);
    assert_non_null(strstr(hdf_get_value(request.hdf, "Desc", ""), "40 本"));
}

static void test_all_of_it_is_inside(void **state)
{
    static const uint64_t values[] = {1, 3, 999, 1000000, 12345678901234};

    (void)state;
    for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++)
        for (size_t count = 1; count <= CHART_POINTS; count += 11) {
            struct chart chart = chart_of(CHART_BARS, CHART_SERIES, count);

            request.hdf = page_new(request.pool);
            for (size_t s = 0; s < CHART_SERIES; s++)
                for (size_t i = 0; i < count; i++)
                    chart.values[s][i] = values[v] * (i % 3) + s;
            page_chart(&request, request.hdf, &chart);
            for (size_t i = 0; i < count_of("Bars"); i++) {
                assert_true(number("Bars", i, "X") >= whole("Left"));
                assert_true(number("Bars", i, "X") + number("Bars", i, "W") <= whole("Right"));
                assert_true(number("Bars", i, "Y") > 0 && number("Bars", i, "H") > 0);
                assert_true(number("Bars", i, "Y") + number("Bars", i, "H") <= whole("Base") + 1);
            }
            assert_in_range(count_of("Marks"), 1, 14);
        }
}

static void test_rows_lie_one_below_the_other(void **state)
{
    struct chart chart = chart_of(CHART_ROWS, 2, 3);
    const char *cut;

    (void)state;
    chart.values[0][0] = 30;
    chart.values[1][0] = 10;
    chart.values[1][2] = 20;
    chart.labels[1] = "上海市浦东新区第一建筑安装工程有限公司第二分公司第三项目部";
    page_chart(&request, request.hdf, &chart);
    assert_int_equal(count_of("Bars"), 3);
    assert_int_equal(number("Bars", 0, "X"), whole("Left"));
    assert_int_equal(number("Bars", 1, "X"), number("Bars", 0, "X") + number("Bars", 0, "W"));
    assert_int_equal(number("Bars", 1, "Y"), number("Bars", 0, "Y"));
    assert_in_range(number("Bars", 0, "W"), 3 * number("Bars", 1, "W") - 3, 3 * number("Bars", 1, "W") + 3);
    assert_true(number("Bars", 2, "Y") > number("Bars", 0, "Y") + number("Bars", 0, "H"));
    assert_int_equal(count_of("Ends"), 3); /* a sum for each, nothing included */
    assert_int_equal(number("Ends", 0, "Text"), 40);
    assert_int_equal(number("Ends", 1, "Text"), 0);
    assert_int_equal(number("Marks", 4, "Text"), 40);
    assert_int_equal(count_of("Scale"), 3);
    cut = hdf_get_value(request.hdf, "Scale.1.Text", "");
    assert_true(strlen(cut) < strlen(chart.labels[1]));
    assert_string_equal(cut, "上海市浦东新区第一建筑安装工程有限公司第…");
    assert_non_null(strstr(hdf_get_value(request.hdf, "Desc", ""), "最长的是“2026-03”，40 本"));
}

static void test_rows_are_inside(void **state)
{
    static const uint64_t values[] = {1, 999, 12345678901234};

    (void)state;
    for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
        struct chart chart = chart_of(CHART_ROWS, CHART_SERIES, CHART_POINTS);

        request.hdf = page_new(request.pool);
        for (size_t s = 0; s < CHART_SERIES; s++)
            for (size_t i = 0; i < CHART_POINTS; i++)
                chart.values[s][i] = values[v] * (i % 3) + s;
        page_chart(&request, request.hdf, &chart);
        assert_true(whole("Base") < whole("Height"));
        for (size_t i = 0; i < count_of("Bars"); i++) {
            assert_true(number("Bars", i, "X") >= whole("Left"));
            assert_true(number("Bars", i, "X") + number("Bars", i, "W") <= whole("Right") + 1);
            assert_true(number("Bars", i, "Y") > 0 && number("Bars", i, "W") > 0);
            assert_true(number("Bars", i, "Y") + number("Bars", i, "H") <= whole("Base"));
        }
    }
}

static void test_lines_have_a_point_for_each(void **state)
{
    struct chart chart = chart_of(CHART_LINES, 2, 5);
    size_t commas = 0;

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        chart.values[0][i] = i;
        chart.values[1][i] = 2 * i;
    }
    page_chart(&request, request.hdf, &chart);
    for (const char *at = hdf_get_value(request.hdf, "Lines.1.Points", ""); *at; at++)
        commas += *at == ',';
    assert_int_equal(commas, 5);
    assert_int_equal(count_of("Bars"), 0);
    /* The highest of the lines, and not their sum, is what the scale holds. */
    assert_int_equal(number("Scale", 4, "Text"), 8);
    assert_true(number("Lines.1.Dots", 4, "Y") < number("Lines.0.Dots", 4, "Y"));
}

static void test_nothing_to_draw(void **state)
{
    struct chart chart = chart_of(CHART_BARS, 2, 3);

    (void)state;
    chart.count = 0;
    page_chart(&request, request.hdf, &chart);
    assert_null(hdf_get_value(request.hdf, "Title", NULL));
    chart.count = 3;
    page_chart(&request, request.hdf, &chart);
    assert_string_equal(hdf_get_value(request.hdf, "Title", ""), "图");
    assert_int_equal(count_of("Bars"), 0);
    assert_int_equal(number("Scale", 4, "Text"), 4);
    assert_non_null(strstr(hdf_get_value(request.hdf, "Desc", ""), "都是 0"));
}

static void test_durations(void **state)
{
    static const struct {
        uint64_t ms;
        const char *text;
    } rows[] = {
        {0, "0.0 秒"},          {1950, "1.9 秒"},         {59999, "59.9 秒"},
        {60000, "1 分 0 秒"},   {205000, "3 分 25 秒"},   {3600000, "1 小时 0 分"},
        {86399999, "23 小时 59 分"}, {90000000, "1 天 1 小时"},
    };
    static const char *const header[] = {"项目", "数量"};
    struct sheet sheet;

    (void)state;
    sheet_begin(&sheet, request.pool, "表", header, 2);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(sheet_duration(&sheet, rows[i].ms), rows[i].text);
    sheet_row(&sheet)[0] = "甲";
    page_sheet(request.hdf, &sheet);
    assert_string_equal(hdf_get_value(request.hdf, "Rows.0.Head", ""), "甲");
    assert_string_equal(hdf_get_value(request.hdf, "Rows.0.Cells.0.As", ""), "数量");
    assert_string_equal(hdf_get_value(request.hdf, "Rows.0.Cells.0.Text", "x"), "");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bars_stand_on_each_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_all_of_it_is_inside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rows_lie_one_below_the_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rows_are_inside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lines_have_a_point_for_each, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_to_draw, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_durations, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
