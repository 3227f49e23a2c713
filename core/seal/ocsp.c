#include "core/seal/ocsp.h"

#include <openssl/x509v3.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/random.h"
#include "core/seal/openssl.h"

enum { NONCE_SIZE = 32 };

static const char *const verdict_names[] = {
    [OCSP_UNASKED] = "unasked",   [OCSP_GOOD] = "good",
    [OCSP_REVOKED] = "revoked",   [OCSP_UNKNOWN] = "unknown",
    [OCSP_UNREACHABLE] = "unreachable", [OCSP_BROKEN] = "broken",
    [OCSP_DECLINED] = "declined", [OCSP_FORGED] = "forged",
    [OCSP_REPLAYED] = "replayed", [OCSP_OTHER] = "other",
    [OCSP_STALE] = "stale",
};

const char *ocsp_verdict_name(enum ocsp_verdict verdict)
{
    if ((size_t)verdict >= sizeof(verdict_names) / sizeof(*verdict_names))
        return "no such verdict";
    return verdict_names[verdict];
}

/* The question */

static int encode(const OCSP_REQUEST *request, struct pool *pool, struct bytes *der,
                  struct err *err)
{
    unsigned char *out = NULL;
    int size = i2d_OCSP_REQUEST(request, &out);

    if (size <= 0)
        return openssl_err(err, ERR_CRYPTO, "cannot encode a question to a responder");
    *der = (struct bytes){pool_copy(pool, out, (size_t)size), (size_t)size};
    OPENSSL_free(out);
    return 0;
}

int ocsp_question_open(struct ocsp_question *question, struct pool *pool, const X509 *certificate,
                       X509 *issuer, struct err *err)
{
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), certificate, issuer);
    uint8_t nonce[NONCE_SIZE];

    random_bytes(nonce, sizeof(nonce));
    *question = (struct ocsp_question){.request = OCSP_REQUEST_new(), .issuer = issuer};
    if (!id || !question->request || !OCSP_request_add0_id(question->request, id) ||
        OCSP_request_add1_nonce(question->request, nonce, sizeof(nonce)) != 1) {
        openssl_err(err, ERR_CRYPTO, "cannot make a question to a responder");
        goto fail;
    }
    if (encode(question->request, pool, &question->der, err) < 0)
        goto fail;
    return 0;
fail:
    ocsp_question_close(question);
    return -1;
}

void ocsp_question_close(struct ocsp_question *question)
{
    OCSP_REQUEST_free(question->request);
    question->request = NULL;
}

/* Who signed */

/* The issuer says so by the certificate that it gave the delegate (RFC 6960, 4.2.2.2). */
static bool may_answer(X509 *delegate)
{
    return (X509_get_extension_flags(delegate) & EXFLAG_XKUSAGE) &&
           (X509_get_extended_key_usage(delegate) & XKU_OCSP_SIGN) && !X509_check_ca(delegate);
}

static bool is_issued_by(X509_STORE_CTX *context, const X509 *issuer)
{
    const STACK_OF(X509) *path = X509_STORE_CTX_get0_chain(context);

    return sk_X509_num(path) > 1 && X509_cmp(sk_X509_value(path, 1), issuer) == 0;
}

static bool is_delegate(X509 *delegate, X509 *issuer, X509_STORE *store, int64_t now_ms)
{
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    STACK_OF(X509) *others = sk_X509_new_null();
    X509_VERIFY_PARAM *parameters;
    bool holds = false;

    if (!context || !others || sk_X509_push(others, issuer) <= 0)
        err_fatal("out of memory");
    openssl_name_sm2(delegate);
    if (may_answer(delegate) && X509_STORE_CTX_init(context, store, delegate, others)) {
        parameters = X509_STORE_CTX_get0_param(context);
        X509_STORE_CTX_set_time(context, 0, (time_t)(now_ms / 1000));
        X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_OCSP_HELPER);
        /* The issuer has been judged already: it alone is needed here. */
        X509_STORE_CTX_set0_trusted_stack(context, others);
        if (X509_get_ext_by_NID(delegate, NID_id_pkix_OCSP_noCheck, -1) >= 0)
            X509_VERIFY_PARAM_clear_flags(parameters,
                                          X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
        else
            X509_VERIFY_PARAM_clear_flags(parameters, X509_V_FLAG_CRL_CHECK_ALL);
        holds = X509_verify_cert(context) == 1 && is_issued_by(context, issuer);
    }
    X509_STORE_CTX_free(context);
    sk_X509_free(others);
    return holds;
}

static bool is_signed(OCSP_BASICRESP *basic, X509 *issuer, X509_STORE *store, int64_t now_ms)
{
    STACK_OF(X509) *others = sk_X509_new_null();
    X509 *signer = NULL;
    int digest = NID_undef;
    bool by = false;

    if (!others || sk_X509_push(others, issuer) <= 0)
        err_fatal("out of memory");
    if (OCSP_resp_get0_signer(basic, &signer, others) == 1)
        by = openssl_signed_by(ASN1_ITEM_rptr(OCSP_RESPDATA), OCSP_resp_get0_respdata(basic),
                               OCSP_resp_get0_tbs_sigalg(basic), OCSP_resp_get0_signature(basic),
                               X509_get0_pubkey(signer), &digest) &&
             openssl_is_strong(digest) &&
             (X509_cmp(signer, issuer) == 0 || is_delegate(signer, issuer, store, now_ms));
    sk_X509_free(others);
    return by;
}

/* What was said */

/* The one answer about the certificate; NULL where there is none. */
static OCSP_SINGLERESP *find_answer(const struct ocsp_question *question, OCSP_BASICRESP *basic)
{
    OCSP_ONEREQ *one = OCSP_request_onereq_get0(question->request, 0);
    int at = OCSP_resp_find(basic, OCSP_onereq_get0_id(one), -1);

    return at < 0 ? NULL : OCSP_resp_get0(basic, at);
}

static bool is_current(const ASN1_GENERALIZEDTIME *this_update,
                       const ASN1_GENERALIZEDTIME *next_update, int64_t now_ms, int64_t *until_ms)
{
    int64_t from_ms, to_ms;

    if (openssl_time_ms(this_update, &from_ms) < 0 || from_ms > now_ms + OCSP_SKEW_MS)
        return false;
    to_ms = from_ms + OCSP_FRESH_MS;
    if (next_update && openssl_time_ms(next_update, &to_ms) < 0)
        return false;
    *until_ms = to_ms;
    return from_ms <= to_ms && to_ms + OCSP_SKEW_MS >= now_ms;
}

static enum ocsp_verdict judge_answer(OCSP_SINGLERESP *answer, int64_t now_ms, int64_t *until_ms)
{
    ASN1_GENERALIZEDTIME *this_update = NULL, *next_update = NULL;
    int status = OCSP_single_get0_status(answer, NULL, NULL, &this_update, &next_update);

    if (OCSP_SINGLERESP_get_ext_by_critical(answer, 1, -1) >= 0)
        return OCSP_BROKEN;
    if (!is_current(this_update, next_update, now_ms, until_ms))
        return OCSP_STALE;
    return status == V_OCSP_CERTSTATUS_GOOD      ? OCSP_GOOD
           : status == V_OCSP_CERTSTATUS_REVOKED ? OCSP_REVOKED
                                                 : OCSP_UNKNOWN;
}

static enum ocsp_verdict judge_basic(const struct ocsp_question *question, OCSP_BASICRESP *basic,
                                     X509_STORE *store, int64_t now_ms, int64_t *until_ms)
{
    OCSP_SINGLERESP *answer;

    if (OCSP_BASICRESP_get_ext_by_critical(basic, 1, -1) >= 0)
        return OCSP_BROKEN;
    if (!is_signed(basic, question->issuer, store, now_ms))
        return OCSP_FORGED;
    if (OCSP_check_nonce(question->request, basic) == 0)
        return OCSP_REPLAYED;
    answer = find_answer(question, basic);
    return answer ? judge_answer(answer, now_ms, until_ms) : OCSP_OTHER;
}

static OCSP_RESPONSE *decode(struct bytes answer)
{
    const unsigned char *end = answer.data;
    OCSP_RESPONSE *response = answer.size > 0 && answer.size <= OCSP_ANSWER_LIMIT
                                  ? d2i_OCSP_RESPONSE(NULL, &end, (long)answer.size)
                                  : NULL;

    if (response && end != answer.data + answer.size) {
        OCSP_RESPONSE_free(response);
        return NULL;
    }
    return response;
}

enum ocsp_verdict ocsp_judge(const struct ocsp_question *question, X509_STORE *store,
                             struct bytes answer, int64_t now_ms, int64_t *until_ms)
{
    OCSP_RESPONSE *response = decode(answer);
    OCSP_BASICRESP *basic = NULL;
    enum ocsp_verdict verdict = OCSP_BROKEN;

    *until_ms = 0;
    if (response && OCSP_response_status(response) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
        verdict = OCSP_DECLINED;
    else if (response)
        basic = OCSP_response_get1_basic(response);
    if (basic)
        verdict = judge_basic(question, basic, store, now_ms, until_ms);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
    openssl_forget();
    return verdict;
}
