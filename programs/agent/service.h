/*
 * What the agent does for a page that the gate let in.
 *
 * All answers are JSON. What went wrong is
 *
 *     {"error":{"kind":"wrong_pin","tries_left":1,"text":"…"}}
 *
 * tries_left being null where the token does not tell. One signature at a time: whoever asks
 * meanwhile is refused with 429, and so is everybody for a while after a question that led to no
 * signature: a wrong password, a no, a page that was left.
 */
#ifndef ECERT_PROGRAMS_AGENT_SERVICE_H
#define ECERT_PROGRAMS_AGENT_SERVICE_H

#include <pthread.h>
#include <stdint.h>

#include "base/text.h"
#include "programs/agent/gate.h"
#include "programs/agent/prompt.h"
#include "programs/agent/settings.h"

struct pool;
struct token;
struct trouble;

struct agent {
    const struct agent_settings *settings;
    struct token *token;
    struct prompt prompt;
    int stop; /* readable when the agent ends */
    pthread_mutex_t signing;
    int64_t pause_until_ms; /* under `signing` */
};

struct call {
    enum gate_action action;
    const char *origin; /* of the list */
    struct bytes body;
    int peer; /* the connection, watched while the clerk is asked */
};

/* The HTTP status; *body is malloc'd JSON, the caller's to free. */
int service_answer(struct agent *agent, struct pool *pool, const struct call *call, char **body);

/* The JSON of a trouble, malloc'd. */
char *service_trouble(const struct trouble *trouble);

#endif
