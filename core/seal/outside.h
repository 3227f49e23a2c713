/*
 * A signature whose private key is elsewhere: a firm's, on its 法人一证通.
 *
 * Two steps with the clerk between them: the statement is made here, the key signs its bytes, and
 * what comes back is put together into a CMS as PAdES wants it (cms.h). The statement is the DER
 * SET of the signed attributes, so that it begins with 0x31 and can never be mistaken for what is
 * signed to log in, which is text. Both steps make the same attributes of the same signer and
 * document, so nothing but the raw signature has to be believed, and detached.h judges that.
 */
#ifndef ECERT_CORE_SEAL_OUTSIDE_H
#define ECERT_CORE_SEAL_OUTSIDE_H

#include <stddef.h>

#include "base/text.h"

struct err;
struct pool;
struct seal_prepared;

enum { OUTSIDE_CHAIN = 4 };

/* Who signs, and how. */
struct outside_signer {
    struct bytes certificate;          /* DER */
    struct bytes chain[OUTSIDE_CHAIN]; /* DER of those above it, in any order, some perhaps twice */
    size_t chain_count;
    const char *algorithm; /* RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 (RFC 7518, 3.1) */
};

/* The bytes that a signature of this signer needs at most, with room for a timestamp. 1; 0: the
 * certificates are no DER, or the algorithm is not known or not one of the key's; -1
 * (ERR_CRYPTO). */
int outside_room(const struct outside_signer *signer, struct pool *pool, size_t *room,
                 struct err *err);

/* What the key signs. As outside_room. */
int outside_statement(const struct outside_signer *signer, struct pool *pool,
                      const struct seal_prepared *prepared, struct bytes *statement,
                      struct err *err);

/* The CMS around the raw signature (ECDSA: DER, RFC 3279, 2.2.3). As outside_room. */
int outside_assemble(const struct outside_signer *signer, struct pool *pool,
                     const struct seal_prepared *prepared, struct bytes signature,
                     struct bytes *cms, struct err *err);

#endif
