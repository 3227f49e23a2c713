#include "core/seal/crl.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/err.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/url.h"
#include "core/seal/openssl.h"

enum { AUTHORITIES_LIMIT = 256, URLS_LIMIT = 64, SKEW_MS = 5 * 60 * 1000, FILE_LIMIT = 1 << 30 };

struct entry {
    X509_CRL *list;
    bool fresh;
};

struct crl_book {
    STACK_OF(X509) *authorities;
    struct entry entries[CRL_LISTS_LIMIT];
    size_t count;
    bool changed, damaged;
};

static const char *const verdict_names[] = {
    [CRL_NEW] = "new",         [CRL_SAME] = "same",       [CRL_BROKEN] = "broken",
    [CRL_PARTIAL] = "partial", [CRL_FOREIGN] = "foreign", [CRL_FORGED] = "forged",
    [CRL_WEAK] = "weak",       [CRL_NOT_YET] = "not_yet", [CRL_EXPIRED] = "expired",
    [CRL_BACK] = "back",       [CRL_MANY] = "many",
};

/* Critical extensions whose meaning we, or OpenSSL's judgement, take into account. */
static const int known[] = {NID_issuing_distribution_point, NID_authority_key_identifier,
                            NID_crl_number, NID_freshest_crl};

const char *crl_verdict_name(enum crl_verdict verdict)
{
    if ((size_t)verdict >= sizeof(verdict_names) / sizeof(*verdict_names))
        return "unknown";
    return verdict_names[verdict];
}

static bool is_known(int nid)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (known[i] == nid)
            return true;
    return false;
}

/* Opening */

static X509_CRL *decode(struct pool *pool, struct bytes list);

static int read_all(struct crl_book *book, const char *lists, struct err *err)
{
    STACK_OF(X509_CRL) *old = NULL;

    if (access(lists, F_OK) < 0)
        return 0;
    if (openssl_read_crls(lists, CRL_LISTS_LIMIT, &old, err) < 0)
        return -1;
    for (; book->count < (size_t)sk_X509_CRL_num(old); book->count++)
        book->entries[book->count].list = sk_X509_CRL_value(old, (int)book->count);
    sk_X509_CRL_free(old);
    return 0;
}

/* Each block by itself. */
static int read_whole_ones(struct crl_book *book, const char *lists, struct err *err)
{
    static const char begin[] = "-----BEGIN ", end[] = "\n-----END X509 CRL-----";
    struct pool *pool = pool_new(0, 0);
    struct bytes text;
    int result = file_read(pool, lists, FILE_LIMIT, &text, err);
    const uint8_t *at = text.data, *stop, *past = result == 0 ? text.data + text.size : NULL;

    while (result == 0 && book->count < CRL_LISTS_LIMIT &&
           (at = memmem(at, (size_t)(past - at), begin, strlen(begin))) != NULL) {
        const uint8_t *next = memmem(at + 1, (size_t)(past - at) - 1, begin, strlen(begin));
        size_t room = (size_t)((next ? next : past) - at);

        stop = memmem(at, room, end, strlen(end));
        X509_CRL *list = stop ? decode(pool, (struct bytes){at, (size_t)(stop - at) + strlen(end)})
                              : NULL;
        if (list)
            book->entries[book->count++].list = list;
        at++;
    }
    pool_free(&pool);
    openssl_forget();
    return result;
}

static bool is_known_already(const struct crl_book *book, const X509 *certificate)
{
    for (int i = 0; i < sk_X509_num(book->authorities); i++)
        if (X509_cmp(sk_X509_value(book->authorities, i), certificate) == 0)
            return true;
    return false;
}

static int read_authorities(struct crl_book *book, const struct crl_authorities *authorities,
                            struct err *err)
{
    for (size_t i = 0; i < CRL_FILES && authorities->files[i]; i++) {
        STACK_OF(X509) *more = NULL;

        if (!*authorities->files[i])
            continue;
        if (openssl_read_certificates(authorities->files[i], AUTHORITIES_LIMIT, &more, err) < 0)
            return -1;
        while (sk_X509_num(more) > 0) {
            X509 *one = sk_X509_shift(more);

            if (is_known_already(book, one))
                X509_free(one);
            else if (!sk_X509_push(book->authorities, one))
                err_fatal("out of memory");
        }
        sk_X509_free(more);
    }
    return 0;
}

static int open_book(const struct crl_authorities *authorities, const char *lists, bool *damaged,
                     struct crl_book **book, struct err *err)
{
    struct crl_book *made = calloc(1, sizeof(*made));
    bool believed;
    int result;

    if (!made || !(made->authorities = sk_X509_new_null()))
        err_fatal("out of memory");
    result = read_authorities(made, authorities, err);
    believed = result == 0;
    if (believed)
        result = read_all(made, lists, err);
    if (result < 0 && believed && damaged) {
        made->damaged = true;
        result = read_whole_ones(made, lists, err);
    }
    if (damaged)
        *damaged = made->damaged;
    *book = made;
    if (result < 0)
        crl_free(book);
    return result;
}

int crl_open(const struct crl_authorities *authorities, const char *lists, struct crl_book **book,
             struct err *err)
{
    return open_book(authorities, lists, NULL, book, err);
}

int crl_salvage(const struct crl_authorities *authorities, const char *lists, struct crl_book **book,
                bool *damaged, struct err *err)
{
    return open_book(authorities, lists, damaged, book, err);
}

void crl_free(struct crl_book **book)
{
    if (!book || !*book)
        return;
    for (size_t i = 0; i < (*book)->count; i++)
        X509_CRL_free((*book)->entries[i].list);
    sk_X509_pop_free((*book)->authorities, X509_free);
    free(*book);
    *book = NULL;
}

/* Where lists are */

static void add_url(struct pool *pool, const char **urls, size_t *count, const ASN1_STRING *value)
{
    const char *url = pool_text_n(pool, (const char *)ASN1_STRING_get0_data(value),
                                  (size_t)ASN1_STRING_length(value));

    if (!url_valid(url, true) || *count == URLS_LIMIT)
        return;
    for (size_t i = 0; i < *count; i++)
        if (strcmp(urls[i], url) == 0)
            return;
    urls[(*count)++] = url;
}

static void add_names(struct pool *pool, const char **urls, size_t *count, const DIST_POINT *point)
{
    GENERAL_NAMES *names = point->distpoint && point->distpoint->type == 0
                               ? point->distpoint->name.fullname
                               : NULL;

    for (int i = 0; names && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

        if (name->type == GEN_URI)
            add_url(pool, urls, count, name->d.uniformResourceIdentifier);
    }
}

size_t crl_urls(const struct crl_book *book, struct pool *pool, const char ***urls)
{
    size_t count = 0;

    *urls = pool_array(pool, URLS_LIMIT, sizeof(**urls));
    for (int i = 0; i < sk_X509_num(book->authorities); i++) {
        CRL_DIST_POINTS *points = X509_get_ext_d2i(sk_X509_value(book->authorities, i),
                                                   NID_crl_distribution_points, NULL, NULL);

        for (int j = 0; points && j < sk_DIST_POINT_num(points); j++)
            add_names(pool, *urls, &count, sk_DIST_POINT_value(points, j));
        CRL_DIST_POINTS_free(points);
    }
    openssl_forget();
    return count;
}

/* Looking */

static const char *name_text(struct pool *pool, const X509_NAME *name)
{
    BIO *bio = BIO_new(BIO_s_mem());
    const char *text = "";
    char *data;
    long size;

    if (!bio)
        err_fatal("out of memory");
    if (X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) > 0) {
        size = BIO_get_mem_data(bio, &data);
        text = pool_text_n(pool, data, (size_t)size);
    }
    BIO_free(bio);
    return utf8_valid(text, strlen(text)) ? text : "";
}

/* NULL without one. */
static BIGNUM *number_of(const X509_CRL *list)
{
    ASN1_INTEGER *number = X509_CRL_get_ext_d2i(list, NID_crl_number, NULL, NULL);
    BIGNUM *value = number ? ASN1_INTEGER_to_BN(number, NULL) : NULL;

    ASN1_INTEGER_free(number);
    return value;
}

static void look(const struct entry *entry, struct pool *pool, struct crl_line *line)
{
    BIGNUM *number = number_of(entry->list);
    char *hex = number ? BN_bn2hex(number) : NULL;

    *line = (struct crl_line){.issuer = name_text(pool, X509_CRL_get_issuer(entry->list)),
                              .number = hex ? pool_text(pool, hex) : "",
                              .fresh = entry->fresh};
    openssl_time_ms(X509_CRL_get0_lastUpdate(entry->list), &line->this_ms);
    openssl_time_ms(X509_CRL_get0_nextUpdate(entry->list), &line->next_ms);
    OPENSSL_free(hex);
    BN_free(number);
}

size_t crl_count(const struct crl_book *book)
{
    return book->count;
}

void crl_look(const struct crl_book *book, struct pool *pool, size_t place, struct crl_line *line)
{
    look(&book->entries[place], pool, line);
    openssl_forget();
}

size_t crl_without(const struct crl_book *book, struct pool *pool, const char ***names)
{
    int most = sk_X509_num(book->authorities);
    size_t count = 0;

    *names = pool_array(pool, (size_t)most + 1, sizeof(**names));
    for (int i = 0; i < most; i++) {
        X509 *authority = sk_X509_value(book->authorities, i);
        const X509_NAME *name = X509_get_subject_name(authority);
        size_t at = 0;

        if (!X509_check_ca(authority))
            continue;
        while (at < book->count &&
               X509_NAME_cmp(X509_CRL_get_issuer(book->entries[at].list), name) != 0)
            at++;
        if (at == book->count)
            (*names)[count++] = name_text(pool, name);
    }
    return count;
}

/* Judging */

static X509_CRL *decode(struct pool *pool, struct bytes list)
{
    static const char *const labels[] = {PEM_STRING_X509_CRL, NULL};
    const unsigned char *end;
    X509_CRL *decoded;

    if (list.size == 0 || list.size > INT32_MAX ||
        (list.data[0] == '-' && !openssl_decode_pem(pool, list, labels, &list)))
        return NULL;
    end = list.data;
    decoded = d2i_X509_CRL(NULL, &end, (long)list.size);
    if (decoded && end != list.data + list.size) {
        X509_CRL_free(decoded);
        return NULL;
    }
    return decoded;
}

static bool has_unknown(const X509_CRL *list)
{
    for (int i = 0; i < X509_CRL_get_ext_count(list); i++) {
        X509_EXTENSION *extension = X509_CRL_get_ext(list, i);

        if (X509_EXTENSION_get_critical(extension) &&
            !is_known(OBJ_obj2nid(X509_EXTENSION_get_object(extension))))
            return true;
    }
    return false;
}

static bool is_partial(const X509_CRL *list)
{
    ISSUING_DIST_POINT *scope =
        X509_CRL_get_ext_d2i(list, NID_issuing_distribution_point, NULL, NULL);
    bool partial = X509_CRL_get_ext_by_NID(list, NID_delta_crl, -1) >= 0 ||
                   (scope && (scope->indirectCRL > 0 || scope->onlysomereasons));

    ISSUING_DIST_POINT_free(scope);
    return partial;
}

static enum crl_verdict judge_signer(const struct crl_book *book, const X509_CRL *list)
{
    enum crl_verdict verdict = CRL_FOREIGN;

    for (int i = 0; i < sk_X509_num(book->authorities); i++) {
        X509 *authority = sk_X509_value(book->authorities, i);
        int digest = NID_undef;

        if (X509_NAME_cmp(X509_get_subject_name(authority), X509_CRL_get_issuer(list)) != 0 ||
            !X509_check_ca(authority))
            continue;
        verdict = CRL_FORGED;
        if ((X509_get_key_usage(authority) & KU_CRL_SIGN) &&
            openssl_crl_signed_by(list, X509_get0_pubkey(authority), &digest))
            return openssl_is_strong(digest) ? CRL_NEW : CRL_WEAK;
    }
    return verdict;
}

static enum crl_verdict judge(const struct crl_book *book, const X509_CRL *list,
                              const struct crl_line *line, int64_t now_ms)
{
    enum crl_verdict verdict;

    if (line->this_ms == 0 || line->next_ms == 0)
        return CRL_BROKEN;
    if (is_partial(list))
        return CRL_PARTIAL;
    if (has_unknown(list))
        return CRL_BROKEN;
    verdict = judge_signer(book, list);
    if (verdict != CRL_NEW)
        return verdict;
    if (line->this_ms > now_ms + SKEW_MS)
        return CRL_NOT_YET;
    return line->next_ms < now_ms ? CRL_EXPIRED : CRL_NEW;
}

/* Do two lists of one issuer have the same scope, so that one stands in the place of the other? */
static bool same_extension(const X509_CRL *a, const X509_CRL *b, int nid)
{
    X509_EXTENSION *of_a = X509_CRL_get_ext(a, X509_CRL_get_ext_by_NID(a, nid, -1));
    X509_EXTENSION *of_b = X509_CRL_get_ext(b, X509_CRL_get_ext_by_NID(b, nid, -1));

    if (!of_a || !of_b)
        return of_a == of_b;
    return ASN1_OCTET_STRING_cmp(X509_EXTENSION_get_data(of_a), X509_EXTENSION_get_data(of_b)) == 0;
}

/* Several keys of one name have several lists; which is whose, the signatures know. */
static bool same_signer(const struct crl_book *book, const X509_CRL *a, const X509_CRL *b)
{
    for (int i = 0; i < sk_X509_num(book->authorities); i++) {
        EVP_PKEY *key = X509_get0_pubkey(sk_X509_value(book->authorities, i));

        if (openssl_crl_signed_by(a, key, NULL))
            return openssl_crl_signed_by(b, key, NULL);
    }
    return false;
}

static struct entry *entry_of(struct crl_book *book, const X509_CRL *list)
{
    for (size_t i = 0; i < book->count; i++) {
        const X509_CRL *old = book->entries[i].list;

        if (X509_NAME_cmp(X509_CRL_get_issuer(old), X509_CRL_get_issuer(list)) == 0 &&
            same_extension(old, list, NID_issuing_distribution_point) &&
            same_signer(book, list, old))
            return &book->entries[i];
    }
    return NULL;
}

/* Below 0: the list is older than the one that is there. */
static int compare(const X509_CRL *list, const X509_CRL *old)
{
    BIGNUM *number = number_of(list), *old_number = number_of(old);
    int64_t ms = 0, old_ms = 0;
    int order;

    if (number && old_number) {
        order = BN_cmp(number, old_number);
    } else if (!number != !old_number) {
        order = number ? 1 : -1;
    } else {
        openssl_time_ms(X509_CRL_get0_lastUpdate(list), &ms);
        openssl_time_ms(X509_CRL_get0_lastUpdate(old), &old_ms);
        order = (ms > old_ms) - (ms < old_ms);
    }
    BN_free(number);
    BN_free(old_number);
    return order;
}

static enum crl_verdict place(const struct crl_book *book, const X509_CRL *list,
                              const struct entry *entry)
{
    if (!entry)
        return book->count < CRL_LISTS_LIMIT ? CRL_NEW : CRL_MANY;
    if (X509_CRL_match(list, entry->list) == 0)
        return CRL_SAME;
    return compare(list, entry->list) < 0 ? CRL_BACK : CRL_NEW;
}

/* Takes the list over, or frees it. */
static enum crl_verdict keep(struct crl_book *book, X509_CRL *list)
{
    struct entry *entry = entry_of(book, list);
    enum crl_verdict verdict = place(book, list, entry);

    if (verdict == CRL_SAME) {
        entry->fresh = true;
        book->changed = book->changed || book->damaged;
    }
    if (verdict != CRL_NEW) {
        X509_CRL_free(list);
        return verdict;
    }
    if (entry)
        X509_CRL_free(entry->list);
    else
        entry = &book->entries[book->count++];
    *entry = (struct entry){list, true};
    book->changed = true;
    return CRL_NEW;
}

enum crl_verdict crl_take(struct crl_book *book, struct pool *pool, struct bytes list,
                          int64_t now_ms, struct crl_line *line)
{
    struct entry entry = {.list = decode(pool, list)};
    enum crl_verdict verdict = CRL_BROKEN;

    *line = (struct crl_line){.issuer = "", .number = ""};
    if (entry.list) {
        look(&entry, pool, line);
        verdict = judge(book, entry.list, line, now_ms);
    }
    if (verdict == CRL_NEW)
        verdict = keep(book, entry.list);
    else
        X509_CRL_free(entry.list);
    openssl_forget();
    return verdict;
}

/* Writing */

int crl_write(struct crl_book *book, const char *path, struct err *err)
{
    BIO *bio = BIO_new(BIO_s_mem());
    int result = 0;
    char *data;
    long size;

    if (!bio)
        err_fatal("out of memory");
    for (size_t i = 0; result == 0 && i < book->count; i++)
        if (!PEM_write_bio_X509_CRL(bio, book->entries[i].list))
            result = openssl_err(err, ERR_CRYPTO, "cannot write revocation lists");
    size = BIO_get_mem_data(bio, &data);
    if (result == 0 && book->changed)
        result = file_replace(path, (struct bytes){(const uint8_t *)data, (size_t)size}, err);
    if (result == 0 && book->changed)
        book->changed = book->damaged = false;
    BIO_free(bio);
    return result;
}
