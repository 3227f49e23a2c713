#include <string.h>

#include "base/date.h"
#include "base/db.h"
#include "base/err.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "core/register/stored.h"
#include "core/seal/pdfread.h"
#include "core/seal/verify.h"
#include "programs/ctl/ctl.h"

enum { OPTION_NO_DATABASE };
enum { DB_TIMEOUT_MS = 10000, TIME_SIZE = 25 };

/* What the database knows about the file. */
struct known {
    struct stored stored;
    enum verify_record record;
    const char *note; /* why it was not asked */
};

static const char *const record_names[] = {
    [VERIFY_NOT_ASKED] = "not_asked",
    [VERIFY_RECORDED] = "recorded",
    [VERIFY_NO_RECORD] = "not_recorded",
};

static const char *const signer_names[] = {
    [VERIFY_NOBODY] = "",
    [VERIFY_AUTHORITY] = "authority",
    [VERIFY_FIRM] = "firm",
};

/* A file can be judged without a database, and an operator may have to: its errors are a note. */
static void ask_database(struct ctl *ctl, struct bytes file, struct known *known)
{
    struct err err = {0};
    uint8_t hash[32];
    int found;

    *known = (struct known){.stored = {.kind = "", .number = "", .state = ""}, .note = ""};
    if (ctl->given[OPTION_NO_DATABASE]) {
        known->note = "as was wanted";
        return;
    }
    sha256(file.data, file.size, hash);
    ctl->settings.db.timeout_ms = DB_TIMEOUT_MS;
    ctl->db = db_new(&ctl->settings.db);
    found = db_ready(ctl->db, &err) < 0
                ? -1
                : stored_find(ctl->db, ctl->pool, hash, &known->stored, &err);
    if (found < 0)
        known->note = pool_text(ctl->pool, err.text);
    else
        known->record = found ? VERIFY_RECORDED : VERIFY_NO_RECORD;
}

static int look_up(void *context, const uint8_t hash[32], struct err *err)
{
    const struct known *known = context;

    (void)hash;
    (void)err;
    return known->record == VERIFY_RECORDED;
}

static const char *time_text(const struct ctl *ctl, int64_t ms)
{
    char *text = pool_alloc(ctl->pool, TIME_SIZE);

    if (ms != 0)
        clock_iso(ms, text);
    return text;
}

static const char *record_text(const struct ctl *ctl, const struct known *known)
{
    const struct stored *stored = &known->stored;

    if (known->record == VERIFY_NOT_ASKED)
        return pool_printf(ctl->pool, "whether it is on record is not known: the database was not "
                           "asked (%s)", known->note);
    if (known->record == VERIFY_NO_RECORD)
        return "it is not on record";
    if (*stored->number)
        return pool_printf(ctl->pool, "on record: %s version %u, %s", stored->number,
                           stored->version,
                           stored->current ? "in force" : "no longer in force");
    return pool_printf(ctl->pool, "on record: %s of matter %llu", stored->kind,
                       (unsigned long long)stored->matter_id);
}

static const char *signer_text(const struct ctl *ctl, const struct verify_result *result)
{
    if (!*result->level)
        return "no signature that counts";
    return pool_printf(ctl->pool, "%s %s%s%s, %s%s%s, certificate %s, PAdES %s",
                       result->signer == VERIFY_AUTHORITY ? "sealed by" : "signed by",
                       *result->name ? result->name : "somebody",
                       *result->identity.uscc ? " " : "", result->identity.uscc,
                       time_text(ctl, result->signed_ms),
                       result->stamped_ms ? ", stamped " : "", time_text(ctl, result->stamped_ms),
                       *result->identity.serial ? result->identity.serial : "of nobody known",
                       result->level);
}

static void tell(const struct ctl *ctl, const struct verify_result *result,
                 const struct known *known)
{
    bool genuine = result->verdict == VERIFY_GENUINE;
    const struct stored *stored = &known->stored;

    ctl_tell(ctl,
             CTL_PAIRS(log_text("file", ctl->operands[0]), log_int("genuine", genuine),
                       log_text("verdict", verify_verdict_name(result->verdict)),
                       log_text("text", verify_verdict_text(result->verdict)),
                       log_text("cause", result->cause), log_text("sha256", result->hash),
                       log_text("record", record_names[known->record]),
                       log_text("record_note", known->note), log_text("kind", stored->kind),
                       log_text("number", stored->number), log_int("version", stored->version),
                       log_text("state", stored->state), log_int("current", stored->current),
                       log_int("matter", (int64_t)stored->matter_id),
                       log_text("signer", signer_names[result->signer]),
                       log_text("name", result->name), log_text("uscc", result->identity.uscc),
                       log_text("serial", result->identity.serial),
                       log_text("fingerprint", result->identity.fingerprint),
                       log_text("trusted", trust_verdict_name(result->trusted)),
                       log_text("level", result->level), log_text("reason", result->reason),
                       log_text("location", result->location),
                       log_text("signed_at", time_text(ctl, result->signed_ms)),
                       log_int("stamped", result->stamped),
                       log_text("stamped_at", time_text(ctl, result->stamped_ms)),
                       log_text("stamper", result->stamper)),
             "%s: %s: %s%s%s\n  %s\n  %s", ctl->operands[0], genuine ? "GENUINE" : "NOT GENUINE",
             verify_verdict_text(result->verdict), genuine ? "" : ": ", result->cause,
             signer_text(ctl, result), record_text(ctl, known));
}

static int run(struct ctl *ctl, struct err *err)
{
    const struct verifier_settings settings = {.seal = ctl->settings.seal.certificate,
                                               .former_seals = ctl->settings.former_seals,
                                               .revocations = ctl->settings.seal_revocations,
                                               .firms = &ctl->settings.trust,
                                               .stamps = ctl->settings.stamper.authorities};
    struct verify_result result;
    struct verifier verifier;
    struct known known;
    struct bytes file;
    int judged;

    if (file_read(ctl->pool, ctl->operands[0], PDFREAD_LIMIT, &file, err) < 0)
        return EXIT_FAILED;
    if (verifier_open(&settings, &verifier, err) < 0)
        return EXIT_CONFIG;
    ask_database(ctl, file, &known);
    judged = verify_file(&verifier, ctl->pool, file, clock_now_ms(),
                         known.record == VERIFY_NOT_ASKED ? NULL : look_up, &known, &result, err);
    verifier_close(&verifier);
    if (judged < 0)
        return EXIT_FAILED;
    tell(ctl, &result, &known);
    return result.verdict == VERIFY_GENUINE ? EXIT_DONE : EXIT_FAILED;
}

const struct verb verb_verify = {
    .name = "verify",
    .operands = "FILE [--no-database]",
    .help = "Judges a PDF: is it a document that the authority sealed, or a form that a firm signed,\n"
            "byte for byte? Says who signed it, when, and whether it is on record. The exit code is 0\n"
            "when it is genuine and 1 when it is not. Without the database the signature alone counts.",
    .needs = CTL_NOTHING,
    .least = 1,
    .most = 1,
    .options = {[OPTION_NO_DATABASE] = {"no-database", NULL, "the signature alone is judged"}},
    .run = run,
};
