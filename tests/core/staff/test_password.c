/* Passwords of staff: what may be one, and how it is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/staff/password.h"

static struct pool *pool;
static struct password_settings settings = {.memory_kib = 64, .passes = 1, .lanes = 1, .common = ""};

static const struct {
    const char *password;
    enum password_verdict verdict;
} cases[] = {
    {"", PASSWORD_SHORT},
    {"eleven char", PASSWORD_SHORT},
    {"twelve chars", PASSWORD_OK},
    {"十一个字符的密码不够长", PASSWORD_SHORT},
    {"十二个字符的密码就够长了", PASSWORD_OK},
    {"aaaaaaaaaaaaaaaa", PASSWORD_SIMPLE},
    {"abababababababab", PASSWORD_SIMPLE},
    {"12341234123412341234", PASSWORD_SIMPLE},
    {"123456789012", PASSWORD_SIMPLE},
    {"abcdefghijklmnop", PASSWORD_SIMPLE},
    {"zyxwvutsrqponm", PASSWORD_SIMPLE},
    {"my wang.wu password", PASSWORD_OWN},
    {"my WANG.WU password", PASSWORD_OWN},
    {"christopher1", PASSWORD_COMMON},
    {"CHRISTOPHER1", PASSWORD_COMMON},
    {"christopher1x", PASSWORD_OK},
};

static void judges_passwords(void **state)
{
    char list[1024], long_one[PASSWORD_MAX * 4 + 2];
    enum password_verdict verdict;
    struct err err;

    (void)state;
    snprintf(list, sizeof(list), "%s/conf/common-passwords.txt",
             getenv("TOP_SRCDIR") ? getenv("TOP_SRCDIR") : ".");
    settings.common = list;
    assert_int_equal(password_settings_check(&settings, &err), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(password_judge(&settings, "wang.wu", cases[i].password, &verdict, &err), 0);
        if (verdict != cases[i].verdict)
            fail_msg("%s: %d instead of %d", cases[i].password, verdict, cases[i].verdict);
    }
    for (size_t i = 0; i < sizeof(long_one); i++)
        long_one[i] = (char)('!' + i % 90);
    long_one[PASSWORD_MAX + 1] = '\0';
    assert_int_equal(password_judge(&settings, "x", long_one, &verdict, &err), 0);
    assert_int_equal(verdict, PASSWORD_LONG);
    memset(long_one, 'y', sizeof(long_one) - 1);
    long_one[sizeof(long_one) - 1] = '\0';
    assert_int_equal(password_judge(&settings, "x", long_one, &verdict, &err), 0);
    assert_int_equal(verdict, PASSWORD_LONG);
    settings.common = "/nowhere/at/all";
    assert_int_equal(password_judge(&settings, "x", "a good sentence", &verdict, &err), -1);
    assert_int_equal(password_settings_check(&settings, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
    settings.common = "";
}

/* The search by halves finds every line, and only whole lines. */
static void finds_each_line_of_the_list(void **state)
{
    static const char text[] = "aaaaaaaaaaa1\nbbcbdbebfbgb\nccdcecfcgchc\nddedfdgdhdid\nqwertyuiop12";
    static const char *const lines[] = {"bbcbdbebfbgb", "ccdcecfcgchc", "ddedfdgdhdid", "qwertyuiop12"};
    static const char *const others[] = {"bbcbdbebfbgbx", "bcbdbebfbgbcc", "qwertyuiop123",
                                         "0123xyzabcdef", "zzyyxxwwvvuutt"};
    char path[] = "/tmp/ecert-list.XXXXXX";
    enum password_verdict verdict;
    struct err err;
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
    close(fd);
    settings.common = path;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_int_equal(password_judge(&settings, "x", lines[i], &verdict, &err), 0);
        assert_int_equal(verdict, PASSWORD_COMMON);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_int_equal(password_judge(&settings, "x", others[i], &verdict, &err), 0);
        assert_int_equal(verdict, PASSWORD_OK);
    }
    settings.common = "";
    unlink(path);
}

static void keeps_hashes(void **state)
{
    const char *hash, *again;
    struct err err;
    bool stale;

    (void)state;
    assert_int_equal(password_hash(&settings, pool, "a good sentence", &hash, &err), 0);
    assert_int_equal(password_hash(&settings, pool, "a good sentence", &again, &err), 0);
    assert_string_not_equal(hash, again);
    assert_memory_equal(hash, "$argon2id$v=19$m=64,t=1,p=1$", 28);
    assert_int_equal(password_verify(&settings, pool, hash, "a good sentence", &stale, &err), 1);
    assert_false(stale);
    assert_int_equal(password_verify(&settings, pool, hash, "a good sentence ", &stale, &err), 0);
    assert_int_equal(password_verify(&settings, pool, hash, "", &stale, &err), 0);
    assert_int_equal(password_verify(&settings, pool, NULL, "a good sentence", &stale, &err), 0);
    assert_int_equal(password_verify(&settings, pool, "$argon2id$broken", "x", &stale, &err), -1);
    assert_int_equal(err.kind, ERR_CRYPTO);
    settings.passes = 2;
    assert_int_equal(password_verify(&settings, pool, hash, "a good sentence", &stale, &err), 1);
    assert_true(stale);
    settings.passes = 1;
}

/* What a verification costs is the memory that it fills: counted in pages, where a clock would tell of
 * the machine. */
static long pages_filled(const struct password_settings *costly, const char *hash)
{
    struct rusage before, after;
    struct err err;
    bool stale;

    getrusage(RUSAGE_SELF, &before);
    assert_int_equal(password_verify(costly, pool, hash, "not the sentence", &stale, &err), 0);
    getrusage(RUSAGE_SELF, &after);
    return after.ru_minflt - before.ru_minflt;
}

static void spends_as_much_on_nobody(void **state)
{
    /* Above what malloc ever keeps for the next. */
    const struct password_settings costly = {.memory_kib = 65536, .passes = 1, .lanes = 1, .common = ""};
    const long least = costly.memory_kib * 1024 / sysconf(_SC_PAGESIZE) * 9 / 10;
    const char *hash;
    struct err err;

    (void)state;
    assert_int_equal(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0), 0); /* pages of one size */
    assert_int_equal(password_hash(&costly, pool, "a good sentence", &hash, &err), 0);
    assert_true(pages_filled(&costly, hash) >= least);
    assert_true(pages_filled(&costly, NULL) >= least);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_passwords),
        cmocka_unit_test(finds_each_line_of_the_list),
        cmocka_unit_test(keeps_hashes),
        cmocka_unit_test(spends_as_much_on_nobody),
    };

    pool = pool_new(0, 0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    return failed ? 1 : 0;
}
