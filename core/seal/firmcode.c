#include "core/seal/firmcode.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/objects.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "core/register/identifier.h"
#include "core/seal/openssl.h"

enum { ROWS = 64, NUMBER_LIMIT = 9999, NAME_LIMIT = 4096 };

#define ANY_ISSUER "*"

struct row {
    uint64_t number;
    const char *issuer;
    ASN1_OBJECT *field;
};

struct firmcode {
    struct row rows[ROWS];
    size_t count;
};

static void release_object(void *object)
{
    ASN1_OBJECT_free(object);
}

static struct row *row_by_number(struct firmcode *table, uint64_t number)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->rows[i].number == number)
            return &table->rows[i];
    if (table->count == ROWS)
        return NULL;
    table->rows[table->count].number = number;
    return &table->rows[table->count++];
}

/* "<n>.Issuer" or "<n>.Field". */
static int read_entry(struct firmcode *table, const struct config_entry *entry,
                      struct pool *pool, struct err *err)
{
    const char *dot = strchr(entry->name, '.');
    uint64_t number;
    struct row *row;

    if (!dot || !parse_uint(pool_text_n(pool, entry->name, (size_t)(dot - entry->name)), 0,
                            NUMBER_LIMIT, &number))
        return err_set(err, ERR_CONFIG, 0, "Login.FirmCode.%s: not a numbered row", entry->name);
    row = row_by_number(table, number);
    if (!row)
        return err_set(err, ERR_CONFIG, 0, "Login.FirmCode: more than %d rows", ROWS);
    if (strcasecmp(dot, ".Issuer") == 0) {
        row->issuer = pool_text(pool, entry->value);
        return 0;
    }
    if (strcasecmp(dot, ".Field") != 0)
        return err_set(err, ERR_CONFIG, 0, "Login.FirmCode.%s: neither Issuer nor Field",
                       entry->name);
    row->field = OBJ_txt2obj(entry->value, 0);
    if (!row->field)
        return openssl_err(err, ERR_CONFIG, "Login.FirmCode.%s: %s is no OID and no name",
                           entry->name, entry->value);
    pool_on_reset(pool, release_object, row->field);
    return 0;
}

/* In an attribute of the subject that OpenSSL has a name for stands what applicants say of themselves: a
 * department, a nickname. Only organizationIdentifier is what an authority has looked up (ETSI EN
 * 319 412-1, 5.1.4). */
static bool is_applicants(const ASN1_OBJECT *field)
{
    int nid = OBJ_obj2nid(field);

    return nid != NID_undef && nid != NID_organizationIdentifier;
}

static int check_row(const struct row *row, struct err *err)
{
    int number = (int)row->number;

    if (!row->issuer || !*row->issuer || !row->field)
        return err_set(err, ERR_CONFIG, 0, "Login.FirmCode.%d: needs Issuer and Field", number);
    if (strcmp(row->issuer, ANY_ISSUER) == 0)
        return is_applicants(row->field)
                   ? err_set(err, ERR_CONFIG, 0,
                             "Login.FirmCode.%d: this field needs an Issuer: others may let "
                             "applicants fill it in",
                             number)
                   : 0;
    if (!strchr(row->issuer, '='))
        return err_set(err, ERR_CONFIG, 0,
                       "Login.FirmCode.%d.Issuer: must be *, or whole parts of a name, such as CN=…",
                       number);
    return 0;
}

static int compare_rows(const void *a, const void *b)
{
    const struct row *one = a, *two = b;

    return (one->number > two->number) - (one->number < two->number);
}

int firmcode_open(const struct config_entry *entries, struct pool *pool, struct firmcode **table,
                  struct err *err)
{
    struct firmcode *read = POOL_NEW(pool, struct firmcode);

    for (; entries; entries = entries->next)
        if (read_entry(read, entries, pool, err) < 0)
            return -1;
    if (read->count == 0)
        return err_set(err, ERR_CONFIG, 0, "Login.FirmCode: has no rows");
    for (size_t i = 0; i < read->count; i++)
        if (check_row(&read->rows[i], err) < 0)
            return -1;
    qsort(read->rows, read->count, sizeof(*read->rows), compare_rows);
    *table = read;
    return 0;
}

/* What was found so far. */
struct finding {
    enum firmcode_found found;
    char code[FIRMCODE_SIZE];
};

static void note(struct finding *finding, const char code[FIRMCODE_SIZE])
{
    if (finding->found == FIRMCODE_NONE) {
        finding->found = FIRMCODE_ONE;
        memcpy(finding->code, code, FIRMCODE_SIZE);
    } else if (strcmp(finding->code, code) != 0) {
        finding->found = FIRMCODE_UNCLEAR;
    }
}

static bool is_code_character(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

/* The last 18 characters of each run are looked at: a window that slid over the whole run would
 * meet a right check digit by chance once in 31 times. */
static void find_in_text(const unsigned char *text, size_t size, struct finding *finding)
{
    const size_t length = FIRMCODE_SIZE - 1;
    char code[FIRMCODE_SIZE];

    for (size_t start = 0, end = 0; start < size; start = end + 1) {
        for (end = start; end < size && is_code_character(text[end]);)
            end++;
        if (end - start < length)
            continue;
        memcpy(code, text + end - length, length);
        code[length] = '\0';
        if (uscc_valid(code))
            note(finding, code);
    }
}

/* Any string type, UTF-16 ones too. */
static void find_in_string(const ASN1_STRING *string, struct finding *finding)
{
    unsigned char *utf8 = NULL;
    int size = ASN1_STRING_to_UTF8(&utf8, string);

    if (size > 0)
        find_in_text(utf8, (size_t)size, finding);
    OPENSSL_free(utf8);
}

static bool is_string(const ASN1_TYPE *value)
{
    static const int types[] = {V_ASN1_UTF8STRING, V_ASN1_PRINTABLESTRING, V_ASN1_IA5STRING,
                                V_ASN1_T61STRING,  V_ASN1_BMPSTRING,       V_ASN1_UNIVERSALSTRING};

    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (value->type == types[i])
            return true;
    return false;
}

/* An extension holds the DER of a string, or the text some other way: then its bytes are
 * searched as they are. */
static void find_in_extension(X509_EXTENSION *extension, struct finding *finding)
{
    const ASN1_OCTET_STRING *content = X509_EXTENSION_get_data(extension);
    const unsigned char *data = ASN1_STRING_get0_data(content), *end = data;
    int size = ASN1_STRING_length(content);
    ASN1_TYPE *inner = d2i_ASN1_TYPE(NULL, &end, size);

    if (inner && end == data + size && is_string(inner))
        find_in_string(inner->value.asn1_string, finding);
    else
        find_in_text(data, (size_t)size, finding);
    ASN1_TYPE_free(inner);
}

/* Has the relative name of this entry others beside it? */
static bool is_crowded(const X509_NAME *subject, int at)
{
    int set = X509_NAME_ENTRY_set(X509_NAME_get_entry(subject, at));

    for (int i = 0; i < X509_NAME_entry_count(subject); i++)
        if (i != at && X509_NAME_ENTRY_set(X509_NAME_get_entry(subject, i)) == set)
            return true;
    return false;
}

/* Authorities give each attribute a place of its own. One among others may be a name that somebody
 * applied for with a "+" in it. */
static void find_in_attribute(const X509_NAME *subject, int at, struct finding *finding)
{
    struct finding here = {FIRMCODE_NONE, ""};

    find_in_string(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)), &here);
    if (here.found == FIRMCODE_ONE && !is_crowded(subject, at))
        note(finding, here.code);
    else if (here.found != FIRMCODE_NONE)
        finding->found = FIRMCODE_UNCLEAR;
}

static void find_in_field(const X509 *certificate, const ASN1_OBJECT *field,
                          struct finding *finding)
{
    const X509_NAME *subject = X509_get_subject_name(certificate);
    int first = X509_get_ext_by_OBJ(certificate, field, -1), at = -1;

    if (first >= 0)
        find_in_extension(X509_get_ext(certificate, first), finding);
    if (first >= 0 && X509_get_ext_by_OBJ(certificate, field, first) >= 0)
        finding->found = FIRMCODE_UNCLEAR;
    while ((at = X509_NAME_get_index_by_OBJ(subject, field, at)) >= 0)
        find_in_attribute(subject, at, finding);
}

/* The issuer's RFC 2253 name, Chinese left as it is. False where it can't be told. */
static bool issuer_name(const X509 *certificate, char out[NAME_LIMIT])
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool told = bio && X509_NAME_print_ex(bio, X509_get_issuer_name(certificate), 0,
                                          XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0;
    int size = told ? BIO_read(bio, out, NAME_LIMIT - 1) : 0;

    out[size > 0 ? size : 0] = '\0';
    BIO_free(bio);
    return size > 0;
}

/* Is a new part of the name about to begin, or is it over? Commas that belong to a value are escaped. */
static bool is_boundary(const char *name, size_t at)
{
    size_t escapes = 0;

    if (name[at] == '\0')
        return true;
    while (escapes < at && name[at - 1 - escapes] == '\\')
        escapes++;
    return name[at] == ',' && escapes % 2 == 0;
}

/* Does the name have these parts, whole and next to each other? */
static bool has_parts(const char *name, const char *parts)
{
    size_t length = strlen(parts);

    for (const char *at = strstr(name, parts); at; at = strstr(at + 1, parts))
        if ((at == name || is_boundary(name, (size_t)(at - name) - 1)) &&
            is_boundary(name, (size_t)(at - name) + length))
            return true;
    return false;
}

enum firmcode_found firmcode_find(const struct firmcode *table, const X509 *certificate,
                                  char code[FIRMCODE_SIZE])
{
    struct finding finding = {FIRMCODE_NONE, ""};
    char issuer[NAME_LIMIT];

    code[0] = '\0';
    if (!issuer_name(certificate, issuer))
        return FIRMCODE_NONE;
    for (size_t i = 0; i < table->count; i++) {
        const struct row *row = &table->rows[i];

        if (strcmp(row->issuer, ANY_ISSUER) == 0 || has_parts(issuer, row->issuer))
            find_in_field(certificate, row->field, &finding);
    }
    if (finding.found == FIRMCODE_ONE)
        memcpy(code, finding.code, FIRMCODE_SIZE);
    return finding.found;
}
