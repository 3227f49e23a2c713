#include "core/proposal/sanction.h"

#include <inttypes.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/item/filing.h"
#include "core/queries.h"
#include "core/register/identifier.h"
#include "core/rules/rules.h"
#include "core/staff/staff.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { DUE_MOST = 1000 };

enum { SQL_PENDING, SQL_RENAME_FAIL, SQL_FACE, SQL_OTHERS, SQL_LEGAL, SQL_DUE, SQL_DUE_COUNT };

/* The last suspension of a certificate: while it is suspended, the one in force. */
#define LAST_SUSPENSION                                                                            \
    "(SELECT p.matter_id FROM matter_certificate mc JOIN proposal p ON p.matter_id = mc.matter_id" \
    "   WHERE mc.certificate_id = c.id AND p.kind = 'suspend' AND p.state = 'applied'"             \
    "     AND mc.state = 'done'"                                                                   \
    "   ORDER BY mc.matter_id DESC LIMIT 1)"

static const struct db_query queries[] = {
    [SQL_PENDING] = {"sanction_pending",
                     "SELECT m.item, m.state, m.items FROM matter m WHERE m.id = ? FOR UPDATE"},
    [SQL_RENAME_FAIL] = {"sanction_rename_fail",
                         "UPDATE matter_certificate SET state = 'failed', cause = 'state'"
                         " WHERE matter_id = ? AND certificate_id = ? AND state = 'waiting'"},
    [SQL_FACE] = {"sanction_face",
                  "SELECT p.sex, p.birth, c.first_issued, c.valid_from, c.held_since,"
                  " IFNULL(p.capture_id, v.capture_id), p.name FROM certificate c"
                  " JOIN person p ON p.id = c.person_id JOIN certificate_version v"
                  "   ON v.certificate_id = c.id AND v.version = c.version WHERE c.id = ?"},
    [SQL_OTHERS] = {"sanction_others",
                    "SELECT c.class, c.enterprise_id, c.number, c.state, c.valid_until, c.post,"
                    " c.id FROM certificate c WHERE c.person_id = ? AND c.id <> ?"},
    [SQL_LEGAL] = {"sanction_legal",
                   "SELECT c.number, c.state, c.valid_until"
                   " FROM certificate c FORCE INDEX (certificate_post)"
                   " WHERE c.enterprise_id = ? AND c.post = '01' AND c.class = 'A'"
                   " AND c.person_id <> ?"},
    [SQL_DUE] = {"sanction_due",
                 "SELECT " CERTIFICATE_COLUMNS ", c.enterprise_id, e.name, p.period_from,"
                 " p.period_until, m.id, m.opened_on"
                 " FROM certificate c FORCE INDEX (certificate_expiry)"
                 " JOIN proposal p ON p.matter_id = " LAST_SUSPENSION
                 " JOIN matter m ON m.id = p.matter_id JOIN enterprise e ON e.id = c.enterprise_id"
                 " WHERE c.state = '02' AND p.period_until < ?"
                 " ORDER BY p.period_until, c.id LIMIT ?"},
    [SQL_DUE_COUNT] = {"sanction_due_count",
                       "SELECT COUNT(*) FROM (SELECT c.id"
                       " FROM certificate c FORCE INDEX (certificate_expiry)"
                       " JOIN proposal p ON p.matter_id = " LAST_SUSPENSION
                       " WHERE c.state = '02' AND p.period_until < ? LIMIT ?) due"},
};

const struct db_area sanction_area = DB_AREA("sanction", queries);

/* What each does to a certificate, for certificates in which states. */
static const struct sanction {
    const struct proposal_kind *kind;
    const char *from[2]; /* on this day: see state_on */
    const char *to;
    const char *action;  /* of the event */
} sanctions[] = {
    {&sanction_suspend, {STATE_VALID, STATE_VALID}, STATE_SUSPENDED, "suspend"},
    {&sanction_give_back, {STATE_SUSPENDED, STATE_SUSPENDED}, STATE_VALID, "give_back"},
    {&sanction_withdraw, {STATE_VALID, STATE_SUSPENDED}, STATE_WITHDRAWN, "withdraw"},
    {&sanction_revoke, {STATE_VALID, STATE_SUSPENDED}, STATE_REVOKED, "revoke"},
    {&sanction_cancel, {STATE_VALID, STATE_VALID}, STATE_CANCELLED, "cancel_by_authority"},
    {&sanction_take_back, {STATE_DEPARTED, STATE_DEPARTED}, STATE_VALID, "take_back"},
};

static const struct sanction *sanction_of(const struct proposal *proposal)
{
    for (size_t i = 0; i < COUNT(sanctions); i++)
        if (sanctions[i].kind == proposal->kind)
            return &sanctions[i];
    err_fatal("%s is no sanction", proposal->kind->name);
}

/* Judging */

/* Another certificate that the person holds, or is to have again by the same proposal. */
struct beside {
    const char *class_code, *post, *number;
    uint64_t enterprise_id;
    bool returns;
};

/* R9 to R11, and R12 for B and C: what is to be again, and what is held. */
static bool excludes(const struct policy *policy, const struct proposal_certificate *certificate,
                     const struct beside *other)
{
    char one = certificate->class_code[0], two = other->class_code[0];
    bool c3 = strcmp(certificate->class_code, "C3") == 0 || strcmp(other->class_code, "C3") == 0;
    bool here = other->enterprise_id == certificate->enterprise_id;

    if (one == 'A' && two == 'A')
        return here || (strcmp(certificate->post, POST_LEGAL) != 0 &&
                        strcmp(other->post, POST_LEGAL) != 0);
    if (one == 'A' || two == 'A')
        return false;
    if (!here || (one == 'B' && two == 'B'))
        return true;
    return one == 'C' && two == 'C' &&
           (policy->one_c_class || c3 ||
            strcmp(certificate->class_code, other->class_code) == 0);
}

/* R12: whoever has A at all has one where B and C are. */
static bool without_a(const struct proposal_certificate *certificate, const struct beside *others,
                      size_t count)
{
    bool is_a = certificate->class_code[0] == 'A', any_a = is_a;
    uint64_t firm = is_a ? 0 : certificate->enterprise_id;

    for (size_t i = 0; i < count; i++) {
        if (others[i].class_code[0] == 'A')
            any_a = true;
        else if (firm == 0)
            firm = others[i].enterprise_id;
    }
    if (!any_a || firm == 0 || (is_a && certificate->enterprise_id == firm))
        return false;
    for (size_t i = 0; i < count; i++)
        if (others[i].class_code[0] == 'A' && others[i].enterprise_id == firm)
            return false;
    return true;
}

static bool returns(const struct proposal *proposal, uint64_t id)
{
    for (size_t i = 0; i < proposal->count; i++)
        if (proposal->certificates[i].id == id)
            return true;
    return false;
}

/* What is held beside the certificate once the proposal is carried out. 0/-1. */
static int besides(struct change *change, const struct proposal *proposal,
                   const struct proposal_certificate *certificate, struct beside **out,
                   size_t *count, struct err *err)
{
    struct db_rows rows;

    if (db_select(change->db, change->pool, &queries[SQL_OTHERS],
                  DB_ARGS(db_uint(certificate->person_id), db_uint(certificate->id)), &rows,
                  err) < 0)
        return -1;
    *out = pool_array(change->pool, rows.count + 1, sizeof(**out));
    *count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);
        const char *state = state_on(db_as_text(&row[3]), db_as_date(&row[4]), change->today);
        bool back = strcmp(state, STATE_DEPARTED) == 0 && returns(proposal, db_as_uint(&row[6]));

        if (back || strcmp(state, STATE_VALID) == 0 || strcmp(state, STATE_SUSPENDED) == 0)
            (*out)[(*count)++] = (struct beside){.class_code = db_as_text(&row[0]),
                                                 .post = db_as_text(&row[5]),
                                                 .number = db_as_text(&row[2]),
                                                 .enterprise_id = db_as_uint(&row[1]),
                                                 .returns = back};
    }
    return 0;
}

/* R9: somebody else's may be the firm's only one by now. */
static int legal_taken(struct change *change, const struct proposal_certificate *certificate,
                       const char **words, struct err *err)
{
    struct db_rows rows;

    if (certificate->class_code[0] != 'A' || strcmp(certificate->post, POST_LEGAL) != 0)
        return 0;
    if (db_select(change->db, change->pool, &queries[SQL_LEGAL],
                  DB_ARGS(db_uint(certificate->enterprise_id), db_uint(certificate->person_id)),
                  &rows, err) < 0)
        return -1;
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);
        const char *state = state_on(db_as_text(&row[1]), db_as_date(&row[2]), change->today);

        if (strcmp(state, STATE_VALID) == 0 || strcmp(state, STATE_SUSPENDED) == 0)
            *words = pool_printf(change->pool,
                                 "该企业已有其他人员的法定代表人A证 %s，不能再恢复这本证书",
                                 db_as_text(&row[0]));
    }
    return 0;
}

/* What was issued since the departure may leave no room for it. *words: NULL where there is. 0/-1. */
static int taken_place(struct change *change, const struct proposal *proposal,
                       const struct proposal_certificate *certificate, const char **words,
                       struct err *err)
{
    struct beside *others;
    size_t count;

    *words = NULL;
    if (besides(change, proposal, certificate, &others, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count && !*words; i++)
        if (excludes(change->core->policy, certificate, &others[i]))
            *words = pool_printf(change->pool,
                                 others[i].returns
                                     ? "与本提请中的%s证 %s 不能并存，不能一并恢复"
                                     : "该人员离沪后已持有%s证 %s，不能再恢复这本证书",
                                 others[i].class_code, others[i].number);
    if (!*words && without_a(certificate, others, count))
        *words = "恢复后，该人员的A证都不在其B证、C证所在的企业，不能恢复这本证书";
    return *words ? 0 : legal_taken(change, certificate, words, err);
}

static const char *effect_of(struct change *change, const struct sanction *sanction,
                             const struct proposal *proposal,
                             const struct proposal_certificate *certificate)
{
    struct text words;
    char from[11], until[11];

    text_init(&words, change->pool, 1024);
    text_printf(&words, "%s → %s", state_label(certificate->state), state_label(sanction->to));
    date_format(proposal->from, from);
    date_format(proposal->until, until);
    if (proposal->kind->period)
        text_printf(&words, "，暂扣期 %s 至 %s", from, until);
    date_format(certificate->valid_until, until);
    if (strcmp(sanction->to, STATE_VALID) == 0 &&
        date_compare(certificate->valid_until, change->today) < 0)
        text_printf(&words, "；有效期已于 %s 届满，发还后即为失效", until);
    else if (proposal->kind == &sanction_give_back)
        text_add(&words, "，电子证书可以重新下载");
    else if (proposal->kind == &sanction_take_back)
        text_add(&words, "，生成新版电子证书");
    if (certificate->pending_id)
        text_add(&words, "；企业正在办理的事项就该证书终止");
    return words.data;
}

static int judge_certificate(struct change *change, const struct sanction *sanction,
                             struct proposal *proposal, struct proposal_certificate *certificate,
                             struct err *err)
{
    const char *state = state_on(certificate->state, certificate->valid_until, change->today);
    char until[11];

    if (strcmp(state, sanction->from[0]) != 0 && strcmp(state, sanction->from[1]) != 0)
        certificate->refusal = pool_printf(change->pool, "证书状态为%s，不能%s", state_label(state),
                                           proposal->kind->label);
    if (certificate->refusal || proposal->kind != &sanction_take_back) {
        certificate->effect =
            certificate->refusal ? NULL : effect_of(change, sanction, proposal, certificate);
        return 0;
    }
    date_format(certificate->valid_until, until);
    if (date_compare(certificate->valid_until, change->today) < 0)
        certificate->refusal = pool_printf(change->pool, "有效期已于 %s 届满", until);
    else if (taken_place(change, proposal, certificate, &certificate->refusal, err) < 0)
        return -1;
    if (!certificate->refusal)
        certificate->effect = effect_of(change, sanction, proposal, certificate);
    return 0;
}

/* A decision takes effect when it is made: the period has begun by then, and is not over. */
static void judge_period(struct change *change, struct proposal *proposal)
{
    if (date_is_none(proposal->from) || date_is_none(proposal->until))
        proposal_refuse(proposal, "没有填写暂扣期");
    else if (date_compare(proposal->from, change->today) > 0)
        proposal_refuse(proposal, "暂扣期的起始日期不能晚于今天");
    else if (date_compare(proposal->until, change->today) < 0)
        proposal_refuse(proposal, "暂扣期已经届满");
}

static int judge(struct change *change, struct proposal *proposal, struct err *err)
{
    const struct sanction *sanction = sanction_of(proposal);

    if (proposal->kind->period)
        judge_period(change, proposal);
    if (!*proposal->legal_basis)
        proposal_refuse(proposal, "没有填写法律依据");
    if (proposal->kind == &sanction_cancel && !proposal_row(proposal, SANCTION_REASON_CODE))
        proposal_refuse(proposal, "没有选择注销原因");
    if (proposal->count == 0)
        proposal_refuse(proposal, "没有证书");
    for (size_t i = 0; i < proposal->count; i++)
        if (judge_certificate(change, sanction, proposal, &proposal->certificates[i], err) < 0)
            return -1;
    return 0;
}

/* What the firm has begun */

static int cancellation_end(struct change *change, const struct proposal *proposal,
                            const struct proposal_certificate *certificate, unsigned items,
                            struct err *err)
{
    struct matter matter = {.id = certificate->pending_id, .items = items};
    struct verdict *verdict = POOL_NEW(change->pool, struct verdict);
    uint64_t ours = change->matter_id;
    unsigned position = 0;

    verdict->act = ACT_CANCEL;
    verdict->count = 1;
    verdict->findings[0] = (struct finding){
        .rule = "R17",
        .demand = "证书状态为有效",
        .fact = pool_printf(change->pool, "管理部门已对该证书作出%s决定（%s），本申请终止",
                            proposal->kind->label, proposal->number),
        .advice = "本申请中的其他证书仍可重新申请注销；对决定有疑问的，请联系管理部门处理",
    };
    if (matter_findings_add(change->db, matter.id,
                            pool_printf(change->pool, "%s证　%s", certificate->class_code,
                                        certificate->number),
                            verdict, &position, err) < 0 ||
        filing_release(change, matter.id, err) < 0 ||
        matter_move(change->db, &matter, MATTER_SIGNING, MATTER_REFUSED, change->today,
                    change->now_ms, err) < 0)
        return -1;
    change->matter_id = matter.id;
    change_note(change, change->enterprise_id, "cancel.overruled", "matter", matter.id,
                pool_printf(change->pool, "{\"by\":%" PRIu64 "}", ours));
    change->matter_id = ours;
    return 0;
}

/* Afterwards the certificate waits for nothing. 0/-1 (ERR_CONFLICT: for what we don't know). */
static int overrule(struct change *change, const struct proposal *proposal,
                    const struct proposal_certificate *certificate, struct err *err)
{
    const struct certificate_was was = proposal_was(certificate);
    const struct db_value *row;

    if (certificate->pending_id == 0)
        return 0;
    change->enterprise_id = certificate->enterprise_id;
    if (db_one(change->db, change->pool, &queries[SQL_PENDING],
               DB_ARGS(db_uint(certificate->pending_id)), &row, err) < 0)
        return -1;
    enum item item = item_by_name(db_as_text(&row[0]));
    const char *state = db_as_text(&row[1]);
    if (item == ITEM_CANCEL && strcmp(state, MATTER_SIGNING) == 0)
        return cancellation_end(change, proposal, certificate, (unsigned)db_as_uint(&row[2]), err);
    /* Another certificate of this proposal has ended it. */
    if (item == ITEM_CANCEL && strcmp(state, MATTER_REFUSED) == 0)
        return 0;
    if (item != ITEM_RENAME)
        return err_set(err, ERR_CONFLICT, 0, "certificate %" PRIu64 " waits for matter %" PRIu64,
                       certificate->id, certificate->pending_id);
    return db_run(change->db, &queries[SQL_RENAME_FAIL],
                  DB_ARGS(db_uint(certificate->pending_id), db_uint(certificate->id)), NULL,
                  err) < 0
               ? -1
               : change_pending(change, &was, 0, err);
}

/* Applying */

/* What the firm, and whoever asks later, may know of it: never who it was. */
static const char *words_of(struct change *change, const struct proposal *proposal,
                            const struct proposal_certificate *certificate)
{
    const struct proposal_row *own =
        certificate ? proposal_row_own(proposal, certificate->id) : NULL;
    struct text words;
    char from[11], until[11];

    text_init(&words, change->pool, 4096);
    text_printf(&words, "依据：%s；原因：%s", proposal->legal_basis,
                own ? own->after : proposal->reason);
    date_format(proposal->from, from);
    date_format(proposal->until, until);
    if (proposal->kind->period)
        text_printf(&words, "；暂扣期：%s 至 %s", from, until);
    return words.data;
}

static int take_back(struct change *change, const struct proposal_certificate *certificate,
                     const struct certificate_was *was, const char *words, struct err *err)
{
    const struct db_value *row;

    if (db_one(change->db, change->pool, &queries[SQL_FACE], DB_ARGS(db_uint(certificate->id)),
               &row, err) < 0)
        return -1;
    const struct certificate_face face = {
        .number = certificate->number,
        .class_code = certificate->class_code,
        .person_id = certificate->person_id,
        .enterprise_id = certificate->enterprise_id,
        .enterprise_name = certificate->enterprise_name,
        .holder_name = db_as_text(&row[6]),
        .sex = (unsigned)db_as_uint(&row[0]),
        .birth = db_as_date(&row[1]),
        .post = certificate->post,
        .first_issued = db_as_date(&row[2]),
        .valid_from = db_as_date(&row[3]),
        .valid_until = certificate->valid_until,
        .held_since = db_as_date(&row[4]),
        .capture_id = db_as_uint(&row[5]),
    };
    return change_version_why(change, was, &face, "take_back", words, err);
}

static int apply(struct change *change, const struct proposal *proposal, struct err *err)
{
    const struct sanction *sanction = sanction_of(proposal);
    const struct proposal_row *code = proposal_row(proposal, SANCTION_REASON_CODE);

    for (size_t i = 0; i < proposal->count; i++)
        if (overrule(change, proposal, &proposal->certificates[i], err) < 0)
            return -1;
    for (size_t i = 0; i < proposal->count; i++) {
        const struct proposal_certificate *certificate = &proposal->certificates[i];
        const char *words = words_of(change, proposal, certificate);
        struct certificate_was was = proposal_was(certificate);

        was.pending_id = 0;
        change->enterprise_id = certificate->enterprise_id;
        if ((proposal->kind == &sanction_take_back
                 ? take_back(change, certificate, &was, words, err)
                 : change_state(change, &was, sanction->to, sanction->action,
                                code ? code->after : NULL, words, err)) < 0)
            return -1;
    }
    return matter_reason(change->db, proposal->matter_id, code ? code->after : NULL,
                         words_of(change, proposal, NULL), err);
}

#define SANCTION                                                                                   \
    .item = ITEM_SANCTION, .propose = STAFF_REVIEWER, .decide = STAFF_DECISION, .judge = judge,    \
    .apply = apply

const struct proposal_kind sanction_suspend = {
    .name = "suspend", .label = "暂扣", .period = true, .spreads = true,
    .deadline = DEADLINE_SANCTION, SANCTION};
const struct proposal_kind sanction_give_back = {
    .name = "give_back", .label = "暂扣发还", .spreads = true,
    .deadline = DEADLINE_GIVE_BACK, SANCTION};
const struct proposal_kind sanction_withdraw = {
    .name = "withdraw", .label = "撤销", .final = true, .spreads = true,
    .deadline = DEADLINE_SANCTION, SANCTION};
const struct proposal_kind sanction_revoke = {
    .name = "revoke", .label = "吊销", .final = true, .spreads = true,
    .deadline = DEADLINE_SANCTION, SANCTION};
const struct proposal_kind sanction_cancel = {
    .name = "cancel", .label = "注销", .final = true, .spreads = true,
    .deadline = DEADLINE_SANCTION, SANCTION};
/* Whoever comes back is judged by all that comes back together. */
const struct proposal_kind sanction_take_back = {
    .name = "take_back", .label = "取消转出", .deadline = DEADLINE_SANCTION, SANCTION};

/* Those whose period is over */

int sanction_due(struct db *db, struct pool *pool, struct date today, size_t limit,
                 const struct suspension **out, size_t *count, struct err *err)
{
    struct suspension *list;
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_DUE], DB_ARGS(db_date(today), db_uint(limit)), &rows,
                  err) < 0)
        return -1;
    list = pool_array(pool, rows.count + 1, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);

        certificate_read(row, &list[i].certificate);
        row += CERTIFICATE_COLUMN_COUNT;
        list[i].enterprise_id = db_as_uint(&row[0]);
        list[i].enterprise_name = db_as_text(&row[1]);
        list[i].from = db_as_date(&row[2]);
        list[i].until = db_as_date(&row[3]);
        list[i].matter_id = db_as_uint(&row[4]);
        matter_number_make(ITEM_SANCTION, db_as_date(&row[5]), list[i].matter_id, list[i].number);
    }
    *out = list;
    *count = rows.count;
    return 0;
}

int sanction_due_count(struct db *db, struct pool *pool, struct date today, uint64_t *count,
                       struct err *err)
{
    const struct db_value *row;

    if (db_one(db, pool, &queries[SQL_DUE_COUNT], DB_ARGS(db_date(today), db_uint(DUE_MOST)),
               &row, err) < 0)
        return -1;
    *count = db_as_uint(&row[0]);
    return 0;
}
