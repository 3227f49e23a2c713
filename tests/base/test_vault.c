#include "base/vault.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"

#define KEY_A "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define KEY_B "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"
#define REST  "1 lookup " KEY_A "\n1 audit " KEY_B "\n"

static struct pool *pool;
static struct err err;
static char folder[] = "/tmp/ecert-vault-XXXXXX";
static char path[64];

static void put_file(const char *content, mode_t mode)
{
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static struct vault *load(void)
{
    struct vault *vault = NULL;

    if (vault_load(path, &vault, &err) < 0)
        fail_msg("%s", err.text);
    return vault;
}

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static const struct {
    const char *content;
    const char *says;
} bad_files[] = {
    {"",                                                  "no encrypt key"           },
    {"1 encrypt " KEY_A "\n",                             "no lookup key"            },
    {"1 encrypt " KEY_A "\n1 lookup " KEY_A "\n",         "no audit key"             },
    {"0 encrypt " KEY_A "\n" REST,                        ":1: the id"               },
    {"x encrypt " KEY_A "\n" REST,                        ":1: the id"               },
    {"4294967296 encrypt " KEY_A "\n" REST,               ":1: the id"               },
    {"# first\n\n1 seal " KEY_A "\n" REST,                ":3: the kind"             },
    {"1 encryptencrypt " KEY_A "\n" REST,                 ":1: the kind"             },
    {"1 encrypt\n" REST,                                  ":1: expected"             },
    {"1 encrypt 0011\n" REST,                             ":1: the key"              },
    {"1 encrypt " KEY_A "00\n" REST,                      ":1: the key"              },
    {"1 encrypt " KEY_A " 2\n" REST,                      ":1: the key"              },
    {"1 encrypt X" KEY_A "\n" REST,                       ":1: the key"              },
    {"1 encrypt " KEY_A "\n1 encrypt " KEY_B "\n" REST,   ":2: this encrypt key's id"},
    {"1 encrypt " KEY_A "\n" REST "2 lookup " KEY_B "\n", ":4: a second key"         },
};

static void test_bad_files(void **state)
{
    struct vault *vault = NULL;

    (void)state;
    assert_int_equal(vault_load("/nonexistent", &vault, &err), -1);
    assert_int_equal(err.kind, ERR_SYSTEM);
    for (size_t i = 0; i < sizeof(bad_files) / sizeof(*bad_files); i++) {
        put_file(bad_files[i].content, 0600);
        assert_int_equal(vault_load(path, &vault, &err), -1);
        assert_int_equal(err.kind, ERR_CONFIG);
        if (!strstr(err.text, bad_files[i].says))
            fail_msg("case %zu: %s", i, err.text);
        assert_null(strstr(err.text, "0011"));
        assert_null(vault);
    }
    put_file("1 encrypt " KEY_A "\n" REST, 0644);
    assert_int_equal(vault_load(path, &vault, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
    vault_free(&vault);
}

static void test_seal_and_open(void **state)
{
    static const char *const plains[] = {"", "x", "310101199001010018"};
    struct bytes sealed, again, plain;

    (void)state;
    put_file("1 encrypt " KEY_A "\n7 encrypt " KEY_B "\n" REST, 0640);
    struct vault *vault = load();
    assert_int_equal(vault_key_id(vault), 7);
    for (size_t i = 0; i < sizeof(plains) / sizeof(*plains); i++) {
        struct bytes in = bytes_of(plains[i]);
        assert_int_equal(vault_seal(vault, pool, "person.id_no", in, &sealed, &err), 0);
        assert_int_equal(vault_seal(vault, pool, "person.id_no", in, &again, &err), 0);
        assert_int_equal(sealed.size, 1 + 4 + 12 + in.size + 16);
        assert_memory_equal(sealed.data, "\x01\x00\x00\x00\x07", 5);
        assert_memory_not_equal(sealed.data, again.data, sealed.size);
        assert_int_equal(vault_sealed_by(sealed), 7);
        assert_int_equal(vault_open(vault, pool, "person.id_no", sealed, &plain, &err), 0);
        assert_int_equal(plain.size, in.size);
        assert_memory_equal(plain.data, in.data, in.size);
        assert_int_equal(plain.data[plain.size], 0);
    }
    vault_free(&vault);
    assert_null(vault);
}

static void test_changed_values_do_not_open(void **state)
{
    struct bytes sealed, plain;

    (void)state;
    put_file("1 encrypt " KEY_A "\n" REST, 0600);
    struct vault *vault = load();
    assert_int_equal(vault_seal(vault, pool, "a.b", bytes_of("secret"), &sealed, &err), 0);
    for (size_t i = 0; i < sealed.size * 8; i++) {
        uint8_t *copy = pool_copy(pool, sealed.data, sealed.size);
        copy[i / 8] ^= (uint8_t)(1 << i % 8);
        struct bytes changed = {copy, sealed.size};
        assert_int_equal(vault_open(vault, pool, "a.b", changed, &plain, &err), -1);
        assert_int_equal(err.kind, ERR_CRYPTO);
    }
    for (size_t size = 0; size < sealed.size; size++) {
        struct bytes cut = {sealed.data, size};
        assert_int_equal(vault_open(vault, pool, "a.b", cut, &plain, &err), -1);
    }
    assert_int_equal(vault_open(vault, pool, "a.c", sealed, &plain, &err), -1);
    assert_int_equal(vault_open(vault, pool, "", sealed, &plain, &err), -1);
    assert_int_equal(vault_open(vault, pool, "a.b", sealed, &plain, &err), 0);
    assert_int_equal(vault_sealed_by(bytes_of("plain text that was never sealed at all")), 0);
    vault_free(&vault);
}

static void assert_shut(const struct vault *vault, const char *place, struct bytes sealed)
{
    struct bytes plain;

    assert_int_equal(vault_open(vault, pool, place, sealed, &plain, &err), -1);
    assert_int_equal(err.kind, ERR_CRYPTO);
}

/* What is one owner's opens for nobody else; what was sealed before there were owners, for each. */
static void test_owners(void **state)
{
    struct bytes bound, unbound, plain;
    uint8_t mark[VAULT_MARK_SIZE];

    (void)state;
    put_file("1 encrypt " KEY_A "\n7 encrypt " KEY_B "\n" REST, 0600);
    struct vault *vault = load();
    assert_int_equal(vault_seal(vault, pool, "a.b/17", bytes_of("secret"), &bound, &err), 0);
    assert_int_equal(vault_seal(vault, pool, "a.b", bytes_of("secret"), &unbound, &err), 0);
    assert_int_equal(vault_sealed_by(bound), 7);
    vault_mark(vault, true, mark);
    assert_memory_equal(bound.data, mark, sizeof(mark));
    vault_mark(vault, false, mark);
    assert_memory_equal(unbound.data, mark, sizeof(mark));
    assert_int_equal(vault_open(vault, pool, "a.b/17", bound, &plain, &err), 0);
    assert_memory_equal(plain.data, "secret", 6);
    static const char *const others[] = {"a.b/18", "a.b/1", "a.b/", "a.b", "a.c/17", ""};
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        assert_shut(vault, others[i], bound);
    assert_int_equal(vault_open(vault, pool, "a.b/17", unbound, &plain, &err), 0);
    assert_int_equal(vault_open(vault, pool, "a.b/18", unbound, &plain, &err), 0);
    assert_shut(vault, "a.c/17", unbound);
    /* Said to be of the other format, neither is. */
    uint8_t *lie = pool_copy(pool, bound.data, bound.size);
    lie[0] = 1;
    assert_shut(vault, "a.b/17", (struct bytes){lie, bound.size});
    lie = pool_copy(pool, unbound.data, unbound.size);
    lie[0] = 2;
    assert_shut(vault, "a.b/17", (struct bytes){lie, unbound.size});
    lie[0] = 3;
    assert_int_equal(vault_sealed_by((struct bytes){lie, unbound.size}), 0);
    vault_free(&vault);
}

static void test_old_keys_open(void **state)
{
    struct bytes sealed, plain;
    struct stat info;
    uint32_t id = 0;

    (void)state;
    put_file("1 encrypt " KEY_A "\n1 lookup " KEY_A "\n1 audit " KEY_B, 0640);
    struct vault *vault = load();
    assert_int_equal(vault_seal(vault, pool, "p", bytes_of("old"), &sealed, &err), 0);
    vault_free(&vault);
    assert_int_equal(vault_add_key(path, &id, &err), 0);
    assert_int_equal(id, 2);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0640);
    vault = load();
    assert_int_equal(vault_key_id(vault), 2);
    assert_int_equal(vault_open(vault, pool, "p", sealed, &plain, &err), 0);
    assert_memory_equal(plain.data, "old", 3);
    vault_free(&vault);
    put_file("2 encrypt " KEY_A "\n" REST, 0600);
    vault = load();
    assert_int_equal(vault_open(vault, pool, "p", sealed, &plain, &err), -1);
    assert_non_null(strstr(err.text, "key 1"));
    vault_free(&vault);
}

static void test_add_key_refuses(void **state)
{
    uint32_t id = 9;

    (void)state;
    put_file("1 encrypt " KEY_A "\n", 0600);
    assert_int_equal(vault_add_key(path, &id, &err), -1);
    put_file("4294967295 encrypt " KEY_A "\n" REST, 0600);
    assert_int_equal(vault_add_key(path, &id, &err), -1);
    assert_int_equal(err.kind, ERR_LIMIT);
    unlink(path);
    assert_int_equal(vault_add_key(path, &id, &err), -1);
    assert_int_equal(vault_add_key("/nonexistent/keys", &id, &err), -1);
    assert_int_equal(id, 9);
}

static void test_create(void **state)
{
    struct stat info;

    (void)state;
    unlink(path);
    assert_int_equal(vault_create(path, &err), 0);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    struct vault *vault = load();
    assert_int_equal(vault_key_id(vault), 1);
    vault_free(&vault);
    assert_int_equal(vault_create(path, &err), -1);
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_int_equal(vault_create("/nonexistent/keys", &err), -1);
}

/* Several add at once: no key is lost. */
static void test_add_together(void **state)
{
    enum { TOGETHER = 8 };
    pid_t pids[TOGETHER];
    uint32_t id;

    (void)state;
    put_file("1 encrypt " KEY_A "\n" REST, 0600);
    for (int i = 0; i < TOGETHER; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            _exit(vault_add_key(path, &id, &err) == 0 ? 0 : 1);
    }
    for (int i = 0; i < TOGETHER; i++) {
        int status;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    struct vault *vault = load();
    assert_int_equal(vault_key_id(vault), 1 + TOGETHER);
    vault_free(&vault);
}

static void hex_of(const uint8_t hash[32], char out[65])
{
    hex_encode(hash, 32, out);
}

/* Expected values: openssl dgst -sha256 -mac HMAC -macopt hexkey:…. */
static void test_hashes(void **state)
{
    const struct bytes parts[] = {
        bytes_of("one"), {NULL, 0},
         bytes_of("two")
    };
    uint8_t hash[32];
    char text[65];

    (void)state;
    put_file("1 encrypt " KEY_A "\n" REST, 0600);
    struct vault *vault = load();
    for (int again = 0; again < 2; again++) {
        vault_lookup(vault, "person.id_no", "310101199001010018", hash);
        hex_of(hash, text);
        assert_string_equal(text,
                            "cbce3d8e1b94a724d43a59ba4cec3f67d2674e374333ab2801cd124c838872e2");
        vault_audit(vault, parts, 3, hash);
        hex_of(hash, text);
        assert_string_equal(text,
                            "0f85ad076f5a6a109b4681b97d175cedbbb4eb1d36606d8965c633860fb1f60f");
    }
    vault_free(&vault);
}

static int setup(void **state)
{
    (void)state;
    pool = pool_new(4096, 0);
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/keys", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pool_free(&pool);
    unlink(path);
    /* Fails where a temporary file was left behind. */
    return rmdir(folder);
}

static void test_no_core_dump(void **state)
{
    struct rlimit limit;

    (void)state;
    put_file("1 encrypt " KEY_A "\n" REST, 0640);
    struct vault *vault = load();
    assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
    assert_true(limit.rlim_cur <= 1 && limit.rlim_max <= 1);
    vault_free(&vault);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_seal_and_open),
        cmocka_unit_test(test_changed_values_do_not_open),
        cmocka_unit_test(test_owners),
        cmocka_unit_test(test_old_keys_open),
        cmocka_unit_test(test_add_key_refuses),
        cmocka_unit_test(test_create),
        cmocka_unit_test(test_add_together),
        cmocka_unit_test(test_hashes),
        cmocka_unit_test(test_no_core_dump),
    };

    return cmocka_run_group_tests(tests, setup, teardown) ? 1 : 0;
}
