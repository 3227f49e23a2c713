#include "base/vault.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/err.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/random.h"

enum { FORMAT_COLUMN = 1, FORMAT_OWNER = 2 };
enum { KEY_SIZE = 32, ID_SIZE = 4, NONCE_SIZE = 12, TAG_SIZE = 16 };
enum { HEAD_SIZE = 1 + ID_SIZE + NONCE_SIZE, SEALED_MIN = HEAD_SIZE + TAG_SIZE };
enum { KEY_COUNT_LIMIT = 256, KEY_FILE_LIMIT = 64 * 1024, KEY_LINE_SIZE = 128 };

/* One encrypt key. The contexts hold the expanded key; each use sets the nonce only. */
struct cipher {
    uint32_t id;
    EVP_CIPHER_CTX *seal;
    EVP_CIPHER_CTX *open;
};

struct vault {
    struct cipher ciphers[KEY_COUNT_LIMIT];
    size_t count;
    const struct cipher *newest;
    EVP_MAC_CTX *lookup;
    EVP_MAC_CTX *audit;
};

/* One line of the key file. */
struct key_line {
    uint32_t id;
    char kind[8];
    uint8_t key[KEY_SIZE];
};

/* Key material */

/* A limit of one byte is below any dump, and the one that the kernel also heeds where dumps are piped
 * to a program (core(5)). */
static void forbid_dumps(void)
{
    const struct rlimit least = {1, 1};
    struct rlimit now;

    if (getrlimit(RLIMIT_CORE, &now) == 0 && now.rlim_max > least.rlim_max)
        setrlimit(RLIMIT_CORE, &least);
}

static int cipher_add(struct vault *vault, const struct key_line *line)
{
    struct cipher *cipher = &vault->ciphers[vault->count];

    cipher->id = line->id;
    cipher->seal = EVP_CIPHER_CTX_new();
    cipher->open = EVP_CIPHER_CTX_new();
    vault->count++;
    if (!cipher->seal || !cipher->open ||
        EVP_EncryptInit_ex(cipher->seal, EVP_aes_256_gcm(), NULL, line->key, NULL) != 1 ||
        EVP_DecryptInit_ex(cipher->open, EVP_aes_256_gcm(), NULL, line->key, NULL) != 1)
        return -1;
    if (!vault->newest || vault->newest->id < cipher->id)
        vault->newest = cipher;
    return 0;
}

static EVP_MAC_CTX *mac_new(const uint8_t key[KEY_SIZE])
{
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = mac ? EVP_MAC_CTX_new(mac) : NULL;

    EVP_MAC_free(mac);
    if (context && EVP_MAC_init(context, key, KEY_SIZE, params) != 1) {
        EVP_MAC_CTX_free(context);
        context = NULL;
    }
    return context;
}

static const struct cipher *cipher_find(const struct vault *vault, uint32_t id)
{
    for (size_t i = 0; i < vault->count; i++)
        if (vault->ciphers[i].id == id)
            return &vault->ciphers[i];
    return NULL;
}

/* NULL, or what is wrong with the line; never shows any of it. */
static const char *key_line_parse(char *text, struct key_line *line)
{
    char *rest = text;
    const char *id = strsep(&rest, " \t");
    const char *kind = strsep(&rest, " \t");
    const char *hex = rest;
    uint64_t number;

    if (!kind || !hex)
        return "expected: id, encrypt|lookup|audit, 64 hex digits";
    if (!parse_uint(id, 1, UINT32_MAX, &number))
        return "the id must be a number from 1 to 4294967295";
    line->id = (uint32_t)number;
    if (!text_copy(line->kind, sizeof(line->kind), kind))
        return "the kind must be encrypt, lookup or audit";
    if (strlen(hex) != 2 * KEY_SIZE || hex_decode(hex, line->key, KEY_SIZE) != KEY_SIZE)
        return "the key must be 64 lower-case hex digits";
    return NULL;
}

static const char *key_add(struct vault *vault, const struct key_line *line)
{
    if (strcmp(line->kind, "encrypt") == 0) {
        if (cipher_find(vault, line->id))
            return "this encrypt key's id is there already";
        if (vault->count == KEY_COUNT_LIMIT)
            return "too many keys";
        return cipher_add(vault, line) < 0 ? "AES-256-GCM is not available" : NULL;
    }
    bool is_lookup = strcmp(line->kind, "lookup") == 0;
    if (!is_lookup && strcmp(line->kind, "audit") != 0)
        return "the kind must be encrypt, lookup or audit";
    EVP_MAC_CTX **mac = is_lookup ? &vault->lookup : &vault->audit;
    if (*mac)
        return "a second key of this kind";
    *mac = mac_new(line->key);
    return *mac ? NULL : "HMAC-SHA-256 is not available";
}

static int keys_read(struct vault *vault, const char *path, char *content, struct err *err)
{
    char *rest = content, *text;
    struct key_line line;
    const char *wrong = NULL;
    int number = 0;

    while (!wrong && (text = strsep(&rest, "\n")) != NULL) {
        number++;
        text = text_trim(text);
        if (*text == '\0' || *text == '#')
            continue;
        wrong = key_line_parse(text, &line);
        if (!wrong)
            wrong = key_add(vault, &line);
    }
    OPENSSL_cleanse(&line, sizeof(line));
    if (wrong)
        return err_set(err, ERR_CONFIG, 0, "%s:%d: %s", path, number, wrong);
    if (!vault->newest || !vault->lookup || !vault->audit)
        return err_set(err, ERR_CONFIG, 0, "%s: no %s key", path,
                       !vault->newest   ? "encrypt"
                       : !vault->lookup ? "lookup"
                                        : "audit");
    return 0;
}

/* The content as one text; the pool is to clear it. */
static int keys_load(struct pool *pool, const char *path, struct bytes *content, struct err *err)
{
    if (file_read_secret(pool, path, KEY_FILE_LIMIT, content, err) < 0)
        return -1;
    if (memchr(content->data, '\0', content->size))
        return err_set(err, ERR_CONFIG, 0, "%s: holds a zero byte", path);
    return 0;
}

int vault_load(const char *path, struct vault **vault, struct err *err)
{
    int result = -1;
    struct bytes content;
    struct pool *pool = pool_new(0, 0);
    struct vault *fresh = calloc(1, sizeof(*fresh));

    if (!fresh)
        err_fatal("out of memory");
    forbid_dumps();
    pool_secret(pool);
    if (keys_load(pool, path, &content, err) < 0 ||
        keys_read(fresh, path, (char *)(uintptr_t)content.data, err) < 0)
        goto out;
    *vault = fresh;
    fresh = NULL;
    result = 0;
out:
    vault_free(&fresh);
    pool_free(&pool);
    return result;
}

void vault_free(struct vault **vault)
{
    if (!*vault)
        return;
    /* OpenSSL clears the keys in its contexts when it frees them. */
    for (size_t i = 0; i < (*vault)->count; i++) {
        EVP_CIPHER_CTX_free((*vault)->ciphers[i].seal);
        EVP_CIPHER_CTX_free((*vault)->ciphers[i].open);
    }
    EVP_MAC_CTX_free((*vault)->lookup);
    EVP_MAC_CTX_free((*vault)->audit);
    OPENSSL_cleanse(*vault, sizeof(**vault));
    free(*vault);
    *vault = NULL;
}

uint32_t vault_key_id(const struct vault *vault)
{
    return vault->newest->id;
}

/* Sealing */

static void put_id(uint8_t out[ID_SIZE], uint32_t id)
{
    for (int i = ID_SIZE - 1; i >= 0; i--, id >>= 8)
        out[i] = (uint8_t)id;
}

void vault_mark(const struct vault *vault, bool owned, uint8_t mark[VAULT_MARK_SIZE])
{
    mark[0] = owned ? FORMAT_OWNER : FORMAT_COLUMN;
    put_id(mark + 1, vault->newest->id);
}

/* Bytes of the place that a value of this format is bound to. */
static int bound_length(const char *place, uint8_t format)
{
    return (int)(format == FORMAT_OWNER ? strlen(place) : strcspn(place, "/"));
}

uint32_t vault_sealed_by(struct bytes sealed)
{
    if (sealed.size < SEALED_MIN ||
        (sealed.data[0] != FORMAT_COLUMN && sealed.data[0] != FORMAT_OWNER))
        return 0;
    uint32_t id = 0;
    for (int i = 0; i < ID_SIZE; i++)
        id = id << 8 | sealed.data[1 + i];
    return id;
}

int vault_seal(const struct vault *vault, struct pool *pool, const char *place, struct bytes plain,
               struct bytes *sealed, struct err *err)
{
    EVP_CIPHER_CTX *context = vault->newest->seal;
    int length;

    if (plain.size > INT32_MAX - SEALED_MIN)
        return err_set(err, ERR_LIMIT, 0, "%s: %zu bytes are too many to seal", place, plain.size);
    uint8_t *out = pool_alloc(pool, SEALED_MIN + plain.size);
    uint8_t *nonce = out + 1 + ID_SIZE, *text = out + HEAD_SIZE;
    vault_mark(vault, strchr(place, '/') != NULL, out);
    random_bytes(nonce, NONCE_SIZE);
    if (EVP_EncryptInit_ex(context, NULL, NULL, NULL, nonce) != 1 ||
        EVP_EncryptUpdate(context, NULL, &length, (const uint8_t *)place,
                          bound_length(place, out[0])) != 1 ||
        (plain.size &&
         EVP_EncryptUpdate(context, text, &length, plain.data, (int)plain.size) != 1) ||
        EVP_EncryptFinal_ex(context, text + plain.size, &length) != 1 ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, text + plain.size) != 1)
        return err_set(err, ERR_CRYPTO, 0, "%s: can't seal", place);
    *sealed = (struct bytes){out, SEALED_MIN + plain.size};
    return 0;
}

int vault_open(const struct vault *vault, struct pool *pool, const char *place, struct bytes sealed,
               struct bytes *plain, struct err *err)
{
    uint32_t id = vault_sealed_by(sealed);
    const struct cipher *cipher = id ? cipher_find(vault, id) : NULL;
    uint8_t tag[TAG_SIZE];
    int length;

    if (!cipher)
        return err_set(err, ERR_CRYPTO, 0,
                       id ? "%s: sealed by key %" PRIu32 ", which is not in the key file"
                          : "%s: not a sealed value",
                       place, id);
    if (sealed.size > INT32_MAX)
        return err_set(err, ERR_LIMIT, 0, "%s: %zu bytes are too many", place, sealed.size);
    size_t size = sealed.size - SEALED_MIN;
    const uint8_t *text = sealed.data + HEAD_SIZE;
    uint8_t *out = pool_alloc(pool, size + 1);
    memcpy(tag, text + size, TAG_SIZE);
    if (EVP_DecryptInit_ex(cipher->open, NULL, NULL, NULL, sealed.data + 1 + ID_SIZE) != 1 ||
        EVP_DecryptUpdate(cipher->open, NULL, &length, (const uint8_t *)place,
                          bound_length(place, sealed.data[0])) != 1 ||
        (size && EVP_DecryptUpdate(cipher->open, out, &length, text, (int)size) != 1) ||
        EVP_CIPHER_CTX_ctrl(cipher->open, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, tag) != 1 ||
        EVP_DecryptFinal_ex(cipher->open, out + size, &length) != 1) {
        OPENSSL_cleanse(out, size);
        return err_set(err, ERR_CRYPTO, 0, "%s: does not open: changed, or of another place",
                       place);
    }
    *plain = (struct bytes){out, size};
    return 0;
}

/* Keyed hashes */

static void mac_parts(EVP_MAC_CTX *context, const struct bytes *parts, size_t count,
                      uint8_t hash[VAULT_HASH_SIZE])
{
    size_t length;

    /* Without a key it starts anew with the key it has. */
    bool done = EVP_MAC_init(context, NULL, 0, NULL) == 1;
    for (size_t i = 0; i < count && done; i++)
        done = EVP_MAC_update(context, parts[i].data, parts[i].size) == 1;
    if (!done || EVP_MAC_final(context, hash, &length, VAULT_HASH_SIZE) != 1)
        err_fatal("HMAC-SHA-256 failed");
}

void vault_lookup(const struct vault *vault, const char *place, const char *text,
                  uint8_t hash[VAULT_HASH_SIZE])
{
    const struct bytes parts[] = {
        {(const uint8_t *)place, strlen(place) + 1},
        {(const uint8_t *)text,  strlen(text)     },
    };

    mac_parts(vault->lookup, parts, 2, hash);
}

void vault_audit(const struct vault *vault, const struct bytes *parts, size_t count,
                 uint8_t hash[VAULT_HASH_SIZE])
{
    mac_parts(vault->audit, parts, count, hash);
}

/* The key file */

static void key_line_make(char line[KEY_LINE_SIZE], uint32_t id, const char *kind)
{
    uint8_t key[KEY_SIZE];
    char hex[2 * KEY_SIZE + 1];

    random_bytes(key, sizeof(key));
    hex_encode(key, sizeof(key), hex);
    if (!text_format(line, KEY_LINE_SIZE, "%" PRIu32 " %s %s\n", id, kind, hex))
        err_fatal("a key line is too long");
    OPENSSL_cleanse(key, sizeof(key));
    OPENSSL_cleanse(hex, sizeof(hex));
}

int vault_create(const char *path, struct err *err)
{
    static const char *const kinds[] = {"encrypt", "lookup", "audit"};
    char lines[3 * KEY_LINE_SIZE] = "", line[KEY_LINE_SIZE];
    size_t length = 0;
    int folder = file_lock(path, err);

    if (folder < 0)
        return -1;
    for (size_t i = 0; i < 3; i++, length += strlen(line)) {
        key_line_make(line, 1, kinds[i]);
        memcpy(lines + length, line, strlen(line) + 1);
    }
    int result = file_create(folder, path, (struct bytes){(const uint8_t *)lines, length}, err);
    OPENSSL_cleanse(lines, sizeof(lines));
    OPENSSL_cleanse(line, sizeof(line));
    close(folder);
    return result;
}

/* Replaces the key file by itself plus one line; the folder is locked. */
static int key_append(int folder, const char *path, struct pool *pool, struct bytes old,
                      const char *line, struct err *err)
{
    bool ended = old.size && old.data[old.size - 1] == '\n';
    const char *all = pool_printf(pool, "%s%s%s", (const char *)old.data, ended ? "" : "\n", line);

    return file_rewrite(folder, path, (struct bytes){(const uint8_t *)all, strlen(all)}, err);
}

int vault_add_key(const char *path, uint32_t *id, struct err *err)
{
    int result = -1;
    char line[KEY_LINE_SIZE] = "";
    struct vault *vault = NULL;
    struct bytes old;
    struct pool *pool = NULL;
    int folder = file_lock(path, err);

    if (folder < 0)
        return -1;
    pool = pool_new(0, 0);
    pool_secret(pool);
    /* A file that does not load is not made longer. */
    if (vault_load(path, &vault, err) < 0 || keys_load(pool, path, &old, err) < 0)
        goto out;
    if (vault_key_id(vault) == UINT32_MAX || vault->count == KEY_COUNT_LIMIT) {
        err_set(err, ERR_LIMIT, 0, "%s: no room for another key", path);
        goto out;
    }
    uint32_t fresh = vault_key_id(vault) + 1;
    key_line_make(line, fresh, "encrypt");
    if (key_append(folder, path, pool, old, line, err) < 0)
        goto out;
    *id = fresh;
    result = 0;
out:
    OPENSSL_cleanse(line, sizeof(line));
    vault_free(&vault);
    pool_free(&pool);
    close(folder);
    return result;
}
