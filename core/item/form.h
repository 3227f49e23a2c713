/*
 * 注销申请表 between the issuer that prints it and the firm's key that signs it.
 *
 * The form is a document of its matter. It is prepared for one key: the firm's signature field with
 * serial number and time is appended (core/seal/seal.h), and these bytes are kept until the signed form is
 * finished, so that it is of what the key was shown, whoever writes such bytes by then. Preparing anew
 * replaces what was prepared before.
 */
#ifndef ECERT_CORE_ITEM_FORM_H
#define ECERT_CORE_ITEM_FORM_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "core/document/document.h"
#include "core/seal/outside.h"
#include "core/seal/seal.h"

struct change;
struct db;
struct err;
struct pool;

/* A form made ready for a key. */
struct form {
    struct outside_signer signer;
    const char *serial; /* of the signer's certificate, hex */
    int64_t prepared_ms;
    struct seal_prepared prepared;
};

/* Makes the form of the change's matter ready for this key, as of now, and keeps that. 1; 0: there
 * is no form yet, or the certificate or algorithm is not to be used (form->signer.algorithm says
 * which: NULL for no form); -1. */
int form_prepare(struct change *change, const struct outside_signer *signer, const char *serial,
                 struct form *form, struct err *err);

/* What was prepared last, as it was. 1; 0: nothing was; -1 (ERR_CONFLICT: the form is not what it
 * was then). */
int form_find(struct db *db, struct pool *pool, uint64_t matter_id, uint64_t enterprise_id,
              struct form *form, struct err *err);

/* For whom it was prepared last. 1/0/-1. */
int form_signer_find(struct db *db, struct pool *pool, uint64_t matter_id,
                     struct outside_signer *signer, struct err *err);

/* Keeps where on its form the firm signs. 0/-1. */
int form_box_add(struct db *db, uint64_t matter_id, const struct document_rect *box,
                 struct err *err);

/* Who signed a form, for its page and its proof. 1/0/-1. */
struct form_signature {
    const char *signer_name, *serial;
    const char *fingerprint; /* SHA-256 of the certificate, hex */
    int64_t signed_ms;
    struct bytes cms; /* detached, DER */
};
int form_signature_find(struct db *db, struct pool *pool, uint64_t matter_id,
                        struct form_signature *out, struct err *err);
/* Keeps it: once for a matter. 0/-1. */
int form_signature_add(struct db *db, uint64_t matter_id, const struct form *form,
                       const struct form_signature *signature, struct err *err);

#endif
