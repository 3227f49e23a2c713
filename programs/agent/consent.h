/*
 * What the clerk is shown before anything is signed: who asks, for what, with which certificate,
 * and, of a form, the very document as a file to open, and its digest.
 */
#ifndef ECERT_PROGRAMS_AGENT_CONSENT_H
#define ECERT_PROGRAMS_AGENT_CONSENT_H

#include "base/text.h"
#include "programs/agent/prompt.h"

struct pool;
struct statement_document;
struct token_certificate;
struct trouble;

struct consent {
    const char *origin;
    const char *title; /* of a form: the page's word for it */
    const struct token_certificate *certificate;
    const struct statement_document *document; /* NULL: it is a login */
};

/* 0 with the PIN, which the caller clears; -1 with what the page is told. */
int consent_ask(const struct prompt *prompt, const struct consent *consent,
                const struct prompt_watch *watch, struct pool *pool, struct pin *pin,
                struct trouble *trouble);

#endif
