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
    BAR_MOST = 60
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

    if (chart->form == CHART_BARS)
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

static void put_grid(struct request *request, HDF *node, uint64_t step)
{
    for (uint64_t i = 0; i <= GRID_LINES; i++) {
        HDF *item = page_item(node, "Grid", i);

        page_int(item, "Y", y_of(i * step, GRID_LINES * step));
        page_int(item, "TextY", y_of(i * step, GRID_LINES * step) + TEXT_DOWN);
        page_text(item, "Text", pool_printf(request->pool, "%" PRIu64, i * step));
    }
}

/* As many labels as there is room for. */
static void put_marks(HDF *node, const struct chart *chart)
{
    size_t room = (RIGHT - LEFT) / MARK_WIDTH, every = (chart->count + room - 1) / room, n = 0;

    for (size_t i = 0; i < chart->count; i += every) {
        HDF *item = page_item(node, "Marks", n++);

        page_int(item, "X", middle_of(chart, i));
        page_text(item, "Text", chart->labels[i]);
    }
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
            HDF *item;

            below += chart->values[s][i];
            if (chart->values[s][i] == 0)
                continue;
            item = page_item(node, "Bars", n++);
            page_int(item, "X", middle_of(chart, i) - width / 2);
            page_int(item, "Y", high);
            page_int(item, "W", width);
            page_int(item, "H", low - high > 0 ? low - high : 1);
            put_class(request, item, s);
        }
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

static void put_legend(struct request *request, HDF *node, const struct chart *chart)
{
    for (size_t s = 0; s < chart->series_count && chart->series_count > 1; s++) {
        HDF *item = page_item(node, "Legend", s);

        page_int(item, "X", LEFT + (int64_t)s * LEGEND_WIDTH);
        page_int(item, "TextX", LEFT + (int64_t)s * LEGEND_WIDTH + 20);
        page_text(item, "Text", chart->series[s]);
        put_class(request, item, s);
    }
}

void page_chart(struct request *request, HDF *node, const struct chart *chart)
{
    size_t most = chart->count ? highest(chart) : 0;
    uint64_t value = chart->count ? height_of(chart, most) : 0, step;

    if (value == 0)
        return;
    step = round_up((value + GRID_LINES - 1) / GRID_LINES);
    page_text(node, "Title", chart->title);
    page_text(node, "Desc",
              pool_printf(request->pool,
                          "%s图，从“%s”到“%s”共 %zu 项；最高的是“%s”，%" PRIu64 " %s。"
                          "全部数字见图后的表格。",
                          chart->form == CHART_BARS ? "柱状" : "折线", chart->labels[0],
                          chart->labels[chart->count - 1], chart->count, chart->labels[most], value,
                          chart->unit));
    page_text(node, "Unit", chart->unit);
    page_int(node, "Width", WIDTH);
    page_int(node, "Height", HEIGHT);
    page_int(node, "Left", LEFT);
    page_int(node, "Right", RIGHT);
    page_int(node, "Base", BASE);
    put_grid(request, node, step);
    put_marks(node, chart);
    put_legend(request, node, chart);
    if (chart->form == CHART_BARS)
        put_bars(request, node, chart, GRID_LINES * step);
    else
        put_lines(request, node, chart, GRID_LINES * step);
}
