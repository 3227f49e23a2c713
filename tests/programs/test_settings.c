/* ecert.conf: what is refused, and that the table of keys and conf/ecert.conf agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/text.h"
#include "programs/settings.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char file[] = "/tmp/ecert-settings.XXXXXX";
static struct pool *pool;

static int load(const char *text, struct settings *settings, struct err *err)
{
    FILE *out = fopen(file, "w");

    assert_non_null(out);
    fputs(text, out);
    fclose(out);
    err_clear(err);
    return settings_load(pool, file, settings, err);
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *word;
    } rows[] = {
        {"Web.Wokers = 3\n", "Web.Wokers"},
        {"Web.Workers = 0\n", "Web.Workers"},
        {"Web.Workers = many\n", "Web.Workers"},
        {"Web.Listen = 9000\n", ":1: Web.Listen"},
        {"Web.Listen = unix:ecertd.sock\n", ":1: Web.Listen"},
        {"Web.Listen = localhost:http\n", ":1: Web.Listen"},
        {"Web.Listen = localhost:65536\n", ":1: Web.Listen"},
        {"Web.Origin = http://localhost\n", ":1: Web.Origin"},
        {"Web.Origin = https://localhost/path\n", "Web.Origin"},
        {"Web.LoginOrigin = ftp://localhost\n", "Web.LoginOrigin"},
        {"Verify.Origin = https://\n", "Verify.Origin"},
        {"Web.SessionIdle = 3600\nWeb.SessionAbsolute = 1800\n", "Web.SessionIdle"},
        {"Staff.KeyRpId = example.org\n", "Staff.KeyRpId"},
        {"Web.Origin = https://a.example.org\nWeb.LoginOrigin = https://a.example.org:8444\n"
         "Staff.KeyRpId = ample.org\n", "Staff.KeyRpId"},
        {"Staff.PasswordMemoryKiB = 1024\n", "Staff.PasswordMemoryKiB"},
        {"Web.StaffSessionIdle = 3600\nWeb.StaffSessionAbsolute = 1800\n", "Web.StaffSessionIdle"},
        {"Issuer.Code = 11310000MB00000008\n", "Issuer.Code"},
        {"Issuer.Demo = 0\n", "Issuer.Code"},
        {"Issuer.Demo = 0\nIssuer.Code = 11100000000013338W\nClock.Today = 2026-01-01\n",
         "Clock.Today"},
        {"Clock.Today = 2026-02-30\n", "Clock.Today"},
        {"IssuerDaemon.Batch = 101\n", "IssuerDaemon.Batch"},
        {"IssuerDaemon.Owner = 发证机\n", "IssuerDaemon.Owner"},
        {"Evidence.Exam.Url = http://exam.example/\n", "Evidence.Exam.Url"},
        {"Evidence.Insurance.Url = insurance.example\n", "Evidence.Insurance.Url"},
        {"Evidence.Education.Url = https://user@education.example/\n", "Evidence.Education.Url"},
        {"Evidence.TimeoutMs = 0\n", "Evidence.TimeoutMs"},
        {"Seal.TimestampUrl.1 = http://a/\n", "Seal.TimestampAuthorities"},
        {"Seal.TimestampUrl.x = http://a/\n", ":1: Seal.TimestampUrl.x"},
        {"Seal.TimestampUrl.1 = ftp://a/\n", "Seal.TimestampUrl"},
        {"Seal.TimestampUrl.1 =\n", "Seal.TimestampUrl"},
        {"Seal.TimestampRequired = 1\n", "Seal.TimestampRequired"},
        {"Seal.TimestampBytes = 1000\n", "Seal.TimestampBytes"},
        {"Seal.TimestampToleranceMs = 999\n", "Seal.TimestampToleranceMs"},
        {"Seal.TimestampUrl.1 = http://a/\nSeal.TimestampUrl.2 = https://b/\n"
         "Seal.TimestampAuthorities = a.pem\nSeal.TimestampTimeoutMs = 16000\n",
         "Seal.TimestampTimeoutMs"},
        {"Evidence.Attempts = 0\n", "Evidence.Attempts"},
        {"Evidence.Attempts = 6\n", "Evidence.Attempts"},
        {"Evidence.BreakerFailures = 0\n", "Evidence.BreakerFailures"},
        {"Evidence.BreakerMs = 99\n", "Evidence.BreakerMs"},
        {"Login.Ocsp = maybe\n", ":1: Login.Ocsp"},
        {"Login.FirmCode {\n 0.Issuer = *\n 0.Feld = OU\n}\n", ":3: Login.FirmCode.0.Feld"},
        {"\nLogin.FirmCode.4.Issuer = *\n", ":2: Login.FirmCode.4: needs"},
        {"Fonts.Chain.0.Size = 1\n", ":1: Fonts.Chain.0.Size"},
        {"Fonts.Chain.99.Path = /a\n", ":1: Fonts.Chain.99.Path"},
        {"Login.OcspTimeoutMs = 99\n", "Login.OcspTimeoutMs"},
        {"Login.Intermediates = 0\n", "Login.Intermediates"},
        {"Login.RevocationUrls = ftp://ca.example/a.crl\n", "Login.RevocationUrls"},
        {"Login.RevocationUrls = http://ca.example/a.crl ca.example/b.crl\n", "Login.RevocationUrls"},
        {"Seal.RevocationUrls = ldap://ca.example/a.crl\n", "Seal.RevocationUrls"},
        {"Notify.Mail.Url = http://relay.example/\n", "Notify.Mail.Url"},
        {"Notify.Mail.Url = smtp://relay.example:587/x\n", "Notify.Mail.Url"},
        {"Notify.Mail.Url = smtp://relay.example:587\n", "Notify.Mail.From"},
        {"Notify.Mail.Url = smtp://relay.example:587\nNotify.Mail.From = nobody\n", "Notify.Mail.From"},
        {"Notify.Mail.Url = smtp://relay.example:25\nNotify.Mail.Tls = 0\nNotify.Mail.From = a@b.example\n",
         "Notify.Mail.Tls"},
        {"Notify.Mail.User = me\n", "Notify.Mail.PasswordFile"},
        {"Notify.Sms.Url = http://gateway.example/\n", "Notify.Sms.Url"},
        {"Notify.Sms.Url = https://gateway.example/\n", "Notify.Sms.SecretFile"},
        {"Notify.RetryFirstMs = 5000\nNotify.RetryMostMs = 4000\n", "Notify.RetryFirstMs"},
        {"Notify.Batch = 101\n", "Notify.Batch"},
        {"Notify.Owner = a b\n", "Notify.Owner"},
        {"Retention.Sessions = 0\n", "Retention.Sessions"},
        {"Retention.Outbox = 119\n", "Retention.Outbox"},
        {"Retention.Certificates = 10\n", "Retention.Certificates"},
        {"# c\nLog.Level = loud\n", ":2: Log.Level"},
        {"Policy.Departure.LockedClasses = B C4\n", "Policy.Departure.LockedClasses"},
        {"Database.PasswordFile = /nonexistent/password\n", "/nonexistent/password"},
    };
    struct settings settings;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (load(rows[i].text, &settings, &err) == 0)
            fail_msg("row %zu was taken", i);
        if (!strstr(err.text, rows[i].word))
            fail_msg("row %zu: %s", i, err.text);
    }
    assert_int_equal(settings_load(pool, "/nonexistent/ecert.conf", &settings, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
}

/* Each rule is fed by the key that it names. */
static void test_retention(void **state)
{
    size_t count;
    const struct config_key *keys = settings_keys(&count);

    (void)state;
    for (int rule = 0; rule < RETENTION_RULES; rule++) {
        size_t at = 0;

        while (at < count && strcmp(keys[at].name, retention_rules[rule].key) != 0)
            at++;
        if (at == count || keys[at].offset != offsetof(struct settings, retention.days[rule]))
            fail_msg("%s", retention_rules[rule].key);
    }
}

static void test_all_mistakes_at_once(void **state)
{
    struct settings settings;
    struct err err = {0};

    (void)state;
    assert_int_equal(load("Web.Workers = x\n\nNo.Such = 1\n", &settings, &err), -1);
    assert_non_null(strstr(err.text, ":1:"));
    assert_non_null(strstr(err.text, ":3:"));
}

static void test_defaults(void **state)
{
    struct settings settings;
    struct err err = {0};

    (void)state;
    if (load("", &settings, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(settings.policy.valid_years, 3);
    assert_int_equal(settings.policy.renew_days, 90);
    assert_int_equal(settings.policy.age_max_b, 65);
    for (int kind = 0; kind < EVIDENCE_KINDS; kind++)
        assert_string_equal(settings.evidence.url[kind], "");
    assert_int_equal(settings.evidence.timeout_ms, 3000);
    assert_string_equal(settings.policy.notify, "");
    assert_int_equal(settings.evidence.attempts, 2);
    assert_true(settings.policy.one_c_class);
    assert_false(settings.policy.serial_per_class);
    assert_true(settings.policy.demo);
    assert_string_equal(settings.policy.departure_locked, "B C1 C2 C3");
    assert_string_equal(settings.verify_origin, settings.web.origin);
    assert_string_equal(settings.db.password, "");
    assert_int_equal(settings.log_level, LOG_INFO);
    assert_true(*settings.issuer.owner != '\0');
}

static void test_given(void **state)
{
    struct settings settings;
    struct err err = {0};

    (void)state;
    setenv("ECERT_POLICY_AGEMAX_C", "55", 1);
    int loaded = load("Issuer.Demo = 0\nIssuer.Code = 11100000000013338W\nSeal.Key = seal.key\n"
                      "Verify.Origin = https://verify.example\nLog.Level = debug\n"
                      "Evidence.Insurance.Url = http://localhost:8080/v1\n"
                      "Evidence.TokenFile = evidence.token\n"
                      "Login.Ocsp = hard\n"
                      "Seal.Revocations = seal-lists.pem\n"
                      "Login.RevocationUrls = http://ca.example/a.crl https://ca.example/b.crl\n"
                      "Login.FirmCode {\n 0.Issuer = *\n 0.Field = organizationIdentifier\n}\n",
                      &settings, &err);
    unsetenv("ECERT_POLICY_AGEMAX_C");
    if (loaded < 0)
        fail_msg("%s", err.text);
    assert_int_equal(settings.policy.age_max_c, 55);
    assert_string_equal(settings.seal.key, "/tmp/seal.key");
    assert_string_equal(settings.verify_origin, "https://verify.example");
    assert_int_equal(settings.log_level, LOG_DEBUG);
    assert_string_equal(settings.evidence.url[EVIDENCE_INSURANCE], "http://localhost:8080/v1");
    assert_string_equal(settings.evidence.token_file, "/tmp/evidence.token");
    assert_int_equal(settings.trust.ocsp, TRUST_OCSP_HARD);
    assert_string_equal(settings.stamper.revocations, "/tmp/seal-lists.pem");
    assert_string_equal(settings.trust.firm_code->name, "0.Issuer");
    assert_string_equal(settings.trust.firm_code->next->value, "organizationIdentifier");
}

static void test_fonts_refused(void **state)
{
    static const char *const rows[] = {
        "",
        "Fonts.Chain.0.Face = 1\n",
        "Fonts.Chain.0.Path = /a\nFonts.Chain.0.Face = x\n",
        "Fonts.Chain.0.Path = /nonexistent/font.ttf\n",
    };
    struct settings settings;
    struct fonts *fonts = NULL;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (load(rows[i], &settings, &err) < 0)
            fail_msg("row %zu: %s", i, err.text);
        if (settings_fonts(pool, &settings, &fonts, &err) == 0)
            fail_msg("row %zu was taken", i);
    }
}

static char *shipped(void)
{
    const char *top = getenv("srcdir");
    struct bytes text;
    struct err err = {0};

    if (file_read(pool, pool_printf(pool, "%s/conf/ecert.conf", top ? top : "."), 1 << 20, &text,
                  &err) < 0)
        fail_msg("%s", err.text);
    return pool_text_n(pool, (const char *)text.data, text.size);
}

/* The line that must stand there. Where the default is a path, its folder is the installation's
 * choice: only "/" and the name behind the last one are compared. */
static const char *line_of(const struct config_key *key)
{
    if (key->kind == CONFIG_TREE)
        return pool_printf(pool, "\n%s {\n", key->name);
    if (*key->fallback == '/')
        return pool_printf(pool, "\n#%s = /", key->name);
    return pool_printf(pool, "\n#%s =%s%s\n", key->name, *key->fallback ? " " : "", key->fallback);
}

static void test_every_key_is_documented(void **state)
{
    size_t count;
    const struct config_key *keys = settings_keys(&count);
    char *text = pool_printf(pool, "\n%s", shipped());

    (void)state;
    for (size_t i = 0; i < count; i++) {
        const char *line = line_of(&keys[i]);
        const char *first = strstr(text, line);
        if (!first || strstr(first + 1, line))
            fail_msg("conf/ecert.conf must have once: %s", line + 1);
        if (keys[i].kind == CONFIG_TREE || *keys[i].fallback != '/')
            continue;
        const char *name = strrchr(keys[i].fallback, '/'), *end = strchr(first + 1, '\n');
        assert_non_null(end);
        assert_memory_equal(end - strlen(name), name, strlen(name));
    }
}

/* Each line of the file that looks like a key is one: with all of them in force it is taken. */
static void test_every_documented_key_is_known(void **state)
{
    char *text = shipped(), *rest = NULL;
    struct text all;
    struct settings settings;
    struct err err = {0};
    size_t keys = 0, count;

    (void)state;
    text_init(&all, pool, 1 << 20);
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        bool key = line[0] == '#' && line[1] >= 'A' && line[1] <= 'Z' && strstr(line, " =");
        keys += key || strstr(line, " {") != NULL;
        text_printf(&all, "%s\n", key ? line + 1 : line);
    }
    if (load(all.data, &settings, &err) < 0)
        fail_msg("%s", err.text);
    settings_keys(&count);
    assert_int_equal(keys, count);
}

static void test_user(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(become_user("", &err), 0);
    if (geteuid() == 0)
        assert_int_equal(become_user("no-such-user-here", &err), -1);
    else
        assert_int_equal(become_user("no-such-user-here", &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_retention),
        cmocka_unit_test(test_all_mistakes_at_once),
        cmocka_unit_test(test_fonts_refused),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_given),
        cmocka_unit_test(test_every_key_is_documented),
        cmocka_unit_test(test_every_documented_key_is_known),
        cmocka_unit_test(test_user),
    };
    int descriptor = mkstemp(file);

    if (descriptor < 0)
        return 1;
    close(descriptor);
    pool = pool_new(0, 0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    unlink(file);
    return failed ? 1 : 0;
}
