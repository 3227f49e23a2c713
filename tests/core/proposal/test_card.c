/* Cards: what a reader of ours signed for this page counts, and nothing else. Run it by
 * tests/with-mariadb. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/proposal/card.h"
#include "tests/core/testdb.h"

enum { CLERK = 7, PERSON = 42 };
#define NOW INT64_C(1772323200000)
#define LATE (NOW + CARD_SECONDS * INT64_C(1000) + 1)

static struct testdb *testdb;
static struct core core;
static EVP_PKEY *ec, *ed, *rsa, *foreign;
static char folder[] = "/tmp/ecert-card.XXXXXX", path[64];
static struct card_readers *readers;
static struct err err;

/* A file with these keys, one behind the other. */
static const char *file_of(EVP_PKEY *const *keys, size_t count)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(PEM_write_PUBKEY(file, keys[i]), 1);
    fclose(file);
    return path;
}

static const char *sign(EVP_PKEY *key, const char *lines)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t signature[1024];
    size_t size = sizeof(signature);
    char *text = pool_alloc(testdb->pool, 4 * sizeof(signature));

    assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(context, signature, &size, (const uint8_t *)lines, strlen(lines)), 1);
    EVP_MD_CTX_free(context);
    base64_encode(signature, size, text);
    return text;
}

static const char *challenge_of(uint64_t clerk, uint64_t person)
{
    char *text = pool_alloc(testdb->pool, CARD_CHALLENGE);

    card_challenge(&core, clerk, person, NOW, text);
    return text;
}

/* What the reader says of this card for this challenge. */
static struct card card_of(EVP_PKEY *key, const char *challenge)
{
    struct card card = {"111", "11010519491231002X", "张三", challenge, ""};

    card.signature = sign(key, pool_printf(testdb->pool, "ecert-card 1\n%s\n111\n11010519491231002X\n张三\n", challenge));
    return card;
}

static enum card_answer judge(const struct card *card, int64_t now_ms)
{
    enum card_answer answer;

    if (card_judge(&core, CLERK, PERSON, now_ms, card, &answer, &err) < 0)
        fail_msg("%s", err.text);
    return answer;
}

static void test_each_kind_of_key(void **state)
{
    EVP_PKEY *const keys[] = {ec, ed, rsa};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct card card = card_of(keys[i], challenge_of(CLERK, PERSON));

        assert_int_equal(judge(&card, NOW), CARD_READ);
        assert_int_equal(judge(&card, LATE - 1), CARD_READ);
        assert_int_equal(judge(&card, LATE), CARD_LATE);
        assert_int_equal(judge(&card, NOW - 1), CARD_LATE);
    }
    struct card card = card_of(foreign, challenge_of(CLERK, PERSON));
    assert_int_equal(judge(&card, NOW), CARD_FALSE);
}

/* Nothing of it can be another's, or changed. */
static void test_nothing_else(void **state)
{
    const char *good = challenge_of(CLERK, PERSON);
    const char *const challenges[] = {challenge_of(CLERK + 1, PERSON), challenge_of(CLERK, PERSON + 1), "", "x",
                                      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", pool_printf(testdb->pool, "%sA", good)};
    struct card card = card_of(ec, good);

    (void)state;
    for (size_t i = 0; i < sizeof(challenges) / sizeof(challenges[0]); i++) {
        struct card other = card_of(ec, challenges[i]);
        assert_int_equal(judge(&other, NOW), CARD_FALSE);
    }
    struct card changed[] = {card, card, card, card, card, card};
    changed[0].id_no = "110105194912310021";
    changed[1].name = "张三丰";
    changed[2].id_type = "414";
    changed[3].signature = "AAAA";
    changed[4].signature = "not base64";
    changed[5].name = "张三\n张三";
    for (size_t i = 0; i < sizeof(changed) / sizeof(changed[0]); i++)
        assert_int_equal(judge(&changed[i], NOW), CARD_FALSE);
    assert_int_equal(judge(&card, NOW), CARD_READ);
}

static void test_nobody_answers_for_it(void **state)
{
    struct card card = card_of(ec, challenge_of(CLERK, PERSON)), bare = card;

    (void)state;
    bare.signature = "";
    assert_int_equal(judge(&bare, NOW), CARD_UNSIGNED);
    core.readers = NULL;
    assert_int_equal(judge(&card, NOW), CARD_UNSIGNED);
    assert_int_equal(card_readers_load(testdb->pool, "", "", &readers, &err), 0);
    assert_int_equal(readers->count, 0);
    assert_string_equal(readers->demo, "");
    core.readers = readers;
    assert_int_equal(judge(&card, NOW), CARD_UNSIGNED);
}

static void test_files(void **state)
{
    EVP_PKEY *small = EVP_RSA_gen(1024), *other = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
    FILE *file;

    (void)state;
    assert_int_equal(card_readers_load(testdb->pool, "/nonexistent", "", &readers, &err), -1);
    assert_int_equal(card_readers_load(testdb->pool, file_of(NULL, 0), "", &readers, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
    for (int i = 0; i < 2; i++) {
        EVP_PKEY *const keys[] = {ec, i ? small : other};
        assert_int_equal(card_readers_load(testdb->pool, file_of(keys, 2), "", &readers, &err), -1);
        assert_int_equal(err.kind, ERR_CONFIG);
    }
    EVP_PKEY *many[CARD_READERS + 1];
    for (size_t i = 0; i <= CARD_READERS; i++)
        many[i] = ec;
    assert_int_equal(card_readers_load(testdb->pool, file_of(many, CARD_READERS), "", &readers, &err), 0);
    assert_int_equal(readers->count, CARD_READERS);
    assert_int_equal(card_readers_load(testdb->pool, file_of(many, CARD_READERS + 1), "", &readers, &err), -1);
    file = fopen(path, "w");
    fputs("no key\n", file);
    fclose(file);
    assert_int_equal(card_readers_load(testdb->pool, path, "", &readers, &err), -1);
    EVP_PKEY_free(small);
    EVP_PKEY_free(other);
}

static int set_up(void **state)
{
    EVP_PKEY *const keys[] = {rsa, ec, ed};

    (void)state;
    core = testdb->core;
    if (card_readers_load(testdb->pool, file_of(keys, 3), "", &readers, &err) < 0)
        fail_msg("%s", err.text);
    core.readers = readers;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_each_kind_of_key, set_up),
        cmocka_unit_test_setup(test_nothing_else, set_up),
        cmocka_unit_test_setup(test_nobody_answers_for_it, set_up),
        cmocka_unit_test_setup(test_files, set_up),
    };

    testdb = testdb_open();
    if (!testdb)
        return 77;
    if (!mkdtemp(folder))
        return 1;
    snprintf(path, sizeof(path), "%s/keys.pem", folder);
    ec = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    foreign = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    rsa = EVP_RSA_gen(2048);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    rmdir(folder);
    EVP_PKEY_free(ec);
    EVP_PKEY_free(foreign);
    EVP_PKEY_free(ed);
    EVP_PKEY_free(rsa);
    testdb_close(&testdb);
    return failed;
}
