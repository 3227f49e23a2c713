#include "programs/agent/token.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/seal/openssl.h"
#include "programs/agent/token_steps.h"

enum { SLOTS = 32, OBJECTS = 64, CERTIFICATES = 64, ATTRIBUTE_LIMIT = 16 * 1024 };

/* Modules */

static int load_one(struct token *token, const char *path, struct err *err)
{
    CK_RV rv;

    token->modules = calloc(2, sizeof(*token->modules));
    if (!token->modules)
        err_fatal("out of memory");
    token->modules[0] = p11_kit_module_load(path, 0);
    if (!token->modules[0])
        return err_set(err, ERR_CONFIG, 0, "cannot load the PKCS#11 module %s: %s", path,
                       p11_kit_message());
    rv = p11_kit_module_initialize(token->modules[0]);
    if (rv == CKR_OK) {
        token->count = 1;
        return 0;
    }
    p11_kit_module_release(token->modules[0]);
    return err_set(err, ERR_CONFIG, (int)rv, "the PKCS#11 module %s does not start: %s", path,
                   p11_kit_strerror(rv));
}

static int load_registered(struct token *token, struct err *err)
{
    token->registered = true;
    token->modules = p11_kit_modules_load_and_initialize(0);
    if (!token->modules)
        return err_set(err, ERR_CONFIG, 0, "cannot load the PKCS#11 modules of p11-kit: %s",
                       p11_kit_message());
    while (token->modules[token->count])
        token->count++;
    return 0;
}

int token_open(const char *module, struct token **token, struct err *err)
{
    struct token *opened = calloc(1, sizeof(*opened));

    if (!opened || pthread_mutex_init(&opened->lock, NULL) != 0)
        err_fatal("out of memory");
    if ((*module ? load_one(opened, module, err) : load_registered(opened, err)) < 0) {
        token_close(&opened);
        return -1;
    }
    *token = opened;
    return 0;
}

void token_close(struct token **token)
{
    struct token *old = *token;

    if (!old)
        return;
    if (old->registered) {
        if (old->modules)
            p11_kit_modules_finalize_and_release(old->modules);
    } else {
        if (old->count) {
            p11_kit_module_finalize(old->modules[0]);
            p11_kit_module_release(old->modules[0]);
        }
        free(old->modules);
    }
    pthread_mutex_destroy(&old->lock);
    free(old);
    *token = NULL;
}

/* Slots and objects */

static size_t slots_of(CK_FUNCTION_LIST *module, CK_SLOT_ID *slots)
{
    CK_ULONG count = 0;

    /* Without a list first: it makes a module look for new tokens (PKCS#11, 5.5). */
    if (module->C_GetSlotList(CK_TRUE, NULL, &count) != CKR_OK)
        return 0;
    count = SLOTS;
    return module->C_GetSlotList(CK_TRUE, slots, &count) == CKR_OK ? count : 0;
}

static bool usable(CK_FUNCTION_LIST *module, CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
    return module->C_GetTokenInfo(slot, info) == CKR_OK && (info->flags & CKF_TOKEN_INITIALIZED) &&
           (info->flags & CKF_LOGIN_REQUIRED);
}

size_t token_objects(CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session, CK_ATTRIBUTE *template,
                     CK_ULONG size, CK_OBJECT_HANDLE *objects, size_t room)
{
    CK_ULONG found = 0;
    size_t count = 0;

    if (module->C_FindObjectsInit(session, template, size) != CKR_OK)
        return 0;
    while (count < room &&
           module->C_FindObjects(session, objects + count, room - count, &found) == CKR_OK && found)
        count += found;
    module->C_FindObjectsFinal(session);
    return count;
}

struct bytes token_attribute(CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session,
                             CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, struct pool *pool)
{
    const struct bytes none = {(const uint8_t *)"", 0};
    CK_ATTRIBUTE attribute = {type, NULL, 0};

    if (module->C_GetAttributeValue(session, object, &attribute, 1) != CKR_OK ||
        attribute.ulValueLen == CK_UNAVAILABLE_INFORMATION || attribute.ulValueLen == 0 ||
        attribute.ulValueLen > ATTRIBUTE_LIMIT)
        return none;
    attribute.pValue = pool_alloc(pool, attribute.ulValueLen);
    if (module->C_GetAttributeValue(session, object, &attribute, 1) != CKR_OK ||
        attribute.ulValueLen > ATTRIBUTE_LIMIT)
        return none;
    return (struct bytes){attribute.pValue, attribute.ulValueLen};
}

bool token_mechanism(CK_FUNCTION_LIST *module, CK_SLOT_ID slot, CK_MECHANISM_TYPE type)
{
    CK_MECHANISM_INFO info;

    return module->C_GetMechanismInfo(slot, type, &info) == CKR_OK && (info.flags & CKF_SIGN);
}

/* Certificates */

struct found {
    X509 *certificate;
    struct bytes der, key_id, label;
};

struct listing {
    struct pool *pool;
    struct token_certificate *list;
    size_t count;
};

static X509 *decode(struct bytes der)
{
    const uint8_t *at = der.data;
    X509 *certificate = d2i_X509(NULL, &at, (long)der.size);

    if (certificate && at != der.data + der.size) {
        X509_free(certificate);
        certificate = NULL;
    }
    openssl_forget();
    return certificate;
}

static size_t read_certificates(CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session,
                                struct pool *pool, struct found *found)
{
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_CERTIFICATE_TYPE type = CKC_X_509;
    CK_ATTRIBUTE template[] = {
        {CKA_CLASS,            &class, sizeof(class)},
        {CKA_CERTIFICATE_TYPE, &type,  sizeof(type) }
    };
    CK_OBJECT_HANDLE objects[OBJECTS];
    size_t count = 0, all = token_objects(module, session, template, 2, objects, OBJECTS);

    for (size_t i = 0; i < all; i++) {
        struct found *one = &found[count];

        one->der = token_attribute(module, session, objects[i], CKA_VALUE, pool);
        one->key_id = token_attribute(module, session, objects[i], CKA_ID, pool);
        one->label = token_attribute(module, session, objects[i], CKA_LABEL, pool);
        one->certificate = decode(one->der);
        if (one->certificate)
            count++;
    }
    return count;
}

/* Keys of a firm come in pairs, one of which only decrypts. */
static bool may_sign(X509 *certificate)
{
    /* Without the extension all its bits are set. */
    uint32_t usage = X509_get_key_usage(certificate);

    return !(X509_get_extension_flags(certificate) & EXFLAG_CA) &&
           (usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION));
}

/* Issuers that stand in the same token, without the one who issued itself. */
static void add_chain(struct token_certificate *entry, X509 *leaf, const struct found *found,
                      size_t count)
{
    for (size_t i = 0; i < count && entry->chain_count < TOKEN_CHAIN_MAX; i++) {
        uint32_t flags = X509_get_extension_flags(found[i].certificate);

        if (!(flags & EXFLAG_CA) || (flags & EXFLAG_SI) ||
            X509_check_issued(found[i].certificate, leaf) != X509_V_OK)
            continue;
        entry->chain[entry->chain_count++] = found[i].der;
        leaf = found[i].certificate;
        i = (size_t)-1; /* and who issued that one? */
    }
    openssl_forget();
}

static void add_algorithms(struct token_certificate *entry, CK_FUNCTION_LIST *module,
                           X509 *certificate)
{
    EVP_PKEY *key = X509_get0_pubkey(certificate);

    for (size_t i = 0; key && i < ALGORITHM_COUNT; i++)
        if (algorithm_fits(&algorithms[i], key) &&
            (token_mechanism(module, entry->slot, algorithms[i].digested) ||
             token_mechanism(module, entry->slot, algorithms[i].whole)))
            entry->algorithms[entry->algorithm_count++] = &algorithms[i];
    openssl_forget();
}

static void put_label(struct token_certificate *entry, struct bytes label,
                      const CK_TOKEN_INFO *info, struct pool *pool)
{
    size_t length = sizeof(info->label);
    const char *text = pool_text_n(pool, (const char *)label.data, label.size);

    if (!*text || strlen(text) != label.size || !utf8_valid(text, label.size) ||
        utf8_has_control(text) || !text_copy(entry->label, sizeof(entry->label), text)) {
        while (length > 0 && info->label[length - 1] == ' ')
            length--;
        text = pool_text_n(pool, (const char *)info->label, length);
        if (!utf8_valid(text, strlen(text)) || utf8_has_control(text) ||
            !text_copy(entry->label, sizeof(entry->label), text))
            entry->label[0] = '\0';
    }
}

static void add_certificate(struct listing *listing, CK_FUNCTION_LIST *module,
                            const CK_TOKEN_INFO *info, const struct found *found, size_t count,
                            const struct found *one, struct token_certificate entry)
{
    entry.der = one->der;
    entry.key_id = one->key_id;
    entry.keypad = info->flags & CKF_PROTECTED_AUTHENTICATION_PATH;
    entry.tried = info->flags & CKF_USER_PIN_COUNT_LOW;
    entry.last_try = info->flags & CKF_USER_PIN_FINAL_TRY;
    entry.locked = info->flags & CKF_USER_PIN_LOCKED;
    if (openssl_fingerprint(one->certificate, entry.id, NULL) < 0)
        return;
    openssl_subject(one->certificate, NID_commonName, entry.name, sizeof(entry.name));
    put_label(&entry, one->label, info, listing->pool);
    add_chain(&entry, one->certificate, found, count);
    add_algorithms(&entry, module, one->certificate);
    if (entry.algorithm_count && listing->count < CERTIFICATES)
        listing->list[listing->count++] = entry;
}

static void list_slot(struct token *token, size_t module_index, CK_SLOT_ID slot,
                      struct listing *listing)
{
    CK_FUNCTION_LIST *module = token->modules[module_index];
    const struct token_certificate place = {.module = module_index, .slot = slot};
    struct found *found = pool_array(listing->pool, OBJECTS, sizeof(*found));
    CK_SESSION_HANDLE session;
    CK_TOKEN_INFO info;
    size_t count;

    if (!usable(module, slot, &info) ||
        module->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session) != CKR_OK)
        return;
    count = read_certificates(module, session, listing->pool, found);
    for (size_t i = 0; i < count; i++)
        if (may_sign(found[i].certificate) && found[i].key_id.size)
            add_certificate(listing, module, &info, found, count, &found[i], place);
    for (size_t i = 0; i < count; i++)
        X509_free(found[i].certificate);
    module->C_CloseSession(session);
}

bool token_present(struct token *token)
{
    CK_SLOT_ID slots[SLOTS];
    CK_TOKEN_INFO info;
    bool present = false;

    pthread_mutex_lock(&token->lock);
    for (size_t m = 0; m < token->count && !present; m++) {
        size_t count = slots_of(token->modules[m], slots);
        for (size_t i = 0; i < count && !present; i++)
            present = usable(token->modules[m], slots[i], &info);
    }
    pthread_mutex_unlock(&token->lock);
    return present;
}

struct token_certificate *token_list(struct token *token, struct pool *pool, size_t *count)
{
    struct listing listing = {.pool = pool};
    CK_SLOT_ID slots[SLOTS];

    listing.list = pool_array(pool, CERTIFICATES, sizeof(*listing.list));
    pthread_mutex_lock(&token->lock);
    for (size_t m = 0; m < token->count; m++) {
        size_t found = slots_of(token->modules[m], slots);
        for (size_t i = 0; i < found; i++)
            list_slot(token, m, slots[i], &listing);
    }
    pthread_mutex_unlock(&token->lock);
    *count = listing.count;
    return listing.list;
}

const struct token_certificate *token_find(struct token *token, struct pool *pool, const char *id)
{
    size_t count;
    const struct token_certificate *list = token_list(token, pool, &count);

    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].id, id) == 0)
            return &list[i];
    return NULL;
}
