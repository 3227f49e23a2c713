#include "base/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/date.h"
#include "base/err.h"
#include "base/pool.h"

struct sample {
    const char *name;
    int64_t days;
    bool demo;
    struct date today;
    const char *file;
    const struct config_entry *codes;
    int64_t class_b;
};

#define MEMBER(member) offsetof(struct sample, member)

static const struct config_key keys[] = {
    {"Issuer.Name",      CONFIG_TEXT, MEMBER(name),  NULL, 1, 4  },
    {"Policy.RenewDays", CONFIG_INT,  MEMBER(days),  "90", 1, 365},
    {"Issuer.Demo",      CONFIG_BOOL, MEMBER(demo),  "0",  0, 0  },
    {"Clock.Today",      CONFIG_DATE, MEMBER(today), "",   0, 0  },
    {"Database.File",    CONFIG_PATH, MEMBER(file),  "",   0, 0  },
    {"Login.Code",       CONFIG_TREE, MEMBER(codes), NULL, 0, 0  },
};
static const struct config_key more_keys[] = {
    {"Policy.AgeMax.B", CONFIG_INT, MEMBER(class_b), "65", 0, 0},
};

static struct pool *pool;
static struct err err;
static char folder[] = "/tmp/ecert-config-XXXXXX";
static char path[64];

static int load(const char *content, struct sample *sample)
{
    const struct config_section sections[] = {
        {keys,      sizeof(keys) / sizeof(*keys),           sample},
        {more_keys, sizeof(more_keys) / sizeof(*more_keys), sample},
    };
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(content, file);
    fclose(file);
    memset(sample, 0, sizeof(*sample));
    return config_load(pool, path, sections, 2, &err);
}

#define NAME "Issuer.Name = x\n"

static const struct {
    const char *content;
    const char *says; /* behind the path */
} mistakes[] = {
    {"",                                          ": Issuer.Name: must be given"                              },
    {"Issuer.Name =\n",                           ":1: Issuer.Name: must have 1 to 4 characters"              },
    {"Issuer.Name = 上海建设管\n",           ":1: Issuer.Name: must have 1 to 4 characters"              },
    {NAME "Policy.RenewDays = 0\n",               ":2: Policy.RenewDays: must be a whole number from 1 to 365"},
    {NAME "Policy.RenewDays = 366\n",             ":2: Policy.RenewDays: must be"                             },
    {NAME "Policy.RenewDays = 9x\n",              ":2: Policy.RenewDays: must be"                             },
    {NAME "Policy {\n RenewDays =\n}\n",          ":3: Policy.RenewDays: must be"                             },
    {NAME "Policy.AgeMax.B = old\n",              ":2: Policy.AgeMax.B: must be a whole number"               },
    {NAME "\n# c\nIssuer.Demo = yes\n",           ":4: Issuer.Demo: must be 0 or 1"                           },
    {NAME "Issuer.Demo =\n",                      ":2: Issuer.Demo: must be 0 or 1"                           },
    {NAME "Clock.Today = 2024-02-30\n",           ":2: Clock.Today: must be a date"                           },
    {NAME "Issuer.Nmae = y\n",                    ":2: Issuer.Nmae: is no key"                                },
    {NAME "issuer.Name = y\n",                    ":2: issuer.Name: is no key"                                },
    {NAME "Login.Codes.0 = y\n",                  ":2: Login.Codes.0: is no key"                              },
    {NAME "Issuer {\n  Name = y\n}\n",            ":3: Issuer.Name: is given already on line 1"               },
    {NAME "Login.Code.0 = a\nLogin.Code.0 = b\n", ":3: Login.Code.0: is given already on line 2"              },
    {NAME "Policy {\n",                           ":2: this { is not closed"                                  },
    {NAME "}\n",                                  ":2: this } closes nothing"                                 },
    {NAME "Clock.Today << END\n2024-01-01\n",     ":2: Clock.Today: the end of the lines"                     },
    {NAME "Clock.Today\n",                        ":2: Clock.Today: expected"                                 },
    {NAME "= 3\n",                                ":2: expected"                                              },
    {NAME ".Name = 3\n",                          ":2: expected"                                              },
    {NAME "A..B = 3\n",                           ":2: expected"                                              },
    {NAME "A. = 3\n",                             ":2: expected"                                              },
    {NAME "#include \"other\"\n",                 ":2: expected"                                              },
    {NAME "Clock.Today : Issuer.Name\n",          ":2: Clock.Today: expected"                                 },
    {NAME "Clock.Today := Issuer.Name\n",         ":2: Clock.Today: expected"                                 },
    {NAME "Clock.Today [a] = 3\n",                ":2: Clock.Today: expected"                                 },
    {NAME "Clock.Today <<\n",                     ":2: Clock.Today: expected"                                 },
    {"Issuer.Name = \xff\n",                      ":1: is not a UTF-8 text"                                   },
    {NAME "\n# \xe6\xb2\n\n",                     ":3: is not a UTF-8 text"                                   },
};

static void test_mistakes(void **state)
{
    struct sample sample;
    char expected[256];

    (void)state;
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++) {
        snprintf(expected, sizeof(expected), "%s%s", path, mistakes[i].says);
        assert_int_equal(load(mistakes[i].content, &sample), -1);
        assert_int_equal(err.kind, ERR_CONFIG);
        if (strncmp(err.text, expected, strlen(expected)) != 0 || strchr(err.text, '\n'))
            fail_msg("case %zu: %s", i, err.text);
    }
    const struct config_section none = {keys, 0, &sample};
    assert_int_equal(config_load(pool, "/nonexistent", &none, 1, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
}

static void test_all_mistakes_in_order(void **state)
{
    struct sample sample;
    char expected[512], *many = pool_text(pool, "");

    (void)state;
    assert_int_equal(load("Policy.RenewDays = x\nWhat = 1\nIssuer.Demo = 2\n???\n", &sample), -1);
    snprintf(expected, sizeof(expected),
             "%s: Issuer.Name: must be given\n"
             "%s:1: Policy.RenewDays: must be a whole number from 1 to 365\n"
             "%s:2: What: is no key\n"
             "%s:3: Issuer.Demo: must be 0 or 1\n"
             "%s:4: expected Name = value, Name {, Name << END or }",
             path, path, path, path, path);
    assert_string_equal(err.text, expected);
    for (int i = 0; i < 500; i++)
        many = pool_printf(pool, "%sUnknown%d = 1\n", many, i);
    assert_int_equal(load(many, &sample), -1);
    assert_non_null(strstr(err.text, ":20: Unknown19: is no key\n"));
    assert_non_null(strstr(err.text, "\n… and "));
    int told = 0;
    for (const char *c = err.text; *c; c++)
        told += *c == '\n';
    assert_int_equal(told + strtol(strstr(err.text, "and ") + 4, NULL, 10), 501);
}

static void test_values(void **state)
{
    struct sample sample;
    char expected[80];

    (void)state;
    assert_int_equal(load("# comment = 1\n"
                          "Issuer {\n"
                          "  Name = 上海 # \r\n"
                          "  Demo = 1\n"
                          "}\n"
                          "Policy {\n"
                          "AgeMax {\n B = -3\n }\n"
                          "RenewDays=365\n"
                          "}\n"
                          "Clock.Today =  2024-02-29  \n"
                          "Database.File = keys/db\n"
                          "Login.Code.0.Issuer = CN = A, O = B\n"
                          "Login {\n Code {\n 1 << EOM\nline 1\n  line 2\nEOM\n }\n}\n"
                          "Login.Code.10.Field = x",
                          &sample),
                     0);
    assert_string_equal(sample.name, "上海 #");
    assert_true(sample.demo);
    assert_int_equal(sample.days, 365);
    assert_int_equal(sample.class_b, -3);
    assert_int_equal(date_compare(sample.today, (struct date){2024, 2, 29}), 0);
    snprintf(expected, sizeof(expected), "%s/keys/db", folder);
    assert_string_equal(sample.file, expected);
    const struct config_entry *code = sample.codes;
    assert_string_equal(code->name, "0.Issuer");
    assert_string_equal(code->value, "CN = A, O = B");
    code = code->next;
    assert_string_equal(code->name, "1");
    assert_string_equal(code->value, "line 1\n  line 2\n");
    code = code->next;
    assert_string_equal(code->name, "10.Field");
    assert_null(code->next);
}

static void test_fallbacks(void **state)
{
    struct sample sample;

    (void)state;
    assert_int_equal(load(NAME, &sample), 0);
    assert_int_equal(sample.days, 90);
    assert_int_equal(sample.class_b, 65);
    assert_false(sample.demo);
    assert_true(date_is_none(sample.today));
    assert_string_equal(sample.file, "");
    assert_null(sample.codes);
}

static void test_environment(void **state)
{
    struct sample sample;

    (void)state;
    setenv("ECERT_ISSUER_NAME", "env", 1);
    setenv("ECERT_POLICY_AGEMAX_B", "7", 1);
    setenv("ECERT_DATABASE_FILE", "/absolute", 1);
    assert_int_equal(load("Policy.AgeMax.B = 8\n", &sample), 0);
    assert_string_equal(sample.name, "env");
    assert_int_equal(sample.class_b, 7);
    assert_string_equal(sample.file, "/absolute");
    setenv("ECERT_POLICY_AGEMAX_B", "x", 1);
    assert_int_equal(load("Policy.AgeMax.B = 8\n", &sample), -1);
    assert_string_equal(err.text, "environment: ECERT_POLICY_AGEMAX_B: must be a whole number");
    unsetenv("ECERT_ISSUER_NAME");
    unsetenv("ECERT_POLICY_AGEMAX_B");
    unsetenv("ECERT_DATABASE_FILE");
}

/* A table's rows, too: those of the file, and others. */
static void test_environment_tree(void **state)
{
    struct sample sample;

    (void)state;
    setenv("ECERT_LOGIN_CODE_0_FIELD", "env", 1);
    setenv("ECERT_LOGIN_CODE_7_FIELD", "more", 1);
    setenv("ECERT_LOGIN_CODE", "nothing", 1);
    setenv("ECERT_LOGIN_CODEX_1", "nothing", 1);
    assert_int_equal(load(NAME "Login.Code.0.Issuer = a\nLogin.Code.0.Field = b\n", &sample), 0);
    assert_string_equal(sample.codes->name, "0.Issuer");
    assert_string_equal(sample.codes->value, "a");
    assert_string_equal(sample.codes->next->name, "0.Field");
    assert_string_equal(sample.codes->next->value, "env");
    assert_string_equal(sample.codes->next->next->name, "7.Field");
    assert_string_equal(sample.codes->next->next->value, "more");
    assert_null(sample.codes->next->next->next);
    assert_string_equal(config_where(pool, path, "Login.Code.7.Field"), "environment: ECERT_LOGIN_CODE_7_FIELD");
    unsetenv("ECERT_LOGIN_CODE_0_FIELD");
    unsetenv("ECERT_LOGIN_CODE_7_FIELD");
    unsetenv("ECERT_LOGIN_CODE");
    unsetenv("ECERT_LOGIN_CODEX_1");
}

static void test_where(void **state)
{
    struct sample sample;

    (void)state;
    assert_int_equal(load(NAME "Login {\n Code {\n  3.Field = b\n }\n}\n", &sample), 0);
    assert_string_equal(config_where(pool, path, "Issuer.Name"), pool_printf(pool, "%s:1: Issuer.Name", path));
    assert_string_equal(config_where(pool, path, "Login.Code.3"), pool_printf(pool, "%s:4: Login.Code.3", path));
    assert_string_equal(config_where(pool, path, "Policy.RenewDays"), pool_printf(pool, "%s: Policy.RenewDays", path));
}

static void test_secret(void **state)
{
    static const struct {
        const char *content, *secret;
    } cases[] = {
        {"",          ""       },
        {"pw\n",      "pw"     },
        {"pw",        "pw"     },
        {"pw\r\n",    "pw"     },
        {" p w \n\n", " p w \n"}
    };
    const char *secret;

    (void)state;
    assert_int_equal(config_secret(pool, "", &secret, &err), 0);
    assert_string_equal(secret, "");
    assert_int_equal(config_secret(pool, "/nonexistent", &secret, &err), -1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        FILE *file = fopen(path, "w");
        fputs(cases[i].content, file);
        fclose(file);
        chmod(path, 0644);
        assert_int_equal(config_secret(pool, path, &secret, &err), -1);
        assert_int_equal(err.kind, ERR_CONFIG);
        chmod(path, 0600);
        assert_int_equal(config_secret(pool, path, &secret, &err), 0);
        assert_string_equal(secret, cases[i].secret);
    }
}

static int setup(void **state)
{
    (void)state;
    pool = pool_new(4096, 0);
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/test.conf", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pool_free(&pool);
    unlink(path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mistakes),    cmocka_unit_test(test_all_mistakes_in_order),
        cmocka_unit_test(test_values),      cmocka_unit_test(test_fallbacks),
        cmocka_unit_test(test_environment), cmocka_unit_test(test_environment_tree),
        cmocka_unit_test(test_where),       cmocka_unit_test(test_secret),
    };

    return cmocka_run_group_tests(tests, setup, teardown) ? 1 : 0;
}
