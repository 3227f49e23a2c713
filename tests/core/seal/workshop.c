#include "tests/core/seal/workshop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "base/date.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/seal/cms.h"
#include "core/seal/seals.h"
#include "core/seal/timestamp.h"
#include "tests/core/seal/authority.h"
#include "tests/core/seal/paper.h"
#include "tests/core/seal/signature.h"

#define OID "1.2.156.10260.4.1.4"

enum { HOUR = 3600, YEAR = 365 * 24 * HOUR, ROOM = 8 * 1024, MINUTE_MS = 60 * 1000, FIRM_SERIAL = 11 };

static void must(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "workshop: %s\n", what);
    ERR_print_errors_fp(stderr);
    abort();
}

static struct pki authority_make(const char *name, int64_t now, long serial,
                                 const struct pki *issuer)
{
    const struct pki_spec spec = {.name = name,
                                  .usage = "critical,keyCertSign,cRLSign",
                                  .from = now - HOUR,
                                  .until = now + 2 * YEAR,
                                  .serial = serial,
                                  .authority = true};

    return pki_make(&spec, pki_ec(), issuer);
}

static struct pki seal_make(const struct workshop *w, EVP_PKEY *key, long serial)
{
    int64_t now = w->now_ms / 1000;
    const struct pki_spec spec = {.name = paper_request.name,
                                  .usage = "critical,digitalSignature,nonRepudiation",
                                  .from = now - HOUR,
                                  .until = now + YEAR,
                                  .serial = serial};

    return pki_make(&spec, key, &w->issuing);
}

static void firms_make(struct workshop *w)
{
    const int64_t now = w->now_ms / 1000;
    struct pki_spec spec = {.name = "演示企业",
                            .usage = "critical,digitalSignature",
                            .extension = OID,
                            .text = WORKSHOP_CODE,
                            .from = now - HOUR,
                            .until = now + YEAR,
                            .serial = FIRM_SERIAL};
    struct pki_spec expired = spec, not_yet = spec, usage = spec;

    expired.from = now - YEAR;
    expired.until = now - HOUR / 2;
    not_yet.from = now + HOUR / 2;
    usage.usage = "critical,keyEncipherment";
    w->keys[FIRM_RSA] = pki_make(&spec, pki_rsa(2048), &w->firms);
    w->keys[FIRM_P256] = pki_make(&spec, pki_ec(), &w->firms);
    w->keys[FIRM_P384] = pki_make(&spec, pki_ec_on("P-384"), &w->firms);
    w->keys[FIRM_EXPIRED] = pki_make(&expired, pki_ec(), &w->firms);
    w->keys[FIRM_NOT_YET] = pki_make(&not_yet, pki_ec(), &w->firms);
    w->keys[FIRM_WEAK] = pki_make(&spec, pki_rsa(1024), &w->firms);
    w->keys[FIRM_USAGE] = pki_make(&usage, pki_ec(), &w->firms);
    w->keys[SELF_SIGNED] = pki_make(&spec, pki_ec(), NULL);
    w->keys[STRANGER] = pki_make(&spec, pki_ec(), &w->strangers);
    w->keys[SIBLING] = seal_make(w, pki_ec(), 12);
}

/* Key and certificates in files: the PEM file of the seal has the whole chain. */
static struct seal_key *key_open(const struct workshop *w, const char *key, const char *certificate,
                                 const struct pki *seal)
{
    const struct seal_settings settings = {.key = paper_path(key),
                                           .certificate = paper_path(certificate)};
    struct seal_key *opened;
    struct err err = {0};

    pki_write_key(settings.key, seal->key);
    pki_write_certificates(settings.certificate, seal->certificate, w->issuing.certificate,
                           w->root.certificate, NULL);
    must(seal_key_open(&settings, &opened, &err) == 0, err.text);
    return opened;
}

static struct pki stamper_make(const struct workshop *w, const struct pki *issuer)
{
    const int64_t now = w->now_ms / 1000;
    const struct pki_spec spec = {.name = "演示时间戳",
                                  .usage = "critical,digitalSignature",
                                  .extended = "critical,timeStamping",
                                  .from = now - YEAR,
                                  .until = now + YEAR,
                                  .serial = 21};

    return pki_make(&spec, pki_ec(), issuer);
}

static void stamps_make(struct workshop *w)
{
    const char *path = paper_path("stampers.pem");
    struct err err = {0};

    w->stampers = authority_make("演示时间戳根", w->now_ms / 1000 - YEAR + HOUR, 4, NULL);
    w->stamper = stamper_make(w, &w->stampers);
    w->foreign_stamper = stamper_make(w, &w->strangers);
    pki_write_certificates(path, w->stampers.certificate, NULL);
    must(timestamp_trust_open(path, &w->stamps, &err) == 0, err.text);
}

static struct trust *trust_make(const struct workshop *w, const char *revocations)
{
    static struct config_entry codes[2] = {{"1.Issuer", "*", &codes[1]}, {"1.Field", OID, NULL}};
    const struct trust_settings settings = {.authorities = paper_path("firms.pem"),
                                            .revocations = revocations,
                                            .revocations_required = *revocations != '\0',
                                            .firm_code = codes};
    struct trust *trust;
    struct err err = {0};

    pki_write_certificates(settings.authorities, w->firms.certificate, NULL);
    must(trust_open(&settings, &trust, &err) == 0, err.text);
    return trust;
}

struct trust *workshop_trust(const struct workshop *w, int seconds, bool revoked)
{
    const int64_t from = w->now_ms / 1000 + seconds;
    X509_CRL *list = pki_crl(&w->firms, from, from + YEAR, revoked ? FIRM_SERIAL : 0);
    const char *path = paper_path("revoked.pem");

    pki_write_crls(path, list, NULL);
    X509_CRL_free(list);
    return trust_make(w, path);
}

void workshop_open(struct workshop *w, struct pool *pool)
{
    struct err err = {0};
    int64_t now;

    *w = (struct workshop){.pool = pool, .now_ms = clock_now_ms()};
    now = w->now_ms / 1000;
    w->root = authority_make("演示根", now, 1, NULL);
    w->issuing = authority_make("演示签发", now, 2, &w->root);
    w->firms = authority_make("演示企业根", now, 3, NULL);
    w->strangers = authority_make("演示企业根", now, 3, NULL);
    w->seal_rsa = seal_make(w, pki_rsa(2048), 7);
    w->seal_p256 = seal_make(w, pki_ec(), 8);
    firms_make(w);
    w->rsa = key_open(w, "rsa.key", "rsa.pem", &w->seal_rsa);
    w->p256 = key_open(w, "p256.key", "p256.pem", &w->seal_p256);
    must(seals_open(paper_path("rsa.pem"), paper_path("p256.pem"), &w->seals, &err) == 0, err.text);
    w->trust = trust_make(w, "");
    stamps_make(w);
}

void workshop_close(struct workshop *w)
{
    seal_key_free(&w->rsa);
    seal_key_free(&w->p256);
    seals_free(&w->seals);
    trust_free(&w->trust);
    timestamp_trust_free(&w->stamps);
    pki_free(&w->root);
    pki_free(&w->issuing);
    pki_free(&w->firms);
    pki_free(&w->strangers);
    pki_free(&w->stampers);
    pki_free(&w->stamper);
    pki_free(&w->foreign_stamper);
    pki_free(&w->seal_rsa);
    pki_free(&w->seal_p256);
    for (int i = 0; i < WORKSHOP_KEYS; i++)
        pki_free(&w->keys[i]);
}

struct verifier workshop_verifier(const struct workshop *w)
{
    return (struct verifier){.seals = w->seals, .trust = w->trust, .stamps = w->stamps};
}

struct bytes workshop_paper(const struct workshop *w, const char *catalog, const char *page)
{
    return paper_make(w->pool, catalog, page);
}

static struct seal_request request_of(const struct workshop *w, bool lines)
{
    static const char *const printed[] = {"No. 0B", "2026-01-01 12:00:00 +08:00", NULL};
    struct seal_request request = paper_request;

    request.time_ms = w->now_ms - MINUTE_MS;
    request.lines = lines ? printed : NULL;
    return request;
}

struct seal_prepared workshop_prepare(const struct workshop *w, struct bytes pdf, bool lines)
{
    const struct seal_request request = request_of(w, lines);
    struct seal_prepared prepared;
    struct err err = {0};

    must(seal_prepare_room(ROOM, w->pool, pdf, &request, &prepared, &err) == 0, err.text);
    return prepared;
}

/* The signature over the statement, by whatever the author says. */
static struct bytes sign_statement(const struct workshop *w, const struct cms_author *author,
                                   EVP_PKEY *key, struct bytes statement)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *how;
    size_t size = 1024;
    uint8_t *out = pool_alloc(w->pool, size);

    must(context && EVP_DigestSignInit(context, &how, author->digest, NULL, key) > 0, "signing");
    if (author->pss)
        must(EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) > 0 &&
                 EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) > 0,
             "PSS");
    must(EVP_DigestSign(context, out, &size, statement.data, statement.size) > 0, "signing");
    EVP_MD_CTX_free(context);
    return (struct bytes){out, size};
}

static struct bytes digest_of(const struct workshop *w, const EVP_MD *digest, struct bytes content)
{
    uint8_t *out = pool_alloc(w->pool, EVP_MAX_MD_SIZE);
    unsigned size;

    must(EVP_Digest(content.data, content.size, out, &size, digest, NULL) > 0, "digest");
    return (struct bytes){out, size};
}

/* As PAdES wants it, or with one thing wrong that can be wrong in that frame. */
static struct bytes cms_make(const struct workshop *w, struct bytes content, const struct pki *pki,
                             enum workshop_way way)
{
    struct cms_author author = {.certificate = pki->certificate,
                                .digest = way == WITH_SHA1 ? EVP_sha1() : EVP_sha256(),
                                .pss = way == BY_PSS};
    const X509 *named = way == NAMING_ANOTHER ? w->firms.certificate : pki->certificate;
    struct bytes statement, cms, signature, digest = digest_of(w, author.digest, content);
    struct err err = {0};
    uint8_t *der;

    must(cms_signing_certificate(named, &der, &author.named_size, &err) == 0, err.text);
    author.named = der;
    if (way == WITH_CHAIN) {
        author.chain = sk_X509_new_null();
        must(author.chain && sk_X509_push(author.chain, w->firms.certificate) > 0, "chain");
    }
    must(cms_attributes(&author, w->pool, digest, &statement, &err) == 0, err.text);
    signature = sign_statement(w, &author, pki->key, statement);
    if (way == WRONG_VALUE) {
        uint8_t *copy = pool_copy(w->pool, signature.data, signature.size);

        copy[signature.size - 1] ^= 1;
        signature.data = copy;
    }
    must(cms_assemble(&author, w->pool, digest, signature, &cms, &err) == 0, err.text);
    sk_X509_free(author.chain);
    OPENSSL_free(der);
    return cms;
}

/* Made by OpenSSL, which puts a signing-time in. */
static struct bytes cms_foreign(const struct workshop *w, struct bytes content,
                                const struct pki *pki, enum workshop_way way)
{
    const struct signature_recipe recipe = {
        .signer = pki, .flags = way == WITHOUT_NAME ? 0 : CMS_CADES, .attached = way == ATTACHED};
    CMS_ContentInfo *cms = signature_begin(recipe.attached);

    signature_add(cms, &recipe);
    if (way == TWO_SIGNERS) {
        const struct signature_recipe second = {.signer = &w->keys[STRANGER], .flags = CMS_CADES};

        signature_add(cms, &second);
    }
    return signature_finish(w->pool, cms, content);
}

/* A long one comes behind a time-stamp, a short one before it (X.690, 11.6). */
static struct bytes remark_add(const struct workshop *w, struct bytes der, size_t size)
{
    CMS_ContentInfo *cms = cms_decode(der);
    char *remark = pool_alloc(w->pool, size);

    memset(remark, '!', size);
    must(cms && CMS_unsigned_add1_attr_by_NID(cms_signer(cms), NID_pkcs9_unstructuredName,
                                              V_ASN1_UTF8STRING, remark, (int)size),
         "remark");
    return signature_encode(w->pool, cms);
}

struct bytes workshop_cms(const struct workshop *w, const struct seal_prepared *prepared,
                          enum workshop_key key, enum workshop_way way)
{
    const struct pki *pki = &w->keys[key];
    struct bytes content = seal_signed_bytes(w->pool, prepared);

    switch (way) {
    case WITH_SIGNING_TIME:
    case WITHOUT_NAME:
    case TWO_SIGNERS:
    case ATTACHED:
        return cms_foreign(w, content, pki, way);
    case WITH_REMARK:
        return remark_add(w, cms_make(w, content, pki, BY_RULE), 8);
    case OVER_NOTHING:
        return cms_make(w, (struct bytes){content.data, 0}, pki, BY_RULE);
    default:
        return cms_make(w, content, pki, way);
    }
}

/* The same attribute once more, which cms_add_timestamp would not do. */
static struct bytes stamp_twice(const struct workshop *w, struct bytes der, struct bytes token)
{
    CMS_ContentInfo *cms = cms_decode(der);
    ASN1_STRING *value = ASN1_STRING_type_new(V_ASN1_SEQUENCE);
    X509_ATTRIBUTE *attribute;

    must(cms && value && ASN1_STRING_set(value, token.data, (int)token.size), "token");
    attribute = CMS_unsigned_get_attr(cms_signer(cms), 0);
    must(attribute &&
             X509_ATTRIBUTE_set1_data(attribute, V_ASN1_SEQUENCE, ASN1_STRING_get0_data(value),
                                      ASN1_STRING_length(value)),
         "second token");
    ASN1_STRING_free(value);
    return signature_encode(w->pool, cms);
}

struct bytes workshop_stamp(const struct workshop *w, struct bytes cms, enum workshop_stamp stamp)
{
    static const uint8_t none[] = {0x30, 0x03, 0x02, 0x01, 0x05};
    const struct authority_mistake mistake = {.other_imprint = stamp == STAMP_OTHER,
                                              .time_s = w->now_ms / 1000 -
                                                        (stamp == STAMP_EARLY ? HOUR : 50)};
    struct timestamp_question question = {0};
    struct bytes token, stamped;
    struct err err = {0};

    must(cms_imprint(cms, question.imprint, &err) == 0, err.text);
    token = authority_token(w->pool, stamp == STAMP_FOREIGN ? &w->foreign_stamper : &w->stamper,
                            &question, &mistake);
    if (stamp == STAMP_NONE)
        token = (struct bytes){none, sizeof(none)};
    must(cms_add_timestamp(w->pool, cms, token, &stamped, &err) == 0, err.text);
    if (stamp == STAMP_REMARKED)
        return remark_add(w, stamped, ROOM / 2);
    return stamp == STAMP_TWICE ? stamp_twice(w, stamped, token) : stamped;
}

struct bytes workshop_fill(const struct workshop *w, const struct seal_prepared *prepared,
                           struct bytes cms)
{
    struct bytes file;
    struct err err = {0};

    must(seal_fill(w->pool, prepared, cms, &file, &err) == 0, err.text);
    return file;
}

struct bytes workshop_seal(const struct workshop *w, struct seal_key *key, struct bytes pdf,
                           int stamp)
{
    struct seal_request request = request_of(w, false);
    struct seal_prepared prepared;
    struct err err = {0};
    struct bytes cms;

    request.spare = stamp ? ROOM : 0;
    must(seal_prepare(key, w->pool, pdf, &request, &prepared, &err) == 0 &&
             seal_sign(key, w->pool, &prepared, &cms, &err) == 0,
         err.text);
    if (stamp)
        cms = workshop_stamp(w, cms, (enum workshop_stamp)stamp);
    return workshop_fill(w, &prepared, cms);
}

struct bytes workshop_sign(const struct workshop *w, struct bytes pdf, enum workshop_key key,
                           enum workshop_way way)
{
    const struct seal_prepared prepared = workshop_prepare(w, pdf, true);

    return workshop_fill(w, &prepared, workshop_cms(w, &prepared, key, way));
}
