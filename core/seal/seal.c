#include "core/seal/seal.h"

#include <string.h>
#include <openssl/evp.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/seal/cms.h"
#include "core/seal/openssl.h"
#include "core/seal/pdfupdate.h"
#include "core/seal/seal_key.h"

/* What is signed: all of the file but the hole, angle brackets included. */
static struct bytes before_hole(const struct seal_prepared *prepared)
{
    return (struct bytes){prepared->pdf.data, prepared->hole};
}

static struct bytes after_hole(const struct seal_prepared *prepared)
{
    size_t end = prepared->hole + prepared->hole_size;

    return (struct bytes){prepared->pdf.data + end, prepared->pdf.size - end};
}

static int digest_range(struct seal_prepared *prepared, struct err *err)
{
    struct bytes before = before_hole(prepared), after = after_hole(prepared);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned size = 0;
    bool done = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) &&
                EVP_DigestUpdate(context, before.data, before.size) &&
                EVP_DigestUpdate(context, after.data, after.size) &&
                EVP_DigestFinal_ex(context, prepared->digest, &size) && size == SEAL_DIGEST_SIZE;

    EVP_MD_CTX_free(context);
    return done ? 0 : openssl_err(err, ERR_CRYPTO, "cannot hash the document");
}

int seal_prepare_room(size_t room, struct pool *pool, struct bytes pdf,
                      const struct seal_request *request, struct seal_prepared *prepared,
                      struct err *err)
{
    if (pdfupdate_append(pool, pdf, request, 2 * room, prepared, err) < 0)
        return -1;
    return digest_range(prepared, err);
}

int seal_prepare(const struct seal_key *key, struct pool *pool, struct bytes pdf,
                 const struct seal_request *request, struct seal_prepared *prepared,
                 struct err *err)
{
    return seal_prepare_room(key->room + request->spare, pool, pdf, request, prepared, err);
}

struct bytes seal_signed_bytes(struct pool *pool, const struct seal_prepared *prepared)
{
    struct bytes before = before_hole(prepared), after = after_hole(prepared);
    uint8_t *whole = pool_alloc(pool, before.size + after.size);

    memcpy(whole, before.data, before.size);
    memcpy(whole + before.size, after.data, after.size);
    return (struct bytes){whole, before.size + after.size};
}

static bool hole_is_sound(const struct seal_prepared *prepared)
{
    size_t size = prepared->pdf.size, last = prepared->hole_size - 1;

    return prepared->hole_size > 2 && prepared->hole < size &&
           prepared->hole_size < size - prepared->hole &&
           prepared->pdf.data[prepared->hole] == '<' &&
           prepared->pdf.data[prepared->hole + last] == '>';
}

static int check_hole(const struct seal_prepared *prepared, struct err *err)
{
    if (hole_is_sound(prepared))
        return 0;
    return err_set(err, ERR_CRYPTO, 0, "the prepared document has no place for a signature");
}

int seal_prepared_again(struct bytes pdf, size_t hole, size_t hole_size,
                        struct seal_prepared *prepared, struct err *err)
{
    *prepared = (struct seal_prepared){.pdf = pdf, .hole = hole, .hole_size = hole_size};
    return check_hole(prepared, err) < 0 ? -1 : digest_range(prepared, err);
}

int seal_sign(struct seal_key *key, struct pool *pool, const struct seal_prepared *prepared,
              struct bytes *cms, struct err *err)
{
    if (check_hole(prepared, err) < 0 || seal_key_in_dates(key, err) < 0 ||
        cms_sign(key, pool, prepared->digest, cms, err) < 0)
        return -1;
    return cms_verify(key, *cms, before_hole(prepared), after_hole(prepared), err);
}

int seal_fill(struct pool *pool, const struct seal_prepared *prepared, struct bytes cms,
              struct bytes *sealed, struct err *err)
{
    uint8_t *out;
    char *hex;

    if (check_hole(prepared, err) < 0)
        return -1;
    if (cms.size > (prepared->hole_size - 2) / 2)
        return err_set(err, ERR_CRYPTO, 0, "a signature of %zu bytes does not fit", cms.size);
    hex = pool_alloc(pool, cms.size * 2 + 1);
    hex_encode(cms.data, cms.size, hex);
    out = pool_copy(pool, prepared->pdf.data, prepared->pdf.size);
    memcpy(out + prepared->hole + 1, hex, cms.size * 2);
    *sealed = (struct bytes){out, prepared->pdf.size};
    return 0;
}
