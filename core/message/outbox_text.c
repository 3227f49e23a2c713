#include "core/message/outbox_text.h"

#include <inttypes.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "core/matter/matter.h"
#include "core/message/contact.h"
#include "core/queries.h"
#include "core/register/certificate.h"
#include "core/register/enterprise.h"
#include "core/register/identifier.h"

enum { TEXT_MAX = 16 * 1024, HOLDER_SIZE = 64 * 4, WORD_SIZE = 16 };

/* How long a message waits for the rest of a matter's documents. */
#define REST_MS (INT64_C(24) * 3600 * 1000)

/* The texts */

#define GREETING "{firm}：\n\n"
#define FOOT                                                                                       \
    "\n登录系统查看：{site}/\n{issuer}\n\n"                                                        \
    "本邮件由系统自动发出，请勿回复。不再需要这类通知的，请登录系统，在“联系方式”中更改。\n"

/* {list} is a line for each certificate, {first} the number of the first and how many more. */
static const struct {
    const char *subject, *mail, *sms;
} texts[OUTBOX_EVENTS] = {
    [OUTBOX_CONFIRM] =
        {"三类人员电子证书系统：联系方式验证码",
         GREETING "贵单位在三类人员电子证书管理系统登记了这个邮箱，用于接收办理通知。验证码：\n\n"
                  "    {code}\n\n"
                  "请在一小时内登录系统，在“联系方式”中填写。不是贵单位操作的，不必理会，也不会再收到邮件。\n"
                  "\n{site}/contact/\n{issuer}\n",
         "验证码 {code}，用于在三类人员电子证书管理系统登记接收通知的手机，一小时内有效。不是本人操作的，请勿理会。"},
    [OUTBOX_READY] = {"电子证书已生成（{count}本）",
                      GREETING "贵单位办理的电子证书已生成 {count} 本，可以登录系统查看并下载：\n\n"
                               "{list}\n事项编号：{matter}\n" FOOT,
                      "{firm}：{first}电子证书已生成，请登录三类人员电子证书管理系统下载。"},
    [OUTBOX_CHANGED] = {"电子证书信息已变更（{count}本）",
                        GREETING "管理部门已办理证书信息变更（姓名变更或更正），贵单位的以下 {count} 本"
                                 "电子证书换发了新的版本，原证书文件作废：\n\n"
                                 "{list}\n事项编号：{matter}\n" FOOT,
                        "{firm}：{first}电子证书已由管理部门变更信息，原文件作废，请登录系统查看。"},
    [OUTBOX_REFUSED] = {"窗口申请未获同意（涉及{count}本证书）",
                        GREETING "在窗口提出的申请，管理部门未予同意，以下 {count} 本电子证书没有变化：\n\n"
                                 "{list}\n事项编号：{matter}\n如有疑问，请向受理窗口咨询。\n" FOOT,
                        "{firm}：涉及{first}证书的窗口申请未获同意，请向受理窗口咨询。"},
    [OUTBOX_LEFT] = {"电子证书已转入其他企业（{count}本）",
                     GREETING "以下 {count} 本电子证书已办理企业隶属关系变更，转入其他企业，"
                              "不再属于贵单位：\n\n"
                              "{list}\n事项编号：{matter}\n对此有异议的，请联系管理部门。\n" FOOT,
                     "{firm}：{first}电子证书已转入其他企业，请登录系统查看。"},
    [OUTBOX_SANCTION] = {"管理部门对电子证书作出处理（{count}本）",
                         GREETING "管理部门对贵单位的以下 {count} 本电子证书作出了处理：\n\n"
                                  "{list}\n事项编号：{matter}\n如有疑问，请联系管理部门。\n" FOOT,
                         "{firm}：管理部门对{first}电子证书作出了处理，请登录系统查看。"},
    [OUTBOX_RENAMED] = {"企业名称变更已办结",
                        GREETING "企业名称变更已办结：{count} 本电子证书换发了新的版本，{failed} 本未能更名。\n\n"
                                 "事项编号：{matter}\n" FOOT,
                        "{firm}：企业名称变更已办结，{count}本电子证书已更名，{failed}本未能更名。"},
    [OUTBOX_EXPIRING] = {"电子证书即将到期（{count}本）",
                         GREETING "贵单位的以下 {count} 本电子证书即将到期。期满前90日内可以申请延期，"
                                  "期满未延期的证书失效：\n\n{list}" FOOT,
                         "{firm}：{first}电子证书即将到期，请及时登录系统办理延期。"},
};

static void add_list(struct text *out, const struct outbox_facts *facts)
{
    for (size_t i = 0; i < facts->listed; i++) {
        const struct outbox_certificate *one = &facts->certificates[i];
        char day[11];

        date_format(one->until, day);
        text_printf(out, "    %s  %s  ", one->number, one->holder);
        if (*one->from && strcmp(one->from, one->to) != 0)
            text_printf(out, "%s → %s\n", state_label(one->from), state_label(one->to));
        else
            text_printf(out, "有效期至 %s\n", day);
    }
    if (facts->count > facts->listed)
        text_printf(out, "    …… 共 %" PRIu64 " 本，其余请登录系统查看\n", facts->count);
}

static void add_first(struct text *out, const struct outbox_facts *facts)
{
    text_add(out, facts->listed > 0 ? facts->certificates[0].number : "");
    if (facts->count > 1)
        text_printf(out, "等%" PRIu64 "本", facts->count);
}

static void add_word(struct text *out, const char *word, const struct outbox_facts *facts)
{
    const struct {
        const char *word, *value;
    } values[] = {
        {"firm",   facts->firm  },
        {"site",   facts->site  },
        {"issuer", facts->issuer},
        {"matter", facts->matter},
        {"code",   facts->code  },
    };

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        if (strcmp(values[i].word, word) == 0) {
            text_add(out, values[i].value);
            return;
        }
    if (strcmp(word, "list") == 0)
        add_list(out, facts);
    else if (strcmp(word, "first") == 0)
        add_first(out, facts);
    else if (strcmp(word, "count") == 0)
        text_printf(out, "%" PRIu64, facts->count);
    else if (strcmp(word, "failed") == 0)
        text_printf(out, "%" PRIu64, facts->failed);
    else
        err_fatal("a message's text has an unknown {%s}", word);
}

static const char *fill_in(struct pool *pool, const char *source, const struct outbox_facts *facts)
{
    char word[WORD_SIZE];
    struct text out;

    text_init(&out, pool, TEXT_MAX);
    while (*source) {
        size_t plain = strcspn(source, "{"), length;

        text_add_n(&out, source, plain);
        source += plain;
        if (!*source)
            break;
        length = strcspn(++source, "}");
        if (!text_format(word, sizeof(word), "%.*s", (int)length, source))
            err_fatal("a message's text has a word that is too long");
        add_word(&out, word, facts);
        source += length + 1;
    }
    return out.data;
}

void outbox_write(struct pool *pool, enum outbox_event event, const char *channel,
                  const struct outbox_facts *facts, struct outbox_message *message)
{
    bool mail = strcmp(channel, "mail") == 0;

    message->subject = mail ? fill_in(pool, texts[event].subject, facts) : "";
    message->text = fill_in(pool, mail ? texts[event].mail : texts[event].sms, facts);
}

/* The facts */

enum { SQL_OF_MATTER, SQL_EXPIRING, SQL_REST, SQL_MATTER };

static const struct db_query queries[] = {
    /* The firm's own certificates, but for those that a decision did not reach; those of a transfer's
     * twin have left it. */
    [SQL_OF_MATTER] = {"outbox_of_matter",
                       "SELECT c.number, c.class, c.holder_name, c.valid_until, e.from_state,"
                       " e.to_state, COUNT(*) OVER () FROM matter_certificate mc"
                       " JOIN matter m ON m.id = mc.matter_id"
                       " JOIN certificate c ON c.id = mc.certificate_id"
                       " LEFT JOIN certificate_event e ON e.certificate_id = c.id"
                       "   AND e.matter_id = mc.matter_id"
                       " WHERE mc.matter_id = ? AND NOT (mc.cause <=> 'obstacle')"
                       " AND (c.enterprise_id = ?"
                       "   OR (m.parent_id IS NOT NULL AND m.enterprise_id = ?))"
                       " ORDER BY mc.certificate_id LIMIT ?"},
    [SQL_EXPIRING] = {"outbox_expiring",
                      "SELECT c.number, c.class, c.holder_name, c.valid_until, NULL, NULL,"
                      " COUNT(*) OVER () FROM certificate c FORCE INDEX (certificate_waiting)"
                      " WHERE c.enterprise_id = ? AND c.state = '01' AND c.valid_until BETWEEN ? AND ?"
                      " ORDER BY c.valid_until, c.id LIMIT ?"},
    [SQL_REST] = {"outbox_rest", "SELECT 1 FROM job FORCE INDEX (job_matter) WHERE matter_id = ?"
                                 " AND state IN ('waiting', 'leased') LIMIT 1"},
    [SQL_MATTER] = {"outbox_matter", "SELECT item, opened_on FROM matter WHERE id = ?"},
};

const struct db_area outbox_text_area = DB_AREA("outbox_text", queries);

static void read_certificates(struct pool *pool, const struct db_rows *rows,
                              struct outbox_facts *facts)
{
    struct outbox_certificate *list = pool_array(pool, rows->count + 1, sizeof(*list));

    for (size_t i = 0; i < rows->count; i++) {
        const struct db_value *row = db_row(rows, i);
        char *holder = pool_alloc(pool, HOLDER_SIZE);

        name_mask(db_as_text(&row[2]), holder, HOLDER_SIZE);
        list[i] = (struct outbox_certificate){
            .number = db_as_text(&row[0]),
            .class_code = db_as_text(&row[1]),
            .holder = holder,
            .until = db_as_date(&row[3]),
            .from = db_as_text(&row[4]),
            .to = db_as_text(&row[5]),
        };
        facts->count = db_as_uint(&row[6]);
    }
    facts->certificates = list;
    facts->listed = rows->count;
}

/* Are other documents of a young message's matter still being made? 1/0/-1. */
static int rest_is_made(struct db *db, struct pool *pool, const struct outbox *row, int64_t now_ms,
                        struct err *err)
{
    const struct db_value *found;

    if (row->event != OUTBOX_READY || now_ms - row->created_ms > REST_MS)
        return 0;
    return db_find(db, pool, &queries[SQL_REST], DB_ARGS(db_uint(row->matter_id)), &found, err);
}

static int look_at_number(struct db *db, struct pool *pool, const struct outbox *row,
                          struct outbox_facts *facts, struct err *err)
{
    char *number = pool_alloc(pool, MATTER_NUMBER_SIZE);
    const struct db_value *found;
    int there = db_find(db, pool, &queries[SQL_MATTER], DB_ARGS(db_uint(row->matter_id)), &found, err);

    if (there == 1)
        matter_number_make(item_by_name(db_as_text(&found[0])), db_as_date(&found[1]),
                           row->matter_id, number);
    facts->matter = number;
    return there < 0 ? -1 : 0;
}

static int look_at_matter(struct db *db, struct pool *pool, const struct outbox *row,
                          struct outbox_facts *facts, struct err *err)
{
    const struct db_value firm = db_uint(row->enterprise_id);
    struct matter_counts counts;
    struct db_rows rows;

    if (look_at_number(db, pool, row, facts, err) < 0 ||
        db_select(db, pool, &queries[SQL_OF_MATTER],
                  DB_ARGS(db_uint(row->matter_id), firm, firm, db_uint(OUTBOX_LISTED)), &rows,
                  err) < 0)
        return -1;
    read_certificates(pool, &rows, facts);
    if (row->event != OUTBOX_RENAMED)
        return 0;
    if (matter_counts(db, pool, row->matter_id, &counts, err) < 0)
        return -1;
    facts->count = counts.done;
    facts->failed = counts.failed;
    return 0;
}

static int look_at_days(struct db *db, struct pool *pool, const struct outbox *row,
                        struct outbox_facts *facts, struct err *err)
{
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_EXPIRING],
                  DB_ARGS(db_uint(row->enterprise_id), db_date(row->from_day),
                          db_date(row->until_day), db_uint(OUTBOX_LISTED)),
                  &rows, err) < 0)
        return -1;
    read_certificates(pool, &rows, facts);
    return 0;
}

/* 1; 0: it is over, or another was asked for; -1. */
static int look_at_code(struct db *db, struct pool *pool, const struct core *core,
                        const struct outbox *row, int64_t now_ms, struct outbox_facts *facts,
                        struct err *err)
{
    char *code = pool_alloc(pool, CONTACT_CODE_SIZE);
    struct bytes salt;
    int found = contact_salt(db, pool, row, now_ms, &salt, err);

    if (found == 1)
        contact_code(core, row->contact_id, salt, code);
    facts->code = code;
    return found;
}

static int nothing(enum outbox_found *found, const char **why, const char *what)
{
    *found = OUTBOX_NOTHING;
    *why = what;
    return 0;
}

int outbox_look(struct db *db, struct pool *pool, const struct core *core, const struct outbox *row,
                int64_t now_ms, enum outbox_found *found, struct outbox_facts *facts,
                const char **why, struct err *err)
{
    struct enterprise firm;
    int there;

    *found = OUTBOX_FOUND;
    *facts = (struct outbox_facts){
        .site = core->verify_origin, .issuer = core->policy->issuer_name, .matter = "", .code = ""};
    there = enterprise_find(db, pool, row->enterprise_id, &firm, err);
    if (there <= 0)
        return there < 0 ? -1 : nothing(found, why, "the firm is gone");
    facts->firm = firm.name;
    if (row->event == OUTBOX_CONFIRM) {
        there = look_at_code(db, pool, core, row, now_ms, facts, err);
        return there < 0 ? -1 : there == 1 ? 0 : nothing(found, why, "the code is over");
    }
    there = contact_still(db, pool, row, err);
    if (there <= 0)
        return there < 0 ? -1 : nothing(found, why, "the address was taken back");
    there = rest_is_made(db, pool, row, now_ms, err);
    if (there != 0) {
        *found = OUTBOX_NOT_YET;
        return there < 0 ? -1 : 0;
    }
    if ((row->matter_id ? look_at_matter(db, pool, row, facts, err)
                        : look_at_days(db, pool, row, facts, err)) < 0)
        return -1;
    if (facts->count == 0 && facts->failed == 0)
        return nothing(found, why, "nothing is left to tell");
    return 0;
}
