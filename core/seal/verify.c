#include "core/seal/verify.h"

#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "core/seal/openssl.h"
#include "core/seal/seals.h"
#include "core/seal/signed.h"
#include "core/seal/timestamp.h"
#include "core/seal/verify_shape.h"

enum { CLOCKS_APART_MS = 5 * 60 * 1000 };

static const struct {
    const char *name, *text;
} verdicts[] = {
    [VERIFY_GENUINE] = {"genuine", "it is genuine"},
    [VERIFY_NOT_PDF] = {"not_pdf", "it is not a PDF as ours are"},
    [VERIFY_TRAILING] = {"trailing", "something stands behind its end"},
    [VERIFY_UNSIGNED] = {"unsigned", "it is not signed"},
    [VERIFY_REVISIONS] = {"revisions", "it was changed by another update than the signature's"},
    [VERIFY_STRUCTURE] = {"structure", "its objects don't fit together"},
    [VERIFY_OBJECTS] = {"objects", "the signature's update changes what it must not"},
    [VERIFY_FIELD] = {"field", "the signature's field is not as we write it"},
    [VERIFY_RANGE] = {"range", "the signature leaves out more than itself"},
    [VERIFY_COVERAGE] = {"coverage", "the signature does not cover the end of the file"},
    [VERIFY_CONTENTS] = {"contents", "the place of the signature holds something else"},
    [VERIFY_CONTENT] = {"content", "its page is not one that we print"},
    [VERIFY_BROKEN] = {"broken", "the signature can't be read"},
    [VERIFY_ATTACHED] = {"attached", "the signature has content of its own"},
    [VERIFY_SIGNERS] = {"signers", "it has not exactly one signer"},
    [VERIFY_ATTRIBUTES] = {"attributes", "the signature says other things than ours do"},
    [VERIFY_CERTIFICATE] = {"certificate", "the signer's certificate is not inside"},
    [VERIFY_WEAK] = {"weak", "the signature is too weak"},
    [VERIFY_FORGED] = {"forged", "the signature is forged"},
    [VERIFY_ALTERED] = {"altered", "it was changed after it was signed"},
    [VERIFY_TIME] = {"time", "the signature's time can't be right"},
    [VERIFY_TIMESTAMP] = {"timestamp", "its time-stamp is not to be believed"},
    [VERIFY_UNTRUSTED] = {"untrusted", "the signer is not to be believed"},
    [VERIFY_UNRECORDED] = {"unrecorded", "it is signed as it should be, but was never issued"},
};

static const enum verify_verdict of_signature[] = {
    [SIGNED_OK] = VERIFY_GENUINE,
    [SIGNED_BROKEN] = VERIFY_BROKEN,
    [SIGNED_ATTACHED] = VERIFY_ATTACHED,
    [SIGNED_SIGNERS] = VERIFY_SIGNERS,
    [SIGNED_ATTRIBUTES] = VERIFY_ATTRIBUTES,
    [SIGNED_NO_CERTIFICATE] = VERIFY_CERTIFICATE,
    [SIGNED_WEAK] = VERIFY_WEAK,
    [SIGNED_FORGED] = VERIFY_FORGED,
    [SIGNED_OTHER] = VERIFY_ALTERED,
};

/* A file under the eye. */
struct look {
    const struct verifier *verifier; /* NULL: the signer is not asked about */
    struct verify_shape shape;
    struct signed_parts parts;
    int64_t now_ms;
    struct verify_result *result;
};

const char *verify_verdict_name(enum verify_verdict verdict)
{
    return (size_t)verdict < sizeof(verdicts) / sizeof(*verdicts) ? verdicts[verdict].name
                                                                  : "unknown";
}

const char *verify_verdict_text(enum verify_verdict verdict)
{
    return (size_t)verdict < sizeof(verdicts) / sizeof(*verdicts) ? verdicts[verdict].text
                                                                  : "unknown";
}

static int refuse(struct look *look, enum verify_verdict verdict, const char *cause)
{
    look->result->verdict = verdict;
    look->result->cause = cause;
    return 0;
}

/* The value over all of the file but the hole. */
static int judge_signature(struct look *look, struct err *err)
{
    struct bytes file = look->shape.file;
    const struct bytes parts[] = {
        {file.data, look->shape.hole.start},
        {file.data + look->shape.hole.end, file.size - look->shape.hole.end},
    };
    enum signed_verdict verdict = signed_open(look->shape.der, SIGNED_PADES, &look->parts);

    if (verdict == SIGNED_OK && signed_judge(&look->parts, parts, 2, &verdict, err) < 0)
        return -1;
    look->result->verdict = of_signature[verdict];
    if (verdict != SIGNED_OK)
        look->result->cause = verdicts[of_signature[verdict]].text;
    return 0;
}

static int judge_stamp(struct look *look, struct pool *pool, struct err *err)
{
    const ASN1_OCTET_STRING *value = CMS_SignerInfo_get0_signature(look->parts.signer);
    struct verify_result *result = look->result;
    struct timestamp_question question = {.recorded = result->record == VERIFY_RECORDED};
    enum timestamp_verdict verdict;
    struct timestamp stamp;

    sha256(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value), question.imprint);
    if (timestamp_judge(look->verifier->stamps, look->parts.timestamp, &question, &verdict, &stamp,
                        err) < 0)
        return -1;
    if (verdict != TIMESTAMP_OK)
        return refuse(look, VERIFY_TIMESTAMP,
                      pool_printf(pool, "the time-stamp: %s", timestamp_verdict_name(verdict)));
    result->stamped_ms = stamp.time_ms;
    result->stamper = pool_text(pool, stamp.authority);
    result->level = "B-T";
    if (stamp.time_ms < result->signed_ms - CLOCKS_APART_MS)
        return refuse(look, VERIFY_TIME, "it says that it was signed after its time-stamp");
    return 0;
}

static int judge_time(struct look *look, struct pool *pool, struct err *err)
{
    struct verify_result *result = look->result;

    result->stamped = look->parts.timestamp.size > 0;
    if (result->signed_ms > look->now_ms + CLOCKS_APART_MS)
        return refuse(look, VERIFY_TIME, "it says that it was signed in the future");
    return result->stamped && look->verifier && look->verifier->stamps
               ? judge_stamp(look, pool, err)
               : 0;
}

/* As he stood when he signed: when that was the stamp says, if there is one, else he himself. The
 * record proves it too: what is stored was judged when it came. */
static int judge_signer(struct look *look, struct pool *pool, struct err *err)
{
    const struct verifier *with = look->verifier;
    struct verify_result *result = look->result;
    int64_t at_ms = result->stamped_ms ? result->stamped_ms : result->signed_ms;
    bool proven = result->stamped_ms || result->record == VERIFY_RECORDED;
    struct bytes *chain;
    size_t count;
    int sealed = 0;

    result->trusted = TRUST_FOREIGN;
    if (signed_chain(&look->parts, pool, &chain, &count, err) < 0)
        return -1;
    if (with->seals)
        sealed = seals_judge(with->seals, chain, count, at_ms, proven, &result->trusted,
                             &result->identity, err);
    if (sealed < 0 ||
        (!sealed && with->trust &&
         trust_judge_chain(with->trust, pool, chain, count,
                           proven ? TRUST_SIGNED_PROVEN : TRUST_SIGNED, at_ms, &result->trusted,
                           &result->identity, err) < 0))
        return -1;
    if (sealed)
        result->signer = VERIFY_AUTHORITY;
    else if (result->trusted == TRUST_OK)
        result->signer = VERIFY_FIRM;
    if (result->trusted == TRUST_OK)
        return 0;
    return refuse(look, VERIFY_UNTRUSTED,
                  pool_printf(pool, "the signer's certificate: %s",
                              trust_verdict_name(result->trusted)));
}

static int judge(struct look *look, struct pool *pool, struct err *err)
{
    struct verify_result *result = look->result;
    char name[257];

    if (judge_signature(look, err) < 0)
        return -1;
    if (look->parts.certificates) {
        signed_name(&look->parts, name, sizeof(name));
        result->name = pool_text(pool, name);
    }
    if (result->verdict != VERIFY_GENUINE)
        return 0;
    result->level = "B-B";
    if (judge_time(look, pool, err) < 0)
        return -1;
    return result->verdict == VERIFY_GENUINE && look->verifier ? judge_signer(look, pool, err) : 0;
}

static int ask_record(struct bytes file, verify_lookup *lookup, void *context,
                      struct verify_result *result, struct err *err)
{
    uint8_t hash[32];
    int found;

    sha256(file.data, file.size, hash);
    hex_encode(hash, sizeof(hash), result->hash);
    if (!lookup)
        return 0;
    found = lookup(context, hash, err);
    if (found < 0)
        return -1;
    result->record = found ? VERIFY_RECORDED : VERIFY_NO_RECORD;
    return 0;
}

int verify_file(const struct verifier *verifier, struct pool *pool, struct bytes file,
                int64_t now_ms, verify_lookup *lookup, void *context,
                struct verify_result *result, struct err *err)
{
    struct look look = {.verifier = verifier, .now_ms = now_ms, .result = result};
    int outcome;

    *result = (struct verify_result){
        .cause = "", .name = "", .reason = "", .location = "", .level = "",
        .stamper = "", .trusted = TRUST_NONE};
    if (verifier && ask_record(file, lookup, context, result, err) < 0)
        return -1;
    result->verdict = verify_shape_read(pool, file, &look.shape);
    result->cause = look.shape.cause;
    result->reason = look.shape.reason;
    result->location = look.shape.location;
    result->signed_ms = look.shape.signed_ms;
    if (result->verdict != VERIFY_GENUINE)
        return 0;
    outcome = judge(&look, pool, err);
    signed_close(&look.parts);
    openssl_forget();
    if (outcome == 0 && result->verdict == VERIFY_GENUINE && result->record == VERIFY_NO_RECORD)
        return refuse(&look, VERIFY_UNRECORDED, "the hash of the file is not on record");
    return outcome;
}

int verify_made(struct pool *pool, struct bytes file, int64_t now_ms, struct err *err)
{
    struct verify_result result;

    if (verify_file(NULL, pool, file, now_ms, NULL, NULL, &result, err) < 0)
        return -1;
    if (result.verdict == VERIFY_GENUINE)
        return 0;
    return err_set(err, ERR_DOCUMENT, 0, "what was made is not as it should be: %s: %s",
                   verify_verdict_name(result.verdict), result.cause);
}

int verifier_open(const struct verifier_settings *settings, struct verifier *verifier,
                  struct err *err)
{
    *verifier = (struct verifier){NULL, NULL, NULL};
    if (seals_open(settings->seal, settings->former_seals, &verifier->seals, err) == 0 &&
        trust_open(settings->firms, &verifier->trust, err) == 0 &&
        (!*settings->stamps ||
         timestamp_trust_open(settings->stamps, &verifier->stamps, err) == 0) &&
        (!*settings->revocations ||
         (seals_revocations(verifier->seals, settings->revocations, err) == 0 &&
          (!verifier->stamps ||
           timestamp_revocations(verifier->stamps, settings->revocations, err) == 0))))
        return 0;
    verifier_close(verifier);
    return -1;
}

void verifier_close(struct verifier *verifier)
{
    seals_free(&verifier->seals);
    trust_free(&verifier->trust);
    timestamp_trust_free(&verifier->stamps);
}
