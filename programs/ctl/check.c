#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/document/document.h"
#include "core/message/notify.h"
#include "core/seal/crl.h"
#include "core/seal/seal.h"
#include "core/seal/seals.h"
#include "core/seal/stamper.h"
#include "core/seal/trust.h"
#include "core/upkeep/migrate.h"
#include "programs/ctl/ctl.h"
#include "programs/ctl/shelves.h"

enum { CLOCK_APART_MS = 2000, KEY_WARN_DAYS = 30, LATE_MS = 3600 * 1000 };

/* Every check yields 1 (fine), 0 (could not be judged by this user) or -1 with *err, whose text
 * says what is wrong; what to do stands in the table. `note` may be set for the line. */
static int check_configuration(struct ctl *ctl, const char **note, struct err *err)
{
    (void)err;
    *note = ctl->settings.path;
    return 1;
}

static int check_database(struct ctl *ctl, const char **note, struct err *err)
{
    *note = ctl->settings.db.schema;
    ctl->db = db_new(&ctl->settings.db);
    return db_ready(ctl->db, err) < 0 ? -1 : 1;
}

static int check_schema(struct ctl *ctl, const char **note, struct err *err)
{
    *note = ctl->settings.schema_folder;
    return migrate_check(ctl->db, ctl->settings.schema_folder, err) < 0 ? -1 : 1;
}

static int check_vault(struct ctl *ctl, const char **note, struct err *err)
{
    if (vault_load(ctl->settings.vault_file, &ctl->vault, err) < 0)
        return -1;
    *note = pool_printf(ctl->pool, "key %" PRIu32 " seals", vault_key_id(ctl->vault));
    return 1;
}

/* Only the issuer's user may read the key: for all others there is nothing to judge. */
static int check_seal(struct ctl *ctl, const char **note, struct err *err)
{
    struct seal_settings seal = ctl->settings.seal;
    struct seal_key *key;

    *note = "not for this user to read: run it as IssuerDaemon.User";
    if (strncmp(seal.key, "pkcs11:", 7) == 0) {
        if (access(ctl->settings.seal_pin_file, R_OK) != 0)
            return 0;
        if (config_secret(ctl->pool, ctl->settings.seal_pin_file, &seal.pin, err) < 0)
            return -1;
    } else if (access(seal.key, F_OK) == 0 && access(seal.key, R_OK) != 0) {
        return 0;
    }
    if (seal_key_open(&seal, &key, err) < 0)
        return -1;
    int64_t days = (seal_key_expires_ms(key) - clock_now_ms()) / DAY_MS;
    *note = pool_printf(ctl->pool, "%s, ends in %" PRId64 " days", seal_key_name(key), days);
    seal_key_free(&key);
    if (days < KEY_WARN_DAYS)
        return err_set(err, ERR_CONFIG, 0, "the certificate ends in %" PRId64 " days", days);
    return 1;
}

/* Each is asked, also those that a first one would spare. */
static int ask_authorities(struct ctl *ctl, struct stamper *stamper, const char **note,
                           struct err *err)
{
    static const uint8_t nothing[TIMESTAMP_IMPRINT_SIZE];
    struct timestamp timestamp = {0};
    struct bytes token;

    *note = "";
    for (size_t i = 0; i < stamper_authorities(stamper); i++) {
        if (stamper_ask(stamper, ctl->pool, i, nothing, &token, &timestamp, err) < 0)
            return err_context(err, "authority %zu", i + 1);
        *note = pool_printf(ctl->pool, "%s%s%s", *note, i > 0 ? ", " : "", timestamp.authority);
    }
    return 1;
}

static int check_timestamps(struct ctl *ctl, const char **note, struct err *err)
{
    struct stamper *stamper;
    int state = 1;

    *note = "no authority: documents are B-B";
    if (stamper_open(&ctl->settings.stamper, &stamper, err) < 0)
        return -1;
    if (stamper)
        state = ask_authorities(ctl, stamper, note, err);
    stamper_free(&stamper);
    return state;
}

/* By which ecertctl verify knows what was sealed. What a revoked seal seals from now on is worth nothing. */
static int check_former(struct ctl *ctl, const char **note, struct err *err)
{
    enum trust_verdict verdict = TRUST_OK;
    struct seals *seals;
    int judged = 0;

    if (seals_open(ctl->settings.seal.certificate, ctl->settings.former_seals, &seals, err) < 0)
        return -1;
    if (*ctl->settings.seal_revocations)
        judged = seals_revocations(seals, ctl->settings.seal_revocations, err);
    if (judged == 0)
        judged = seals_today(seals, clock_now_ms(), &verdict, err);
    seals_free(&seals);
    if (judged < 0)
        return -1;
    *note = *ctl->settings.former_seals ? ctl->settings.former_seals : "none";
    if (verdict != TRUST_OK)
        return err_set(err, ERR_CONFIG, 0, "the seal of today is judged %s",
                       trust_verdict_name(verdict));
    return 1;
}

static int check_passwords(struct ctl *ctl, const char **note, struct err *err)
{
    const struct password_settings *settings = &ctl->settings.staff.password;

    *note = *settings->common ? settings->common : "no list of common passwords";
    return password_settings_check(settings, err) < 0 ? -1 : 1;
}

static int check_login(struct ctl *ctl, const char **note, struct err *err)
{
    struct trust *trust;

    *note = pool_printf(ctl->pool, "%s, OCSP %s", ctl->settings.trust.authorities,
                        ctl->settings.ocsp_name);
    if (trust_open(&ctl->settings.trust, &trust, err) < 0)
        return -1;
    trust_free(&trust);
    return 1;
}

/* The list that runs out first says when somebody must have fetched a new one. */
static int check_shelf(struct ctl *ctl, const struct shelf *shelf, const char **note, struct err *err)
{
    struct crl_line line, first = {.issuer = ""};
    struct crl_book *book;
    char until[25];

    if (crl_open(&shelf->authorities, shelf->file, &book, err) < 0)
        return -1;
    for (size_t i = 0; i < crl_count(book); i++) {
        crl_look(book, ctl->pool, i, &line);
        if (i == 0 || line.next_ms < first.next_ms)
            first = line;
    }
    size_t count = crl_count(book);
    crl_free(&book);
    clock_iso(first.next_ms, until);
    *note = pool_printf(ctl->pool, "%s%s%s: %zu, the first until %s", *note, **note ? "; " : "",
                        shelf->key, count, until);
    if (count == 0)
        return err_set(err, ERR_CONFIG, 0, "%s holds no list", shelf->file);
    if (first.next_ms < clock_now_ms())
        return err_set(err, ERR_CONFIG, 0, "the list of %s counted until %s", first.issuer, until);
    return 1;
}

static int check_revocations(struct ctl *ctl, const char **note, struct err *err)
{
    struct shelf shelves[SHELVES];
    size_t count = shelves_find(&ctl->settings, shelves);

    *note = count ? "" : "none: neither Login.Revocations nor Seal.Revocations is given";
    for (size_t i = 0; i < count; i++)
        if (check_shelf(ctl, &shelves[i], note, err) < 0)
            return -1;
    return 1;
}

/* Only Notify.User may read the secrets: for all others there is nothing to judge. */
static int check_relay(struct ctl *ctl, const char **note, struct err *err)
{
    const struct notify_settings *settings = &ctl->settings.notify;
    const char *const secrets[] = {settings->mail.password_file, settings->sms_secret_file};
    struct notifier *notifier;
    int state;

    *note = "off: neither Notify.Mail.Url nor Notify.Sms.Url is given";
    if (!*ctl->settings.policy.notify)
        return 1;
    *note = "not for this user to read: run it as Notify.User";
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
        if (*secrets[i] && access(secrets[i], F_OK) == 0 && access(secrets[i], R_OK) != 0)
            return 0;
    *note = ctl->settings.policy.notify;
    if (notifier_open(settings, &ctl->core, NULL, "check", &notifier, err) < 0)
        return -1;
    state = notifier_try(notifier, err) < 0 ? -1 : 1;
    notifier_free(&notifier);
    return state;
}

static int check_outbox(struct ctl *ctl, const char **note, struct err *err)
{
    struct queue_depth depth;

    if (outbox_depth(ctl->db, ctl->pool, clock_now_ms(), &depth, err) < 0)
        return -1;
    *note = pool_printf(ctl->pool, "%" PRIu64 " wait, the first for %" PRId64 " s; %" PRIu64 " failed",
                        depth.waiting, depth.oldest_ms / 1000, depth.failed);
    if (*ctl->settings.policy.notify && depth.oldest_ms > LATE_MS)
        return err_set(err, ERR_UNAVAILABLE, 0, "%s", *note);
    return 1;
}

static int check_fonts(struct ctl *ctl, const char **note, struct err *err)
{
    struct fonts *fonts;
    uint32_t missing = 0;

    *note = "Fonts.Chain";
    if (settings_fonts(ctl->pool, &ctl->settings, &fonts, err) < 0)
        return -1;
    bool covered = fonts_cover(fonts, ctl->settings.policy.issuer_name, &missing);
    fonts_free(&fonts);
    if (!covered)
        return err_set(err, ERR_CONFIG, 0, "no font has U+%04" PRIX32 " of Issuer.Name", missing);
    return 1;
}

static int check_scanner(struct ctl *ctl, const char **note, struct err *err)
{
    *note = ctl->settings.scanner;
    if (access(ctl->settings.scanner, X_OK) != 0)
        return err_set(err, ERR_CONFIG, errno, "%s: %s", ctl->settings.scanner, strerror(errno));
    return 1;
}

static int check_clock(struct ctl *ctl, const char **note, struct err *err)
{
    static const struct db_query query = {"clock", "SELECT UTC_TIMESTAMP(3)"};
    const struct db_value *row;

    if (db_one(ctl->db, ctl->pool, &query, DB_NO_ARGS, &row, err) < 0)
        return -1;
    int64_t ahead = db_as_time(&row[0]) - clock_now_ms();
    *note = pool_printf(ctl->pool, "the database is %" PRId64 " ms ahead", ahead);
    if (ahead > CLOCK_APART_MS || ahead < -CLOCK_APART_MS)
        return err_set(err, ERR_SYSTEM, 0, "%s", *note);
    return 1;
}

static const struct check {
    const char *name;
    int (*run)(struct ctl *ctl, const char **note, struct err *err);
    bool needs_database;
    const char *advice;
} checks[] = {
    {"configuration", check_configuration, false, ""},
    {"database", check_database, false,
     "see that MariaDB runs, and look at the section Database of the configuration"},
    {"schema", check_schema, true, "run ecertctl migrate, or install the programs that fit"},
    {"keys", check_vault, false, "run ecertctl key make, or put back the copy of Vault.File"},
    {"seal", check_seal, false, "look at the section Seal of the configuration"},
    {"former seals", check_former, false, "look at Seal.Certificate, Seal.FormerCertificates and Seal.Revocations"},
    {"timestamps", check_timestamps, false,
     "see that the authority can be reached from here, and look at Seal.Timestamp…"},
    {"login", check_login, false, "look at the section Login of the configuration"},
    {"passwords", check_passwords, false, "look at Staff.CommonPasswords"},
    {"revocations", check_revocations, false,
     "run ecertctl crl update, and see that ecert-crl.timer runs"},
    {"notifications", check_relay, false,
     "see that the mail relay can be reached from here, and look at the section Notify"},
    {"outbox", check_outbox, true, "see that ecert-notifyd runs, and look into its log"},
    {"fonts", check_fonts, false,
     "install fonts-arphic-uming and fonts-hanazono, and look at Fonts.Chain"},
    {"scanner", check_scanner, false, "look at Scan.Program: nobody can hand in a file"},
    {"clock", check_clock, true, "let all hosts follow the same time (chrony, systemd-timesyncd)"},
};

static void tell(const struct ctl *ctl, const struct check *check, int state, const char *note,
                 const struct err *err)
{
    static const char *const states[] = {"FAILED", "NOT JUDGED", "OK"};
    const char *text = state < 0 ? err->text : note;
    const char *advice = state < 0 ? check->advice : "";

    ctl_tell(ctl,
             CTL_PAIRS(log_text("check", check->name), log_text("state", states[state + 1]),
                       log_text("note", text), log_text("advice", advice)),
             "%-14s %s (%s)%s%s", check->name, states[state + 1], text, *advice ? ": " : "",
             advice);
}

static int run(struct ctl *ctl, struct err *err)
{
    bool database = false;
    int code = EXIT_DONE;

    (void)err;
    for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
        const struct check *check = &checks[i];
        struct err cause = {0};
        const char *note = "";
        int state = -1;
        if (check->needs_database && !database)
            err_set(&cause, ERR_DB, 0, "needs the database");
        else
            state = check->run(ctl, &note, &cause);
        if (check->run == check_database)
            database = state > 0;
        tell(ctl, check, state, note, &cause);
        if (state < 0)
            code = EXIT_FAILED;
    }
    return code;
}

const struct verb verb_check = {
    .name = "check",
    .operands = "",
    .help = "Looks at configuration, database, schema, keys, seal, timestamps, login, revocation\n"
            "lists, notifications, fonts, scanner and clock: one line each, OK or what to do. The exit\n"
            "code is 1 when something failed.",
    .needs = CTL_NOTHING,
    .run = run,
};
