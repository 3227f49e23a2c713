/*
 * The views of the statistics: which figures, as which tables and which chart.
 */
#ifndef ECERT_MODULES_STAFF_FIGURES_H
#define ECERT_MODULES_STAFF_FIGURES_H

#include "modules/staff/chart.h"
#include "modules/staff/sheet.h"

enum { FIGURES_SHEETS = 2 };

struct figures {
    int months;             /* of views by month: 12, 24 or 36 */
    uint64_t after;         /* of firms: the last one seen */
    size_t count;           /* sheets */
    struct sheet sheets[FIGURES_SHEETS];
    struct chart chart;     /* count 0: none */
    uint64_t next;          /* of firms: the next page, or 0 */
};

struct figures_view {
    const char *name; /* in the address */
    const char *label;
    const char *lead;
    bool by_month;
    bool paged;
    int (*build)(struct request *request, struct figures *figures, struct err *err); /* 0/-1 */
};
/* Ends with no name; the first is what is shown without a choice. */
extern const struct figures_view figures_views[];

#endif
