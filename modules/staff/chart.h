/*
 * Charts as data for templates/_chart.cs, which draws them as SVG: bars, stacked where there are
 * several series, upright or (rows) lying one below the other with long labels beside them; or lines.
 * Coordinates are worked out here, in units of the drawing; colours are classes of the style sheet. A
 * table beside it says the same.
 */
#ifndef ECERT_MODULES_STAFF_CHART_H
#define ECERT_MODULES_STAFF_CHART_H

#include <stddef.h>
#include <stdint.h>

#include "fcgi/request.h"

enum { CHART_SERIES = 8, CHART_POINTS = 100 };
enum chart_form { CHART_BARS, CHART_ROWS, CHART_LINES };

struct chart {
    enum chart_form form;
    const char *title;
    const char *unit; /* 本, 秒 … behind numbers */
    size_t count;     /* of points, at most CHART_POINTS */
    const char *labels[CHART_POINTS];
    size_t series_count;
    const char *series[CHART_SERIES];               /* their names */
    uint64_t values[CHART_SERIES][CHART_POINTS];
};

/* Title, Desc (for those who can't see it), Unit, Width, Height, Left, Right, Base; Grid (X1, Y1, X2, Y2),
 * Scale (beside the drawing: Y, Text), Marks (below it: X, Text), Bars (X, Y, W, H, Class), Ends (the sums
 * behind rows: X, Y, Text), Lines (Class, Points, Dots (X, Y)), Legend (X, TextX, Class, Text). Nothing for
 * a chart without points; where all of them are 0, the scale alone. */
void page_chart(struct request *request, HDF *node, const struct chart *chart);

#endif
