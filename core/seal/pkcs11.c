/* OpenSSL 3.0 knows tokens through engines only; a provider for them is not in Debian 12. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "core/seal/pkcs11.h"

#include <stdbool.h>
#include <stdlib.h>
#include <openssl/engine.h>
#include <openssl/evp.h>
#include <openssl/ui.h>

#include "base/err.h"
#include "core/seal/openssl.h"

struct pkcs11 {
    ENGINE *engine;
    bool running;
};

static int engine_start(struct pkcs11 *token, const char *module, const char *pin,
                        struct err *err)
{
    ENGINE_load_dynamic();
    token->engine = ENGINE_by_id("pkcs11");
    if (!token->engine)
        return openssl_err(err, ERR_CONFIG, "no PKCS#11 engine (libengine-pkcs11-openssl)");
    if (!ENGINE_ctrl_cmd_string(token->engine, "MODULE_PATH", module, 0) ||
        (pin && *pin && !ENGINE_ctrl_cmd_string(token->engine, "PIN", pin, 0)))
        return openssl_err(err, ERR_CONFIG, "cannot set up the PKCS#11 engine");
    if (!ENGINE_init(token->engine))
        return openssl_err(err, ERR_CONFIG, "cannot start the PKCS#11 module %s", module);
    token->running = true;
    return 0;
}

int pkcs11_open(const char *module, const char *pin, const char *uri, struct pkcs11 **token,
                EVP_PKEY **key, struct err *err)
{
    struct pkcs11 *opened;

    if (!module || !*module)
        return err_set(err, ERR_CONFIG, 0, "a pkcs11: key needs a PKCS#11 module");
    opened = calloc(1, sizeof(*opened));
    if (!opened)
        err_fatal("out of memory");
    if (engine_start(opened, module, pin, err) < 0)
        goto fail;
    /* UI_null: a missing PIN is an error, not a question at a terminal. */
    *key = ENGINE_load_private_key(opened->engine, uri, (UI_METHOD *)UI_null(), NULL);
    if (!*key) {
        openssl_err(err, ERR_CONFIG, "no such private key in the token, or a wrong PIN");
        goto fail;
    }
    *token = opened;
    return 0;
fail:
    pkcs11_close(&opened);
    return -1;
}

void pkcs11_close(struct pkcs11 **token)
{
    if (!token || !*token)
        return;
    if ((*token)->running)
        ENGINE_finish((*token)->engine);
    ENGINE_free((*token)->engine);
    free(*token);
    *token = NULL;
}
