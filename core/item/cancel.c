#include "core/item/cancel.h"

#include <inttypes.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/issue/job.h"
#include "core/queries.h"
#include "core/register/certificate.h"
#include "core/register/enterprise.h"

enum { MINUTE_MS = 60 * 1000 };

enum { SQL_REASONS, SQL_CODE };

static const struct db_query queries[] = {
    [SQL_REASONS] = {"cancel_reasons", "SELECT code, label, needs_text FROM cancellation_reason"
                                       " WHERE NOT retired ORDER BY position, code"},
    [SQL_CODE] = {"cancel_code", "SELECT reason_code, reason_text FROM matter WHERE id = ?"},
};

const struct db_area cancel_area = DB_AREA("cancel", queries);

static void reason_read(const struct db_value *row, struct cancel_reason *out)
{
    *out = (struct cancel_reason){db_as_text(&row[0]), db_as_text(&row[1]), db_as_uint(&row[2])};
}

void cancel_reasons_ahead(struct db *db, struct pool *pool)
{
    db_ahead(db, pool, &queries[SQL_REASONS], DB_NO_ARGS);
}

int cancel_reasons(struct db *db, struct pool *pool, const struct cancel_reason **reasons,
                   size_t *count, struct err *err)
{
    struct cancel_reason *list;
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_REASONS], DB_NO_ARGS, &rows, err) < 0)
        return -1;
    list = pool_array(pool, rows.count + 1, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++)
        reason_read(db_row(&rows, i), &list[i]);
    *reasons = list;
    *count = rows.count;
    return 0;
}

int cancel_reason_find(struct db *db, struct pool *pool, const char *code,
                       struct cancel_reason *reason, struct err *err)
{
    const struct cancel_reason *reasons;
    size_t count;

    if (cancel_reasons(db, pool, &reasons, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(reasons[i].code, code) != 0)
            continue;
        *reason = reasons[i];
        return 1;
    }
    return 0;
}

/* Preparing the form */

static void select_cancel(struct change *change, struct filing *filing)
{
    (void)change;
    subjects_add_own(filing, ACT_CANCEL);
    /* Until it is confirmed the reason is still to be given. */
    filing->facts.reason_given = true;
}

static int perform_cancel(struct change *change, struct filing *filing,
                          const struct filing_choice *choice, struct err *err)
{
    const struct job_new form = {.kind = "form",
                                 .proof_id = change->matter_id,
                                 .matter_id = change->matter_id,
                                 .enterprise_id = change->enterprise_id};

    for (size_t i = 0; i < filing->count; i++) {
        const struct certificate_was was = holding_was(filing->subjects[i].holding);

        if (!subject_chosen(&filing->subjects[i]))
            continue;
        if (change_pending(change, &was, change->matter_id, err) < 0 ||
            matter_certificate_add(change->db, change->matter_id, was.id, was.version, err) < 0)
            return -1;
    }
    filing->matter.items = (unsigned)choice->count;
    change_note(change, change->enterprise_id, "cancel.prepare", "person",
                filing->matter.person_id, NULL);
    if (matter_reason(change->db, change->matter_id, choice->reason_code, choice->reason_text,
                      err) < 0 ||
        job_add(change->db, &form, change->now_ms, err) < 0)
        return -1;
    return matter_move(change->db, &filing->matter, MATTER_DRAFT, MATTER_SIGNING,
                       change->today, change->now_ms, err);
}

const struct procedure procedure_cancel = {
    .item = ITEM_CANCEL,
    .acts = ACT_BIT(ACT_CANCEL),
    .chooses = true,
    .select = select_cancel,
    .perform = perform_cancel};

/* Signing it */

/* A form that is on its way: its certificates wait for this matter, and for nothing else. 1; 0: not
 * all of them do any more; -1. */
static int judge_waiting(struct change *change, struct filing *filing, struct err *err)
{
    struct facts *facts = &filing->facts;
    int found = facts_load(change->db, change->pool, change->core, filing->matter.person_id,
                           change->enterprise_id, change->today,
                           rules_know(procedure_cancel.acts), facts, err);

    if (found != 1)
        return found < 0 ? -1 : err_set(err, ERR_CONFLICT, 0, "the person is gone");
    filing->subjects =
        pool_array(change->pool, facts->holding_count + 1, sizeof(*filing->subjects));
    filing->allowed = true;
    facts->reason_given = facts->signed_form = facts->signature_wanted = true;
    for (size_t i = 0; i < facts->holding_count; i++) {
        struct holding *holding = &facts->holdings[i];
        struct subject *subject;

        if (holding->paper || holding->pending_id != filing->matter.id)
            continue;
        subject = subject_add(filing, ACT_CANCEL, holding);
        holding->pending_id = 0;
        facts->holding = holding;
        facts->class_code = holding->class_code;
        rules_judge(change->pool, change->core->policy, ACT_CANCEL, facts, &subject->verdict);
        holding->pending_id = filing->matter.id;
        filing->allowed = filing->allowed && subject->verdict.allowed;
    }
    return filing->count == filing->matter.items;
}

static int cancel_all(struct change *change, const struct filing *filing, struct err *err)
{
    const struct db_value *row;

    if (db_one(change->db, change->pool, &queries[SQL_CODE], DB_ARGS(db_uint(change->matter_id)),
               &row, err) < 0)
        return -1;
    const char *code = db_as_text(&row[0]), *text = db_as_text(&row[1]);
    for (size_t i = 0; i < filing->count; i++) {
        const struct certificate_was was = holding_was(filing->subjects[i].holding);

        if (change_state(change, &was, STATE_CANCELLED, act_name(ACT_CANCEL), code, text, err) < 0)
            return -1;
    }
    return 0;
}

/* The form with the signature in it, and the authority's proof. */
static int order_documents(struct change *change, struct err *err)
{
    static const char *const kinds[] = {"signed", "cancellation"};

    if (matter_proof(change->db, change->matter_id, NULL, err) < 0)
        return -1;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        const struct job_new job = {.kind = kinds[i],
                                    .proof_id = change->matter_id,
                                    .matter_id = change->matter_id,
                                    .enterprise_id = change->enterprise_id};

        if (job_add(change->db, &job, change->now_ms, err) < 0)
            return -1;
    }
    return 0;
}

static int refuse_signature(struct change *change, struct cancel_result *result,
                            enum cancel_outcome outcome, const char *cause, struct err *err)
{
    result->outcome = outcome;
    result->cause = cause;
    change_note(change, change->enterprise_id, "cancel.signature_refused", "matter",
                change->matter_id, pool_printf(change->pool, "{\"cause\":\"%s\"}", cause));
    return change_end(change, err);
}

/* The person, then the matter, as everybody does. */
static int lock(struct change *change, const char *number, struct matter *matter, struct err *err)
{
    int found = matter_find(change->db, change->pool, number, change->enterprise_id, matter, err);

    if (found == 1 && matter->item == ITEM_CANCEL && matter->person_id != 0) {
        if (facts_lock(change->db, change->pool, matter->person_id, err) < 0)
            return -1;
        found = matter_lock(change->db, change->pool, number, change->enterprise_id, matter, err);
    } else if (found == 1) {
        found = 0;
    }
    if (found < 0)
        return -1;
    if (found == 0 || strcmp(matter->state, MATTER_SIGNING) != 0)
        return err_set(err, found ? ERR_CONFLICT : ERR_NOT_FOUND, 0, "no form waits there");
    change->matter_id = matter->id;
    return 0;
}

/* The certificates are free again; the findings say why. */
static int refuse(struct change *change, struct cancel_result *result, const char *cause,
                  struct err *err)
{
    struct filing *filing = &result->filing;
    unsigned position = 0;

    result->cause = cause;
    for (size_t i = 0; i < filing->count; i++)
        if (matter_findings_add(change->db, change->matter_id,
                                subject_words(change->pool, &filing->subjects[i]),
                                &filing->subjects[i].verdict, &position, err) < 0)
            return -1;
    change_note(change, change->enterprise_id, "cancel.refused", "matter", change->matter_id,
                pool_printf(change->pool, "{\"cause\":\"%s\"}", cause));
    return filing_release(change, change->matter_id, err) < 0 ||
                   matter_move(change->db, &filing->matter, MATTER_SIGNING, MATTER_REFUSED,
                               change->today, change->now_ms, err) < 0
               ? -1
               : change_end(change, err);
}

/* Do the rules still allow what the form says? 1; 0: no, and it is refused; -1. */
static int judge_again(struct change *change, struct cancel_result *result, struct err *err)
{
    int whole = judge_waiting(change, &result->filing, err);

    if (whole < 0 || (whole && result->filing.allowed))
        return whole;
    result->outcome = whole ? CANCEL_REFUSED : CANCEL_CHANGED;
    return refuse(change, result, whole ? "rules" : "certificates_changed", err);
}

static int finish(struct change *change, struct cancel_result *result, const struct form *form,
                  const struct form_signature *signature, struct err *err)
{
    struct filing *filing = &result->filing;

    if (form_signature_add(change->db, change->matter_id, form, signature, err) < 0 ||
        cancel_all(change, filing, err) < 0 || order_documents(change, err) < 0 ||
        matter_move(change->db, &filing->matter, MATTER_SIGNING, MATTER_DONE, change->today,
                    change->now_ms, err) < 0)
        return -1;
    change_note(change, change->enterprise_id, "cancel.signed", "matter", change->matter_id,
                pool_printf(change->pool, "{\"certificate\":\"%s\"}", signature->fingerprint));
    return change_end(change, err);
}

/* Is the firm in the certificate the one that is logged in? 1; 0, refused; -1. */
static int check_firm(struct change *change, const struct signature *signer,
                      struct cancel_result *result, struct err *err)
{
    struct enterprise enterprise;
    int found = enterprise_find(change->db, change->pool, change->enterprise_id, &enterprise, err);

    if (found != 1)
        return found < 0 ? -1 : err_set(err, ERR_NOT_FOUND, 0, "the firm is gone");
    if (strcmp(signer->uscc, enterprise.uscc) == 0)
        return 1;
    return refuse_signature(change, result, CANCEL_FOREIGN, "foreign_firm", err);
}

int cancel_prepare(struct change *change, const struct signature_check *check, const char *number,
                   const struct outside_signer *signer, struct form *form,
                   struct cancel_result *result, struct err *err)
{
    struct signature who = {0};
    const char *cause = "";
    int good;

    *result = (struct cancel_result){.outcome = CANCEL_DONE, .cause = ""};
    if (lock(change, number, &result->filing.matter, err) < 0)
        return -1;
    good = check->judge(check->context, change->pool, signer, change->now_ms, &who, &cause, err);
    if (good == 0)
        return refuse_signature(change, result, CANCEL_BROKEN, cause, err);
    if (good == 1)
        good = check_firm(change, &who, result, err);
    if (good == 1)
        good = judge_again(change, result, err);
    if (good <= 0 || result->outcome != CANCEL_DONE)
        return good < 0 ? -1 : 0;
    good = form_prepare(change, signer, who.serial, form, err);
    if (good < 0)
        return -1;
    if (good == 0)
        return form->signer.algorithm
                   ? refuse_signature(change, result, CANCEL_BROKEN, "algorithm", err)
                   : refuse_signature(change, result, CANCEL_NO_FORM, "no_form", err);
    change_note(change, change->enterprise_id, "cancel.form_prepared", "matter", change->matter_id,
                pool_printf(change->pool, "{\"certificate\":\"%s\"}", who.fingerprint));
    return change_end(change, err);
}

/* The form as it was prepared, not too long ago. 1; 0, refused; -1. */
static int find_prepared(struct change *change, struct form *form, struct cancel_result *result,
                         struct err *err)
{
    struct err cause;
    int found = form_find(change->db, change->pool, change->matter_id, change->enterprise_id, form,
                          &cause);

    if (found < 0 && cause.kind == ERR_CONFLICT)
        return refuse_signature(change, result, CANCEL_UNPREPARED, "form_changed", err);
    if (found < 0) {
        if (err)
            *err = cause;
        return -1;
    }
    if (found == 0)
        return refuse_signature(change, result, CANCEL_UNPREPARED, "unprepared", err);
    if (change->now_ms - form->prepared_ms > CANCEL_SIGN_MINUTES * MINUTE_MS)
        return refuse_signature(change, result, CANCEL_UNPREPARED, "late", err);
    return 1;
}

int cancel_sign(struct change *change, const struct signature_check *check, const char *number,
                struct bytes signature, struct cancel_result *result, struct err *err)
{
    struct signature signer = {0};
    struct form form;
    const char *cause = "forged";
    struct bytes cms;
    int good;

    *result = (struct cancel_result){.outcome = CANCEL_DONE, .cause = ""};
    if (lock(change, number, &result->filing.matter, err) < 0)
        return -1;
    good = find_prepared(change, &form, result, err);
    if (good <= 0 || result->outcome != CANCEL_DONE)
        return good;
    good = outside_assemble(&form.signer, change->pool, &form.prepared, signature, &cms, err);
    if (good == 1)
        good = check->verify(check->context, change->pool,
                             seal_signed_bytes(change->pool, &form.prepared), cms, change->now_ms,
                             &signer, &cause, err);
    if (good == 0)
        return refuse_signature(change, result, CANCEL_BROKEN, cause, err);
    if (good == 1)
        good = check_firm(change, &signer, result, err);
    if (good == 1)
        good = judge_again(change, result, err);
    if (good <= 0 || result->outcome != CANCEL_DONE)
        return good < 0 ? -1 : 0;
    return finish(change, result, &form,
                  &(struct form_signature){signer.name, signer.serial, signer.fingerprint,
                                           change->now_ms, cms},
                  err);
}
