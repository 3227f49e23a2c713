/*
 * Lists of records: what an item's clerks did, newest first, searched, filtered, exported. Each item
 * has one; the handlers know it by the module that was asked for.
 */
#ifndef ECERT_MODULES_RECORDS_H
#define ECERT_MODULES_RECORDS_H

#include "core/matter/matter.h"
#include "fcgi/request.h"

/* Fields of both routes: name, state, from, to, after. */
extern const struct field records_fields[];

/* The item whose list a module shows: any of the list's. A module without one ends the process. */
enum item records_item(const struct request *request);

/* The page "list": Rows (Number, Item, Kind, Name, Items, State, Label, Opened, Left, Proof), States,
 * Searched, First, Next, Export. */
enum outcome records_list(struct request *request, struct err *err);
/* For the search again after a mistake: States. */
int records_refill(struct request *request, struct err *err);
/* For the route's `ahead`. */
void records_ahead(struct request *request, bool queried);
/* The same rows, all of them, as CSV, streamed. */
enum outcome records_export(struct request *request, struct err *err);

#endif
