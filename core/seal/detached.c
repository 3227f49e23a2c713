#include "core/seal/detached.h"

#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/seal/openssl.h"
#include "core/seal/signed.h"

static const enum detached_verdict verdicts[] = {
    [SIGNED_OK] = DETACHED_OK,
    [SIGNED_BROKEN] = DETACHED_BROKEN,
    [SIGNED_ATTACHED] = DETACHED_ATTACHED,
    [SIGNED_SIGNERS] = DETACHED_SIGNERS,
    [SIGNED_ATTRIBUTES] = DETACHED_BROKEN,
    [SIGNED_NO_CERTIFICATE] = DETACHED_NO_CERTIFICATE,
    [SIGNED_WEAK] = DETACHED_WEAK,
    [SIGNED_FORGED] = DETACHED_FORGED,
    [SIGNED_OTHER] = DETACHED_OTHER,
};

static const char *const verdict_names[] = {
    [DETACHED_OK] = "ok",
    [DETACHED_BROKEN] = "broken",
    [DETACHED_ATTACHED] = "attached",
    [DETACHED_SIGNERS] = "signers",
    [DETACHED_NO_CERTIFICATE] = "no_certificate",
    [DETACHED_WEAK] = "weak",
    [DETACHED_FORGED] = "forged",
    [DETACHED_OTHER] = "other",
    [DETACHED_UNTRUSTED] = "untrusted",
};

const char *detached_verdict_name(enum detached_verdict verdict)
{
    if ((size_t)verdict >= sizeof(verdict_names) / sizeof(*verdict_names))
        return "unknown";
    return verdict_names[verdict];
}

static bool read_signing_time(const struct signed_parts *parts, int64_t *ms)
{
    const ASN1_TYPE *value = parts->values[SIGNED_SIGNING_TIME];

    *ms = 0;
    return !value || openssl_time_ms(value->value.asn1_string, ms) == 0;
}

static enum detached_verdict take_apart(struct bytes signature, struct signed_parts *parts,
                                        int64_t *signed_ms)
{
    enum signed_verdict verdict;

    if (signature.size == 0 || signature.size > DETACHED_LIMIT)
        return DETACHED_BROKEN;
    verdict = signed_open(signature, SIGNED_PLAIN, parts);
    if (!read_signing_time(parts, signed_ms))
        return DETACHED_BROKEN;
    return verdicts[verdict];
}

static int judge_signer(struct trust *trust, struct pool *pool, const struct signed_parts *parts,
                        int64_t now_ms, enum trust_verdict *trusted,
                        struct detached_signer *signer, struct err *err)
{
    struct bytes *chain;
    size_t count;

    signed_name(parts, signer->name, sizeof(signer->name));
    if (signed_chain(parts, pool, &chain, &count, err) < 0)
        return -1;
    return trust_judge_chain(trust, pool, chain, count, TRUST_FORM, now_ms, trusted,
                             &signer->identity, err);
}

static int judge_value(const struct signed_parts *parts, struct bytes content,
                       enum detached_verdict *verdict, struct err *err)
{
    enum signed_verdict judged;

    if (signed_judge(parts, &content, 1, &judged, err) < 0)
        return -1;
    *verdict = verdicts[judged];
    return 0;
}

int detached_verify(struct trust *trust, struct pool *pool, struct bytes content,
                    struct bytes signature, int64_t now_ms, enum detached_verdict *verdict,
                    enum trust_verdict *trusted, struct detached_signer *signer, struct err *err)
{
    struct signed_parts parts = {0};
    int result = 0;

    *signer = (struct detached_signer){0};
    *trusted = TRUST_NONE;
    *verdict = take_apart(signature, &parts, &signer->signed_ms);
    if (*verdict == DETACHED_OK) {
        result = judge_signer(trust, pool, &parts, now_ms, trusted, signer, err);
        if (result == 0)
            result = judge_value(&parts, content, verdict, err);
        if (*verdict == DETACHED_OK && *trusted != TRUST_OK)
            *verdict = DETACHED_UNTRUSTED;
    }
    if (*verdict != DETACHED_OK)
        signer->identity.uscc[0] = '\0';
    signed_close(&parts);
    openssl_forget();
    return result;
}
