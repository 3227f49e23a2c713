/*
 * A module with a page for each thing that the gates promise, and a visitor with a browser's
 * cookie, CSRF token and key.
 */
#ifndef ECERT_TESTS_FCGI_SITE_H
#define ECERT_TESTS_FCGI_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/fcgi/fake.h"

/* What handlers are to do; with the ways of failing, site_failures times. */
enum site_mode {
    MODE_NONE,
    MODE_RETRY,
    MODE_COMMITTED_UNKNOWN,
    MODE_CONNECTION_LOST,
    MODE_FAIL,
    MODE_REJECT,
    MODE_AWAY
};
extern enum site_mode site_mode;
extern int site_failures;
extern int site_calls; /* how often the handler that writes ran, or pieces of a stream were made */
extern int site_asked; /* how often a route's `before` ran */

/* Bytes of each piece of "/t/stream/<pieces + 1>"; its last but one says whether there was a
 * transaction. */
enum { SITE_PIECE = 100 };

extern char site_cookie[256], site_csrf[128], site_key[64];

/* The site over this schema, with its templates. False where there is no server. */
bool site_open(const char *schema);
/* Before each test: empty tables, firm 5 logged in, a new key. */
int site_set_up(void **state);

void site_new_key(void);
/* By "/t/login/<id>": a firm below 100, else a member of staff with the role 1 << id % 10. */
void site_log_in(const char *target);
struct fake_response site_get(const char *target);
/* A form with the token and the key at hand; `fields` are urlencoded. */
struct fake_response site_post(const char *target, const char *fields);
/* Rows that handlers wrote and committed. */
int64_t site_things(void);

#endif
