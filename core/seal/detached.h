/*
 * A firm's signature over a form: a detached CMS SignedData (RFC 5652) over the form's very bytes,
 * made with the key of its certificate (法人一证通).
 *
 * What is taken is what signed.h takes by its plain rules. Signed attributes may be missing; where
 * there are some, they hold content-type and message-digest (11). Unsigned attributes are refused:
 * nobody vouches for them. Whether the signer is to be believed, trust.h judges.
 */
#ifndef ECERT_CORE_SEAL_DETACHED_H
#define ECERT_CORE_SEAL_DETACHED_H

#include <stdint.h>

#include "base/text.h"
#include "core/seal/trust.h"

struct err;
struct pool;

/* How a signature was judged. The first that applies: whoever is UNTRUSTED did sign these bytes. */
enum detached_verdict {
    DETACHED_OK,
    DETACHED_BROKEN,         /* not a CMS SignedData in DER, or malformed, or too much */
    DETACHED_ATTACHED,       /* carries content of its own */
    DETACHED_SIGNERS,        /* not exactly one signer */
    DETACHED_NO_CERTIFICATE, /* the signer's certificate, or the one it names, is not inside */
    DETACHED_WEAK,           /* an algorithm or a key that is not taken */
    DETACHED_FORGED,         /* the value does not verify; without signed attributes also OTHER */
    DETACHED_OTHER,          /* a signature, but not over these bytes */
    DETACHED_UNTRUSTED       /* the trust verdict says why */
};

/* "ok", "broken" … for logs and audit. */
const char *detached_verdict_name(enum detached_verdict verdict);

enum { DETACHED_LIMIT = 64 * 1024 };

/* Who signed; a claim until the verdict is DETACHED_OK. */
struct detached_signer {
    struct trust_identity identity; /* uscc is "" unless the verdict is DETACHED_OK */
    char name[257];                 /* CN of the subject, or O, in UTF-8 without controls; or "" */
    int64_t signed_ms;              /* signing-time by the signer's own clock; 0 for none */
};

/* Judges `signature`, which is DER of at most DETACHED_LIMIT bytes, over `content`, at the instant now_ms.
 * *trusted is the signer's certificate judged, TRUST_NONE where it was not found. The signer is
 * filled as far as it could be read. 0; -1 only for faults of ours (ERR_SYSTEM, ERR_CRYPTO), never
 * for a bad signature. */
int detached_verify(struct trust *trust, struct pool *pool, struct bytes content,
                    struct bytes signature, int64_t now_ms, enum detached_verdict *verdict,
                    enum trust_verdict *trusted, struct detached_signer *signer, struct err *err);

#endif
