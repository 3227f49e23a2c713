/* The seal without any outside tool: what is refused, what is promised, what tampering does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <openssl/cms.h>
#include <openssl/pem.h>

#include "base/date.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/seal/cms.h"
#include "core/seal/seal.h"
#include "tests/core/seal/paper.h"
#include "tests/core/seal/pki.h"

enum { YEAR = 365 * 24 * 3600 };

static struct pool *pool;
static struct pki root, rsa, ec;
static struct seal_key *ec_key;

static struct pki_spec signer_spec(void)
{
    int64_t now = time(NULL);

    return (struct pki_spec){.name = "演示印章",
                             .usage = "critical,digitalSignature,nonRepudiation",
                             .from = now - 3600,
                             .until = now + YEAR,
                             .serial = 7};
}

static int key_open(const char *key, const char *certificate, struct seal_key **opened,
                    struct err *err)
{
    return seal_key_open(&(struct seal_settings){.key = paper_path(key),
                                                 .certificate = paper_path(certificate)},
                         opened, err);
}

static int set_up(void **state)
{
    struct pki_spec spec = signer_spec();

    (void)state;
    pool = pool_new(1 << 20, 0);
    rsa = pki_make(&spec, pki_rsa(2048), NULL);
    spec.name = "演示根";
    spec.authority = true;
    spec.usage = "critical,keyCertSign,cRLSign";
    root = pki_make(&spec, pki_ec(), NULL);
    spec = signer_spec();
    ec = pki_make(&spec, pki_ec(), &root);
    pki_write_key(paper_path("rsa.key"), rsa.key);
    pki_write_certificates(paper_path("rsa.pem"), rsa.certificate, NULL);
    pki_write_key(paper_path("ec.key"), ec.key);
    pki_write_certificates(paper_path("ec.pem"), ec.certificate, root.certificate, NULL);
    return key_open("ec.key", "ec.pem", &ec_key, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    seal_key_free(&ec_key);
    pki_free(&root);
    pki_free(&rsa);
    pki_free(&ec);
    pool_free(&pool);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    pool_reset(pool);
    return 0;
}

/* The first `find` in the bytes becomes `put`, which is as long. */
static struct bytes replaced(struct bytes file, const char *find, const char *put)
{
    uint8_t *copy = pool_copy(pool, file.data, file.size);
    uint8_t *at = memmem(copy, file.size, find, strlen(find));

    assert_non_null(at);
    assert_int_equal(strlen(find), strlen(put));
    memcpy(at, put, strlen(put));
    return (struct bytes){copy, file.size};
}

static const struct {
    const char *what, *find, *put;
} broken[] = {
    {"PDF 2.0",                "%PDF-1.7",              "%PDF-2.0"             },
    {"no startxref",           "startxref",             "startxrex"            },
    {"no end mark",            "%%EOF",                 "%%EOX"                },
    {"no table",               "xref\n0 7",             "xrex\n0 7"            },
    {"table not from 0",       "xref\n0 7",             "xref\n1 7"            },
    {"too many entries",       "xref\n0 7",             "xref\n0 9"            },
    {"too few entries",        "xref\n0 7",             "xref\n0 6"            },
    {"free objects",           "0000000000 65535 f",    "0000000003 65535 f"   },
    {"first entry not free",   "0000000000 65535 f",    "0000000000 65535 n"   },
    {"object is free",         " 00000 n",              " 00000 f"             },
    {"generation",             " 00000 n",              " 00001 n"             },
    {"entry's end",            " 00000 n\r\n",          " 00000 n\rx"          },
    {"offset beyond the table","0000000015",            "0000009999"           },
    {"offset astray",          "0000000015",            "0000000016"           },
    {"other object there",     "1 0 obj",               "7 0 obj"              },
    {"no object there",        "6 0 obj",               "6 0 abj"              },
    {"no trailer",             "trailer",               "trailex"              },
    {"trailer not closed",     ">>\nstartxref",         "> \nstartxref"        },
    {"behind the trailer",     "EEFF> ]\n>>\n",         "EEFF>]>>x \n"        },
    {"no Root",                "/Root",                 "/Roof"                },
    {"Root is not a Catalog",  "/Root 1 0 R",           "/Root 2 0 R"          },
    {"Root does not exist",    "/Root 1 0 R",           "/Root 7 0 R"          },
    {"Root is object 0",       "/Root 1 0 R",           "/Root 0 0 R"          },
    {"Root is a number",       "/Root 1 0 R",           "/Root 1 0 0"          },
    {"Root twice",             "/Info 3 0 R",           "/Root 3 0 R"          },
    {"wrong Size",             "/Size 7",               "/Size 8"              },
    {"no Size",                "/Size 7",               "/Sine 7"              },
    {"no ID",                  "/ID",                   "/IX"                  },
    {"one ID only",            "FF> <0",                "FFFFF0"               },
    {"ID is a text",           "[ <001",                "[ (001"               },
    {"earlier revision",       "/Info 3 0 R",           "/Prev 3    "          },
    {"encrypted",              "/Info 3 0 R",           "/Encrypt 3 "          },
    {"hybrid",                 "/Info 3 0 R",           "/XRefStm 3 "          },
    {"not a Catalog",          "/Catalog",              "/Catalox"             },
    {"Catalog no dictionary",  "<<\n/Type /Catalog",    "[ \n/Type /Catalog"   },
    {"Catalog not closed",     ">>\nendobj",            "] \nendobj"           },
    {"Catalog runs on",        "endobj\n2 0 obj",       "endobx\n2 0 obj"      },
    {"Catalog has a comment",  "/Pages 2 0 R\n",        "/Pages 2 0 R%"        },
    {"no Pages",               "/Pages 2 0 R",          "/Pagex 2 0 R"         },
    {"Pages generation",       "/Pages 2 0 R",          "/Pages 2 1 R"         },
    {"Pages is a stream",      "/Pages 2 0 R",          "/Pages 5 0 R"         },
    {"Pages is no page tree",  "/Pages 2 0 R",          "/Pages 4 0 R"         },
    {"Kids is no array",       "/Kids [ 4 0 R ]",       "/Kids   4 0 R  "      },
    {"no kid",                 "/Kids [ 4 0 R ]",       "/Kids [       ]"      },
    {"kid is a font",          "/Kids [ 4 0 R ]",       "/Kids [ 6 0 R ]"      },
    {"page without type",      "/Type /Page\n",         "/Typf /Page\n"        },
    {"name without value",     "/Parent 2 0 R\n",       "/Parent       "       },
    {"string not closed",      "/Type /Page\n/MediaB",  "/Type (Page\n/MediaB" },
    {"bad hexadecimal",        "[ 0 0 595.276 841.89 ]","<0 0 595.276 841.8>   "},
};

static void refuses_broken_files(void **state)
{
    struct bytes good = paper_make(pool, "", "");
    struct seal_prepared prepared;

    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
        struct err err = {0};
        struct bytes bad = replaced(good, broken[i].find, broken[i].put);

        if (seal_prepare(ec_key, pool, bad, &paper_request, &prepared, &err) == 0)
            fail_msg("taken: %s", broken[i].what);
        if (err.kind != ERR_DOCUMENT)
            fail_msg("%s: %s", broken[i].what, err.text);
    }
}

static void refuses_every_cut(void **state)
{
    struct bytes good = paper_make(pool, "", "");
    struct seal_prepared prepared;

    (void)state;
    /* The last end of line may be missing, and nothing else. */
    for (size_t size = 0; size + 1 < good.size; size++) {
        struct err err = {0};
        struct bytes cut = {pool_copy(pool, good.data, size), size};

        assert_int_equal(seal_prepare(ec_key, pool, cut, &paper_request, &prepared, &err), -1);
        assert_int_equal(err.kind, ERR_DOCUMENT);
    }
    good.size--;
    assert_int_equal(seal_prepare(ec_key, pool, good, &paper_request, &prepared, NULL), 0);
}

static void refuses_what_follows_the_end(void **state)
{
    static const char *const tails[] = {"x", "\n\n", "%%EOF\n", "\n1 0 obj\n<<>>\nendobj\n"};
    struct bytes good = paper_make(pool, "", "");
    struct seal_prepared prepared;

    (void)state;
    for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
        char *longer = pool_printf(pool, "%*s%s", (int)good.size, "", tails[i]);
        struct bytes file = {(uint8_t *)longer, good.size + strlen(tails[i])};

        memcpy(longer, good.data, good.size);
        assert_int_equal(seal_prepare(ec_key, pool, file, &paper_request, &prepared, NULL), -1);
    }
}

static void refuses_forms_and_odd_pages(void **state)
{
    static const char *const extra[][2] = {
        {"/AcroForm << /Fields [] >>\n",  ""                                             },
        {"/Perms << /DocMDP 6 0 R >>\n",  ""                                             },
        {"/Extensions << >>\n",           ""                                             },
        {"/Names [[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]\n", ""                              },
        {"/Lang (\\",                     ""                                             },
        {"",                              "/Annots 6 0 R\n"                              },
        {"",                              "/Annots [ ]\n/Annots [ ]\n"                   },
    };
    struct seal_prepared prepared;

    (void)state;
    for (size_t i = 0; i < sizeof(extra) / sizeof(*extra); i++) {
        struct err err = {0};
        struct bytes file = paper_make(pool, extra[i][0], extra[i][1]);

        assert_int_equal(seal_prepare(ec_key, pool, file, &paper_request, &prepared, &err), -1);
        assert_int_equal(err.kind, ERR_DOCUMENT);
    }
}

static void refuses_bad_requests(void **state)
{
    char *flood = pool_alloc(pool, 2000);
    const struct {
        struct seal_request request;
        enum err_kind kind;
    } cases[] = {
        {{.name = "\xC0\xAF", .rect = {0, 0, 1, 1}},     ERR_INPUT},
        {{.reason = flood, .rect = {0, 0, 1, 1}},        ERR_LIMIT},
        {{.location = "\xFF", .rect = {0, 0, 1, 1}},     ERR_INPUT},
        {{.name = "x"},                                  ERR_INPUT},
        {{.rect = {0, 0, -1, 1}},                        ERR_INPUT},
        {{.rect = {-1, 0, 1, 1}},                        ERR_INPUT},
        {{.rect = {0, 0, __builtin_nan(""), 1}},         ERR_INPUT},
        {{.rect = {0, 0, __builtin_inf(), 1}},           ERR_INPUT},
        {{.rect = {0, 0, 1, 1}, .time_ms = -1},          ERR_INPUT},
    };
    struct bytes file = paper_make(pool, "", "");
    struct seal_prepared prepared;

    (void)state;
    memset(flood, 'x', 1999);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct err err = {0};

        assert_int_equal(seal_prepare(ec_key, pool, file, &cases[i].request, &prepared, &err), -1);
        assert_int_equal(err.kind, cases[i].kind);
    }
}

/* Every byte of a good file in turn is spoilt: refused or prepared, but never read beyond. */
static void survives_any_byte(void **state)
{
    struct bytes good = paper_make(pool, "", "/Annots [ ]\n");
    uint8_t *copy = pool_copy(pool, good.data, good.size);
    struct pool *round = pool_new(1 << 20, 0);
    struct seal_prepared prepared;

    (void)state;
    for (size_t i = 0; i < good.size; i++) {
        for (int c = 0; c < 4; c++) {
            copy[i] = (uint8_t)"(<[\0"[c];
            (void)seal_prepare(ec_key, round, (struct bytes){copy, good.size}, &paper_request, &prepared,
                               NULL);
            pool_reset(round);
        }
        copy[i] = good.data[i];
    }
    assert_int_equal(
        seal_prepare(ec_key, round, (struct bytes){copy, good.size}, &paper_request, &prepared, NULL), 0);
    pool_free(&round);
}

static void prepares_the_same_again(void **state)
{
    struct bytes file = paper_make(pool, "", "");
    struct seal_prepared one, two, other;
    struct seal_request later = paper_request;

    (void)state;
    later.time_ms += 1000;
    assert_int_equal(seal_prepare(ec_key, pool, file, &paper_request, &one, NULL), 0);
    assert_int_equal(seal_prepare(ec_key, pool, file, &paper_request, &two, NULL), 0);
    assert_int_equal(seal_prepare(ec_key, pool, file, &later, &other, NULL), 0);
    assert_int_equal(one.pdf.size, two.pdf.size);
    assert_memory_equal(one.pdf.data, two.pdf.data, one.pdf.size);
    assert_memory_equal(one.digest, two.digest, SEAL_DIGEST_SIZE);
    assert_memory_not_equal(one.digest, other.digest, SEAL_DIGEST_SIZE);
    /* The old file stands untouched at the beginning. */
    assert_memory_equal(one.pdf.data, file.data, file.size);
}

static void holds(struct bytes file, const char *what)
{
    if (!memmem(file.data, file.size, what, strlen(what)))
        fail_msg("not in the file: %s", what);
}

/* Where /Size stands before /ID, and behind it. */
static void changes_the_second_id(void **state)
{
#define OLD "<00112233445566778899AABBCCDDEEFF>"
    struct bytes plain = paper_make(pool, "", "");
    const struct bytes files[] = {plain, replaced(plain, "/Size 7\n/ID [ " OLD " " OLD " ]\n",
                                                  "/ID [ " OLD " " OLD " ]\n/Size 7\n")};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct seal_prepared prepared;
        struct bytes update;

        assert_int_equal(seal_prepare(ec_key, pool, files[i], &paper_request, &prepared, NULL), 0);
        update = (struct bytes){prepared.pdf.data + plain.size, prepared.pdf.size - plain.size};
        holds(update, i == 0 ? "/Size 10\n/ID [ " OLD " <" : "/ID [ " OLD " <");
        holds(update, i == 0 ? "> ]\n" : "> ]\n/Size 10\n");
        assert_null(memmem(update.data, update.size, OLD " " OLD, 2 * strlen(OLD) + 1));
    }
#undef OLD
}

static void writes_what_it_promises(void **state)
{
    struct seal_request request = paper_request;
    struct seal_prepared prepared;
    struct bytes update, file = paper_make(pool, "/Lang (zh)\n", "/Annots [ ]\n/Rotate 0\n");

    (void)state;
    request.name = "上a𠮷";
    assert_int_equal(seal_prepare(ec_key, pool, file, &request, &prepared, NULL), 0);
    update = (struct bytes){prepared.pdf.data + file.size, prepared.pdf.size - file.size};
    holds(update, "/SubFilter /ETSI.CAdES.detached");
    holds(update, "/TransformMethod /DocMDP");
    holds(update, "/P 2 /V /1.2");
    holds(update, "/Perms <</DocMDP 8 0 R>>");
    holds(update, "/SigFlags 3");
    holds(update, "/Lang (zh)");
    holds(update, "/Annots [  7 0 R]");
    holds(update, "/Rotate 0");
    holds(update, "/Name <FEFF4E0A0061D842DFB7>");
    holds(update, "/M (D:20260101120000+08'00')");
    holds(update, "/Rect [ 300.25 120.00 420.50 240.00 ]");
    holds(update, "/BBox [ 0 0 120.25 120.00 ]");
    holds(update, "/Extensions <</ESIC <</BaseVersion /1.7 /ExtensionLevel 5>>>>");
    holds(update, "/Info 3 0 R");
    holds(update, "/Size 10");
    holds(update, "/Prev ");
    assert_true(prepared.pdf.size - file.size < 16 * 1024);
}

static const struct {
    const char *what, *key, *certificate;
} wrong_keys[] = {
    {"no key file",               "none.key",      "rsa.pem"    },
    {"no certificate file",       "rsa.key",       "none.pem"   },
    {"a folder for a key",        "",              "rsa.pem"    },
    {"certificate for a key",     "rsa.pem.key",   "rsa.pem"    },
    {"key for a certificate",     "rsa.key",       "rsa.key"    },
    {"key of another",            "rsa.key",       "ec.pem"     },
    {"readable by others",        "open.key",      "rsa.pem"    },
    {"writable by the group",     "group.key",     "rsa.pem"    },
    {"encrypted key",             "locked.key",    "rsa.pem"    },
    {"RSA-1024",                  "weak.key",      "weak.pem"   },
    {"P-384",                     "p384.key",      "p384.pem"   },
    {"Ed25519",                   "ed.key",        "ed.pem"     },
    {"expired",                   "rsa.key",       "expired.pem"},
    {"not valid yet",             "rsa.key",       "early.pem"  },
    {"not for signatures",        "rsa.key",       "usage.pem"  },
    {"without a name",            "rsa.key",       "anon.pem"   },
    {"broken chain",              "rsa.key",       "broken.pem" },
    {"chain too large for hole",  "rsa.key",       "large.pem"  },
};

static void write_variant(const char *name, struct pki_spec spec, EVP_PKEY *key)
{
    struct pki pki = pki_make(&spec, key, NULL);
    char path[64];

    text_format(path, sizeof(path), "%s.key", name);
    pki_write_key(paper_path(path), pki.key);
    text_format(path, sizeof(path), "%s.pem", name);
    pki_write_certificates(paper_path(path), pki.certificate, NULL);
    pki_free(&pki);
}

static EVP_PKEY *rsa_again(void)
{
    EVP_PKEY_up_ref(rsa.key);
    return rsa.key;
}

static void write_locked_key(void)
{
    FILE *file = fopen(paper_path("locked.key"), "w");

    assert_non_null(file);
    assert_true(PEM_write_PKCS8PrivateKey(file, rsa.key, EVP_aes_256_cbc(), "word", 4, NULL, NULL));
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(paper_path("locked.key"), 0600), 0);
}

/* Eight certificates of an RSA key with long names are more than 6 KB. */
static void write_large_chain(void)
{
    char words[65] = "";
    struct pki_spec spec = signer_spec();
    struct pki chain[7];

    memset(words, 'x', sizeof(words) - 1);
    spec.name = words;
    spec.field = "OU";
    spec.value = words;
    for (size_t i = 0; i < 7; i++) {
        spec.serial++;
        chain[i] = pki_make(&spec, rsa_again(), &root);
    }
    pki_write_certificates(paper_path("large.pem"), rsa.certificate, chain[0].certificate,
                           chain[1].certificate, chain[2].certificate, chain[3].certificate,
                           chain[4].certificate, chain[5].certificate, chain[6].certificate, NULL);
    for (size_t i = 0; i < 7; i++)
        pki_free(&chain[i]);
}

static void write_wrong_keys(void)
{
    struct pki_spec spec = signer_spec();
    const X509 *c = rsa.certificate;
    FILE *file;

    pki_write_certificates(paper_path("rsa.pem.key"), c, NULL);
    assert_int_equal(chmod(paper_path("rsa.pem.key"), 0600), 0);
    pki_write_key(paper_path("open.key"), rsa.key);
    assert_int_equal(chmod(paper_path("open.key"), 0604), 0);
    pki_write_key(paper_path("group.key"), rsa.key);
    assert_int_equal(chmod(paper_path("group.key"), 0660), 0);
    write_locked_key();
    write_variant("weak", spec, pki_rsa(1024));
    write_variant("p384", spec, EVP_EC_gen("P-384"));
    pki_write_certificates(paper_path("broken.pem"), c, NULL);
    file = fopen(paper_path("broken.pem"), "a");
    assert_non_null(file);
    fputs("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", file);
    assert_int_equal(fclose(file), 0);
    write_large_chain();
    write_variant("expired", (spec = signer_spec(), spec.until = time(NULL) - 60, spec),
                  rsa_again());
    write_variant("early", (spec = signer_spec(), spec.from = time(NULL) + 600, spec),
                  rsa_again());
    write_variant("usage", (spec = signer_spec(), spec.usage = "keyEncipherment", spec),
                  rsa_again());
    write_variant("anon", (spec = signer_spec(), spec.name = NULL, spec), rsa_again());
}

/* Ed25519 signs no digest of ours: its certificate is signed by the root. */
static void write_ed25519(void)
{
    struct pki_spec spec = signer_spec();
    struct pki pki = pki_make(&spec, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), &root);

    pki_write_key(paper_path("ed.key"), pki.key);
    pki_write_certificates(paper_path("ed.pem"), pki.certificate, NULL);
    pki_free(&pki);
}

static void refuses_wrong_keys(void **state)
{
    (void)state;
    write_wrong_keys();
    write_ed25519();
    for (size_t i = 0; i < sizeof(wrong_keys) / sizeof(*wrong_keys); i++) {
        struct seal_key *key = NULL;
        struct err err = {0};

        if (key_open(wrong_keys[i].key, wrong_keys[i].certificate, &key, &err) == 0)
            fail_msg("taken: %s", wrong_keys[i].what);
        if (err.kind != ERR_CONFIG)
            fail_msg("%s: %s", wrong_keys[i].what, err.text);
        assert_null(key);
    }
}

static const struct {
    const char *uri, *module, *cause;
} wrong_tokens[] = {
    {"pkcs11:object=seal",              NULL,         "needs a PKCS#11 module"},
    {"pkcs11:object=seal",              "",           "needs a PKCS#11 module"},
    {"pkcs11:object=seal",              "/none.so",   "cannot load"           },
    {"pkcs11:",                         "/none.so",   "no object and no id"   },
    {"pkcs11:token=seals",              "/none.so",   "no object and no id"   },
    {"pkcs11:object=",                  "/none.so",   "may hold"              },
    {"pkcs11:object=a;object=b",        "/none.so",   "may hold"              },
    {"pkcs11:object=a;slot-id=1",       "/none.so",   "may hold"              },
    {"pkcs11:object=a?pin-value=1",     "/none.so",   "no query"              },
    {"pkcs11:id=%0",                    "/none.so",   "may hold"              },
    {"pkcs11:id=%0g",                   "/none.so",   "may hold"              },
    {"pkcs11:object=a;type=public",     "/none.so",   "no private key"        },
    {"pkcs11:object=a;;id=%01",         "/none.so",   "may hold"              },
};

static void refuses_wrong_tokens(void **state)
{
    char certificate[512];

    (void)state;
    text_copy(certificate, sizeof(certificate), paper_path("rsa.pem"));
    for (size_t i = 0; i < sizeof(wrong_tokens) / sizeof(*wrong_tokens); i++) {
        struct seal_settings settings = {.key = wrong_tokens[i].uri, .certificate = certificate,
                                         .pkcs11_module = wrong_tokens[i].module};
        struct seal_key *key = NULL;
        struct err err = {0};

        assert_int_equal(seal_key_open(&settings, &key, &err), -1);
        assert_int_equal(err.kind, ERR_CONFIG);
        if (!strstr(err.text, wrong_tokens[i].cause))
            fail_msg("%s: %s", wrong_tokens[i].uri, err.text);
    }
}

static void names_the_key(void **state)
{
    struct seal_key *key = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(chmod(paper_path("ec.key"), 0640), 0);
    if (key_open("ec.key", "ec.pem", &key, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(seal_key_name(key), "演示印章");
    assert_int_equal(strlen(seal_key_id(key)), 16);
    assert_true(seal_key_expires_ms(key) > clock_now_ms());
    seal_key_free(&key);
    assert_null(key);
    seal_key_free(&key);
    seal_key_free(NULL);
}

/* The CMS that stands in the hole, the zeros behind it cut off. */
static struct bytes hole_content(const struct seal_prepared *prepared, struct bytes sealed)
{
    size_t digits = prepared->hole_size - 2;
    char *hex = pool_text_n(pool, (const char *)sealed.data + prepared->hole + 1, digits);
    uint8_t *der = pool_alloc(pool, digits / 2);
    const uint8_t *end = der;
    CMS_ContentInfo *cms;

    assert_int_equal(hex_decode(hex, der, digits / 2), digits / 2);
    cms = d2i_CMS_ContentInfo(NULL, &end, (long)(digits / 2));
    assert_non_null(cms);
    CMS_ContentInfo_free(cms);
    for (const uint8_t *p = end; p < der + digits / 2; p++)
        assert_int_equal(*p, 0);
    return (struct bytes){der, (size_t)(end - der)};
}

static int verify(const struct seal_key *key, const struct seal_prepared *prepared,
                  struct bytes file, struct bytes der)
{
    size_t end = prepared->hole + prepared->hole_size;

    return cms_verify(key, der, (struct bytes){file.data, prepared->hole},
                      (struct bytes){file.data + end, file.size - end}, NULL);
}

static void check_attributes(struct bytes der, int certificates)
{
    const uint8_t *position = der.data;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &position, (long)der.size);
    STACK_OF(X509) *included = CMS_get1_certs(cms);
    CMS_SignerInfo *signer;

    assert_true(CMS_is_detached(cms));
    assert_int_equal(sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms)), 1);
    assert_int_equal(sk_X509_num(included), certificates);
    signer = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
    assert_int_equal(CMS_signed_get_attr_count(signer), 3);
    assert_true(CMS_signed_get_attr_by_NID(signer, NID_pkcs9_contentType, -1) >= 0);
    assert_true(CMS_signed_get_attr_by_NID(signer, NID_pkcs9_messageDigest, -1) >= 0);
    assert_true(CMS_signed_get_attr_by_NID(signer, NID_id_smime_aa_signingCertificateV2, -1) >= 0);
    assert_int_equal(CMS_signed_get_attr_by_NID(signer, NID_pkcs9_signingTime, -1), -1);
    sk_X509_pop_free(included, X509_free);
    CMS_ContentInfo_free(cms);
}

static void seals_and_notices_tampering(const char *key_name, const char *certificate, int chain)
{
    struct bytes sealed, der, file = paper_make(pool, "", "");
    struct seal_prepared prepared;
    struct seal_key *key = NULL;
    struct err err = {0};
    uint8_t *copy;

    assert_int_equal(key_open(key_name, certificate, &key, &err), 0);
    assert_int_equal(seal_prepare(key, pool, file, &paper_request, &prepared, &err), 0);
    assert_int_equal(paper_seal(key, pool, &prepared, &sealed, &err), 0);
    assert_int_equal(sealed.size, prepared.pdf.size);
    der = hole_content(&prepared, sealed);
    /* The room fits: an ECDSA signature is at most two numbers of 33 bytes with their heads. */
    assert_true(prepared.hole_size - 2 - 2 * der.size < 2 * 16);
    check_attributes(der, chain);
    assert_int_equal(verify(key, &prepared, sealed, der), 0);
    copy = pool_copy(pool, sealed.data, sealed.size);
    for (size_t i = 0; i < sealed.size; i++) {
        if (i == prepared.hole)
            i += prepared.hole_size;
        copy[i] ^= 1;
        if (verify(key, &prepared, (struct bytes){copy, sealed.size}, der) == 0)
            fail_msg("byte %zu may be changed", i);
        copy[i] ^= 1;
    }
    /* A second seal over the first is refused: the file has an earlier revision. */
    assert_int_equal(seal_prepare(key, pool, sealed, &paper_request, &prepared, NULL), -1);
    seal_key_free(&key);
}

/* Under ECDSA the file of certificates has the root too, which stays away. */
static void seals_with_both_kinds(void **state)
{
    (void)state;
    seals_and_notices_tampering("rsa.key", "rsa.pem", 1);
    seals_and_notices_tampering("ec.key", "ec.pem", 1);
}

static void refuses_spoilt_preparations(void **state)
{
    struct bytes sealed, file = paper_make(pool, "", "");
    struct seal_prepared good, bad;
    struct seal_key *key = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(key_open("ec.key", "ec.pem", &key, &err), 0);
    assert_int_equal(seal_prepare(key, pool, file, &paper_request, &good, &err), 0);
    bad = good;
    bad.digest[0] ^= 1;
    assert_int_equal(paper_seal(key, pool, &bad, &sealed, &err), -1);
    assert_int_equal(err.kind, ERR_CRYPTO);
    bad = good;
    bad.hole++;
    assert_int_equal(paper_seal(key, pool, &bad, &sealed, &err), -1);
    bad = good;
    bad.hole_size = SIZE_MAX;
    assert_int_equal(paper_seal(key, pool, &bad, &sealed, &err), -1);
    bad = good;
    bad.pdf = replaced(good.pdf, "paper", "pager");
    assert_int_equal(paper_seal(key, pool, &bad, &sealed, &err), -1);
    assert_int_equal(paper_seal(key, pool, &good, &sealed, &err), 0);
    seal_key_free(&key);
}

/* The room for the signature is too small: refused, not written beyond. */
static void refuses_overflow(void **state)
{
    struct bytes cms, sealed, file = paper_make(pool, "", "");
    struct seal_prepared prepared;
    struct seal_key *key = NULL;
    struct err err = {0};
    uint8_t *copy;

    (void)state;
    assert_int_equal(key_open("ec.key", "ec.pem", &key, &err), 0);
    assert_int_equal(seal_prepare(key, pool, file, &paper_request, &prepared, &err), 0);
    assert_int_equal(seal_sign(key, pool, &prepared, &cms, &err), 0);
    copy = pool_copy(pool, prepared.pdf.data, prepared.pdf.size);
    copy[prepared.hole + 99] = '>';
    prepared.pdf.data = copy;
    prepared.hole_size = 100;
    assert_int_equal(seal_fill(pool, &prepared, cms, &sealed, &err), -1);
    assert_non_null(strstr(err.text, "does not fit"));
    seal_key_free(&key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(refuses_broken_files, forget),
        cmocka_unit_test_teardown(refuses_every_cut, forget),
        cmocka_unit_test_teardown(refuses_what_follows_the_end, forget),
        cmocka_unit_test_teardown(refuses_forms_and_odd_pages, forget),
        cmocka_unit_test_teardown(refuses_bad_requests, forget),
        cmocka_unit_test_teardown(survives_any_byte, forget),
        cmocka_unit_test_teardown(prepares_the_same_again, forget),
        cmocka_unit_test_teardown(changes_the_second_id, forget),
        cmocka_unit_test_teardown(writes_what_it_promises, forget),
        cmocka_unit_test_teardown(refuses_wrong_keys, forget),
        cmocka_unit_test_teardown(refuses_wrong_tokens, forget),
        cmocka_unit_test_teardown(names_the_key, forget),
        cmocka_unit_test_teardown(seals_with_both_kinds, forget),
        cmocka_unit_test_teardown(refuses_spoilt_preparations, forget),
        cmocka_unit_test_teardown(refuses_overflow, forget),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
