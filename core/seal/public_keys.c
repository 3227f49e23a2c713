#include "core/seal/public_keys.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>

#include "base/err.h"

static const char name[] = "public-keys";
static const char *const kinds[] = {"RSA", "RSA-PSS", "EC", "SM2", "ED25519", "ED448", "DSA"};

/* The default provider, in a context of its own, and what is taken of it. */
static OSSL_PROVIDER *whole;
static OSSL_ALGORITHM *decoders, *managers;

/* By the first of its names, which is followed by others behind colons. */
static bool is_kind(const OSSL_ALGORITHM *algorithm)
{
    size_t length = strcspn(algorithm->algorithm_names, ":");

    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (strlen(kinds[i]) == length &&
            strncasecmp(kinds[i], algorithm->algorithm_names, length) == 0)
            return true;
    return false;
}

static bool is_decoder(const OSSL_ALGORITHM *algorithm)
{
    return is_kind(algorithm) && strstr(algorithm->property_definition, "input=der") &&
           strstr(algorithm->property_definition, "structure=SubjectPublicKeyInfo");
}

/* Ends, as theirs do, with one without names. */
static OSSL_ALGORITHM *take(const OSSL_ALGORITHM *all, bool (*is_taken)(const OSSL_ALGORITHM *))
{
    OSSL_ALGORITHM *taken;
    size_t count = 0, kept = 0;

    while (all && all[count].algorithm_names)
        count++;
    taken = calloc(count + 1, sizeof(*taken));
    if (!taken)
        err_fatal("out of memory");
    for (size_t i = 0; i < count; i++)
        if (is_taken(&all[i]))
            taken[kept++] = all[i];
    return taken;
}

static const OSSL_ALGORITHM *query(void *provider, int operation, int *no_store)
{
    (void)provider;
    *no_store = 0;
    switch (operation) {
    case OSSL_OP_DECODER:
        return decoders;
    case OSSL_OP_KEYMGMT:
        return managers;
    default:
        return OSSL_PROVIDER_query_operation(whole, operation, no_store);
    }
}

static const OSSL_DISPATCH functions[] = {
    {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query},
    {0, NULL},
};

/* Their functions get the context that is theirs. */
static int set_up(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core,
                  const OSSL_DISPATCH **provider, void **context)
{
    OSSL_LIB_CTX *library = OSSL_LIB_CTX_new();
    int no_store;

    (void)handle;
    (void)core;
    whole = library ? OSSL_PROVIDER_load(library, "default") : NULL;
    if (!whole) {
        OSSL_LIB_CTX_free(library);
        return 0;
    }
    decoders = take(OSSL_PROVIDER_query_operation(whole, OSSL_OP_DECODER, &no_store), is_decoder);
    managers = take(OSSL_PROVIDER_query_operation(whole, OSSL_OP_KEYMGMT, &no_store), is_kind);
    *context = OSSL_PROVIDER_get0_provider_ctx(whole);
    *provider = functions;
    return 1;
}

OSSL_LIB_CTX *public_keys_context(void)
{
    static OSSL_LIB_CTX *context;
    static bool tried;

    if (tried)
        return context;
    tried = true;
    context = OSSL_LIB_CTX_new();
    if (context && (!OSSL_PROVIDER_add_builtin(context, name, set_up) ||
                    !OSSL_PROVIDER_load(context, name))) {
        OSSL_LIB_CTX_free(context);
        context = NULL;
    }
    return context;
}
