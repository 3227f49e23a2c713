/*
 * The signature itself: a detached CMS SignedData (RFC 5652), made as PAdES wants it, and verified.
 *
 * Signed attributes of ours are contentType, messageDigest and signing-certificate-v2 (RFC 5035),
 * and no signing-time: the time stands in /M of the PDF.
 */
#ifndef ECERT_CORE_SEAL_CMS_H
#define ECERT_CORE_SEAL_CMS_H

#include <stdbool.h>
#include <stdint.h>
#include <openssl/cms.h>
#include <openssl/x509.h>

#include "base/text.h"
#include "core/seal/seal.h"

struct err;
struct pool;
struct seal_key;

/* The DER of an ESS SigningCertificateV2 that names `certificate`; free with OPENSSL_free.
 * 0/-1 (ERR_CRYPTO). */
int cms_signing_certificate(const X509 *certificate, uint8_t **der, int *size, struct err *err);

/* Who signs, and how: what a signature is made of besides the digest and the key's own bytes. */
struct cms_author {
    X509 *certificate;
    STACK_OF(X509) *chain; /* put inside besides it; NULL for none */
    const uint8_t *named;  /* DER of the SigningCertificateV2 that names the certificate */
    int named_size;
    const EVP_MD *digest; /* of the content and of the signature */
    bool pss;             /* RSASSA-PSS (RFC 4056) with MGF1 and a salt of the digest's size */
};

/* The signed attributes over a content of this digest, as a DER SET: what a key signs (RFC 5652,
 * 5.4), where it is not in our hands. The DER lives in the pool. 0/-1 (ERR_CRYPTO). */
int cms_attributes(const struct cms_author *author, struct pool *pool, struct bytes digest,
                   struct bytes *der, struct err *err);
/* The SignedData of those attributes and their signature, which is not verified here. */
int cms_assemble(const struct cms_author *author, struct pool *pool, struct bytes digest,
                 struct bytes signature, struct bytes *der, struct err *err);

/* Signs a SHA-256 digest. The DER lives in the pool. 0/-1 (ERR_CRYPTO). */
int cms_sign(const struct seal_key *key, struct pool *pool,
             const uint8_t digest[SEAL_DIGEST_SIZE], struct bytes *der, struct err *err);

/* The most bytes that a signature of this author has: the same each time, although an ECDSA
 * signature is now and then shorter. 0/-1 (ERR_CRYPTO). */
int cms_measure(const struct cms_author *author, struct pool *pool, size_t *size, struct err *err);
/* The author that a seal key is. */
struct cms_author cms_author_of(const struct seal_key *key);

/* SHA-256 of the only signer's signature value: what a timestamp is made over (RFC 3161, appendix
 * A). 0/-1 (ERR_CRYPTO: no CMS of one signer). */
int cms_imprint(struct bytes der, uint8_t imprint[SEAL_DIGEST_SIZE], struct err *err);
/* The same CMS with the token, a DER of its own, as id-aa-timeStampToken among the signer's unsigned
 * attributes. The result lives in the pool. 0/-1 (ERR_CRYPTO; also where there is a token already). */
int cms_add_timestamp(struct pool *pool, struct bytes der, struct bytes token,
                      struct bytes *stamped, struct err *err);

/* The SignedData that the DER is, with nothing behind it; NULL where it is anything else: a cut,
 * another type of CMS, or BER, with lengths indefinite or longer than need be (X.690, 10.1). Free
 * with CMS_ContentInfo_free. */
CMS_ContentInfo *cms_decode(struct bytes der);

/* The only signer, who lives as long as the CMS; NULL where there is none, or more than one. */
CMS_SignerInfo *cms_signer(CMS_ContentInfo *cms);

/* Brings the certificate that the signer names, by issuer and serial number or by key identifier, to
 * the head of the list (NULL: an empty one). False where it is not there. */
bool cms_find_certificate(CMS_SignerInfo *signer, STACK_OF(X509) *certificates);

/* How a signature stands to a certificate and to some bytes. */
enum cms_match {
    CMS_MATCH_FULL,
    CMS_MATCH_FORGED, /* the value does not verify by the certificate's key */
    CMS_MATCH_OTHER   /* it does, but was made over other bytes: told by the signed attributes only */
};

/* Verifies the signer's value (RFC 5652, 5.4 to 5.6) by the key of this certificate and no other,
 * over the parts of the content put together. What algorithms those are is the caller's affair.
 * 0/-1 (ERR_CRYPTO: the content can't be hashed). */
int cms_match(CMS_SignerInfo *signer, X509 *certificate, const struct bytes *parts, size_t count,
              enum cms_match *match, struct err *err);

/* Verifies the DER against the key's certificate, over `before` and `after` together. 0/-1
 * (ERR_CRYPTO). */
int cms_verify(const struct seal_key *key, struct bytes der, struct bytes before,
               struct bytes after, struct err *err);

#endif
