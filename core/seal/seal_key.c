#include "core/seal/seal_key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/date.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/seal/cms.h"
#include "core/seal/openssl.h"

enum {
    CHAIN_LIMIT = 8,
    SIGNATURE_LIMIT = 6 * 1024, /* bytes: RSA-4096 with a chain of three fits */
    FORBIDDEN_MODE = S_IRWXO | S_IWGRP | S_IXGRP
};

static int read_pem_key(const char *path, EVP_PKEY **key, struct err *err)
{
    FILE *file = fopen(path, "re");
    struct stat status;
    int result = -1;

    if (!file)
        return err_set(err, ERR_CONFIG, errno, "cannot open the seal's key %s: %s", path,
                       strerror(errno));
    if (fstat(fileno(file), &status) < 0 || !S_ISREG(status.st_mode)) {
        err_set(err, ERR_CONFIG, 0, "the seal's key %s is not a file", path);
        goto out;
    }
    if (status.st_mode & FORBIDDEN_MODE) {
        err_set(err, ERR_CONFIG, 0, "the seal's key %s may be read by others (mode %04o)", path,
                (unsigned)(status.st_mode & 07777));
        goto out;
    }
    *key = PEM_read_PrivateKey(file, NULL, openssl_no_password, NULL);
    if (*key)
        result = 0;
    else
        openssl_err(err, ERR_CONFIG, "no plain PEM private key in %s", path);
out:
    fclose(file);
    return result;
}

static int read_key(struct seal_key *key, const struct seal_settings *settings, struct err *err)
{
    if (strncmp(settings->key, "pkcs11:", 7) != 0)
        return read_pem_key(settings->key, &key->private_key, err);
    return pkcs11_open(settings->pkcs11_module, settings->pin, settings->key, &key->token,
                       &key->private_key, err);
}

/* A root in a signature proves nothing: who checks must have it from elsewhere. */
static void drop_roots(STACK_OF(X509) *chain)
{
    for (int i = sk_X509_num(chain); i-- > 0;)
        if (X509_self_signed(sk_X509_value(chain, i), 0) == 1)
            X509_free(sk_X509_delete(chain, i));
}

/* The first certificate is the signer's, the others are its chain. */
static int read_certificates(struct seal_key *key, const char *path, struct err *err)
{
    if (openssl_read_certificates(path, CHAIN_LIMIT, &key->chain, err) < 0)
        return err_context(err, "the seal's certificate");
    key->certificate = sk_X509_shift(key->chain);
    drop_roots(key->chain);
    return 0;
}

static int check_algorithm(EVP_PKEY *key, struct err *err)
{
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
        if (EVP_PKEY_get_bits(key) >= OPENSSL_RSA_LEAST_BITS)
            return 0;
        return err_set(err, ERR_CONFIG, 0, "the seal's RSA key has %d bits, not %d",
                       EVP_PKEY_get_bits(key), OPENSSL_RSA_LEAST_BITS);
    }
    if (openssl_curve(key) == NID_X9_62_prime256v1)
        return 0;
    return openssl_err(err, ERR_CONFIG, "the seal's key is neither RSA nor ECDSA P-256");
}

static int check_dates(const struct seal_key *key, enum err_kind kind, struct err *err)
{
    int64_t now = clock_now_ms();

    if (now < key->starts_ms)
        return err_set(err, kind, 0, "the seal's certificate is not valid yet");
    if (now > key->expires_ms)
        return err_set(err, kind, 0, "the seal's certificate has expired");
    return 0;
}

static int check_certificate(struct seal_key *key, struct err *err)
{
    X509 *certificate = key->certificate;
    EVP_PKEY *public_key = X509_get0_pubkey(certificate);

    if (!public_key)
        return openssl_err(err, ERR_CONFIG, "the seal's certificate has no key we know");
    if (check_algorithm(public_key, err) < 0)
        return -1;
    if (!X509_check_private_key(certificate, key->private_key))
        return openssl_err(err, ERR_CONFIG, "key and certificate of the seal don't match");
    if (!(X509_get_key_usage(certificate) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)))
        return err_set(err, ERR_CONFIG, 0, "the seal's certificate is not for signatures");
    if (openssl_time_ms(X509_get0_notBefore(certificate), &key->starts_ms) < 0 ||
        openssl_time_ms(X509_get0_notAfter(certificate), &key->expires_ms) < 0)
        return openssl_err(err, ERR_CONFIG, "the seal's certificate has malformed dates");
    return check_dates(key, ERR_CONFIG, err);
}

static int read_name(struct seal_key *key, struct err *err)
{
    char fingerprint[65];

    if (!openssl_subject(key->certificate, NID_commonName, key->name, sizeof(key->name)))
        return openssl_err(err, ERR_CONFIG, "the seal's certificate names nobody (CN)");
    if (openssl_fingerprint(key->certificate, fingerprint, err) < 0)
        return -1;
    memcpy(key->id, fingerprint, sizeof(key->id) - 1);
    return 0;
}

/* A signature on trial tells now, and not at the first certificate, that the key does not work
 * or that its chain does not fit. */
static int try_key(struct seal_key *key, struct err *err)
{
    static const uint8_t nothing[SEAL_DIGEST_SIZE];
    const struct cms_author author = cms_author_of(key);
    struct pool *pool = pool_new(0, 0);
    struct bytes der;
    int result = cms_sign(key, pool, nothing, &der, err);

    if (result == 0)
        result = cms_measure(&author, pool, &key->room, err);
    if (result == 0 && key->room > SIGNATURE_LIMIT)
        result = err_set(err, ERR_CONFIG, 0,
                         "the seal's certificates are too large: a signature has %zu bytes, not %d",
                         key->room, SIGNATURE_LIMIT);
    pool_free(&pool);
    return result;
}

int seal_key_open(const struct seal_settings *settings, struct seal_key **key, struct err *err)
{
    struct seal_key *opened = calloc(1, sizeof(*opened));

    if (!opened)
        err_fatal("out of memory");
    if (read_certificates(opened, settings->certificate, err) < 0 ||
        read_key(opened, settings, err) < 0 || check_certificate(opened, err) < 0 ||
        read_name(opened, err) < 0 ||
        cms_signing_certificate(opened->certificate, &opened->signing_certificate,
                                &opened->signing_certificate_size, err) < 0 ||
        try_key(opened, err) < 0) {
        seal_key_free(&opened);
        return -1;
    }
    *key = opened;
    return 0;
}

void seal_key_free(struct seal_key **key)
{
    if (!key || !*key)
        return;
    EVP_PKEY_free((*key)->private_key);
    pkcs11_close(&(*key)->token);
    X509_free((*key)->certificate);
    sk_X509_pop_free((*key)->chain, X509_free);
    OPENSSL_free((*key)->signing_certificate);
    free(*key);
    *key = NULL;
}

int seal_key_in_dates(const struct seal_key *key, struct err *err)
{
    return check_dates(key, ERR_CRYPTO, err);
}

const char *seal_key_id(const struct seal_key *key)
{
    return key->id;
}

const char *seal_key_name(const struct seal_key *key)
{
    return key->name;
}

int64_t seal_key_expires_ms(const struct seal_key *key)
{
    return key->expires_ms;
}
