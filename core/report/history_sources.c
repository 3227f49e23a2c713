#include "core/report/history_source.h"

#include <inttypes.h>
#include <string.h>

#include "base/pool.h"
#include "base/text.h"
#include "core/audit/audit_log.h"
#include "core/matter/matter.h"
#include "core/message/outbox.h"
#include "core/proposal/proposal.h"
#include "core/register/capture.h"
#include "core/register/identifier.h"
#include "core/register/person.h"
#include "core/rules/rules.h"

enum { DATE_SIZE = 11, MONTH_LENGTH = 7 };

/* Nobody, or who is meant by a kind and an id. */
#define NOBODY "0, '', ''"
#define WHO(kind) kind ", COALESCE(ws.name, wf.name, ''), CAST(IFNULL(ws.role, '') AS CHAR)"
#define WHO_ARE(kind, id)                                                                          \
    " LEFT JOIN staff ws ON " kind " = 2 AND ws.id = " id                                          \
    " LEFT JOIN enterprise wf ON " kind " = 1 AND wf.id = " id
#define AFTER(at, tie)                                                                             \
    " AND (" at " > ? OR " at " = ? AND " tie " > ?) ORDER BY " at ", " tie " LIMIT ?"
/* Matters of the person, and those that concern the certificates. */
#define MATTERS                                                                                    \
    "(SELECT id FROM matter WHERE person_id = ?"                                                   \
    " UNION SELECT matter_id FROM matter_certificate WHERE certificate_id IN (" SQL_IDS "))"

enum {
    SQL_PERSON, SQL_CAPTURES, SQL_EXAMS, SQL_EDUCATION, SQL_INSURANCE, SQL_PAPERS,
    SQL_MATTERS, SQL_FINDINGS, SQL_PROPOSALS, SQL_DECISIONS, SQL_CHANGES, SQL_EVENTS, SQL_VERSIONS,
    SQL_JOBS, SQL_DOCUMENTS, SQL_ENDS,
    SQL_ATTACHMENTS, SQL_MESSAGES, SQL_AUDIT
};

static const struct db_query queries[] = {
    [SQL_PERSON] =
        {"history_person_made", "SELECT p.created_at, p.id, " NOBODY ", p.id_type"
                                " FROM person p WHERE p.id = ?" AFTER("p.created_at", "p.id")},
    [SQL_CAPTURES] =
        {"history_captures",
         "SELECT k.captured_at, k.id, " WHO("IF(k.captured_by IS NULL, 3, 2)")
         ", CAST(k.source AS CHAR), k.width, k.height, IFNULL(p.capture_id = k.id, 0),"
         " CAST(k.state AS CHAR)"
         " FROM identity_capture k JOIN person p ON p.id = k.person_id"
         WHO_ARE("IF(k.captured_by IS NULL, 3, 2)", "k.captured_by")
         " WHERE k.person_id = ?" AFTER("k.captured_at", "k.id")},
    [SQL_EXAMS] =
        {"history_exams",
         "SELECT x.created_at, x.id, " NOBODY ", x.exam_no, CAST(x.class AS CHAR),"
         " x.exam_date, x.score, x.passed, f.name, x.certificate_id IS NOT NULL"
         " FROM exam_result x JOIN enterprise f ON f.id = x.enterprise_id"
         " WHERE x.person_id = ? AND x.class LIKE ?" AFTER("x.created_at", "x.id")},
    [SQL_EDUCATION] =
        {"history_education",
         "SELECT x.created_at, x.id, " NOBODY ", x.record_no, CAST(x.class AS CHAR), x.hours,"
         " x.completed_on, x.provider FROM education x"
         " WHERE x.person_id = ? AND x.class LIKE ?" AFTER("x.created_at", "x.id")},
    [SQL_INSURANCE] =
        {"history_insurance",
         "SELECT x.at, x.firm, " NOBODY ", x.first, x.last, x.months, f.name"
         " FROM (SELECT MAX(created_at) AS at, enterprise_id AS firm, MIN(month) AS first,"
         "   MAX(month) AS last, COUNT(*) AS months FROM insurance WHERE person_id = ?"
         "   GROUP BY enterprise_id, DATE(created_at)) x"
         " JOIN enterprise f ON f.id = x.firm WHERE TRUE" AFTER("x.at", "x.firm")},
    [SQL_PAPERS] =
        {"history_papers",
         "SELECT x.created_at, x.id, " NOBODY ", x.number, x.valid_from, x.valid_until,"
         " x.enterprise_name, x.certificate_id IS NOT NULL FROM paper_certificate x"
         " WHERE x.person_id = ? AND x.class LIKE ?" AFTER("x.created_at", "x.id")},
    [SQL_MATTERS] =
        {"history_matters",
         "SELECT m.opened_at, m.id, " WHO("m.opened_by_kind") ", m.id, CAST(m.item AS CHAR),"
         " m.opened_on, m.parent_id IS NOT NULL,"
         " IF(m.closed_at = m.opened_at, '申请', '开始办理'), m.enterprise_name"
         " FROM " MATTERS " t JOIN matter m ON m.id = t.id"
         " LEFT JOIN proposal q ON q.matter_id = m.id" WHO_ARE("m.opened_by_kind", "m.opened_by_id")
         " WHERE q.matter_id IS NULL" AFTER("m.opened_at", "m.id")},
    [SQL_FINDINGS] =
        {"history_findings",
         "SELECT IFNULL(m.closed_at, m.opened_at), m.id * 1000 + n.position, " NOBODY ", m.id,"
         " CAST(m.item AS CHAR), m.opened_on, n.rule, n.demand, n.fact"
         " FROM " MATTERS " t JOIN matter m ON m.id = t.id AND m.state = 'refused'"
         " JOIN matter_finding n ON n.matter_id = m.id AND n.passed = 0 WHERE TRUE"
         AFTER("IFNULL(m.closed_at, m.opened_at)", "m.id * 1000 + n.position")},
    [SQL_PROPOSALS] =
        {"history_proposals",
         "SELECT q.proposed_at, q.matter_id, " WHO("2") ", m.id, CAST(m.item AS CHAR), m.opened_on,"
         " q.kind, q.reason, q.legal_basis, q.period_from, q.period_until, q.deadline"
         " FROM " MATTERS " t JOIN proposal q ON q.matter_id = t.id JOIN matter m ON m.id = t.id"
         WHO_ARE("2", "q.proposed_by") " WHERE TRUE" AFTER("q.proposed_at", "q.matter_id")},
    [SQL_DECISIONS] =
        {"history_decisions",
         "SELECT q.decided_at, q.matter_id, " WHO("2") ", m.id, CAST(m.item AS CHAR), m.opened_on,"
         " q.kind, CAST(q.state AS CHAR), q.decision_text"
         " FROM " MATTERS " t JOIN proposal q ON q.matter_id = t.id JOIN matter m ON m.id = t.id"
         WHO_ARE("2", "IFNULL(q.decided_by, q.proposed_by)")
         " WHERE q.decided_at IS NOT NULL" AFTER("q.decided_at", "q.matter_id")},
    [SQL_CHANGES] =
        {"history_changes",
         "SELECT x.changed_at, x.id, " WHO("2") ", CAST(x.field AS CHAR), x.before_text, x.after_text,"
         " x.before_id_type, m.id, CAST(m.item AS CHAR), m.opened_on, IFNULL(q.kind, '')"
         " FROM person_change x JOIN matter m ON m.id = x.matter_id"
         " LEFT JOIN proposal q ON q.matter_id = x.matter_id" WHO_ARE("2", "q.decided_by")
         " WHERE x.person_id = ?" AFTER("x.changed_at", "x.id")},
    [SQL_EVENTS] =
        {"history_events",
         "SELECT v.happened_at, v.id, " WHO("v.actor_kind") ", c.number, v.action,"
         " v.from_state, v.to_state, IFNULL(v.reason_text, ''),"
         " IFNULL(q.legal_basis, ''), v.matter_id,"
         " CAST(m.item AS CHAR), m.opened_on, IFNULL(q.kind, '')"
         " FROM certificate_event v JOIN certificate c ON c.id = v.certificate_id"
         " LEFT JOIN matter m ON m.id = v.matter_id"
         " LEFT JOIN proposal q ON q.matter_id = v.matter_id" WHO_ARE("v.actor_kind", "v.actor_id")
         " WHERE v.certificate_id IN (" SQL_IDS ")" AFTER("v.happened_at", "v.id")},
    [SQL_VERSIONS] =
        {"history_versions",
         "SELECT v.made_at, v.certificate_id * 1000 + v.version, " NOBODY ", c.number, c.id,"
         " v.version, v.holder_name, v.enterprise_name, v.post, v.valid_from, v.valid_until,"
         " v.voided_at, v.identifier, d.id"
         " FROM certificate_version v JOIN certificate c ON c.id = v.certificate_id"
         " LEFT JOIN document d ON d.kind = 'certificate'"
         "   AND d.certificate_id = v.certificate_id AND d.version = v.version"
         "   AND d.proof_id = 0"
         " WHERE v.certificate_id IN (" SQL_IDS ")"
         AFTER("v.made_at", "v.certificate_id * 1000 + v.version")},
    [SQL_JOBS] =
        {"history_jobs",
         "SELECT j.run_at, j.id, " NOBODY ", c.number, j.version, j.id, IFNULL(j.cause, '')"
         " FROM job j FORCE INDEX (job_subject) JOIN certificate c ON c.id = j.certificate_id"
         " WHERE j.kind = 'certificate' AND j.certificate_id IN (" SQL_IDS ")"
         " AND j.state = 'failed'" AFTER("j.run_at", "j.id")},
    [SQL_DOCUMENTS] =
        {"history_documents",
         "SELECT d.created_at, d.id, " NOBODY ", d.id, CAST(d.kind AS CHAR), m.id,"
         " CAST(m.item AS CHAR), m.opened_on FROM " MATTERS " t"
         " JOIN document d ON d.matter_id = t.id AND d.proof_id = t.id"
         " JOIN matter m ON m.id = t.id WHERE TRUE" AFTER("d.created_at", "d.id")},
    [SQL_ENDS] =
        {"history_ends",
         "SELECT m.closed_at, m.id, " NOBODY ", m.id, CAST(m.item AS CHAR), m.opened_on,"
         " CAST(m.state AS CHAR), IFNULL(m.reason_text, ''), m.province"
         " FROM " MATTERS " t JOIN matter m ON m.id = t.id"
         " LEFT JOIN proposal q ON q.matter_id = m.id"
         " WHERE q.matter_id IS NULL AND m.closed_at IS NOT NULL" AFTER("m.closed_at", "m.id")},
    [SQL_ATTACHMENTS] =
        {"history_attachments",
         "SELECT x.added_at, x.id, " WHO("2") ", x.id, x.pages, CAST(x.type AS CHAR),"
         " CAST(m.item AS CHAR), m.opened_on, m.id, IFNULL(q.kind, '') FROM " MATTERS " t"
         " JOIN attachment x ON x.matter_id = t.id JOIN matter m ON m.id = t.id"
         " LEFT JOIN proposal q ON q.matter_id = t.id"
         WHO_ARE("2", "x.added_by") " WHERE TRUE" AFTER("x.added_at", "x.id")},
    [SQL_MESSAGES] =
        {"history_messages",
         "SELECT o.created_at, o.id, " NOBODY ", CAST(o.event AS CHAR), CAST(o.channel AS CHAR),"
         " CAST(o.state AS CHAR), o.sent_at, f.name, CAST(m.item AS CHAR), m.opened_on, m.id"
         " FROM " MATTERS " t JOIN outbox o ON o.matter_id = t.id JOIN matter m ON m.id = t.id"
         " JOIN enterprise f ON f.id = o.enterprise_id WHERE TRUE" AFTER("o.created_at", "o.id")},
    [SQL_AUDIT] =
        {"history_audit",
         "SELECT a.happened_at, a.chain * 1099511627776 + a.sequence, " WHO("a.actor_kind")
         ", a.chain, a.sequence, a.action, a.object_kind, a.object_id"
         " FROM (SELECT chain, sequence FROM audit_event"
         "   WHERE object_kind = 'person' AND object_id = ?"
         "   UNION ALL SELECT chain, sequence FROM audit_event"
         "   WHERE object_kind = 'certificate' AND object_id IN (" SQL_IDS ")"
         "   UNION ALL SELECT x.chain, x.sequence FROM " MATTERS " t"
         "   JOIN audit_event x ON x.object_kind = 'matter' AND x.object_id = t.id) k"
         " JOIN audit_event a ON a.chain = k.chain AND a.sequence = k.sequence"
         WHO_ARE("a.actor_kind", "a.actor_id") " WHERE TRUE"
         AFTER("a.happened_at", "a.chain * 1099511627776 + a.sequence")},
};

const struct db_area history_sources_area = DB_AREA("history_sources", queries);

/* Saying */

static const char *day(struct pool *pool, const struct db_value *value)
{
    char text[DATE_SIZE];

    date_format(db_as_date(value), text);
    return pool_text(pool, text);
}

static const char *month(struct pool *pool, const struct db_value *value)
{
    return pool_text_n(pool, day(pool, value), MONTH_LENGTH);
}

/* Item, day of opening and id of a matter, in these columns. */
static void link_matter(struct pool *pool, const struct db_value *item, const struct db_value *opened,
                        const struct db_value *id, struct history_row *out)
{
    char number[MATTER_NUMBER_SIZE];

    if (item->type == DB_NULL)
        return;
    matter_number_make(item_by_name(db_as_text(item)), db_as_date(opened), db_as_uint(id), number);
    out->link = HISTORY_MATTER;
    out->link_id = db_as_uint(id);
    out->link_text = pool_text(pool, number);
}

static void say_person(struct pool *pool, const struct db_value *own, struct history_row *out)
{
    const char *label = document_type_label(db_as_text(&own[0]));

    out->words = pool_printf(pool, "人员信息进入登记库（%s）", label ? label : "其他证件");
}

static void say_capture(struct pool *pool, const struct db_value *own, struct history_row *out)
{
    const char *label = capture_source_label(db_as_text(&own[0]));
    const char *state = db_as_text(&own[4]);

    out->words = pool_printf(pool, "采集照片（%s），%" PRIu64 "×%" PRIu64 " 像素", label ? label : "",
                             db_as_uint(&own[1]), db_as_uint(&own[2]));
    out->more = db_as_int(&own[3])               ? "现用照片"
                : strcmp(state, "waiting") == 0 ? "等待另一人复核"
                : strcmp(state, "refused") == 0 ? "没有采用"
                                                : "";
}

static void say_exam(struct pool *pool, const struct db_value *own, struct history_row *out)
{
    out->words = pool_printf(pool, "导入考核成绩：%s 类，%s 考核，%" PRIu64 " 分，%s",
                             db_as_text(&own[1]), day(pool, &own[2]), db_as_uint(&own[3]),
                             db_as_int(&own[4]) ? "合格" : "不合格");
    out->more = pool_printf(pool, "成绩编号 %s，%s%s", db_as_text(&own[0]), db_as_text(&own[5]),
                            db_as_int(&own[6]) ? "，已用于申领" : "");
}

static void say_education(struct pool *pool, const struct db_value *own, struct history_row *out)
{
    out->words = pool_printf(pool, "导入继续教育记录：%s 类，%" PRIu64 " 学时，%s 完成",
                             db_as_text(&own[1]), db_as_uint(&own[2]), day(pool, &own[3]));
    out->more = pool_printf(pool, "记录编号 %s，%s", db_as_text(&own[0]), db_as_text(&own[4]));
}

static void say_insurance(struct pool *pool, const struct db_value *own, struct history_row *out)
{
    out->words = pool_printf(pool, "导入社会保险缴费：%s 至 %s，共 %" PRIu64 " 个月",
                             month(pool, &own[0]), month(pool, &own[1]), db_as_uint(&own[2]));
    out->more = db_as_text(&own[3]);
}

static void say_paper(struct pool *pool, const struct db_value *own, struct history_row *out)
{
    out->subject = db_as_text(&own[0]);
    out->words = pool_printf(pool, "导入纸质证书，有效期 %s 至 %s", day(pool, &own[1]),
                             day(pool, &own[2]));
    out->more = pool_printf(pool, "%s，%s", db_as_text(&own[3]),
                            db_as_int(&own[4]) ? "已换领电子证书" : "未换领");
}

static void say_matter(struct pool *pool, const struct db_value *own, struct history_row *out)
{
    enum item item = item_by_name(db_as_text(&own[1]));
    const char *label = item < ITEM_COUNT ? item_label(item) : db_as_text(&own[1]);

    link_matter(pool, &own[1], &own[2], &own[0], out);
    out->words = pool_printf(pool, "%s：%s",
                             db_as_int(&own[3]) && item == ITEM_TRANSFER ? "调出至其他企业" : label,
                             db_as_text(&own[4]));
    out->more = db_as_text(&own[5]);
}

static void say_end(struct pool *pool, const struct db_value *own, struct history_row *out)
{
    enum item item = item_by_name(db_as_text(&own[1]));
    const char *province = db_as_text(&own[5]), *reason = db_as_text(&own[4]);
    const char *state = matter_state_label(db_as_text(&own[3]));

    link_matter(pool, &own[1], &own[2], &own[0], out);
    out->words = pool_printf(pool, "%s：%s", item < ITEM_COUNT ? item_label(item) : "",
                             state ? state : db_as_text(&own[3]));
    out->more = pool_printf(pool, "%s%s%s%s", reason, *reason && *province ? "，" : "",
                            *province ? "转往" : "", province);
}

static void say_finding(struct pool *pool, const struct db_value *own, struct history_row *out)
{
    link_matter(pool, &own[1], &own[2], &own[0], out);
    out->words = pool_printf(pool, "未通过规则 %s：%s", db_as_text(&own[3]), db_as_text(&own[4]));
    out->more = db_as_text(&own[5]);
}

static const char *kind_label(const char *name)
{
    const struct proposal_kind *kind = proposal_kind_find(name);

    return kind ? kind->label : name;
}

static const char *reason_words(struct pool *pool, const char *reason, const char *basis)
{
    return *basis ? pool_printf(pool, "%s%s依据：%s", reason, *reason ? "；" : "", basis) : reason;
}

static void say_proposal(struct pool *pool, const struct db_value *own, struct history_row *out)
{
    const char *period = "";

    link_matter(pool, &own[1], &own[2], &own[0], out);
    out->proposal = db_as_text(&own[3]);
    if (own[6].type != DB_NULL)
        period = pool_printf(pool, "，期限 %s 至 %s", day(pool, &own[6]), day(pool, &own[7]));
    out->words = pool_printf(pool, "提请%s%s，应于 %s 前决定", kind_label(db_as_text(&own[3])),
                             period, day(pool, &own[8]));
    out->more = reason_words(pool, db_as_text(&own[4]), db_as_text(&own[5]));
}

static void say_decision(struct pool *pool, const struct db_value *own, struct history_row *out)
{
    const char *label = proposal_state_label(db_as_text(&own[4]));

    link_matter(pool, &own[1], &own[2], &own[0], out);
    out->proposal = db_as_text(&own[3]);
    out->words = pool_printf(pool, "提请%s：%s", kind_label(db_as_text(&own[3])),
                             label ? label : db_as_text(&own[4]));
    out->more = db_as_text(&own[5]);
}

/* What stands in a field of a person, in words. */
static const char *change_value(const char *field, const struct db_value *value)
{
    const char *text = db_as_text(value), *label = text;

    if (strcmp(field, "sex") == 0)
        label = *text ? person_sex_label(*text == '1' ? 1 : 2) : "";
    else if (strcmp(field, "education") == 0)
        label = person_education_label(text);
    else if (strcmp(field, "technical_title") == 0)
        label = person_title_label(text);
    return label && *label ? label : *text ? text : "（无）";
}

/* A document and a phone are sealed in the proposal: that they have changed is all. */
static void say_change(struct pool *pool, const struct db_value *own, struct history_row *out)
{
    static const char *const fields[][2] = {
        {"name", "姓名"}, {"sex", "性别"}, {"birth", "出生日期"}, {"education", "文化程度"},
        {"technical_title", "技术职称"}, {"phone", "电话"}, {"document", "证件"}};
    const char *field = db_as_text(&own[0]), *label = field;
    bool told = own[1].type != DB_NULL && own[2].type != DB_NULL;

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (strcmp(fields[i][0], field) == 0)
            label = fields[i][1];
    out->words = told ? pool_printf(pool, "%s由“%s”改为“%s”", label, change_value(field, &own[1]),
                                    change_value(field, &own[2]))
                      : pool_printf(pool, "%s已更正", label);
    if (own[3].type != DB_NULL)
        out->more = pool_printf(pool, "更正前的证件类型：%s",
                                document_type_label(db_as_text(&own[3])));
    link_matter(pool, &own[5], &own[6], &own[4], out);
    out->proposal = db_as_text(&own[7]);
}

/* What happened to a certificate: the words of the items, of proposals, and these. */
static const char *event_label(const char *action)
{
    enum act act = act_by_name(action);

    if (strcmp(action, "expire") == 0)
        return "有效期届满";
    return act < ACT_COUNT ? act_label(act) : kind_label(action);
}

static const char *state_words(const struct db_value *state)
{
    const char *label = state_label(db_as_text(state));

    return label ? label : db_as_text(state);
}

static void say_event(struct pool *pool, const struct db_value *own, struct history_row *out)
{
    const char *label = event_label(db_as_text(&own[1]));

    out->subject = db_as_text(&own[0]);
    if (own[2].type == DB_NULL)
        out->words = pool_printf(pool, "%s：证书产生，状态为%s", label, state_words(&own[3]));
    else if (strcmp(db_as_text(&own[2]), db_as_text(&own[3])) == 0)
        out->words = pool_printf(pool, "%s：状态仍为%s", label, state_words(&own[3]));
    else
        out->words = pool_printf(pool, "%s：状态由%s变为%s", label, state_words(&own[2]),
                                 state_words(&own[3]));
    out->more = reason_words(pool, db_as_text(&own[4]), db_as_text(&own[5]));
    link_matter(pool, &own[7], &own[8], &own[6], out);
    out->proposal = db_as_text(&own[9]);
}

static void say_version(struct pool *pool, const struct db_value *own, struct history_row *out)
{
    const char *post = post_label(db_as_text(&own[5]));
    char voided[20] = "";

    if (own[8].type != DB_NULL)
        clock_shanghai(db_as_time(&own[8]), voided);
    out->subject = db_as_text(&own[0]);
    out->words = pool_printf(pool, "第 %03" PRIu64 " 版：%s，%s，%s，有效期 %s 至 %s",
                             db_as_uint(&own[2]), db_as_text(&own[3]), post ? post : "",
                             db_as_text(&own[4]), day(pool, &own[6]), day(pool, &own[7]));
    out->more = pool_printf(pool, "电子证照标识 %s%s%s", db_as_text(&own[9]),
                            *voided ? "，作废于 " : "", voided);
    if (!db_as_uint(&own[10]))
        return;
    out->link = HISTORY_VERSION;
    out->link_id = db_as_uint(&own[1]);
    out->link_sub = (unsigned)db_as_uint(&own[2]);
    out->link_text = *voided ? "已作废版本的文件" : "电子证书文件";
}

static void say_job(struct pool *pool, const struct db_value *own, struct history_row *out)
{
    out->subject = db_as_text(&own[0]);
    out->words = pool_printf(pool, "第 %03" PRIu64 " 版的文件生成失败（任务 %" PRIu64 "）",
                             db_as_uint(&own[1]), db_as_uint(&own[2]));
    out->more = db_as_text(&own[3]);
}

static const char *document_label(const char *kind)
{
    static const struct {
        const char *kind, *label;
    } labels[] = {{"departure", "离沪证明"},
                  {"cancellation", "注销证明文件"},
                  {"form", "注销申请表"},
                  {"signed", "已签署的注销申请表"}};

    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
        if (strcmp(labels[i].kind, kind) == 0)
            return labels[i].label;
    return "文件";
}

static void say_document(struct pool *pool, const struct db_value *own, struct history_row *out)
{
    const char *label = document_label(db_as_text(&own[1]));
    char number[MATTER_NUMBER_SIZE];

    matter_number_make(item_by_name(db_as_text(&own[3])), db_as_date(&own[4]), db_as_uint(&own[2]),
                       number);
    out->words = pool_printf(pool, "%s生成（%s）", label, number);
    out->link = HISTORY_DOCUMENT;
    out->link_id = db_as_uint(&own[0]);
    out->link_text = label;
}

static void say_attachment(struct pool *pool, const struct db_value *own, struct history_row *out)
{
    char number[MATTER_NUMBER_SIZE];

    matter_number_make(item_by_name(db_as_text(&own[3])), db_as_date(&own[4]), db_as_uint(&own[5]),
                       number);
    out->words = pool_printf(pool, "收存材料，%" PRIu64 " 页（%s）", db_as_uint(&own[1]), number);
    out->link = HISTORY_ATTACHMENT;
    out->link_id = db_as_uint(&own[0]);
    out->proposal = db_as_text(&own[6]);
    out->link_text = strcmp(db_as_text(&own[2]), "image/jpeg") == 0 ? "材料（图片）" : "材料（PDF）";
}

static void say_message(struct pool *pool, const struct db_value *own, struct history_row *out)
{
    enum outbox_event event = outbox_event_by_name(db_as_text(&own[0]));
    const char *channel = outbox_channel_label(db_as_text(&own[1]));
    const char *state = outbox_state_label(db_as_text(&own[2]));
    char sent[20] = "";

    if (own[3].type != DB_NULL)
        clock_shanghai(db_as_time(&own[3]), sent);
    out->words = pool_printf(pool, "通知企业（%s）：%s", channel ? channel : db_as_text(&own[1]),
                             event < OUTBOX_EVENTS ? outbox_event_label(event) : "");
    out->more = pool_printf(pool, "%s，%s%s%s", db_as_text(&own[4]),
                            state ? state : db_as_text(&own[2]), *sent ? "，" : "", sent);
    link_matter(pool, &own[5], &own[6], &own[7], out);
}

static void say_audit(struct pool *pool, const struct db_value *own, struct history_row *out)
{
    const char *action = db_as_text(&own[2]), *label = audit_action_label(pool, action);

    out->words = label ? label : action;
    out->more = pool_printf(pool, "%s，%s %" PRIu64 "，链 %" PRIu64 " 序号 %" PRIu64, action,
                            db_as_text(&own[3]), db_as_uint(&own[4]), db_as_uint(&own[0]),
                            db_as_uint(&own[1]));
    out->audit = true;
}

/* The order is that of rows of the same instant. */
const struct history_source history_sources[HISTORY_SOURCES] = {
    {.kind = "登记",
     .args = "p",
     .whole_only = true,
     .say = say_person,
     .query = &queries[SQL_PERSON]},
    {.kind = "采集",
     .args = "p",
     .whole_only = true,
     .say = say_capture,
     .query = &queries[SQL_CAPTURES]},
    {.kind = "导入",
     .args = "hc",
     .say = say_exam,
     .query = &queries[SQL_EXAMS]},
    {.kind = "导入",
     .args = "hc",
     .say = say_education,
     .query = &queries[SQL_EDUCATION]},
    {.kind = "导入",
     .args = "h",
     .say = say_insurance,
     .query = &queries[SQL_INSURANCE]},
    {.kind = "导入",
     .args = "hc",
     .say = say_paper,
     .query = &queries[SQL_PAPERS]},
    {.kind = "事项",
     .args = "pi",
     .say = say_matter,
     .query = &queries[SQL_MATTERS]},
    {.kind = "未通过",
     .args = "pi",
     .say = say_finding,
     .query = &queries[SQL_FINDINGS]},
    {.kind = "提请", .args = "pi", .say = say_proposal, .query = &queries[SQL_PROPOSALS]},
    {.kind = "决定", .args = "pi", .say = say_decision, .query = &queries[SQL_DECISIONS]},
    {.kind = "变更",
     .args = "p",
     .whole_only = true,
     .say = say_change,
     .query = &queries[SQL_CHANGES]},
    {.kind = "状态",
     .args = "i",
     .say = say_event,
     .query = &queries[SQL_EVENTS]},
    {.kind = "版本",
     .args = "i",
     .say = say_version,
     .query = &queries[SQL_VERSIONS]},
    {.kind = "文件",
     .args = "i",
     .say = say_job,
     .query = &queries[SQL_JOBS]},
    {.kind = "文件",
     .args = "pi",
     .say = say_document,
     .query = &queries[SQL_DOCUMENTS]},
    {.kind = "事项",
     .args = "pi",
     .say = say_end,
     .query = &queries[SQL_ENDS]},
    {.kind = "材料", .args = "pi", .say = say_attachment, .query = &queries[SQL_ATTACHMENTS]},
    {.kind = "通知", .args = "pi", .say = say_message, .query = &queries[SQL_MESSAGES]},
    {.kind = "审计",
     .args = "pipi",
     .audit = true,
     .say = say_audit,
     .query = &queries[SQL_AUDIT]},
};
