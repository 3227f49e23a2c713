/*
 * 电子证书注销: a form is prepared, the firm signs it, and only then the certificates are cancelled.
 *
 * Confirming (core/filing.h) lets the certificates wait for the matter and orders the form;
 * the state changes with a verified signature over the very bytes of that form (R17). How a
 * signature is verified stands behind struct signature_check.
 */
#ifndef ECERT_CORE_CANCEL_H
#define ECERT_CORE_CANCEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "core/filing.h"

/* A reason from the table that the authority edits. */
struct cancel_reason {
    const char *code;
    const char *label;
    bool needs_text; /* 须说明 */
};
/* Those offered, in order. 0/-1. */
int cancel_reasons(struct db *db, struct pool *pool, const struct cancel_reason **reasons,
                   size_t *count, struct err *err);
/* One that is offered. 1/0/-1. */
int cancel_reason_find(struct db *db, struct pool *pool, const char *code,
                       struct cancel_reason *reason, struct err *err);

/* Who signed, as read from the signer's certificate. */
struct signature {
    const char *uscc;        /* of the firm in the certificate */
    const char *name;
    const char *serial;      /* hex */
    const char *fingerprint; /* SHA-256, hex */
};
/* Verifies a signature over exactly these bytes at that instant: 1, with who signed; 0, and *cause,
 * a word for the audit (ASCII) that says what is wrong; -1 for faults of ours. */
struct signature_check {
    int (*verify)(void *context, struct pool *pool, struct bytes content, struct bytes signature,
                  int64_t now_ms, struct signature *out, const char **cause, struct err *err);
    void *context;
};

/* How a form fared. */
enum cancel_outcome {
    CANCEL_DONE,
    CANCEL_NO_FORM, /* it is not made yet */
    CANCEL_BROKEN,  /* the signature does not verify: see cause */
    CANCEL_FOREIGN, /* another firm's key signed */
    CANCEL_REFUSED  /* a rule refuses now: see the filing's verdicts; the matter is refused */
};
struct cancel_result {
    enum cancel_outcome outcome;
    const char *cause;
    struct filing filing;
};
/* Takes the signed form of a matter that waits for it, inside the present transaction; all outcomes
 * are audited, so the transaction must be kept. 0; -1 (ERR_NOT_FOUND: no such matter that waits;
 * ERR_CONFLICT: certificates
 * or form changed). */
int cancel_sign(struct change *change, const struct signature_check *check, const char *number,
                struct bytes signature, struct cancel_result *result, struct err *err);

/* Who signed a form, for its page and its proof. 1/0/-1. */
struct form_signature {
    const char *signer_name, *serial;
    int64_t signed_ms;
    struct bytes signature;
};
int cancel_signature(struct db *db, struct pool *pool, uint64_t matter_id,
                     struct form_signature *out, struct err *err);

#endif
