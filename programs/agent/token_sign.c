#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/seal/raw.h"
#include "programs/agent/token.h"
#include "programs/agent/token_steps.h"
#include "programs/agent/trouble.h"

enum { SIGNATURE_MAX = 2048 };

/* One signature under way. */
struct signing {
    CK_FUNCTION_LIST *module;
    CK_SESSION_HANDLE session;
    const struct token_certificate *certificate;
    const struct algorithm *algorithm;
    struct pool *pool;
    const char *pin;
    struct trouble *trouble;
};

static int gone(const struct signing *signing)
{
    return trouble_set(signing->trouble, TROUBLE_NO_KEY, 404, "the token is gone");
}

static int token_fault(const struct signing *signing, const char *what, CK_RV rv)
{
    if (rv == CKR_DEVICE_REMOVED || rv == CKR_TOKEN_NOT_PRESENT || rv == CKR_SLOT_ID_INVALID ||
        rv == CKR_SESSION_HANDLE_INVALID)
        return gone(signing);
    if (rv == CKR_FUNCTION_CANCELED)
        return trouble_set(signing->trouble, TROUBLE_CANCELLED, 409, "cancelled at the token");
    return trouble_set(signing->trouble, TROUBLE_FAILED, 500, "the token can't %s: %s (0x%lx)",
                       what, p11_kit_strerror(rv), rv);
}

/* PKCS#11 has no count of tries, only that one is left, or none. */
static int wrong_pin(const struct signing *signing)
{
    CK_TOKEN_INFO info = {0};

    signing->module->C_GetTokenInfo(signing->certificate->slot, &info);
    if (info.flags & CKF_USER_PIN_LOCKED) {
        trouble_set(signing->trouble, TROUBLE_LOCKED, 423, "the password was wrong once too often");
        signing->trouble->tries_left = 0;
        return -1;
    }
    trouble_set(signing->trouble, TROUBLE_WRONG_PIN, 403, "the password is wrong");
    if (info.flags & CKF_USER_PIN_FINAL_TRY)
        signing->trouble->tries_left = 1;
    return -1;
}

/* The password belongs to this token: another one, put in meanwhile, must not be tried with it. */
static bool is_still_there(const struct signing *signing)
{
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    struct bytes der = signing->certificate->der;
    CK_ATTRIBUTE template[] = {
        {CKA_CLASS, &class,                      sizeof(class)},
        {CKA_VALUE, (void *)(uintptr_t)der.data, der.size     }
    };
    CK_OBJECT_HANDLE object;

    return token_objects(signing->module, signing->session, template, 2, &object, 1) == 1;
}

static CK_RV enter_pin(const struct signing *signing, CK_USER_TYPE user)
{
    CK_UTF8CHAR *pin = (CK_UTF8CHAR *)(uintptr_t)signing->pin;

    if (signing->certificate->keypad)
        return signing->module->C_Login(signing->session, user, NULL, 0);
    return signing->module->C_Login(signing->session, user, pin, strlen(signing->pin));
}

static int log_in(const struct signing *signing, CK_USER_TYPE user)
{
    CK_RV rv = enter_pin(signing, user);

    switch (rv) {
    case CKR_OK:
        return 0;
    case CKR_PIN_INCORRECT:
    case CKR_PIN_INVALID:
    case CKR_PIN_LEN_RANGE:
        return wrong_pin(signing);
    case CKR_PIN_LOCKED:
        trouble_set(signing->trouble, TROUBLE_LOCKED, 423, "the token is locked");
        signing->trouble->tries_left = 0;
        return -1;
    case CKR_USER_ALREADY_LOGGED_IN:
        /* Not by us; without the password nobody signs. */
        return trouble_set(signing->trouble, TROUBLE_FAILED, 500, "the token is open already");
    default:
        return token_fault(signing, "log in", rv);
    }
}

static int find_key(const struct signing *signing, CK_OBJECT_HANDLE *key)
{
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    struct bytes id = signing->certificate->key_id;
    CK_ATTRIBUTE template[] = {
        {CKA_CLASS, &class,                     sizeof(class)},
        {CKA_ID,    (void *)(uintptr_t)id.data, id.size      }
    };

    if (token_objects(signing->module, signing->session, template, 2, key, 1) == 1)
        return 0;
    return trouble_set(signing->trouble, TROUBLE_NO_KEY, 404,
                       "the token has no private key for this certificate");
}

static bool asks_each_time(const struct signing *signing, CK_OBJECT_HANDLE key)
{
    struct bytes flag = token_attribute(signing->module, signing->session, key,
                                        CKA_ALWAYS_AUTHENTICATE, signing->pool);

    return flag.size == sizeof(CK_BBOOL) && *flag.data == CK_TRUE;
}

/* What the token is given: a digest, a DigestInfo, or the statement for a token that hashes. */
static int prepare(const struct signing *signing, struct bytes statement, CK_MECHANISM *mechanism,
                   struct bytes *input)
{
    const struct algorithm *algorithm = signing->algorithm;
    uint8_t digest[ALGORITHM_DIGEST_MAX];

    if (!token_mechanism(signing->module, signing->certificate->slot, algorithm->digested)) {
        mechanism->mechanism = algorithm->whole;
        *input = statement;
        return 0;
    }
    mechanism->mechanism = algorithm->digested;
    if (algorithm_digest(algorithm, &statement, 1, digest) < 0)
        return trouble_set(signing->trouble, TROUBLE_FAILED, 500, "cannot hash the statement");
    *input = (struct bytes){pool_copy(signing->pool, digest, algorithm->digest_size),
                            algorithm->digest_size};
    if (algorithm->digested == CKM_RSA_PKCS &&
        algorithm_digest_info(algorithm, signing->pool, digest, input) < 0)
        return trouble_set(signing->trouble, TROUBLE_FAILED, 500, "cannot hash the statement");
    return 0;
}

static int sign_by_key(const struct signing *signing, CK_OBJECT_HANDLE key, struct bytes statement,
                       struct bytes *signature)
{
    const struct algorithm *algorithm = signing->algorithm;
    CK_RSA_PKCS_PSS_PARAMS pss = {algorithm->hash, algorithm->mask, algorithm->digest_size};
    CK_MECHANISM mechanism = {0, algorithm->pss ? &pss : NULL, algorithm->pss ? sizeof(pss) : 0};
    CK_ULONG size = SIGNATURE_MAX;
    uint8_t *out = pool_alloc(signing->pool, size);
    struct bytes input;
    CK_RV rv;

    if (prepare(signing, statement, &mechanism, &input) < 0)
        return -1;
    rv = signing->module->C_SignInit(signing->session, &mechanism, key);
    if (rv != CKR_OK)
        return token_fault(signing, "begin to sign", rv);
    if (asks_each_time(signing, key) && log_in(signing, CKU_CONTEXT_SPECIFIC) < 0)
        return -1;
    rv = signing->module->C_Sign(signing->session, (CK_BYTE *)(uintptr_t)input.data, input.size,
                                 out, &size);
    if (rv != CKR_OK)
        return token_fault(signing, "sign", rv);
    *signature = (struct bytes){out, size};
    if (algorithm->curve &&
        algorithm_ecdsa_der(algorithm, signing->pool, *signature, signature) < 0)
        return trouble_set(signing->trouble, TROUBLE_FAILED, 500,
                           "the token made no signature of the key's size");
    return 0;
}

/* A token may have another key under the certificate's id, or be broken. */
static int verify(const struct signing *signing, struct bytes statement, struct bytes signature)
{
    enum raw_verdict verdict;

    if (raw_verify(signing->certificate->der, signing->algorithm->name, statement, signature,
                   &verdict, NULL) < 0)
        return trouble_set(signing->trouble, TROUBLE_FAILED, 500, "cannot verify the signature");
    if (verdict != RAW_OK)
        return trouble_set(signing->trouble, TROUBLE_FAILED, 500,
                           "the token's signature does not fit the certificate: %s",
                           raw_verdict_name(verdict));
    return 0;
}

static int sign_in_session(const struct signing *signing, struct bytes statement,
                           struct bytes *signature)
{
    CK_OBJECT_HANDLE key;
    int result = -1;

    if (!is_still_there(signing))
        return gone(signing);
    if (log_in(signing, CKU_USER) < 0)
        return -1;
    if (find_key(signing, &key) == 0)
        result = sign_by_key(signing, key, statement, signature);
    signing->module->C_Logout(signing->session);
    return result;
}

int token_sign(struct token *token, struct pool *pool, const struct token_certificate *certificate,
               const struct algorithm *algorithm, struct bytes statement, const char *pin,
               struct bytes *signature, struct trouble *trouble)
{
    struct signing signing = {.module = token->modules[certificate->module],
                              .certificate = certificate,
                              .algorithm = algorithm,
                              .pool = pool,
                              .pin = pin,
                              .trouble = trouble};
    int result;
    CK_RV rv;

    pthread_mutex_lock(&token->lock);
    rv = signing.module->C_OpenSession(certificate->slot, CKF_SERIAL_SESSION, NULL, NULL,
                                       &signing.session);
    if (rv == CKR_OK) {
        result = sign_in_session(&signing, statement, signature);
        signing.module->C_CloseSession(signing.session);
    } else {
        result = token_fault(&signing, "be opened", rv);
    }
    pthread_mutex_unlock(&token->lock);
    return result < 0 ? -1 : verify(&signing, statement, *signature);
}
