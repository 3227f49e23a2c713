#include "core/seal/pkcs11.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <libp11.h>

#include "base/err.h"
#include "core/seal/openssl.h"
#include "core/seal/percent.h"

enum { VALUE_SIZE = 128 };

struct pkcs11 {
    PKCS11_CTX *context;
    bool loaded;
    PKCS11_SLOT *slots;
    unsigned slot_count;
};

/* One attribute of a URI: percent-decoded; an id may hold any byte. */
struct value {
    char data[VALUE_SIZE];
    size_t size;
};

/* What names a key. An empty value is not asked for. */
struct address {
    struct value token, serial, object, id, type;
};

static const struct {
    const char *name;
    size_t offset;
} attributes[] = {
    {"token",  offsetof(struct address, token) },
    {"serial", offsetof(struct address, serial)},
    {"object", offsetof(struct address, object)},
    {"id",     offsetof(struct address, id)    },
    {"type",   offsetof(struct address, type)  },
};

static bool parse_attribute(const char *text, size_t length, struct address *address)
{
    const char *equals = memchr(text, '=', length);
    size_t name = equals ? (size_t)(equals - text) : length;

    for (size_t i = 0; equals && i < sizeof(attributes) / sizeof(*attributes); i++) {
        struct value *value = (struct value *)((char *)address + attributes[i].offset);

        if (strlen(attributes[i].name) == name && memcmp(attributes[i].name, text, name) == 0)
            return value->size == 0 &&
                   percent_unescape(equals + 1, length - name - 1, value->data, VALUE_SIZE,
                                  &value->size) &&
                   value->size > 0;
    }
    return false;
}

static bool fits(const struct value *wanted, const char *found, size_t size)
{
    return wanted->size == 0 ||
           (found && wanted->size == size && memcmp(wanted->data, found, size) == 0);
}

static bool fits_text(const struct value *wanted, const char *found)
{
    return fits(wanted, found, found ? strlen(found) : 0);
}

/* Attributes we do not know are refused: ignoring one could find another key. */
static int parse_uri(const char *uri, struct address *address, struct err *err)
{
    const char *rest = uri + strlen("pkcs11:");

    *address = (struct address){0};
    if (strchr(uri, '?'))
        return err_set(err, ERR_CONFIG, 0, "the pkcs11: URI may hold no query: the PIN has a file");
    while (*rest) {
        size_t length = strcspn(rest, ";");

        if (!parse_attribute(rest, length, address))
            return err_set(err, ERR_CONFIG, 0,
                           "the pkcs11: URI may hold token, serial, object, id and type; not %.*s",
                           (int)strcspn(rest, "=;"), rest);
        rest += length + (rest[length] == ';');
    }
    if (address->object.size == 0 && address->id.size == 0)
        return err_set(err, ERR_CONFIG, 0, "the pkcs11: URI names no object and no id");
    if (!fits_text(&address->type, "private"))
        return err_set(err, ERR_CONFIG, 0, "the pkcs11: URI asks for no private key");
    return 0;
}

static int load_module(struct pkcs11 *token, const char *module, struct err *err)
{
    token->context = PKCS11_CTX_new();
    if (!token->context)
        return openssl_err(err, ERR_CRYPTO, "cannot use PKCS#11");
    if (PKCS11_CTX_load(token->context, module) < 0)
        return openssl_err(err, ERR_CONFIG, "cannot load the PKCS#11 module %s", module);
    token->loaded = true;
    if (PKCS11_enumerate_slots(token->context, &token->slots, &token->slot_count) < 0)
        return openssl_err(err, ERR_CONFIG, "the PKCS#11 module %s shows no slots", module);
    return 0;
}

static PKCS11_SLOT *find_slot(struct pkcs11 *token, const struct address *address)
{
    for (unsigned i = 0; i < token->slot_count; i++) {
        const PKCS11_TOKEN *found = token->slots[i].token;

        if (found && found->initialized && fits_text(&address->token, found->label) &&
            fits_text(&address->serial, found->serialnr))
            return &token->slots[i];
    }
    return NULL;
}

static int find_key(PKCS11_SLOT *slot, const struct address *address, EVP_PKEY **key,
                    struct err *err)
{
    PKCS11_KEY *keys = NULL;
    unsigned count = 0;

    if (PKCS11_enumerate_keys(slot->token, &keys, &count) < 0)
        return openssl_err(err, ERR_CONFIG, "the token shows no keys");
    for (unsigned i = 0; i < count; i++) {
        if (!fits_text(&address->object, keys[i].label) ||
            !fits(&address->id, (const char *)keys[i].id, keys[i].id_len))
            continue;
        *key = PKCS11_get_private_key(&keys[i]);
        return *key ? 0 : openssl_err(err, ERR_CONFIG, "cannot use the key in the token");
    }
    return err_set(err, ERR_CONFIG, 0, "no such private key in the token");
}

static int log_in(struct pkcs11 *token, const char *pin, const struct address *address,
                  EVP_PKEY **key, struct err *err)
{
    PKCS11_SLOT *slot = find_slot(token, address);

    if (!slot)
        return err_set(err, ERR_CONFIG, 0, "no such token");
    if (slot->token->loginRequired && (!pin || !*pin))
        return err_set(err, ERR_CONFIG, 0, "the token needs a PIN");
    if (slot->token->loginRequired && PKCS11_login(slot, 0, pin) < 0)
        return openssl_err(err, ERR_CONFIG, "the token refuses the PIN");
    return find_key(slot, address, key, err);
}

int pkcs11_open(const char *module, const char *pin, const char *uri, struct pkcs11 **token,
                EVP_PKEY **key, struct err *err)
{
    struct address address;
    struct pkcs11 *opened;

    if (!module || !*module)
        return err_set(err, ERR_CONFIG, 0, "a pkcs11: key needs a PKCS#11 module");
    if (parse_uri(uri, &address, err) < 0)
        return -1;
    opened = calloc(1, sizeof(*opened));
    if (!opened)
        err_fatal("out of memory");
    if (load_module(opened, module, err) < 0 || log_in(opened, pin, &address, key, err) < 0) {
        pkcs11_close(&opened);
        return -1;
    }
    *token = opened;
    return 0;
}

void pkcs11_close(struct pkcs11 **token)
{
    if (!token || !*token)
        return;
    if ((*token)->slots)
        PKCS11_release_all_slots((*token)->context, (*token)->slots, (*token)->slot_count);
    if ((*token)->loaded)
        PKCS11_CTX_unload((*token)->context);
    if ((*token)->context)
        PKCS11_CTX_free((*token)->context);
    free(*token);
    *token = NULL;
}
