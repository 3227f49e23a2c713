#include "programs/agent/statement.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/ess.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "base/pool.h"
#include "base/sha256.h"
#include "core/seal/openssl.h"
#include "programs/agent/algorithm.h"
#include "programs/agent/trouble.h"

#define LOGIN_TAG "ecert-login-1\n"
#define CONTENTS  "/Contents"

enum { HEX = 64, ATTRIBUTES = 3, HOLE_LEAST = 4, HOLE_MOST = 128 * 1024 };

/* Login */

static bool is_hex_line(const char *text)
{
    return strspn(text, "0123456789abcdef") == HEX && text[HEX] == '\n';
}

int statement_check_login(struct bytes statement, const char *origin, struct trouble *trouble)
{
    const size_t tag = strlen(LOGIN_TAG), size = tag + 2 * (HEX + 1);
    uint8_t hash[32];
    char text[sizeof(LOGIN_TAG) + 2 * (HEX + 1)] = "", ours[HEX + 1];

    if (statement.size != size || memcmp(statement.data, LOGIN_TAG, tag) != 0)
        return trouble_set(trouble, TROUBLE_REFUSED, 400, "this is no statement of a login");
    memcpy(text, statement.data, size);
    if (!is_hex_line(text + tag) || !is_hex_line(text + tag + HEX + 1))
        return trouble_set(trouble, TROUBLE_REFUSED, 400, "this is no statement of a login");
    sha256(origin, strlen(origin), hash);
    hex_encode(hash, sizeof(hash), ours);
    if (memcmp(text + tag, ours, HEX) != 0)
        return trouble_set(trouble, TROUBLE_REFUSED, 400, "the statement is for another origin");
    return 0;
}

/* The document */

/* The hole is the hex string of /Contents, all zeros, and nothing else is left out. */
static bool range_is_exact(const struct statement_document *document)
{
    const size_t *range = document->range, size = document->pdf.size;
    const char *text = (const char *)document->pdf.data;
    size_t name = strlen(CONTENTS);

    if (range[0] != 0 || range[1] >= range[2] || range[2] >= size || range[3] != size - range[2])
        return false;
    size_t from = range[1], to = range[2] - 1, before = from;
    if (to - from < HOLE_LEAST || to - from > HOLE_MOST || text[from] != '<' || text[to] != '>')
        return false;
    for (size_t i = from + 1; i < to; i++)
        if (text[i] != '0')
            return false;
    while (before > 0 && text[before - 1] == ' ')
        before--;
    return before >= name && memcmp(text + before - name, CONTENTS, name) == 0;
}

/* Signed attributes */

static struct bytes attribute_make(struct pool *pool, int nid, int type, const void *value,
                                   int size)
{
    X509_ATTRIBUTE *attribute = X509_ATTRIBUTE_create_by_NID(NULL, nid, type, value, size);
    uint8_t *out = NULL;
    int length = attribute ? i2d_X509_ATTRIBUTE(attribute, &out) : -1;
    struct bytes der = {NULL, 0};

    if (length > 0)
        der = (struct bytes){pool_copy(pool, out, (size_t)length), (size_t)length};
    OPENSSL_free(out);
    X509_ATTRIBUTE_free(attribute);
    return der;
}

static struct bytes name_certificate(struct pool *pool, const X509 *certificate, const EVP_MD *hash,
                                     int with_issuer)
{
    ESS_SIGNING_CERT_V2 *ess =
        OSSL_ESS_signing_cert_v2_new_init(hash, certificate, NULL, with_issuer);
    uint8_t *out = NULL;
    int size = ess ? i2d_ESS_SIGNING_CERT_V2(ess, &out) : -1;
    struct bytes attribute = {NULL, 0};

    if (size > 0)
        attribute =
            attribute_make(pool, NID_id_smime_aa_signingCertificateV2, V_ASN1_SEQUENCE, out, size);
    OPENSSL_free(out);
    ESS_SIGNING_CERT_V2_free(ess);
    return attribute;
}

/* DER orders the members of a SET OF by their bytes (X.690, 11.6). */
static int compare_members(const void *a, const void *b)
{
    const struct bytes *one = a, *two = b;
    size_t common = one->size < two->size ? one->size : two->size;
    int order = memcmp(one->data, two->data, common);

    return order ? order : (one->size > two->size) - (one->size < two->size);
}

static bool is_set_of(struct pool *pool, struct bytes statement, const struct bytes *attributes)
{
    struct bytes members[ATTRIBUTES];
    size_t total = 0;

    for (size_t i = 0; i < ATTRIBUTES; i++) {
        if (!attributes[i].data)
            return false;
        members[i] = attributes[i];
        total += attributes[i].size;
    }
    qsort(members, ATTRIBUTES, sizeof(*members), compare_members);
    size_t size = (size_t)ASN1_object_size(1, (int)total, V_ASN1_SET);
    if (size != statement.size)
        return false;
    uint8_t *set = pool_alloc(pool, size), *out = set;
    ASN1_put_object(&out, 1, (int)total, V_ASN1_SET, V_ASN1_UNIVERSAL);
    for (size_t i = 0; i < ATTRIBUTES; out += members[i++].size)
        memcpy(out, members[i].data, members[i].size);
    return memcmp(set, statement.data, size) == 0;
}

static bool is_expected(struct pool *pool, struct bytes statement, const uint8_t *digest,
                        size_t digest_size, const X509 *certificate)
{
    const EVP_MD *const hashes[] = {EVP_sha256(), EVP_sha384(), EVP_sha512()};
    struct bytes attributes[ATTRIBUTES] = {
        attribute_make(pool, NID_pkcs9_contentType, V_ASN1_OBJECT, OBJ_nid2obj(NID_pkcs7_data), -1),
        attribute_make(pool, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING, digest,
                       (int)digest_size),
    };

    for (size_t i = 0; i < sizeof(hashes) / sizeof(*hashes); i++)
        for (int with_issuer = 0; with_issuer <= 1; with_issuer++) {
            attributes[2] = name_certificate(pool, certificate, hashes[i], with_issuer);
            if (is_set_of(pool, statement, attributes))
                return true;
        }
    return false;
}

static bool holds(struct bytes statement, const void *part, size_t size)
{
    return memmem(statement.data, statement.size, part, size) != NULL;
}

int statement_check_form(struct pool *pool, struct bytes statement,
                         const struct statement_document *document,
                         const struct algorithm *algorithm, struct bytes certificate,
                         struct trouble *trouble)
{
    const uint8_t *der = certificate.data;
    const size_t *range = document->range;
    uint8_t digest[ALGORITHM_DIGEST_MAX];

    if (document->pdf.size < 5 || memcmp(document->pdf.data, "%PDF-", 5) != 0)
        return trouble_set(trouble, TROUBLE_REFUSED, 400, "the document is no PDF");
    if (!range_is_exact(document))
        return trouble_set(trouble, TROUBLE_REFUSED, 400,
                           "the range does not cover the document but for /Contents");
    const struct bytes parts[] = {
        {document->pdf.data,            range[1]},
        {document->pdf.data + range[2], range[3]}
    };
    X509 *signer = d2i_X509(NULL, &der, (long)certificate.size);
    int result = 0;
    if (!signer || algorithm_digest(algorithm, parts, 2, digest) < 0)
        result = trouble_set(trouble, TROUBLE_FAILED, 500, "cannot hash the document");
    else if (!holds(statement, digest, algorithm->digest_size))
        result = trouble_set(trouble, TROUBLE_REFUSED, 400,
                             "the statement is not about this document by this algorithm's hash");
    else if (!is_expected(pool, statement, digest, algorithm->digest_size, signer))
        result = trouble_set(trouble, TROUBLE_REFUSED, 400,
                             "the statement names another certificate or says more than it may");
    X509_free(signer);
    openssl_forget();
    return result;
}
