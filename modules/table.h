/*
 * The business items of the site: one module each, one line each in table.c.
 */
#ifndef ECERT_MODULES_TABLE_H
#define ECERT_MODULES_TABLE_H

#include "fcgi/route.h"

struct db;
struct err;
struct pool;
struct text;

/* Ends with NULL. */
extern const struct module *const modules_all[];

/* Before every page is rendered: the menu (Menu.N.Name, .Label, .Here, and for staff .Text) and whether documents come
 * from demonstration keys (Site.Demo). Asks the database nothing. 0. */
int modules_decorate(struct request *request, struct err *err);

/* For /metrics: the queues of documents and messages. 0/-1. */
int modules_gauges(struct db *db, struct pool *pool, struct text *out, struct err *err);

#endif
