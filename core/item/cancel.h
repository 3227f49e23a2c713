/*
 * 电子证书注销: a form is prepared, the firm signs it, and only then the certificates are cancelled.
 *
 * Confirming (core/item/filing.h) lets the certificates wait for the matter and orders the form; it is
 * prepared for the firm's key (core/item/form.h); the state changes with that key's verified signature
 * over the very bytes of the form (R17). How keys and signatures are judged stands behind struct
 * signature_check.
 */
#ifndef ECERT_CORE_ITEM_CANCEL_H
#define ECERT_CORE_ITEM_CANCEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "core/item/filing.h"
#include "core/item/form.h"

/* A reason from the table that the authority edits. */
struct cancel_reason {
    const char *code;
    const char *label;
    bool needs_text; /* 须说明 */
};
/* Those offered, in order. 0/-1. */
int cancel_reasons(struct db *db, struct pool *pool, const struct cancel_reason **reasons,
                   size_t *count, struct err *err);
/* Hints that they will be wanted, all or one (db_ahead). */
void cancel_reasons_ahead(struct db *db, struct pool *pool);
/* One that is offered. 1/0/-1. */
int cancel_reason_find(struct db *db, struct pool *pool, const char *code,
                       struct cancel_reason *reason, struct err *err);

/* Who signs, as read from the certificate of the key. */
struct signature {
    const char *uscc;        /* of the firm in the certificate */
    const char *name;
    const char *serial;      /* hex */
    const char *fingerprint; /* SHA-256, hex */
};
/* How keys and signatures are judged: 1, with who it is; 0, and *cause, a word for the audit (ASCII)
 * that says what is wrong; -1 for faults of ours. */
struct signature_check {
    /* Is this certificate, with those above it, to be believed at that instant? */
    int (*judge)(void *context, struct pool *pool, const struct outside_signer *signer,
                 int64_t now_ms, struct signature *out, const char **cause, struct err *err);
    /* Is this a signature (CMS, detached) over exactly these bytes? */
    int (*verify)(void *context, struct pool *pool, struct bytes content, struct bytes cms,
                  int64_t now_ms, struct signature *out, const char **cause, struct err *err);
    void *context;
};

/* How a form fared. */
enum cancel_outcome {
    CANCEL_DONE,
    CANCEL_NO_FORM,   /* it is not made yet */
    CANCEL_BROKEN,    /* the certificate is not believed, or the signature does not verify: see cause */
    CANCEL_FOREIGN,   /* another firm's key */
    CANCEL_UNPREPARED,/* nothing was prepared, or something else, or more than CANCEL_SIGN_MINUTES ago */
    CANCEL_CHANGED,   /* certificates do not wait for it any more; the matter is refused */
    CANCEL_REFUSED    /* a rule refuses now: see the filing's verdicts; the matter is refused */
};
enum { CANCEL_SIGN_MINUTES = 30 };
struct cancel_result {
    enum cancel_outcome outcome;
    const char *cause;
    struct filing filing;
};

/* Makes the form of a matter that waits for its signature ready for this key: what it signs is in
 * *form when the outcome is CANCEL_DONE. Both functions run inside the present transaction, which
 * must be kept: all outcomes are audited. 0; -1 (ERR_NOT_FOUND: no such matter; ERR_CONFLICT: it
 * does not wait any more). */
int cancel_prepare(struct change *change, const struct signature_check *check, const char *number,
                   const struct outside_signer *signer, struct form *form,
                   struct cancel_result *result, struct err *err);

/* Takes the raw signature of the key that the form was prepared for: the certificates are
 * cancelled, and the signed form and the proof are ordered. As cancel_prepare. */
int cancel_sign(struct change *change, const struct signature_check *check, const char *number,
                struct bytes signature, struct cancel_result *result, struct err *err);

#endif
