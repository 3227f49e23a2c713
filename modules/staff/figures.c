#include "modules/staff/figures.h"

#include <stdlib.h>
#include <string.h>

#include "core/matter/matter.h"
#include "core/report/statistics.h"
#include "modules/common.h"

enum { FIRM_ROWS = 20, MONTH_SIZE = 8, DAY_SIZE = 11 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const classes[] = {"A", "B", "C1", "C2", "C3"};
enum { CLASSES = COUNT(classes) };

/* The index of a text in a list; its length where it is none of them. */
static size_t place_of(const char *const *list, size_t count, const char *text)
{
    size_t i = 0;

    while (i < count && strcmp(list[i], text) != 0)
        i++;
    return i;
}

static int read(struct request *request, enum figure figure, const struct statistic **rows,
                size_t *count, struct err *err)
{
    return statistics_read(request->db, request->pool, figure, rows, count, err);
}

/* A chart without points. */
static struct chart *chart_begin(struct figures *figures, enum chart_form form, const char *title,
                                 const char *unit, const char *const *series, size_t count)
{
    figures->chart = (struct chart){
        .form = form, .title = title, .unit = unit, .series_count = count};
    for (size_t i = 0; i < count; i++)
        figures->chart.series[i] = series[i];
    return &figures->chart;
}

/* A row for each point of the chart: its label, its values, their sum. */
static void sheet_of_chart(struct request *request, struct figures *figures, const char *caption,
                           const char *first)
{
    const struct chart *chart = &figures->chart;
    struct sheet *sheet = &figures->sheets[figures->count++];
    const char *header[SHEET_COLUMNS] = {first};
    size_t columns = 1;

    for (size_t s = 0; s < chart->series_count; s++)
        header[columns++] = chart->series[s];
    if (chart->series_count > 1)
        header[columns++] = "合计";
    sheet_begin(sheet, request->pool, caption, header, columns);
    for (size_t i = 0; i < chart->count; i++) {
        const char **row = sheet_row(sheet);
        uint64_t sum = 0;

        row[0] = chart->labels[i];
        for (size_t s = 0; s < chart->series_count; s++) {
            row[1 + s] = sheet_number(sheet, chart->values[s][i]);
            sum += chart->values[s][i];
        }
        if (chart->series_count > 1)
            row[columns - 1] = sheet_number(sheet, sum);
    }
}

/* By class and state */

static int build_certificates(struct request *request, struct figures *figures, struct err *err)
{
    static const char *const states[] = {"01", "02", "03", "04", "05", "06", "07", "99"};
    struct chart *chart = chart_begin(figures, CHART_BARS, "电子证书，按状态和类别", "本", classes,
                                      CLASSES);
    const struct statistic *rows;
    size_t count;

    if (read(request, FIGURE_CERTIFICATES, &rows, &count, err) < 0)
        return -1;
    for (; chart->count < COUNT(states); chart->count++)
        chart->labels[chart->count] = state_label(states[chart->count]);
    for (size_t i = 0; i < count; i++) {
        size_t class_at = place_of(classes, CLASSES, rows[i].bucket);
        size_t state_at = place_of(states, COUNT(states), rows[i].part);

        if (class_at < CLASSES && state_at < COUNT(states))
            chart->values[class_at][state_at] += rows[i].value;
    }
    sheet_of_chart(request, figures, "电子证书本数，按状态和类别", "证书状态");
    return 0;
}

/* By month */

static const char *month_text(struct pool *pool, struct date day)
{
    char text[DAY_SIZE];

    date_format(day, text);
    return pool_text_n(pool, text, MONTH_SIZE - 1);
}

/* The months of a chart, from this one on (or up to it). */
static void chart_months(struct request *request, struct figures *figures, bool ahead)
{
    struct date first = request->today;

    first.day = 1;
    if (!ahead)
        first = date_add_months(first, 1 - figures->months);
    for (int i = 0; i < figures->months; i++)
        figures->chart.labels[figures->chart.count++] =
            month_text(request->pool, date_add_months(first, i));
}

/* Certificates by month and class, into a chart whose series are the classes. 0/-1. */
static int fill_months(struct request *request, struct figures *figures, enum figure figure,
                       struct err *err)
{
    struct chart *chart = &figures->chart;
    const struct statistic *rows;
    size_t count;

    if (read(request, figure, &rows, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        size_t month = place_of(chart->labels, chart->count, rows[i].bucket);
        size_t class_at = place_of(classes, CLASSES, rows[i].part);

        if (month < chart->count && class_at < CLASSES)
            chart->values[class_at][month] += rows[i].value;
    }
    return 0;
}

static int build_expiring(struct request *request, struct figures *figures, struct err *err)
{
    chart_begin(figures, CHART_BARS, "有效证书到期的月份", "本", classes, CLASSES);
    chart_months(request, figures, true);
    if (fill_months(request, figures, FIGURE_EXPIRING, err) < 0)
        return -1;
    sheet_of_chart(request, figures, "有效的电子证书，按到期的月份和类别", "月份");
    return 0;
}

/* What happened to certificates, by what it comes to. */
static const struct group {
    const char *label;
    const char *actions; /* blanks around each */
} groups[] = {
    {"换领", " exchange "},
    {"申领", " issue legal "},
    {"延期", " renew renew_outside "},
    {"变更", " transfer rename name_change correct_certificate correct_person "},
    {"注销", " cancel "},
    {"离沪", " depart "},
    {"处罚", " suspend give_back withdraw revoke take_back "},
    {"失效", " expire "},
};
enum { GROUPS = COUNT(groups) };
_Static_assert((int)GROUPS <= (int)CHART_SERIES, "a series for each group");

static size_t group_of(struct pool *pool, const char *action)
{
    const char *word = pool_printf(pool, " %s ", action);
    size_t i = 0;

    while (i < GROUPS && !strstr(groups[i].actions, word))
        i++;
    return i;
}

static int build_events(struct request *request, struct figures *figures, struct err *err)
{
    const char *labels[GROUPS];
    const struct statistic *rows;
    struct chart *chart;
    size_t count;

    for (size_t i = 0; i < GROUPS; i++)
        labels[i] = groups[i].label;
    chart = chart_begin(figures, CHART_BARS, "每月办理的证书", "本", labels, GROUPS);
    if (read(request, FIGURE_EVENTS, &rows, &count, err) < 0)
        return -1;
    chart_months(request, figures, false);
    for (size_t i = 0; i < count; i++) {
        size_t month = place_of(chart->labels, chart->count, rows[i].bucket);
        size_t group = group_of(request->pool, rows[i].part);

        if (month < chart->count && group < GROUPS)
            chart->values[group][month] += rows[i].value;
    }
    sheet_of_chart(request, figures, "每月办理的证书本数", "月份");
    return 0;
}

static int build_issued(struct request *request, struct figures *figures, struct err *err)
{
    chart_begin(figures, CHART_BARS, "每月新发的证书", "本", classes, CLASSES);
    chart_months(request, figures, false);
    if (fill_months(request, figures, FIGURE_ISSUED, err) < 0)
        return -1;
    sheet_of_chart(request, figures, "每月换领和申领产生的电子证书本数，按类别", "月份");
    return 0;
}

/* What waits */

static const char *pending_label(struct pool *pool, const struct statistic *row)
{
    static const struct {
        const char *bucket, *part, *label;
    } labels[] = {
        {"document", "waiting", "电子证书和文件：等待生成"},
        {"document", "leased", "电子证书和文件：正在生成"},
        {"document", "failed", "电子证书和文件：生成失败"},
        {"paper", "valid", "纸质证书：有效，待换领"},
        {"paper", "expired", "纸质证书：已过期，没有换领"},
    };
    enum item item = item_by_name(row->bucket);
    const char *state = matter_state_label(row->part);

    for (size_t i = 0; i < COUNT(labels); i++)
        if (strcmp(labels[i].bucket, row->bucket) == 0 && strcmp(labels[i].part, row->part) == 0)
            return labels[i].label;
    return pool_printf(pool, "%s：%s", item < ITEM_COUNT ? item_label(item) : row->bucket,
                       state ? state : row->part);
}

static int build_pending(struct request *request, struct figures *figures, struct err *err)
{
    static const char *const series[] = {"数量"};
    struct chart *chart = chart_begin(figures, CHART_ROWS, "等待处理的事项、文件和纸质证书", "件", series,
                                      COUNT(series));
    const struct statistic *rows;
    size_t count;

    if (read(request, FIGURE_PENDING, &rows, &count, err) < 0)
        return -1;
    for (; chart->count < count && chart->count < CHART_POINTS; chart->count++) {
        chart->labels[chart->count] = pending_label(request->pool, &rows[chart->count]);
        chart->values[0][chart->count] = rows[chart->count].value;
    }
    sheet_of_chart(request, figures, "等待处理的事项", "事项");
    return 0;
}

/* How long it took */

static const struct unit {
    const char *label;
    uint64_t ms;
} units[] = {{"天", 86400000}, {"小时", 3600000}, {"分钟", 60000}, {"秒", 1000}};

/* The largest of which the longest is at least two. */
static const struct unit *unit_of(const struct statistic *rows, size_t count)
{
    uint64_t most = 0;
    size_t i = 0;

    for (size_t r = 0; r < count; r++)
        if (rows[r].p90_ms > most)
            most = rows[r].p90_ms;
    while (i < COUNT(units) - 1 && most < 2 * units[i].ms)
        i++;
    return &units[i];
}

static int days_build(struct request *request, struct figures *figures, enum figure figure,
                      const char *title, struct err *err)
{
    static const char *const series[] = {"中位数", "九成以内"};
    static const char *const header[] = {"日期", "办结数量", "中位数", "九成在此时间内"};
    const struct statistic *rows;
    const struct unit *unit;
    struct chart *chart;
    struct sheet *sheet;
    size_t count;

    if (read(request, figure, &rows, &count, err) < 0)
        return -1;
    unit = unit_of(rows, count);
    chart = chart_begin(figures, CHART_LINES, title, unit->label, series, COUNT(series));
    sheet = &figures->sheets[figures->count++];
    sheet_begin(sheet, request->pool, title, header, COUNT(header));
    for (size_t i = 0; i < count && i < CHART_POINTS; i++) {
        const char **row = sheet_row(sheet);

        row[0] = rows[i].bucket;
        row[1] = sheet_number(sheet, rows[i].value);
        row[2] = sheet_duration(sheet, rows[i].median_ms);
        row[3] = sheet_duration(sheet, rows[i].p90_ms);
        chart->labels[i] = rows[i].bucket + strlen("yyyy-");
        chart->values[0][i] = (rows[i].median_ms + unit->ms - 1) / unit->ms;
        chart->values[1][i] = (rows[i].p90_ms + unit->ms - 1) / unit->ms;
        chart->count++;
    }
    return 0;
}

static const char *kind_words(const char *bucket)
{
    static const struct {
        const char *kind, *label;
    } labels[] = {{"certificate", "电子证书"},
                  {"cancellation", "注销证明文件"},
                  {"form", "注销申请表"},
                  {"signed", "已签署的注销申请表"}};
    enum item item = item_by_name(bucket);

    for (size_t i = 0; i < COUNT(labels); i++)
        if (strcmp(labels[i].kind, bucket) == 0)
            return labels[i].label;
    return item < ITEM_COUNT ? item_label(item) : bucket;
}

static int kinds_build(struct request *request, struct figures *figures, enum figure figure,
                       const char *caption, const char *first, struct err *err)
{
    const char *const header[] = {first, "办结数量", "中位数", "九成在此时间内"};
    struct sheet *sheet = &figures->sheets[figures->count++];
    const struct statistic *rows;
    size_t count;

    if (read(request, figure, &rows, &count, err) < 0)
        return -1;
    sheet_begin(sheet, request->pool, caption, header, COUNT(header));
    for (size_t i = 0; i < count && i < SHEET_ROWS; i++) {
        const char **row = sheet_row(sheet);

        row[0] = kind_words(rows[i].bucket);
        row[1] = sheet_number(sheet, rows[i].value);
        row[2] = sheet_duration(sheet, rows[i].median_ms);
        row[3] = sheet_duration(sheet, rows[i].p90_ms);
    }
    return 0;
}

static int build_matters(struct request *request, struct figures *figures, struct err *err)
{
    return kinds_build(request, figures, FIGURE_MATTER_ITEMS, "最近 90 天，按事项", "事项", err) < 0
               ? -1
               : days_build(request, figures, FIGURE_MATTER_DAYS, "从申请到办结的时间，按日", err);
}

static int build_documents(struct request *request, struct figures *figures, struct err *err)
{
    return kinds_build(request, figures, FIGURE_JOB_KINDS, "最近 90 天，按文件种类", "文件", err) < 0
               ? -1
               : days_build(request, figures, FIGURE_JOB_DAYS, "从受理到文件生成的时间，按日", err);
}

/* Refusals: R2 before R10. */

struct rule_count {
    const char *rule;
    uint64_t count;
};

static int rule_order(const void *a, const void *b)
{
    const char *x = ((const struct rule_count *)a)->rule, *y = ((const struct rule_count *)b)->rule;

    return strlen(x) != strlen(y) ? (strlen(x) < strlen(y) ? -1 : 1) : strcmp(x, y);
}

static int build_refusals(struct request *request, struct figures *figures, struct err *err)
{
    static const char *const header[] = {"规则", "内容", "未通过的事项"}, *const series[] = {"事项"};
    struct chart *chart = chart_begin(figures, CHART_BARS, "最近 12 个月未通过的事项，按规则", "项",
                                      series, 1);
    struct sheet *sheet = &figures->sheets[figures->count++];
    const struct statistic *rows;
    struct rule_count *counts;
    size_t count, rules = 0;

    if (read(request, FIGURE_REFUSALS, &rows, &count, err) < 0)
        return -1;
    counts = pool_array(request->pool, count + 1, sizeof(*counts));
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;

        while (at < rules && strcmp(counts[at].rule, rows[i].part) != 0)
            at++;
        counts[at].rule = rows[i].part;
        counts[at].count += rows[i].value;
        rules += at == rules;
    }
    qsort(counts, rules, sizeof(*counts), rule_order);
    sheet_begin(sheet, request->pool, chart->title, header, COUNT(header));
    for (size_t i = 0; i < rules && i < CHART_POINTS; i++) {
        const char **row = sheet_row(sheet), *demand = rule_demand(counts[i].rule);

        row[0] = chart->labels[i] = counts[i].rule;
        row[1] = demand ? demand : "";
        row[2] = sheet_number(sheet, counts[i].count);
        chart->values[0][i] = counts[i].count;
        chart->count++;
    }
    return 0;
}

static int build_firms(struct request *request, struct figures *figures, struct err *err)
{
    static const char *const header[] = {"企业", "有效", "其中即将到期", "其他状态"};
    static const char *const series[] = {"其余有效", "即将到期", "其他状态"};
    struct chart *chart = chart_begin(figures, CHART_ROWS, "电子证书，按企业", "本", series,
                                      COUNT(series));
    struct sheet *sheet = &figures->sheets[figures->count++];
    struct statistic_firm_page page;

    if (statistics_firms(request->db, request->pool, figures->after, FIRM_ROWS, &page, err) < 0)
        return -1;
    sheet_begin(sheet, request->pool, "电子证书本数，有效证书最多的企业在前", header, COUNT(header));
    for (size_t i = 0; i < page.count; i++) {
        const char **row = sheet_row(sheet);

        row[0] = page.rows[i].name;
        row[1] = sheet_number(sheet, page.rows[i].valid);
        row[2] = sheet_number(sheet, page.rows[i].expiring);
        row[3] = sheet_number(sheet, page.rows[i].other);
        chart->labels[i] = page.rows[i].name;
        chart->values[0][i] = page.rows[i].valid - page.rows[i].expiring;
        chart->values[1][i] = page.rows[i].expiring;
        chart->values[2][i] = page.rows[i].other;
        chart->count++;
    }
    figures->next = page.next;
    return 0;
}

const struct figures_view figures_views[] = {
    {"certificates", "类别和状态", "全部电子证书，按今天的状态和类别。", false, false,
     build_certificates},
    {"expiring", "到期", "有效的电子证书在哪个月到期。", true, false, build_expiring},
    {"events", "办理", "每月换领、申领、延期、变更、注销、离沪、处罚和失效的证书。", true, false,
     build_events},
    {"issued", "发证", "每月换领和申领产生的电子证书，按类别。", true, false, build_issued},
    {"firms", "企业", "各企业的电子证书。", false, true, build_firms},
    {"pending", "待办", "等待处理的事项、文件和纸质证书。", false, false, build_pending},
    {"matters", "办结时间", "最近 90 天办结的事项，从申请到办结用了多久。", false, false, build_matters},
    {"documents", "生成时间", "最近 90 天生成的文件，从受理到生成用了多久。", false, false,
     build_documents},
    {"refusals", "未通过", "最近 12 个月没有通过的申请，是哪些规则没有满足。", false, false,
     build_refusals},
    {0},
};
