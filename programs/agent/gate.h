/*
 * What the agent answers at all: a pure judgement over the head of a request. Everything that is
 * not allowed here is refused before a byte of the body is looked at.
 *
 *     GET  /v1/status          whether the agent runs and sees a token
 *     POST /v1/certificates    which certificates there are; {}
 *     POST /v1/sign            a signature, after the clerk's consent
 *
 * Each needs an Origin of the list and our own Host; POST needs application/json, for which no page
 * gets around the browser's preflight. The head of an answer allows that one origin, and private
 * networks only where the browser asked (Private Network Access, W3C draft).
 */
#ifndef ECERT_PROGRAMS_AGENT_GATE_H
#define ECERT_PROGRAMS_AGENT_GATE_H

#include <stdbool.h>
#include <stddef.h>

struct config_entry;
struct trouble;

enum { GATE_SIGN_LIMIT = 3 * 1024 * 1024, GATE_BODY_LIMIT = 1024 };

/* NULL: the header is not there. */
struct gate_request {
    const char *method, *path;
    const char *host, *origin, *content_type;
    const char *fetch_site, *fetch_mode, *fetch_dest; /* Sec-Fetch-… (W3C Fetch Metadata) */
    const char *wanted_method, *wanted_headers;       /* Access-Control-Request-… */
    bool repeated;                                    /* one of these headers came twice */
    bool query;                                       /* there is something behind a ? */
    bool loopback;                                    /* the other end is on this computer */
};

enum gate_action { GATE_PREFLIGHT, GATE_STATUS, GATE_CERTIFICATES, GATE_SIGN };

/* What to do, and the most bytes of its body. 0; -1 with what is answered instead. */
int gate_judge(const struct gate_request *request, const struct config_entry *origins,
               unsigned port, enum gate_action *action, size_t *limit, struct trouble *trouble);

/* Whether Host, Origin and place are right: who asks may then read the answer, a refusal's too. */
bool gate_asker_known(const struct gate_request *request, const struct config_entry *origins,
                      unsigned port);

#endif
