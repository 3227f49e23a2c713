/* The demonstration's keys and certificates are what they are said to be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <openssl/pem.h>

#include "base/date.h"
#include "base/err.h"
#include "base/file.h"
#include "base/pool.h"
#include "core/register/identifier.h"
#include "core/seal/openssl.h"
#include "core/seal/seal.h"
#include "core/seal/timestamp.h"
#include "core/seal/trust.h"
#include "tests/core/seal/authority.h"
#include "tests/core/seal/paper.h"
#include "tests/core/seal/pki.h"

enum { EXIT_SKIPPED = 77, OUTPUT = 8 * 1024 };

#define CODE "11110000000021135M"

static struct pool *pool;
static char maker[1024];

static void run_maker(void)
{
    const char *argv[] = {maker, paper_path("pki"), paper_path("firms.tsv"), "site.example", NULL};
    char output[OUTPUT];

    if (paper_run(output, sizeof(output), argv) != 0)
        fail_msg("%s", output);
    assert_string_equal(output, "");
}

static int set_up(void **state)
{
    static const char firms[] = "uscc\tname\n" CODE "\t演示/企业+甲\n11100000000013338W\t乙";

    (void)state;
    pool = pool_new(1 << 20, 0);
    paper_write("firms.tsv", (struct bytes){(const uint8_t *)firms, strlen(firms)});
    run_maker();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pool_free(&pool);
    return 0;
}

static struct bytes read_der(const char *name)
{
    FILE *file = fopen(paper_path(name), "r");
    X509 *certificate = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    uint8_t *out = NULL;
    int size;
    struct bytes der;

    if (!certificate)
        fail_msg("no certificate: %s", name);
    fclose(file);
    size = i2d_X509(certificate, &out);
    assert_true(size > 0);
    der = (struct bytes){pool_copy(pool, out, (size_t)size), (size_t)size};
    OPENSSL_free(out);
    X509_free(certificate);
    return der;
}

static const struct {
    const char *name;
    enum trust_verdict verdict;
    const char *code;
} certificates[] = {
    {"pki/bad/expired.pem",              TRUST_EXPIRED,     ""                  },
    {"pki/bad/not-yet.pem",              TRUST_NOT_YET,     ""                  },
    {"pki/bad/revoked.pem",              TRUST_REVOKED,     ""                  },
    {"pki/bad/self-signed.pem",          TRUST_SELF_SIGNED, ""                  },
    {"pki/bad/foreign-ca.pem",           TRUST_FOREIGN,     ""                  },
    {"pki/bad/no-code.pem",              TRUST_NO_CODE,     ""                  },
    {"pki/bad/unknown-firm.pem",         TRUST_OK,          "91310000MA1FL0000N"},
    {"pki/tls/server.pem",               TRUST_FOREIGN,     ""                  },
    {"pki/seal/seal.pem",                TRUST_FOREIGN,     ""                  },
    {"pki/firms/" CODE ".pem",           TRUST_OK,          CODE                },
    {"pki/firms/11100000000013338W.pem", TRUST_OK,          "11100000000013338W"},
};

static void certificates_are_judged_as_named(void **state)
{
    struct config_entry codes[2] = {{"1.Issuer", "CN=法人一证通演示签发CA", &codes[1]},
                                    {"1.Field", "1.2.156.10260.4.1.4", NULL}};
    struct trust_settings settings = {.authorities = paper_path("pki/ca/ca.pem"),
                                      .revocations = paper_path("pki/ca/crl.pem"),
                                      .revocations_required = true,
                                      .firm_code = codes};
    struct trust_identity identity;
    enum trust_verdict verdict;
    struct trust *trust = NULL;
    struct err err = {0};

    (void)state;
    if (trust_open(&settings, &trust, &err) < 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < sizeof(certificates) / sizeof(*certificates); i++) {
        assert_int_equal(trust_judge(trust, pool, read_der(certificates[i].name), TRUST_LOGIN,
                                     clock_now_ms(), &verdict, &identity, &err), 0);
        if (verdict != certificates[i].verdict)
            fail_msg("%s: %s", certificates[i].name, trust_verdict_name(verdict));
        assert_string_equal(identity.uscc, certificates[i].code);
    }
    trust_free(&trust);
}

/* The authority's certificate is for timestamps alone, and its root is whom to believe. */
static void the_timestamps_are_believed(void **state)
{
    const struct timestamp_question question = {.imprint = {1}, .nonce = {(const uint8_t *)"n", 1}};
    struct pki signer = {NULL, NULL};
    struct timestamp_trust *trust;
    enum timestamp_verdict verdict;
    struct timestamp timestamp;
    struct bytes request, token;
    STACK_OF(X509) *chain, *above;
    struct err err = {0};
    FILE *file = fopen(paper_path("pki/tsa/tsa.key"), "r");

    (void)state;
    assert_non_null(file);
    signer.key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    fclose(file);
    assert_int_equal(openssl_read_certificates(paper_path("pki/tsa/tsa.pem"), 1, &chain, &err), 0);
    assert_int_equal(openssl_read_certificates(paper_path("pki/tsa/ca.pem"), 1, &above, &err), 0);
    signer.certificate = sk_X509_shift(chain);
    assert_int_equal(timestamp_trust_open(paper_path("pki/tsa/ca.pem"), &trust, &err), 0);
    assert_int_equal(timestamp_ask(pool, &question, &request, &err), 0);
    request = authority_openssl(pool, &signer, sk_X509_value(above, 0), request);
    assert_int_equal(timestamp_answer(request, &token, &err), 0);
    assert_int_equal(timestamp_judge(trust, token, &question, &verdict, &timestamp, &err), 0);
    assert_string_equal(timestamp_verdict_name(verdict), "ok");
    assert_string_equal(timestamp.authority, "演示时间戳");
    timestamp_trust_free(&trust);
    sk_X509_free(chain);
    sk_X509_pop_free(above, X509_free);
    pki_free(&signer);
}

static void the_seal_seals(void **state)
{
    struct seal_settings settings = {.key = paper_path("pki/seal/seal.key"),
                                     .certificate = paper_path("pki/seal/seal.pem")};
    struct seal_prepared prepared;
    struct seal_key *key = NULL;
    struct bytes sealed;
    struct err err = {0};

    (void)state;
    if (seal_key_open(&settings, &key, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(seal_key_name(key), "上海市住房和城乡建设管理委员会（演示）");
    assert_int_equal(
        seal_prepare(key, pool, paper_make(pool, "", ""), &paper_request, &prepared, &err), 0);
    assert_int_equal(paper_seal(key, pool, &prepared, &sealed, &err), 0);
    seal_key_free(&key);
}

static const struct {
    const char *name;
    unsigned mode;
} modes[] = {
    {"pki/ca/root.key",             0600},
    {"pki/ca/issuing.key",          0600},
    {"pki/ca/ca.pem",               0644},
    {"pki/ca/crl.pem",              0644},
    {"pki/tls/ca.pem",              0644},
    {"pki/tls/server.key",          0600},
    {"pki/seal/seal.key",           0600},
    {"pki/seal/seal.pem",           0644},
    {"pki/tsa/tsa.key",             0600},
    {"pki/tsa/tsa.pem",             0644},
    {"pki/firms/" CODE ".key",      0600},
    {"pki/firms/" CODE ".p12",      0600},
    {"pki/firms/" CODE ".pem",      0644},
    {"pki/bad/self-signed.key",     0600},
};

static void keys_are_closed(void **state)
{
    struct stat status;

    (void)state;
    for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
        assert_int_equal(stat(paper_path(modes[i].name), &status), 0);
        if ((status.st_mode & 07777) != modes[i].mode)
            fail_msg("%s: %o", modes[i].name, status.st_mode & 07777);
    }
}

static void a_second_run_keeps_what_is_good(void **state)
{
    static const char *const kept[] = {"pki/ca/ca.pem", "pki/tls/server.pem", "pki/seal/seal.pem",
                                       "pki/tsa/tsa.pem",
                                       "pki/firms/" CODE ".p12", "pki/bad/revoked.pem"};
    struct bytes before[sizeof(kept) / sizeof(*kept)], after;

    (void)state;
    for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
        assert_int_equal(file_read(pool, paper_path(kept[i]), 1 << 16, &before[i], NULL), 0);
    assert_int_equal(unlink(paper_path("pki/firms/11100000000013338W.key")), 0);
    run_maker();
    for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
        assert_int_equal(file_read(pool, paper_path(kept[i]), 1 << 16, &after, NULL), 0);
        assert_int_equal(after.size, before[i].size);
        assert_memory_equal(after.data, before[i].data, after.size);
    }
    assert_int_equal(access(paper_path("pki/firms/11100000000013338W.key"), R_OK), 0);
}

static void refuses_a_bad_list(void **state)
{
    static const char bad[] = "11110000000021135\tcode too short\n";
    const char *argv[] = {maker, paper_path("pki"), paper_path("bad.tsv"), NULL};
    char output[OUTPUT];

    (void)state;
    paper_write("bad.tsv", (struct bytes){(const uint8_t *)bad, strlen(bad)});
    assert_int_equal(paper_run(output, sizeof(output), argv), 1);
    assert_non_null(strstr(output, "bad line"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_are_judged_as_named),
        cmocka_unit_test(the_seal_seals),
        cmocka_unit_test(the_timestamps_are_believed),
        cmocka_unit_test(keys_are_closed),
        cmocka_unit_test(a_second_run_keeps_what_is_good),
        cmocka_unit_test(refuses_a_bad_list),
    };
    const char *source = getenv("srcdir");

    text_format(maker, sizeof(maker), "%s/conf/demo/make-pki", source && *source ? source : ".");
    if (!paper_has_tool("openssl") || !paper_has_tool("bash")) {
        fprintf(stderr, "skipped: no openssl or bash\n");
        return EXIT_SKIPPED;
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
