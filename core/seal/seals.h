/*
 * The authority's seals, of today and of before: the certificates whose signature is the
 * authority's.
 *
 * They are known one by one, by their bytes: what else the same CA certifies is not our seal. The
 * chain is judged at the instant of the signature.
 */
#ifndef ECERT_CORE_SEAL_SEALS_H
#define ECERT_CORE_SEAL_SEALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "core/seal/trust.h"

struct err;
struct pool;
struct seals;

/* `certificate` is the file of the seal (its certificate, then its chain), `former` that of the
 * seals it had before, with their chains, in any order; "" for none. Whoever is no CA is a seal. A
 * seal is judged up to the CAs in these files; one that has none there stands for itself. Free with
 * seals_free. 0/-1 (ERR_CONFIG). */
int seals_open(const char *certificate, const char *former, struct seals **seals,
               struct err *err);
void seals_free(struct seals **seals);

/* From here on these lists (PEM) are asked too; one that is missing or stale says nothing. 0/-1
 * (ERR_CONFIG). */
int seals_revocations(struct seals *seals, const char *lists, struct err *err);

/* Is chain[0] (DER) one of the seals? If so *verdict is how it stood at the instant, and the identity
 * is filled, but for uscc; the others in the chain may stand between it and its CA. A seal that is revoked
 * by now is so here too, unless it is proven that it signed at that instant, and it was revoked later.
 * 1/0/-1 (ERR_CRYPTO). */
int seals_judge(const struct seals *seals, const struct bytes *chain, size_t count, int64_t at_ms,
                bool proven, enum trust_verdict *verdict, struct trust_identity *identity, struct err *err);
/* How the seal of today, the first in its file, stands at the instant. 0/-1 (ERR_CRYPTO). */
int seals_today(const struct seals *seals, int64_t now_ms, enum trust_verdict *verdict,
                struct err *err);

#endif
