/*
 * The way of a request: reset pool → parse → route → method → session → role → CSRF → fields →
 * begin → handler → commit or rollback → render → send.
 */
#ifndef ECERT_FCGI_GATE_H
#define ECERT_FCGI_GATE_H

#include "fcgi/exchange.h"
#include "fcgi/server.h"

struct gate;

/* Opens no connection yet. The application is borrowed, its parsed templates too. Never NULL. */
struct gate *gate_new(const struct application *application);
void gate_free(struct gate **gate);

/* Answers one request and returns the status that was sent. Whatever goes wrong is an answer. */
int gate_serve(struct gate *gate, const struct exchange *exchange);

const struct application *gate_application(const struct gate *gate);
/* The worker's connection. */
struct db *gate_db(const struct gate *gate);

#endif
