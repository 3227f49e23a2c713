#include "modules/staff/chart.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

enum {
    WIDTH = 960,
    HEIGHT = 320,
    LEFT = 78,
    RIGHT = 944,
    TOP = 44,
    BASE = 282,
    TEXT_DOWN = 4, /* from a line to the middle of the text beside it */
    MARK_WIDTH = 64, /* a label below takes at most so much */
    LEGEND_WIDTH = 116,
    GRID_LINES = 4,
    BAR_MOST = 60,
    /* Of rows: */
    ROWS_LEFT = 300,
    ROWS_RIGHT = 864, /* the sum stands behind it */
    ROW_HEIGHT = 26,
    ROW_BAR = 16,
    END_GAP = 6,
    LABEL_MOST = 43 /* halves of a character */
};

/* The next number of one digit and zeros that is easy to read. */
static uint64_t round_up(uint64_t value)
{
    static const uint64_t steps[] = {1, 2, 3, 4, 5, 6, 8};
    uint64_t power = 1;

    for (;;) {
        for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
            if (steps[i] * power >= value)
                return steps[i] * power;
        power *= 10;
    }
}

static uint64_t stacked(const struct chart *chart, size_t point)
{
    uint64_t sum = 0;

    for (size_t s = 0; s < chart->series_count; s++)
        sum += chart->values[s][point];
    return sum;
}

/* What stands highest at a point. */
static uint64_t height_of(const struct chart *chart, size_t point)
{
    uint64_t most = 0;

    if (chart->form != CHART_LINES)
        return stacked(chart, point);
    for (size_t s = 0; s < chart->series_count; s++)
        if (chart->values[s][point] > most)
            most = chart->values[s][point];
    return most;
}

static size_t highest(const struct chart *chart)
{
    size_t found = 0;

    for (size_t i = 1; i < chart->count; i++)
        if (height_of(chart, i) > height_of(chart, found))
            found = i;
    return found;
}

static int64_t y_of(uint64_t value, uint64_t top)
{
    return BASE - (int64_t)(value * (BASE - TOP) / top);
}

/* The left end of a point's share of the width, and that of the one behind it. */
static int64_t x_of(const struct chart *chart, size_t point)
{
    return LEFT + (int64_t)(point * (RIGHT - LEFT) / chart->count);
}

static int64_t middle_of(const struct chart *chart, size_t point)
{
    return (x_of(chart, point) + x_of(chart, point + 1)) / 2;
}

static void put_class(struct request *request, HDF *item, size_t series)
{
    page_text(item, "Class", pool_printf(request->pool, "c%zu", series));
}

static void put_line(HDF *node, uint64_t i, int64_t x1, int64_t y1, int64_t x2, int64_t y2)
{
    HDF *item = page_item(node, "Grid", i);

    page_int(item, "X1", x1);
    page_int(item, "Y1", y1);
    page_int(item, "X2", x2);
    page_int(item, "Y2", y2);
}

static void put_scale(HDF *node, uint64_t i, int64_t y, const char *text)
{
    HDF *item = page_item(node, "Scale", i);

    page_int(item, "Y", y + TEXT_DOWN);
    page_text(item, "Text", text);
}

static void put_mark(HDF *node, uint64_t i, int64_t x, const char *text)
{
    HDF *item = page_item(node, "Marks", i);

    page_int(item, "X", x);
    page_text(item, "Text", text);
}

static void put_bar(struct request *request, HDF *node, size_t n, size_t series, int64_t x,
                    int64_t y, int64_t width, int64_t height)
{
    HDF *item = page_item(node, "Bars", n);

    page_int(item, "X", x);
    page_int(item, "Y", y);
    page_int(item, "W", width > 0 ? width : 1);
    page_int(item, "H", height > 0 ? height : 1);
    put_class(request, item, series);
}

static const char *number(struct request *request, uint64_t value)
{
    return pool_printf(request->pool, "%" PRIu64, value);
}

static void put_grid(struct request *request, HDF *node, uint64_t step)
{
    for (uint64_t i = 0; i <= GRID_LINES; i++) {
        int64_t y = y_of(i * step, GRID_LINES * step);

        put_line(node, i, LEFT, y, RIGHT, y);
        put_scale(node, i, y, number(request, i * step));
    }
}

/* As many labels as there is room for. */
static void put_marks(HDF *node, const struct chart *chart)
{
    size_t room = (RIGHT - LEFT) / MARK_WIDTH, every = (chart->count + room - 1) / room, n = 0;

    for (size_t i = 0; i < chart->count; i += every)
        put_mark(node, n++, middle_of(chart, i), chart->labels[i]);
}

static void put_bars(struct request *request, HDF *node, const struct chart *chart, uint64_t top)
{
    size_t n = 0;

    for (size_t i = 0; i < chart->count; i++) {
        int64_t share = x_of(chart, i + 1) - x_of(chart, i), width = share * 7 / 10;
        uint64_t below = 0;

        width = width > BAR_MOST ? BAR_MOST : width < 1 ? 1 : width;
        for (size_t s = 0; s < chart->series_count; s++) {
            int64_t low = y_of(below, top), high = y_of(below + chart->values[s][i], top);

            below += chart->values[s][i];
            if (chart->values[s][i] > 0)
                put_bar(request, node, n++, s, middle_of(chart, i) - width / 2, high, width,
                        low - high);
        }
    }
}

/* A label that is too long for its place is cut: the table has it whole. */
static const char *label_cut(struct pool *pool, const char *label)
{
    const char *rest = label, *end = label;
    size_t halves = 0;
    uint32_t point;

    while ((point = utf8_next(&rest)) != 0) {
        halves += point < 0x2000 ? 1 : 2;
        if (halves > LABEL_MOST)
            return pool_printf(pool, "%.*s…", (int)(end - label), label);
        /* Room for the dots. */
        if (halves <= LABEL_MOST - 2)
            end = rest;
    }
    return label;
}

static int64_t row_x(uint64_t value, uint64_t top)
{
    return ROWS_LEFT + (int64_t)(value * (ROWS_RIGHT - ROWS_LEFT) / top);
}

static int64_t rows_base(const struct chart *chart)
{
    return TOP + (int64_t)chart->count * ROW_HEIGHT;
}

static void put_rows(struct request *request, HDF *node, const struct chart *chart, uint64_t step)
{
    uint64_t top = GRID_LINES * step;
    size_t n = 0;

    for (uint64_t i = 0; i <= GRID_LINES; i++) {
        int64_t x = row_x(i * step, top);

        put_line(node, i, x, TOP, x, rows_base(chart));
        put_mark(node, i, x, number(request, i * step));
    }
    for (size_t i = 0; i < chart->count; i++) {
        int64_t middle = TOP + (int64_t)i * ROW_HEIGHT + ROW_HEIGHT / 2;
        uint64_t before = 0;
        HDF *end = page_item(node, "Ends", i);

        put_scale(node, i, middle, label_cut(request->pool, chart->labels[i]));
        for (size_t s = 0; s < chart->series_count; s++) {
            int64_t left = row_x(before, top), right = row_x(before + chart->values[s][i], top);

            before += chart->values[s][i];
            if (chart->values[s][i] > 0)
                put_bar(request, node, n++, s, left, middle - ROW_BAR / 2, right - left, ROW_BAR);
        }
        page_int(end, "X", row_x(before, top) + END_GAP);
        page_int(end, "Y", middle + TEXT_DOWN);
        page_text(end, "Text", number(request, before));
    }
}

static void put_lines(struct request *request, HDF *node, const struct chart *chart, uint64_t top)
{
    for (size_t s = 0; s < chart->series_count; s++) {
        HDF *item = page_item(node, "Lines", s);
        struct text points;

        text_init(&points, request->pool, 32 * CHART_POINTS);
        for (size_t i = 0; i < chart->count; i++)
            text_printf(&points, "%s%" PRId64 ",%" PRId64, i ? " " : "", middle_of(chart, i),
                        y_of(chart->values[s][i], top));
        page_text(item, "Points", points.data);
        put_class(request, item, s);
        for (size_t i = 0; i < chart->count; i++) {
            HDF *dot = page_item(item, "Dots", i);

            page_int(dot, "X", middle_of(chart, i));
            page_int(dot, "Y", y_of(chart->values[s][i], top));
        }
    }
}

static void put_legend(struct request *request, HDF *node, const struct chart *chart, int64_t left)
{
    for (size_t s = 0; s < chart->series_count && chart->series_count > 1; s++) {
        HDF *item = page_item(node, "Legend", s);

        page_int(item, "X", left + (int64_t)s * LEGEND_WIDTH);
        page_int(item, "TextX", left + (int64_t)s * LEGEND_WIDTH + 20);
        page_text(item, "Text", chart->series[s]);
        put_class(request, item, s);
    }
}

/* What it says to those who can't see it. */
static const char *description(struct request *request, const struct chart *chart)
{
    static const char *const forms[] = {
        [CHART_BARS] = "柱状", [CHART_ROWS] = "条形", [CHART_LINES] = "折线"};
    size_t most = highest(chart);
    uint64_t value = height_of(chart, most);
    const char *peak = value == 0
                           ? "都是 0"
                           : pool_printf(request->pool, "%s的是“%s”，%" PRIu64 " %s",
                                         chart->form == CHART_ROWS ? "最长" : "最高",
                                         chart->labels[most], value, chart->unit);

    return pool_printf(request->pool, "%s图，从“%s”到“%s”共 %zu 项；%s。全部数字见图后的表格。",
                       forms[chart->form], chart->labels[0], chart->labels[chart->count - 1],
                       chart->count, peak);
}

void page_chart(struct request *request, HDF *node, const struct chart *chart)
{
    bool rows = chart->form == CHART_ROWS;
    int64_t base = rows ? rows_base(chart) : BASE;
    uint64_t step;

    if (chart->count == 0)
        return;
    step = round_up((height_of(chart, highest(chart)) + GRID_LINES - 1) / GRID_LINES);
    page_text(node, "Title", chart->title);
    page_text(node, "Desc", description(request, chart));
    page_text(node, "Unit", chart->unit);
    page_int(node, "Width", WIDTH);
    page_int(node, "Height", base + HEIGHT - BASE);
    page_int(node, "Left", rows ? ROWS_LEFT : LEFT);
    page_int(node, "Right", rows ? ROWS_RIGHT : RIGHT);
    page_int(node, "Base", base);
    put_legend(request, node, chart, rows ? ROWS_LEFT : LEFT);
    if (rows) {
        put_rows(request, node, chart, step);
        return;
    }
    put_grid(request, node, step);
    put_marks(node, chart);
    if (chart->form == CHART_BARS)
        put_bars(request, node, chart, GRID_LINES * step);
    else
        put_lines(request, node, chart, GRID_LINES * step);
}
