#include "core/audit/audit_log.h"

#include <string.h>

#include "base/pool.h"

struct word {
    const char *name;
    const char *label;
};

/* Of what an action is, by what stands before its last dot; kinds of objects are named alike. */
static const struct word subjects[] = {
    {"apply", "证书申领"},
    {"attachment", "扫描件"},
    {"audit", "审计日志"},
    {"cancel", "证书注销"},
    {"certificate", "证书"},
    {"contact", "联系方式"},
    {"correction", "数据更正"},
    {"departure", "离沪"},
    {"document", "电子文件"},
    {"enterprise", "企业登记"},
    {"errand", "后台任务"},
    {"evidence", "考核与参保"},
    {"exchange", "换领"},
    {"history", "历史记录"},
    {"hold", "锁定"},
    {"import", "数据导入"},
    {"import_run", "数据导入"},
    {"job", "生成任务"},
    {"key", "密钥"},
    {"login", "企业登录"},
    {"matter", "事项"},
    {"name_change", "姓名变更"},
    {"notice", "公告"},
    {"outbox", "通知"},
    {"person", "人员"},
    {"proposal", "提请"},
    {"rename", "企业名称变更"},
    {"renew", "证书延期"},
    {"retention", "到期数据"},
    {"sanction", "证书处罚"},
    {"search", "综合查询"},
    {"staff", "工作人员账户"},
    {"staff.factor", "第二重身份验证"},
    {"staff.login", "工作人员登录"},
    {"staff.password", "工作人员密码"},
    {"statistics", "统计"},
    {"transfer", "企业隶属关系变更"},
};

/* Objects that are named otherwise than what is done about them. */
static const struct word objects[] = {
    {"enterprise", "企业"},
    {"login", "登录"},
    {"staff", "工作人员"},
};

/* Where the two parts would not say it. */
static const struct word wholes[] = {
    {"contact.code", "联系方式：发送验证码"},
    {"import", "数据导入：由运维导入"},
    {"person.name", "人员：变更姓名"},
    {"search.document", "综合查询：按证件号码"},
    {"staff.code", "工作人员账户：签发登记码"},
    {"staff.password", "工作人员账户：修改密码"},
};

/* What was done, by what stands behind the last dot. */
static const struct word deeds[] = {
    {"abandon", "撤回"},
    {"accepted", "成功"},
    {"add", "增加"},
    {"applied", "同意"},
    {"begin", "开始登记"},
    {"bundle", "打包下载"},
    {"cancel", "注销"},
    {"capture", "采集身份信息"},
    {"change", "修改"},
    {"choose", "选择通知内容"},
    {"confirm", "确认"},
    {"correct", "更正"},
    {"correct_certificate", "更正证书信息"},
    {"correct_person", "更正人员信息"},
    {"count", "重新统计"},
    {"create", "新建"},
    {"depart", "离沪"},
    {"disable", "停用"},
    {"drop", "放弃"},
    {"enable", "恢复"},
    {"end", "结束"},
    {"exchange", "换领"},
    {"expire", "有效期届满"},
    {"export", "导出"},
    {"fail", "生成失败"},
    {"form_prepared", "申请表已备好"},
    {"give_back", "暂扣发还"},
    {"issue", "签发"},
    {"left", "调出"},
    {"legal", "法定代表人A证申领"},
    {"log_out", "结束登录"},
    {"name_change", "姓名变更"},
    {"open", "提出"},
    {"overruled", "被管理部门的决定终止"},
    {"password", "密码正确"},
    {"place", "锁定"},
    {"prepare", "准备签署"},
    {"purge", "清除"},
    {"query", "查询人员"},
    {"read", "查看"},
    {"refused", "未通过"},
    {"release", "解除"},
    {"remove", "移除"},
    {"rename", "企业名称变更"},
    {"renew", "延期"},
    {"renew_outside", "外省市企业继续教育证书申领"},
    {"reset", "重置登录方式"},
    {"retry", "重新办理"},
    {"retry_cause", "按原因重新办理"},
    {"reveal", "查看完整证件号码"},
    {"revoke", "吊销"},
    {"role", "改变岗位"},
    {"rotate", "更换"},
    {"signature_refused", "签名未通过"},
    {"signed", "已签署"},
    {"start", "开始"},
    {"suspend", "暂扣"},
    {"take_back", "取消转出"},
    {"told", "告知企业"},
    {"transfer", "企业隶属关系变更"},
    {"undo", "撤回导入"},
    {"undone", "已撤回导入"},
    {"upload", "上传文件"},
    {"verify", "核验"},
    {"want", "登记地址"},
    {"withdraw", "撤销"},
    {"withdrawn", "撤回"},
};

static const char *word_of(const struct word *words, size_t count, const char *name, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(words[i].name) == length && memcmp(words[i].name, name, length) == 0)
            return words[i].label;
    return NULL;
}

#define WORD_OF(words, name, length) word_of(words, sizeof(words) / sizeof(words)[0], name, length)

const char *audit_action_label(struct pool *pool, const char *action)
{
    const char *whole = WORD_OF(wholes, action, strlen(action)), *dot = strrchr(action, '.');
    const char *subject, *deed;

    if (whole || !dot)
        return whole;
    subject = WORD_OF(subjects, action, (size_t)(dot - action));
    deed = WORD_OF(deeds, dot + 1, strlen(dot + 1));
    return subject && deed ? pool_printf(pool, "%s：%s", subject, deed) : NULL;
}

const char *audit_object_label(const char *kind)
{
    const char *label = WORD_OF(objects, kind, strlen(kind));

    return label ? label : WORD_OF(subjects, kind, strlen(kind));
}
