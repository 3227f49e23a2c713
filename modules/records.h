/*
 * Lists of records: what an item's clerks did, newest first, searched, filtered, exported. Each item
 * has one; they differ in nothing but the item.
 */
#ifndef ECERT_MODULES_RECORDS_H
#define ECERT_MODULES_RECORDS_H

#include "core/matter.h"
#include "fcgi/request.h"

/* Fields of both routes: name, state, from, to, after. */
extern const struct field records_fields[];

/* The page "list": Rows (Number, Item, Kind, Name, Items, State, Label, Opened, Left, Proof), States,
 * Searched, First, Next, Export. `item` is any of the list's. */
enum outcome records_list(struct request *request, enum item item, struct err *err);
/* For the route's `ahead`. */
void records_ahead(struct request *request, enum item item);
/* The same rows, all of them, as CSV, streamed. */
enum outcome records_export(struct request *request, enum item item, struct err *err);

#endif
