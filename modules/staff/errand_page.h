/*
 * An errand on a page (core/issue/errand.h).
 */
#ifndef ECERT_MODULES_STAFF_ERRAND_PAGE_H
#define ECERT_MODULES_STAFF_ERRAND_PAGE_H

#include "core/issue/errand.h"
#include "fcgi/request.h"

/* State, Label, Running (1), Step, Steps, Who, Ordered, Ended, Counted, Faults, a list Report (Text). */
void page_errand(struct request *request, HDF *item, const struct errand *errand);

#endif
