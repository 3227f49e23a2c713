#include "modules/table.h"

#include <inttypes.h>

#include "base/date.h"
#include "core/issue/job.h"
#include "core/message/outbox.h"
#include "core/staff/staff.h"
#include "modules/common.h"

extern const struct module module_home, module_login, module_logout, module_exchange,
    module_certificates, module_apply, module_transfer, module_rename, module_cancel,
    module_departure, module_name_change, module_matters, module_jobs, module_verify, module_help,
    module_contact;

/* The window and the authority, one a line. */
extern const struct module module_staff;
extern const struct module module_staff_account;
extern const struct module module_staff_accounts;
extern const struct module module_staff_attachments;
extern const struct module module_staff_capture;
extern const struct module module_staff_corrections;
extern const struct module module_staff_holds;
extern const struct module module_staff_login;
extern const struct module module_staff_name_change;
extern const struct module module_staff_people;
extern const struct module module_staff_notifications;
extern const struct module module_staff_proposals;
extern const struct module module_staff_sanctions;
extern const struct module module_staff_enterprises;
extern const struct module module_staff_evidence;
extern const struct module module_staff_imports;
extern const struct module module_staff_search;
extern const struct module module_staff_history;
extern const struct module module_staff_audit;
extern const struct module module_staff_statistics;
extern const struct module module_staff_jobs;
extern const struct module module_staff_notices;

const struct module *const modules_all[] = {
    &module_home,         &module_login,     &module_logout,      &module_exchange,
    &module_certificates, &module_apply,     &module_transfer,    &module_rename,
    &module_cancel,       &module_departure, &module_name_change, &module_matters,
    &module_jobs,         &module_verify,    &module_help,        &module_contact,
    /* one a line, under /staff/ */
    &module_staff,
    &module_staff_people,
    &module_staff_capture,
    &module_staff_attachments,
    &module_staff_enterprises,
    &module_staff_evidence,
    &module_staff_name_change,
    &module_staff_corrections,
    &module_staff_imports,
    &module_staff_proposals,
    &module_staff_sanctions,
    &module_staff_login,
    &module_staff_holds,
    &module_staff_account,
    &module_staff_accounts,
    &module_staff_search,
    &module_staff_history,
    &module_staff_audit,
    &module_staff_statistics,
    &module_staff_jobs,
    &module_staff_notices,
    &module_staff_notifications,
    NULL,
};

/* 三类人员电子证书管理, in the order of the manual, and the items that stand under another. */
static const struct entry {
    const struct module *module;
    const struct module *also[3]; /* ends with NULL */
} menu[] = {
    {&module_exchange, {NULL}},
    {&module_certificates, {NULL}},
    {&module_apply, {NULL}},
    {&module_transfer, {&module_rename, &module_name_change, NULL}},
    {&module_cancel, {NULL}},
    {&module_departure, {NULL}},
};

/* What staff see at the left and on their first page, in this order: an entry for whoever has one of
 * the roles. A line here hides nothing from anybody: the route's own roles do. */
static const struct staff_entry {
    const struct module *module;
    unsigned roles;
    const char *text; /* on the first page; NULL: not there */
} staff_menu[] = {
    {&module_staff, STAFF_ALL, NULL},
    {&module_staff_people, STAFF_READERS, "按证件或姓名查找人员，新建人员，采集身份信息和照片。"},
    {&module_staff_name_change, STAFF_WINDOW | STAFF_REVIEWER | STAFF_AUDITOR,
     "核对并扫描材料，提请变更姓名；决定之后每本证书生成新版。"},
    {&module_staff_corrections, STAFF_WINDOW | STAFF_REVIEWER | STAFF_AUDITOR,
     "更正登记有误的人员信息和证书信息，须说明原因。"},
    {&module_staff_proposals, STAFF_READERS, "一人提请、另一人决定的事项：待我决定、我提请的、已办结的。"},
    {&module_staff_sanctions, STAFF_REVIEWER | STAFF_DECISION | STAFF_AUDITOR,
     "暂扣、发还、撤销、吊销、注销、取消转出；暂扣期满待发还的证书。"},
    {&module_staff_holds, STAFF_REVIEWER | STAFF_DECISION | STAFF_AUDITOR,
     "锁定期间企业不能为人员或企业办理业务；提请锁定和解除锁定。"},
    {&module_staff_enterprises, STAFF_READERS, "企业的登记内容、证书、事项和锁定；提请更正登记。"},
    {&module_staff_evidence, STAFF_READERS, "一个人员的考核成绩、社会保险和继续教育记录。"},
    {&module_staff_imports, STAFF_REVIEWER | STAFF_AUDITOR,
     "企业、人员、考核成绩、社会保险、继续教育等数据的整批导入、记录和撤回。"},
    {&module_staff_search, STAFF_READERS, "按编号、姓名、证件、企业查询全部证书、人员、事项，查看历史。"},
    {&module_staff_statistics, STAFF_DECISION | STAFF_AUDITOR,
     "证书的状态和到期、每月办理、办结时间、未通过的原因。"},
    {&module_staff_jobs, STAFF_AUDITOR | STAFF_ADMINISTRATOR,
     "正在生成和生成失败的文件，失败的原因，重新生成。"},
    {&module_staff_notices, STAFF_REVIEWER | STAFF_AUDITOR | STAFF_ADMINISTRATOR,
     "在有效期内显示给所有企业的公告。"},
    {&module_staff_audit, STAFF_AUDITOR, "谁在什么时候做了什么；审计链是否完整。"},
    {&module_staff_notifications, STAFF_AUDITOR | STAFF_ADMINISTRATOR,
     "发给企业的邮件和短信：等待、失败和已发送的，失败的重新发送。"},
    {&module_staff_accounts, STAFF_ADMINISTRATOR, "增加、停用账户，调整岗位，签发登记码，结束登录。"},
    {&module_staff_account, STAFF_ALL, "修改密码，管理验证器应用和安全密钥。"},
};

static bool stands_under(const struct entry *entry, const struct module *module)
{
    bool here = entry->module == module;

    for (size_t i = 0; !here && entry->also[i]; i++)
        here = entry->also[i] == module;
    return here;
}

static void put_entry(struct request *request, size_t index, const struct module *module, bool here,
                      const char *text)
{
    HDF *item = page_item(request->hdf, "Menu", index);

    page_text(item, "Name", module->name);
    page_text(item, "Label", module->label);
    if (here)
        page_int(item, "Here", 1);
    if (text)
        page_text(item, "Text", text);
}

static void put_staff_menu(struct request *request)
{
    size_t count = 0;

    for (size_t i = 0; i < sizeof(staff_menu) / sizeof(staff_menu[0]); i++) {
        const struct staff_entry *entry = &staff_menu[i];

        if (entry->roles & request->who.roles)
            put_entry(request, count++, entry->module, entry->module == request->module,
                      entry->text);
    }
}

/* Modules whose chapter is another's. */
static const struct chapter {
    const struct module *module;
    const char *name;
} chapters[] = {
    {&module_staff_people, "staff/capture"},       {&module_staff_history, "staff/search"},
    {&module_staff_account, "staff/login"},        {&module_staff_accounts, "staff/login"},
    {&module_staff_evidence, "staff/enterprises"}, {&module_staff_jobs, "staff/statistics"},
};

static const char *chapter_of(const struct module *module)
{
    for (size_t i = 0; i < sizeof(chapters) / sizeof(chapters[0]); i++)
        if (chapters[i].module == module)
            return chapters[i].name;
    return module ? module->name : "";
}

/* The manual's chapter of a module has its name, "staff-login" for "staff/login". Help is the path
 * below /help/: that of the contents where there is none. */
static void put_chapter(struct request *request)
{
    const char *name = chapter_of(request->module);

    for (const struct route *route = module_help.routes; route->handle; route++) {
        size_t i = 0;
        while (name[i] && route->path[i] == (name[i] == '/' ? '-' : name[i]))
            i++;
        if (i && !name[i] && !route->path[i]) {
            page_text(request->hdf, "Help", route->path);
            return;
        }
    }
}

int modules_decorate(struct request *request, struct err *err)
{
    (void)err;
    put_chapter(request);
    if (request->who.kind == WHO_STAFF)
        put_staff_menu(request);
    else
        for (size_t i = 0; i < sizeof(menu) / sizeof(menu[0]); i++)
            put_entry(request, i, menu[i].module, stands_under(&menu[i], request->module), NULL);
    if (core_of(request)->policy->demo)
        page_int(request->hdf, "Site.Demo", 1);
    if (outbox_open(core_of(request)))
        page_int(request->hdf, "Site.Notify", 1);
    return 0;
}

static void add_depth(struct text *out, const char *name, const char *what,
                      const struct queue_depth *depth)
{
    text_printf(out, "# HELP %s %s, by state.\n# TYPE %s gauge\n", name, what, name);
    text_printf(out, "%s{state=\"waiting\"} %" PRIu64 "\n", name, depth->waiting);
    text_printf(out, "%s{state=\"leased\"} %" PRIu64 "\n", name, depth->leased);
    text_printf(out, "%s{state=\"failed\"} %" PRIu64 "\n", name, depth->failed);
    text_printf(out, "# HELP %s_oldest_seconds How long the first of them has been due.\n"
                     "# TYPE %s_oldest_seconds gauge\n", name, name);
    text_printf(out, "%s_oldest_seconds %.3f\n", name, (double)depth->oldest_ms / 1000.0);
}

int modules_gauges(struct db *db, struct pool *pool, struct text *out, struct err *err)
{
    struct queue_depth jobs, outbox;

    if (job_depth(db, pool, clock_now_ms(), &jobs, err) < 0 ||
        outbox_depth(db, pool, clock_now_ms(), &outbox, err) < 0)
        return -1;
    add_depth(out, "ecert_jobs", "Documents to be made", &jobs);
    add_depth(out, "ecert_outbox", "Messages to firms", &outbox);
    return 0;
}
