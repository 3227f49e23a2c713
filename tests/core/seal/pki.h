/*
 * A public key infrastructure for tests: keys, certificates and revocation lists made on the
 * spot. Whatever fails ends the test.
 */
#ifndef ECERT_TESTS_CORE_SEAL_PKI_H
#define ECERT_TESTS_CORE_SEAL_PKI_H

#include <stdbool.h>
#include <stdint.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

struct pki_spec {
    const char *name;            /* CN; NULL: none */
    const char *field;           /* a further attribute of the subject: short name or dotted OID */
    const char *value;           /* of that attribute */
    const char *value_2;         /* of a second one of that field; NULL: there is none */
    bool together;               /* both stand in one relative name, with the CN */
    const char *extension;       /* dotted OID of an extension with a UTF8String */
    const char *text;            /* of that extension */
    const char *text_2;          /* of the same extension once more; NULL: it stands once */
    const char *usage;           /* keyUsage, as in openssl.cnf; NULL: none */
    const char *extended;        /* extendedKeyUsage; NULL: none */
    int64_t from, until;         /* seconds since 1970 */
    const char *digest;          /* NULL: SHA256, and SM3 where SM2 signs */
    long serial;
    const char *responder;       /* URL of its OCSP responder; NULL: none is named */
    const char *points;          /* cRLDistributionPoints, as in openssl.cnf; NULL: none */
    const char *constraints;     /* basicConstraints, as in openssl.cnf; NULL: by `authority` */
    bool unchecked;              /* id-pkix-ocsp-nocheck */
    bool authority;              /* a CA */
    bool nameless_issuer;        /* no authorityKeyIdentifier */
};

/* Key and certificate, freed by pki_free. */
struct pki {
    EVP_PKEY *key;
    X509 *certificate;
};

EVP_PKEY *pki_rsa(unsigned bits);
EVP_PKEY *pki_ec(void); /* P-256 */
EVP_PKEY *pki_ec_on(const char *curve);
EVP_PKEY *pki_sm2(void);
EVP_PKEY *pki_pss(unsigned bits, const char *digest); /* for PSS alone, with this hash alone */
/* Takes the key over. Self-signed where `issuer` is NULL. */
struct pki pki_make(const struct pki_spec *spec, EVP_PKEY *key, const struct pki *issuer);
void pki_free(struct pki *pki);

/* Ready to sign: SM2 as its standard would have it (GM/T 0009, 10), anything else as it comes, with
 * SHA256 or SM3 where the digest is NULL. Free with EVP_MD_CTX_free. */
EVP_MD_CTX *pki_signing(EVP_PKEY *key, const char *digest);

/* A revocation list with one serial number (0: none). */
X509_CRL *pki_crl(const struct pki *authority, int64_t from, int64_t until, long revoked);
/* The same with the entry's reason (CRL_REASON_…; below 0: none). */
X509_CRL *pki_crl_for(const struct pki *authority, int64_t from, int64_t until, long revoked,
                      int reason);

/* PEM files; the last ends with NULL. Keys get mode 0600. */
void pki_write_certificates(const char *path, const X509 *first, ...);
void pki_write_crls(const char *path, const X509_CRL *first, ...);
void pki_write_key(const char *path, const EVP_PKEY *key);

#endif
