/*
 * A web server and a site for tests of the gates: requests from memory, one module, a database
 * of its own on the server of tests/with-mariadb.
 */
#ifndef ECERT_TESTS_FCGI_FAKE_H
#define ECERT_TESTS_FCGI_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fcgi/gate.h"

/* What a client and nginx send; NULL: not sent. `port` NULL is "site". */
struct fake_request {
    const char *method, *target, *type, *cookie;
    const char *body;
    size_t body_size;   /* 0: strlen(body) */
    const char *length; /* CONTENT_LENGTH instead of the body's size */
    const char *port;
    const char *more[8]; /* further parameters, "NAME=value" */
};

struct fake_response {
    int status;
    char *head; /* valid until the next request */
    char *body;
    size_t body_size;
    bool aborted; /* the connection was cut: the body is a part */
    uint64_t round_trips;
};

/* A client that goes away behind so many bytes of a body that is made while it is sent; 0: none. */
extern size_t fake_patience;

extern struct web_settings fake_web;
extern struct db_settings fake_db;
extern struct application fake_application;

/* Makes the templates' folder and, if `schema` is not NULL, that schema with the tables of the
 * runtime and a table `thing`. False where there is no server: the test ends with 77. */
bool fake_open(const struct module *const *modules, const char *schema);
void fake_close(void);

struct gate *fake_gate(void);
/* Parses the templates for fake_application, as server_check does; fails the test where it can't. */
void fake_render(void);
struct fake_response fake_send(const struct fake_request *request);
/* The value of a header field of the response, in memory of its own until the next call; NULL. */
const char *fake_header(const struct fake_response *response, const char *name);
/* Writes a template of the folder, before fake_gate. */
void fake_template(const char *name, const char *text);
/* Runs a statement on a connection of its own. */
void fake_sql(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The number that a SELECT yields. */
int64_t fake_number(const char *sql);

#endif
