#include "programs/settings.h"

#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mail.h"
#include "base/pool.h"
#include "base/url.h"
#include "core/issue/job.h"
#include "core/register/identifier.h"
#include "core/seal/firmcode.h"

/* Where a Debian package puts things; configure says otherwise by -D. */
#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif
#ifndef PKGDATADIR
#define PKGDATADIR "/usr/share/ecert"
#endif
#ifndef PKGLIBEXECDIR
#define PKGLIBEXECDIR "/usr/libexec/ecert"
#endif
#ifndef LOCALSTATEDIR
#define LOCALSTATEDIR "/var"
#endif

#define CONFIG_FOLDER SYSCONFDIR "/ecert/"
/* The issuer of an installation that was told of none: fictional, with a right check digit. */
#define DEMO_CODE "11310000MB00000009"

enum { OUTBOX_DAYS = 120 };
enum { FONTS_MAX = 16, HOST_SIZE = 65, KEY_SIZE = 128, PATH_LIMIT = 4095, URL_LIMIT = 1024 };

#define AT(member) offsetof(struct settings, member)
#define SECOND     1000LL
#define HOUR       3600LL
#define MAX_PORT   65535
#define DAYS       36500

static const struct config_key keys[] = {
    {"Database.Socket", CONFIG_TEXT, AT(db.socket), "/run/mysqld/mysqld.sock", 0, 107},
    {"Database.Host", CONFIG_TEXT, AT(db.host), "localhost", 0, 255},
    {"Database.Port", CONFIG_INT, AT(db.port), "3306", 1, MAX_PORT},
    {"Database.User", CONFIG_TEXT, AT(db.user), "ecert", 1, 80},
    {"Database.PasswordFile", CONFIG_PATH, AT(db_password_file), "", 0, PATH_LIMIT},
    {"Database.Schema", CONFIG_TEXT, AT(db.schema), "ecert", 1, 64},
    {"Database.TimeoutMs", CONFIG_INT, AT(db.timeout_ms), "10000", 100, 600 * SECOND},

    {"Web.Listen", CONFIG_TEXT, AT(web.listen), "unix:/run/ecert/ecertd.sock", 1, 255},
    {"Web.SocketGroup", CONFIG_TEXT, AT(web.socket_group), "www-data", 0, 32},
    {"Web.User", CONFIG_TEXT, AT(user), "ecert", 0, 32},
    {"Web.Workers", CONFIG_INT, AT(web.workers), "4", 1, SUPERVISOR_MAX},
    {"Web.Backlog", CONFIG_INT, AT(web.backlog), "1024", 1, 65535},
    {"Web.Requests", CONFIG_INT, AT(web.requests), "100000", 0, 1000000000},
    {"Web.GraceMs", CONFIG_INT, AT(web.grace_ms), "10000", 100, 600 * SECOND},
    {"Web.GiveUpMs", CONFIG_INT, AT(web.give_up_ms), "30000", 100, 600 * SECOND},
    {"Web.Templates", CONFIG_PATH, AT(web.templates), PKGDATADIR "/templates", 1, PATH_LIMIT},
    {"Web.Origin", CONFIG_TEXT, AT(web.origin), "https://localhost:8443", 9, 255},
    {"Web.LoginOrigin", CONFIG_TEXT, AT(web.login_origin), "https://localhost:8444", 9, 255},
    {"Web.SessionIdle", CONFIG_INT, AT(web.session_idle_s), "1800", 60, 24 * HOUR},
    {"Web.SessionAbsolute", CONFIG_INT, AT(web.session_absolute_s), "28800", 60, 24 * HOUR},
    {"Web.StaffSessionIdle", CONFIG_INT, AT(web.staff_idle_s), "900", 60, 24 * HOUR},
    {"Web.StaffSessionAbsolute", CONFIG_INT, AT(web.staff_absolute_s), "14400", 60, 24 * HOUR},
    {"Web.BodyBytes", CONFIG_INT, AT(web.body_bytes), "65536", 1024, 16 << 20},
    {"Web.UploadBytes", CONFIG_INT, AT(web.upload_bytes), "12582912", 1024, 1 << 30},
    {"Web.ImportBytes", CONFIG_INT, AT(web.stream_bytes), "268435456", 1024, INT64_C(1) << 40},

    {"Login.Authorities", CONFIG_PATH, AT(trust.authorities), CONFIG_FOLDER "authorities.pem", 1,
     PATH_LIMIT},
    {"Login.Revocations", CONFIG_PATH, AT(trust.revocations), "", 0, PATH_LIMIT},
    {"Login.RevocationsRequired", CONFIG_BOOL, AT(trust.revocations_required), "0", 0, 0},
    {"Login.RevocationUrls", CONFIG_TEXT, AT(revocation_urls), "", 0, 4 * URL_LIMIT},
    {"Login.Intermediates", CONFIG_INT, AT(trust.chain_limit), "4", 1, 10},
    {"Login.Ocsp", CONFIG_TEXT, AT(ocsp_name), "soft", 3, 4},
    {"Login.OcspTimeoutMs", CONFIG_INT, AT(trust.responders.timeout_ms), "2000", 100, 30 * SECOND},
    {"Login.OcspBreakerFailures", CONFIG_INT, AT(trust.responders.breaker_failures), "5", 1, 1000},
    {"Login.OcspBreakerMs", CONFIG_INT, AT(trust.responders.breaker_ms), "30000", 100,
     HOUR * SECOND},
    {"Login.FirmCode", CONFIG_TREE, AT(trust.firm_code), "", 0, 0},

    {"Evidence.Exam.Url", CONFIG_TEXT, AT(evidence.url[EVIDENCE_EXAM]), "", 0, URL_LIMIT},
    {"Evidence.Insurance.Url", CONFIG_TEXT, AT(evidence.url[EVIDENCE_INSURANCE]), "", 0,
     URL_LIMIT},
    {"Evidence.Education.Url", CONFIG_TEXT, AT(evidence.url[EVIDENCE_EDUCATION]), "", 0,
     URL_LIMIT},
    {"Evidence.TokenFile", CONFIG_PATH, AT(evidence.token_file), "", 0, PATH_LIMIT},
    {"Evidence.AuthorityFile", CONFIG_PATH, AT(evidence.authority_file), "", 0, PATH_LIMIT},
    {"Evidence.TimeoutMs", CONFIG_INT, AT(evidence.timeout_ms), "3000", 100, 60 * SECOND},
    {"Evidence.Attempts", CONFIG_INT, AT(evidence.attempts), "2", 1, 5},
    {"Evidence.BreakerFailures", CONFIG_INT, AT(evidence.breaker_failures), "5", 1, 1000},
    {"Evidence.BreakerMs", CONFIG_INT, AT(evidence.breaker_ms), "30000", 100, HOUR * SECOND},

    {"Vault.File", CONFIG_PATH, AT(vault_file), CONFIG_FOLDER "vault.keys", 1, PATH_LIMIT},

    {"Seal.Key", CONFIG_TEXT, AT(seal.key), CONFIG_FOLDER "seal.key", 1, 1024},
    {"Seal.Certificate", CONFIG_PATH, AT(seal.certificate), CONFIG_FOLDER "seal.pem", 1,
     PATH_LIMIT},
    {"Seal.FormerCertificates", CONFIG_PATH, AT(former_seals), "", 0, PATH_LIMIT},
    {"Seal.Revocations", CONFIG_PATH, AT(seal_revocations), "", 0, PATH_LIMIT},
    {"Seal.RevocationUrls", CONFIG_TEXT, AT(seal_revocation_urls), "", 0, 4 * URL_LIMIT},
    {"Seal.Pkcs11Module", CONFIG_PATH, AT(seal.pkcs11_module), "", 0, PATH_LIMIT},
    {"Seal.PinFile", CONFIG_PATH, AT(seal_pin_file), "", 0, PATH_LIMIT},
    {"Seal.TimestampUrl", CONFIG_TREE, AT(stamper.urls), "", 0, 0},
    {"Seal.TimestampAuthorities", CONFIG_PATH, AT(stamper.authorities), "", 0, PATH_LIMIT},
    {"Seal.TimestampPolicy", CONFIG_TEXT, AT(stamper.policy), "", 0, 255},
    {"Seal.TimestampRequired", CONFIG_BOOL, AT(stamper.required), "0", 0, 0},
    {"Seal.TimestampBytes", CONFIG_INT, AT(stamper.bytes), "10240", 1024,
     STAMPER_BYTES_MAX},
    {"Seal.TimestampTimeoutMs", CONFIG_INT, AT(stamper.timeout_ms), "3000", 100, 60 * SECOND},
    {"Seal.TimestampAttempts", CONFIG_INT, AT(stamper.attempts), "2", 1, 5},
    {"Seal.TimestampBreakerFailures", CONFIG_INT, AT(stamper.breaker_failures), "3", 1, 1000},
    {"Seal.TimestampBreakerMs", CONFIG_INT, AT(stamper.breaker_ms), "30000", 100, HOUR * SECOND},
    {"Seal.TimestampToleranceMs", CONFIG_INT, AT(stamper.tolerance_ms), "60000", SECOND,
     HOUR * SECOND},

    {"Staff.PasswordMemoryKiB", CONFIG_INT, AT(staff.password.memory_kib), "65536", 8192, 1 << 20},
    {"Staff.PasswordPasses", CONFIG_INT, AT(staff.password.passes), "3", 1, 100},
    {"Staff.PasswordLanes", CONFIG_INT, AT(staff.password.lanes), "1", 1, 16},
    {"Staff.CommonPasswords", CONFIG_PATH, AT(staff.password.common),
     PKGDATADIR "/common-passwords.txt", 0, PATH_LIMIT},
    {"Staff.DelayFirstMs", CONFIG_INT, AT(staff.delay.first_ms), "1000", 1, 60 * SECOND},
    {"Staff.DelayMostMs", CONFIG_INT, AT(staff.delay.most_ms), "300000", 1, 15 * 60 * SECOND},
    {"Staff.DelayFree", CONFIG_INT, AT(staff.delay.free), "3", 0, 20},
    {"Staff.DelayFreeAddress", CONFIG_INT, AT(staff.delay.free_address), "30", 0, 10000},
    {"Staff.KeyRpId", CONFIG_TEXT, AT(staff.rp_id), "", 0, 253},
    {"Staff.KeyVerifies", CONFIG_BOOL, AT(staff.key_verifies), "0", 0, 0},
    {"Staff.CodeHours", CONFIG_INT, AT(staff.code_hours), "72", 1, 31 * 24},

    {"Issuer.Name", CONFIG_TEXT, AT(policy.issuer_name), "示范市建设行政主管部门（演示）", 2, 64},
    {"Issuer.Code", CONFIG_TEXT, AT(policy.issuer_code), DEMO_CODE, 18, 18},
    {"Issuer.Province", CONFIG_TEXT, AT(policy.province), "沪", 1, 1},
    {"Issuer.Demo", CONFIG_BOOL, AT(policy.demo), "1", 0, 0},

    {"IssuerDaemon.Workers", CONFIG_INT, AT(issuer.workers), "2", 1, SUPERVISOR_MAX},
    {"IssuerDaemon.Batch", CONFIG_INT, AT(issuer.batch), "16", 1, LEASE_MAX},
    {"IssuerDaemon.LeaseMs", CONFIG_INT, AT(issuer.lease_ms), "60000", SECOND, HOUR * SECOND},
    {"IssuerDaemon.PollMs", CONFIG_INT, AT(issuer.poll_ms), "500", 10, 60 * SECOND},
    {"IssuerDaemon.GraceMs", CONFIG_INT, AT(issuer.grace_ms), "15000", 100, 600 * SECOND},
    {"IssuerDaemon.Owner", CONFIG_TEXT, AT(issuer.owner), "", 0, 48},
    {"IssuerDaemon.User", CONFIG_TEXT, AT(issuer_user), "ecert-issuer", 0, 32},

    {"Notify.Mail.Url", CONFIG_TEXT, AT(notify.mail.url), "", 0, URL_LIMIT},
    {"Notify.Mail.Tls", CONFIG_BOOL, AT(notify.mail.tls), "1", 0, 0},
    {"Notify.Mail.User", CONFIG_TEXT, AT(notify.mail.user), "", 0, 255},
    {"Notify.Mail.PasswordFile", CONFIG_PATH, AT(notify.mail.password_file), "", 0, PATH_LIMIT},
    {"Notify.Mail.AuthorityFile", CONFIG_PATH, AT(notify.mail.authority_file), "", 0, PATH_LIMIT},
    {"Notify.Mail.From", CONFIG_TEXT, AT(notify.mail_from), "", 0, MAIL_ADDRESS_MAX},
    {"Notify.Mail.FromName", CONFIG_TEXT, AT(notify.mail_from_name), "", 0, 64},
    {"Notify.Mail.TimeoutMs", CONFIG_INT, AT(notify.mail.timeout_ms), "30000", 100, 600 * SECOND},
    {"Notify.Sms.Url", CONFIG_TEXT, AT(notify.sms_url), "", 0, URL_LIMIT},
    {"Notify.Sms.SecretFile", CONFIG_PATH, AT(notify.sms_secret_file), "", 0, PATH_LIMIT},
    {"Notify.Sms.TokenFile", CONFIG_PATH, AT(notify.sms_token_file), "", 0, PATH_LIMIT},
    {"Notify.Sms.AuthorityFile", CONFIG_PATH, AT(notify.sms_authority_file), "", 0, PATH_LIMIT},
    {"Notify.Sms.TimeoutMs", CONFIG_INT, AT(notify.sms_timeout_ms), "10000", 100, 600 * SECOND},
    {"Notify.BreakerFailures", CONFIG_INT, AT(notify.breaker_failures), "5", 1, 1000},
    {"Notify.BreakerMs", CONFIG_INT, AT(notify.breaker_ms), "60000", 100, HOUR * SECOND},
    {"Notify.GatherMs", CONFIG_INT, AT(policy.notify_gather_ms), "60000", 0, HOUR * SECOND},
    {"Notify.Attempts", CONFIG_INT, AT(notify.attempts), "80", 1, 10000},
    {"Notify.RetryFirstMs", CONFIG_INT, AT(notify.retry_first_ms), "30000", 100, HOUR * SECOND},
    {"Notify.RetryMostMs", CONFIG_INT, AT(notify.retry_most_ms), "3600000", 100, 24 * HOUR * SECOND},
    {"Notify.Workers", CONFIG_INT, AT(notify.workers), "1", 1, 16},
    {"Notify.Batch", CONFIG_INT, AT(notify.batch), "20", 1, LEASE_MAX},
    {"Notify.LeaseMs", CONFIG_INT, AT(notify.lease_ms), "120000", SECOND, HOUR * SECOND},
    {"Notify.PollMs", CONFIG_INT, AT(notify.poll_ms), "2000", 10, 60 * SECOND},
    {"Notify.GraceMs", CONFIG_INT, AT(notify.grace_ms), "40000", 100, 600 * SECOND},
    {"Notify.Owner", CONFIG_TEXT, AT(notify_owner), "", 0, 48},
    {"Notify.User", CONFIG_TEXT, AT(notify_user), "ecert-notify", 0, 32},

    {"Retention.Sessions", CONFIG_INT, AT(retention.days[RETENTION_SESSIONS]), "1", 1, DAYS},
    {"Retention.Tickets", CONFIG_INT, AT(retention.days[RETENTION_TICKETS]), "1", 1, DAYS},
    {"Retention.Keys", CONFIG_INT, AT(retention.days[RETENTION_KEYS]), "1", 1, DAYS},
    {"Retention.Logins", CONFIG_INT, AT(retention.days[RETENTION_LOGINS]), "90", 1, DAYS},
    {"Retention.Browsers", CONFIG_INT, AT(retention.days[RETENTION_BROWSERS]), "1", 1, DAYS},
    {"Retention.Outbox", CONFIG_INT, AT(retention.days[RETENTION_OUTBOX]), "365", 0, DAYS},
    {"Retention.Contacts", CONFIG_INT, AT(retention.days[RETENTION_CONTACTS]), "30", 0, DAYS},
    {"Retention.Attachments", CONFIG_INT, AT(retention.days[RETENTION_ATTACHMENTS]), "30", 0, DAYS},
    {"Retention.Scans", CONFIG_INT, AT(retention.days[RETENTION_SCANS]), "1825", 0, DAYS},
    {"Retention.Preparations", CONFIG_INT, AT(retention.days[RETENTION_PREPARATIONS]), "365", 0,
     DAYS},
    {"Retention.Abandoned", CONFIG_INT, AT(retention.days[RETENTION_ABANDONED]), "365", 0, DAYS},
    {"Retention.Refused", CONFIG_INT, AT(retention.days[RETENTION_REFUSED]), "1825", 0, DAYS},
    {"Retention.Photos", CONFIG_INT, AT(retention.days[RETENTION_PHOTOS]), "3650", 0, DAYS},
    {"Retention.Faults", CONFIG_INT, AT(retention.days[RETENTION_FAULTS]), "365", 0, DAYS},
    {"Retention.Previews", CONFIG_INT, AT(retention.days[RETENTION_PREVIEWS]), "90", 0, DAYS},
    {"Retention.Errands", CONFIG_INT, AT(retention.days[RETENTION_ERRANDS]), "1825", 0, DAYS},

    {"Fonts.Chain", CONFIG_TREE, AT(fonts), "", 0, 0},

    {"Schema.Folder", CONFIG_PATH, AT(schema_folder), PKGDATADIR "/schema", 1, PATH_LIMIT},
    {"Reader.Keys", CONFIG_PATH, AT(reader_keys), "", 0, PATH_LIMIT},
    {"Reader.DemoKey", CONFIG_PATH, AT(reader_demo), "", 0, PATH_LIMIT},
    {"Scan.Program", CONFIG_PATH, AT(scanner), PKGLIBEXECDIR "/ecert-scan", 1, PATH_LIMIT},

    {"Verify.Origin", CONFIG_TEXT, AT(verify_origin), "", 0, 255},
    {"Log.Level", CONFIG_TEXT, AT(log_level_name), "info", 4, 5},

    {"Policy.ValidYears", CONFIG_INT, AT(policy.valid_years), "3", 1, 50},
    {"Policy.RenewDays", CONFIG_INT, AT(policy.renew_days), "90", 1, 3650},
    {"Policy.ExamMonths", CONFIG_INT, AT(policy.exam_months), "24", 1, 600},
    {"Policy.EducationHours", CONFIG_INT, AT(policy.education_hours), "24", 0, 1000},
    {"Policy.TransferMonths", CONFIG_INT, AT(policy.transfer_months), "6", 0, 600},
    {"Policy.InsuranceGraceMonths", CONFIG_INT, AT(policy.insurance_grace_months), "1", 0, 120},
    {"Policy.CaptureByReader", CONFIG_BOOL, AT(policy.capture_by_reader), "1", 0, 0},
    {"Policy.OneCClass", CONFIG_BOOL, AT(policy.one_c_class), "1", 0, 0},
    {"Policy.SerialPerClass", CONFIG_BOOL, AT(policy.serial_per_class), "0", 0, 0},
    {"Policy.Departure.LockedClasses", CONFIG_TEXT, AT(policy.departure_locked), "B C1 C2 C3", 0,
     32},
    {"Policy.AgeMax.C", CONFIG_INT, AT(policy.age_max_c), "60", 18, 150},
    {"Policy.AgeMax.B", CONFIG_INT, AT(policy.age_max_b), "65", 18, 150},
    {"Policy.DraftDays", CONFIG_INT, AT(policy.draft_days), "7", 0, 3650},
    {"Policy.DraftsMax", CONFIG_INT, AT(policy.drafts_max), "500", 0, 1000000},
    {"Policy.SigningDays", CONFIG_INT, AT(policy.signing_days), "30", 0, 3650},
    {"Policy.Deadline.Sanction", CONFIG_INT, AT(policy.deadline_days[DEADLINE_SANCTION]), "15", 0, 3650},
    {"Policy.Deadline.GiveBack", CONFIG_INT, AT(policy.deadline_days[DEADLINE_GIVE_BACK]), "5", 0, 3650},
    {"Policy.Deadline.Hold", CONFIG_INT, AT(policy.deadline_days[DEADLINE_HOLD]), "15", 0, 3650},
    {"Policy.Deadline.Capture", CONFIG_INT, AT(policy.deadline_days[DEADLINE_CAPTURE]), "5", 0, 3650},
    {"Policy.Deadline.Correction", CONFIG_INT, AT(policy.deadline_days[DEADLINE_CORRECTION]), "10", 0, 3650},
    {"Policy.Deadline.NameChange", CONFIG_INT, AT(policy.deadline_days[DEADLINE_NAME_CHANGE]), "10", 0, 3650},
    {"Policy.Deadline.Enterprise", CONFIG_INT, AT(policy.deadline_days[DEADLINE_ENTERPRISE]), "15", 0, 3650},

    {"Clock.Today", CONFIG_DATE, AT(policy.today), "", 0, 0},
};

const struct config_key *settings_keys(size_t *count)
{
    *count = sizeof(keys) / sizeof(*keys);
    return keys;
}

static int wrong(const struct settings *settings, const char *key, const char *what,
                 struct err *err)
{
    struct pool *pool = pool_new(0, 0);
    int result = err_set(err, ERR_CONFIG, 0, "%s: %s", config_where(pool, settings->path, key), what);

    pool_free(&pool);
    return result;
}

/* The same of what was found elsewhere, as "Key: what is wrong". */
static int wrong_tree(const struct settings *settings, const struct err *cause, struct err *err)
{
    struct pool *pool = pool_new(0, 0);
    const char *colon = strstr(cause->text, ": ");
    int result = colon ? wrong(settings, pool_text_n(pool, cause->text, (size_t)(colon - cause->text)),
                               colon + 2, err)
                       : err_set(err, ERR_CONFIG, 0, "%s: %s", settings->path, cause->text);

    pool_free(&pool);
    return result;
}

static int log_level_parse(struct settings *settings, struct err *err)
{
    static const char *const names[] = {
        [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn", [LOG_ERROR] = "error"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strcmp(names[i], settings->log_level_name) == 0) {
            settings->log_level = (enum log_level)i;
            return 0;
        }
    return wrong(settings, "Log.Level", "must be debug, info, warn or error", err);
}

static int ocsp_parse(struct settings *settings, struct err *err)
{
    static const char *const names[] = {
        [TRUST_OCSP_OFF] = "off", [TRUST_OCSP_SOFT] = "soft", [TRUST_OCSP_HARD] = "hard"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strcmp(names[i], settings->ocsp_name) == 0) {
            settings->trust.ocsp = (enum trust_ocsp)i;
            return 0;
        }
    return wrong(settings, "Login.Ocsp", "must be off, soft or hard", err);
}

static bool revocation_urls_valid(struct pool *pool, const char *list)
{
    char *state = NULL;

    for (char *word = strtok_r(pool_text(pool, list), " ", &state); word;
         word = strtok_r(NULL, " ", &state))
        if (!url_valid(word, true))
            return false;
    return true;
}

static bool origin_valid(const char *origin)
{
    static const char scheme[] = "https://";

    if (strncmp(origin, scheme, sizeof(scheme) - 1) != 0)
        return false;
    origin += sizeof(scheme) - 1;
    return *origin && strcspn(origin, "/?# ") == strlen(origin);
}

/* unix:/path, or host:port with a number. */
static bool listen_valid(const char *listen)
{
    static const char scheme[] = "unix:";
    const char *colon = strrchr(listen, ':');
    struct sockaddr_un address;
    uint64_t port;

    if (strncmp(listen, scheme, sizeof(scheme) - 1) == 0) {
        const char *path = listen + sizeof(scheme) - 1;
        return *path == '/' && strlen(path) < sizeof(address.sun_path);
    }
    return colon && parse_uint(colon + 1, 1, MAX_PORT, &port);
}

static bool locked_classes_valid(struct pool *pool, const char *list)
{
    char *state = NULL;

    for (char *word = strtok_r(pool_text(pool, list), " ", &state); word;
         word = strtok_r(NULL, " ", &state))
        if (!class_valid(word))
            return false;
    return true;
}

static int evidence_check_urls(const struct settings *settings, struct err *err)
{
    static const char *const names[EVIDENCE_KINDS] = {
        [EVIDENCE_EXAM] = "Evidence.Exam.Url",
        [EVIDENCE_INSURANCE] = "Evidence.Insurance.Url",
        [EVIDENCE_EDUCATION] = "Evidence.Education.Url",
    };

    for (size_t i = 0; i < EVIDENCE_KINDS; i++)
        if (*settings->evidence.url[i] && !url_valid(settings->evidence.url[i], false))
            return wrong(settings, names[i],
                         "must be https://host/…, or http:// on this host itself", err);
    return 0;
}

/* A document's timestamps must be asked for well within the lease of its batch. */
static int timestamps_check(struct pool *pool, const struct settings *settings, struct err *err)
{
    const struct stamper_settings *stamper = &settings->stamper;
    const char *urls[STAMPER_AUTHORITIES];
    struct err cause;
    size_t count;

    if (stamper_urls(stamper->urls, urls, &count, &cause) < 0)
        return wrong_tree(settings, &cause, err);
    for (const struct config_entry *entry = stamper->urls; entry; entry = entry->next)
        if (!url_valid(entry->value, true))
            return wrong(settings, pool_printf(pool, "Seal.TimestampUrl.%s", entry->name),
                         "must be http:// or https://host/…", err);
    if (count > 0 && !*stamper->authorities)
        return wrong(settings, "Seal.TimestampAuthorities", "must be given with a URL", err);
    if (count == 0 && stamper->required)
        return wrong(settings, "Seal.TimestampRequired", "needs a Seal.TimestampUrl", err);
    if ((int64_t)count * stamper->timeout_ms > settings->issuer.lease_ms / 2)
        return wrong(settings, "Seal.TimestampTimeoutMs",
                     "of all authorities together must not exceed half of IssuerDaemon.LeaseMs",
                     err);
    return 0;
}

/* It stands in a column of ASCII, beside the slot. */
static bool owner_valid(const char *owner)
{
    for (; *owner; owner++)
        if (*owner <= ' ' || *owner > '~')
            return false;
    return true;
}

/* A message that was forgotten would be ordered again: those of what expires look back 90 days. */
static int retention_check(const struct settings *settings, struct err *err)
{
    int64_t days = settings->retention.days[RETENTION_OUTBOX];

    return days != 0 && days < OUTBOX_DAYS
               ? wrong(settings, "Retention.Outbox", "must be 0, or 120 at least", err)
               : 0;
}

static int notify_check(const struct settings *settings, struct err *err)
{
    const struct notify_settings *notify = &settings->notify;
    bool here;

    if (!owner_valid(settings->notify_owner))
        return wrong(settings, "Notify.Owner", "must be ASCII without blanks", err);
    if (*notify->mail.url && !url_smtp_valid(notify->mail.url, &here))
        return wrong(settings, "Notify.Mail.Url", "must be smtp://host:port or smtps://host:port", err);
    if (*notify->mail.url && !notify->mail.tls && !here)
        return wrong(settings, "Notify.Mail.Tls", "may be 0 for a relay on this host only", err);
    if (*notify->mail.url && !mail_address_valid(notify->mail_from))
        return wrong(settings, "Notify.Mail.From", "must be an address", err);
    if (*notify->mail.user && !*notify->mail.password_file)
        return wrong(settings, "Notify.Mail.PasswordFile", "must be given with a user", err);
    if (*notify->sms_url && !url_valid(notify->sms_url, false))
        return wrong(settings, "Notify.Sms.Url",
                     "must be https://host/…, or http:// on this host itself", err);
    if (*notify->sms_url && !*notify->sms_secret_file)
        return wrong(settings, "Notify.Sms.SecretFile", "must be given with a URL", err);
    if (notify->retry_first_ms > notify->retry_most_ms)
        return wrong(settings, "Notify.RetryFirstMs", "must not exceed Notify.RetryMostMs", err);
    return 0;
}

/* The host of an origin, without scheme and port. */
static const char *host_of(struct pool *pool, const char *origin)
{
    const char *host = origin + sizeof("https://") - 1;

    return pool_printf(pool, "%.*s", (int)strcspn(host, ":/"), host);
}

/* A relying party is the site's host, or a domain that it is in; browsers believe no other. */
static bool rp_valid(struct pool *pool, const struct settings *settings)
{
    const char *host = host_of(pool, settings->web.origin), *rp = settings->staff.rp_id;
    size_t length = strlen(host), size = strlen(rp);

    return size > 0 && length >= size && strcmp(host + length - size, rp) == 0 &&
           (length == size || host[length - size - 1] == '.');
}

/* Every entry must be "<n>.Path" or "<n>.Face" with n below FONTS_MAX. */
static bool font_name_valid(const char *name)
{
    char number[KEY_SIZE];
    const char *dot = strchr(name, '.');
    int64_t value;

    return dot && text_format(number, sizeof(number), "%.*s", (int)(dot - name), name) &&
           parse_int(number, 0, FONTS_MAX - 1, &value) &&
           (strcmp(dot, ".Path") == 0 || strcmp(dot, ".Face") == 0);
}

static int trees_check(struct pool *pool, const struct settings *settings, struct err *err)
{
    struct firmcode *firmcode;
    struct err cause;

    for (const struct config_entry *entry = settings->fonts; entry; entry = entry->next)
        if (!font_name_valid(entry->name))
            return wrong(settings, pool_printf(pool, "Fonts.Chain.%s", entry->name),
                         "must be <n>.Path or <n>.Face", err);
    if (settings->trust.firm_code && firmcode_open(settings->trust.firm_code, pool, &firmcode, &cause) < 0)
        return wrong_tree(settings, &cause, err);
    return timestamps_check(pool, settings, err);
}

/* What bounds can't say: one value alone, or two together. */
static int values_check(struct pool *pool, const struct settings *settings, struct err *err)
{
    const struct policy *policy = &settings->policy;

    if (!listen_valid(settings->web.listen))
        return wrong(settings, "Web.Listen", "must be unix:/path or host:port", err);
    if (!origin_valid(settings->web.origin))
        return wrong(settings, "Web.Origin", "must be https://host or https://host:port", err);
    if (!origin_valid(settings->web.login_origin))
        return wrong(settings, "Web.LoginOrigin", "must be https://host or https://host:port", err);
    if (!origin_valid(settings->verify_origin))
        return wrong(settings, "Verify.Origin", "must be https://host or https://host:port", err);
    if (settings->web.session_idle_s > settings->web.session_absolute_s)
        return wrong(settings, "Web.SessionIdle", "must not exceed Web.SessionAbsolute", err);
    if (settings->web.staff_idle_s > settings->web.staff_absolute_s)
        return wrong(settings, "Web.StaffSessionIdle", "must not exceed Web.StaffSessionAbsolute",
                     err);
    if (!rp_valid(pool, settings))
        return wrong(settings, "Staff.KeyRpId", "must be the host of Web.Origin, or a domain above it",
                     err);
    if (!uscc_valid(policy->issuer_code))
        return wrong(settings, "Issuer.Code", "is no unified social credit code", err);
    if (!policy->demo && strcmp(policy->issuer_code, DEMO_CODE) == 0)
        return wrong(settings, "Issuer.Code", "must be given when Issuer.Demo is 0", err);
    if (!policy->demo && !date_is_none(policy->today))
        return wrong(settings, "Clock.Today", "is refused unless Issuer.Demo is 1", err);
    if (!owner_valid(settings->issuer.owner))
        return wrong(settings, "IssuerDaemon.Owner", "must be ASCII without blanks", err);
    if (!locked_classes_valid(pool, policy->departure_locked))
        return wrong(settings, "Policy.Departure.LockedClasses", "must be classes, blanks between",
                     err);
    if (!revocation_urls_valid(pool, settings->revocation_urls))
        return wrong(settings, "Login.RevocationUrls", "must be URLs, blanks between", err);
    if (!revocation_urls_valid(pool, settings->seal_revocation_urls))
        return wrong(settings, "Seal.RevocationUrls", "must be URLs, blanks between", err);
    if (evidence_check_urls(settings, err) < 0 || trees_check(pool, settings, err) < 0)
        return -1;
    return notify_check(settings, err) < 0 ? -1 : retention_check(settings, err);
}

/* What the table can't call a path is relative to the file's folder all the same. */
static const char *resolve(struct pool *pool, const struct settings *settings, const char *path)
{
    const char *slash = strrchr(settings->path, '/');

    if (*path == '/' || !slash)
        return path;
    return pool_printf(pool, "%.*s/%s", (int)(slash - settings->path), settings->path, path);
}

/* Channels are what is configured; one breaker's bounds hold for both. */
static void notify_fill_in(struct settings *settings)
{
    static const char *const channels[2][2] = {{"", "sms"}, {"mail", "mail,sms"}};
    struct notify_settings *notify = &settings->notify;

    settings->policy.notify = channels[*notify->mail.url != '\0'][*notify->sms_url != '\0'];
    notify->mail.breaker_failures = notify->breaker_failures;
    notify->mail.breaker_ms = notify->breaker_ms;
    if (!*notify->mail_from_name)
        notify->mail_from_name = settings->policy.issuer_name;
}

static void fill_in(struct pool *pool, struct settings *settings)
{
    char host[HOST_SIZE];

    if (!*settings->staff.rp_id && origin_valid(settings->web.origin))
        settings->staff.rp_id = host_of(pool, settings->web.origin);

    if (strncmp(settings->seal.key, "pkcs11:", 7) != 0)
        settings->seal.key = resolve(pool, settings, settings->seal.key);

    if (!*settings->verify_origin)
        settings->verify_origin = settings->web.origin;
    if (gethostname(host, sizeof(host) - 1) == 0) {
        host[sizeof(host) - 1] = '\0';
        if (!*settings->issuer.owner)
            settings->issuer.owner = pool_text(pool, host);
        if (!*settings->notify_owner)
            settings->notify_owner = pool_text(pool, host);
    }
    notify_fill_in(settings);
    settings->stamper.revocations = settings->seal_revocations;
    settings->seal.pin = "";
}

int settings_load(struct pool *pool, const char *path, struct settings *settings, struct err *err)
{
    const struct config_section section = {keys, sizeof(keys) / sizeof(*keys), settings};

    *settings = (struct settings){.path = path ? path : CONFIG_FOLDER "ecert.conf"};
    if (config_load(pool, settings->path, &section, 1, err) < 0)
        return -1;
    fill_in(pool, settings);
    if (log_level_parse(settings, err) < 0 || ocsp_parse(settings, err) < 0 ||
        values_check(pool, settings, err) < 0)
        return -1;
    if (config_secret(pool, settings->db_password_file, &settings->db.password, err) < 0)
        return -1;
    if (!date_is_none(settings->policy.today))
        clock_fix(settings->policy.today);
    return 0;
}

/* Fonts */

static const char *font_value(const struct settings *settings, int number, const char *member)
{
    char name[KEY_SIZE];

    if (!text_format(name, sizeof(name), "%d.%s", number, member))
        return NULL;
    for (const struct config_entry *entry = settings->fonts; entry; entry = entry->next)
        if (strcmp(entry->name, name) == 0)
            return entry->value;
    return NULL;
}

int settings_fonts(struct pool *pool, const struct settings *settings, struct fonts **fonts,
                   struct err *err)
{
    struct font_place places[FONTS_MAX] = {0};
    size_t count = 0;

    for (int i = 0; i < FONTS_MAX; i++) {
        const char *path = font_value(settings, i, "Path");
        const char *face = font_value(settings, i, "Face");
        int64_t index = 0;
        if (!path && !face)
            continue;
        if (!path || (face && !parse_int(face, 0, 255, &index)))
            return wrong(settings, pool_printf(pool, "Fonts.Chain.%d", i),
                         "needs a Path, and a Face from 0 to 255 if any", err);
        places[count++] =
            (struct font_place){.path = resolve(pool, settings, path), .index = (unsigned)index};
    }
    if (count == 0)
        return wrong(settings, "Fonts.Chain", "names no font", err);
    return fonts_open(places, count, fonts, err);
}

/* Command line */

static _Noreturn void help(const char *usage)
{
    fputs(usage, stdout);
    exit(EXIT_DONE);
}

static _Noreturn void wrong_usage(const char *usage)
{
    fputs(usage, stderr);
    exit(EXIT_USAGE);
}

void options_parse(int argc, char **argv, const char *usage, struct options *options)
{
    static const struct option names[] = {
        {"help",    no_argument,       NULL, 'h'},
        {"version", no_argument,       NULL, 'V'},
        {"config",  required_argument, NULL, 'c'},
        {"test",    no_argument,       NULL, 't'},
        {NULL,      0,                 NULL, 0  }
    };
    int option;

    *options = (struct options){0};
    while ((option = getopt_long(argc, argv, "+c:th", names, NULL)) != -1) {
        switch (option) {
        case 'c':
            options->config = optarg;
            break;
        case 't':
            options->test = 1;
            break;
        case 'h':
            help(usage);
        case 'V':
            printf("ecert %s\n", ECERT_VERSION);
            exit(EXIT_DONE);
        default:
            wrong_usage(usage);
        }
    }
}

void options_only(int argc, char **argv, const char *usage, struct options *options)
{
    options_parse(argc, argv, usage, options);
    if (optind < argc)
        wrong_usage(usage);
}

/* Privileges */

int become_user(const char *user, struct err *err)
{
    if (!*user || geteuid() != 0)
        return 0;

    errno = 0;
    const struct passwd *entry = getpwnam(user);
    if (!entry)
        return err_set(err, ERR_CONFIG, errno, "there is no user \"%s\"", user);
    uid_t uid = entry->pw_uid;
    gid_t gid = entry->pw_gid;
    if (initgroups(user, gid) != 0 || setgid(gid) != 0 || setuid(uid) != 0)
        return err_set(err, ERR_SYSTEM, errno, "cannot become user \"%s\": %s", user,
                       strerror(errno));
    /* A root that could come back would not have been dropped. */
    if (uid != 0 && (setuid(0) == 0 || geteuid() != uid || getegid() != gid))
        return err_set(err, ERR_SYSTEM, 0, "could not drop root for user \"%s\"", user);
    return 0;
}
