/*
 * The modules' tables hold; every page renders over sample data, says what it should, and escapes
 * what is hostile; what browsers load stays small.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <glob.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/text.h"
#include "fcgi/render.h"
#include "modules/table.h"

/* A list of twenty: the box in front of each row is a kilobyte, the search by state and dates the
 * other half. */
enum { PATH_SIZE = 1024, LIST_BYTES = 8500, CSS_BYTES = 20 * 1024, JS_BYTES = 11 * 1024 };

static void must(NEOERR *problem)
{
    if (problem != STATUS_OK) {
        nerr_log_error(problem);
        fail();
    }
}

/* A tree of ClearSilver's own, as samples are read into. */
static HDF *data_new(void)
{
    HDF *hdf = NULL;

    must(hdf_init(&hdf));
    return hdf;
}

/* A page, who looks at it ("firm", "staff", "nobody"), its data, and what it must and must not say. */
static const struct page {
    const char *module, *name, *who, *data, *says, *not;
} pages[] = {
    {"", "error", "firm", "error", "服务暂时不可用", NULL},
    {"", "error", "nobody", "error", "01J9Z6K2Q4TB7", "退出</button>"},
    {"", "refused", "firm", "refused", "请携带二代身份证原件", NULL},
    {"", "refused", "firm", "refused", "<h2>没有满足的条件</h2>", "/matters/"},
    {"", "refused", "firm", "refused-some", "href=\"/matters/LS20261121-00000058\"", NULL},
    {"", "refused", "firm", "refused-some", "沪建安B（2025）0000311：条件均已满足", NULL},
    {"", "home", "firm", "home", "电子证书 90 天内到期", "/rename/"},
    {"", "home", "firm", "home-busy", "最近调出本企业的证书", NULL},
    {"", "home", "firm", "home-busy", "href=\"/apply/new\">去延期</a>", NULL},
    {"", "home", "firm", "home-busy", "<b>312 <small>本</small></b><span>证书的企业名称待变更", NULL},
    {"", "home", "firm", "home-renaming", "/matters/MC20261123-00000073", "/rename/"},
    {"", "welcome", "nobody", "empty", "企业用户登录", "action=\"/logout\""},
    {"staff", "home", "staff", "staff-home", "您的岗位：受理窗口", "法人一证通"},
    {"staff", "home", "staff", "staff-home", "<b>3</b><span>待我决定", NULL},
    {"staff", "home", "staff", "staff-home", "<a href=\"/staff/people/\">身份信息采集</a><p>", NULL},
    {"staff/account", "show", "staff", "staff-account", "添加验证器应用", "已达上限"},
    {"staff/account", "show", "staff", "staff-account", "/staff/account/factors/7/remove\">移除", NULL},
    {"staff/account", "show", "staff", "staff-account-full", "已达上限", "添加验证器应用"},
    {"staff/account", "password", "staff", "empty", "autocomplete=\"new-password\"", NULL},
    {"staff/account", "app", "staff", "empty", "autocomplete=\"current-password\"", NULL},
    {"staff/account", "confirm", "staff", "staff-login-set-up", "<code>JBSW Y3DP", NULL},
    {"staff/account", "remove", "staff", "staff-account-remove", "移除“工作手机”", "最后一种"},
    {"staff/account", "remove", "staff", "staff-account-last", "最后一种", "action=\"/staff/account/factors"},
    {"staff/accounts", "list", "staff", "staff-accounts", "等待设置", NULL},
    {"staff/accounts", "new", "staff", "staff-accounts-new", "value=\"decision\" selected", NULL},
    {"staff/accounts", "show", "staff", "staff-accounts-show", "重置登录方式", "这是您自己的账户"},
    {"staff/accounts", "show", "staff", "staff-accounts-own", "这是您自己的账户", "停用账户"},
    {"staff/accounts", "disable", "staff", "staff-accounts-show", "确认要停用", NULL},
    {"staff/accounts", "reset", "staff", "staff-accounts-show", "全部失效", NULL},
    {"staff/accounts", "code", "staff", "staff-accounts-code", "ABCD-EFGH-JKLM-NPQR", NULL},
    {"help", "staff-login", "nobody", "empty", "第二重身份验证", NULL},
    {"staff/login", "factor", "nobody", "staff-login-certificate", "https://localhost:8444/staff/login/certificate", "one-time-code"},
    {"staff/login", "refused", "nobody", "staff-login-refused", "没有登记在您的账户中", NULL},
    {"staff/accounts", "show", "staff", "staff-accounts-show", "/staff/accounts/3/certificate", NULL},
    {"logout", "done", "nobody", "logout-staff", "href=\"/staff/login/\"", "法人一证通"},
    {"staff/login", "start", "nobody", "empty", "autocomplete=\"current-password\"", "请先登录"},
    {"staff/login", "start", "nobody", "staff-login-wrong", "错误：登录名或密码不正确", NULL},
    {"staff/login", "factor", "nobody", "staff-login-totp", "autocomplete=\"one-time-code\"", "安全密钥登录"},
    {"staff/login", "factor", "nobody", "staff-login-key", "data-webauthn=\"get\"", "one-time-code"},
    {"staff/account", "key", "staff", "empty", "data-webauthn=\"create\"", NULL},
    {"staff/login", "code", "nobody", "empty", "登记码由系统管理员当面交给您", NULL},
    {"staff/login", "set-up", "nobody", "staff-login-set-up", "<code>JBSW Y3DP", NULL},
    {"login", "start", "nobody", "login-start", "https://localhost:8444/login/certificate", "没有办理"},
    {"login", "refused", "nobody", "login-refused", "<title>错误：数字证书已过期", NULL},
    {"login", "late", "nobody", "empty", "登录凭证已失效", NULL},
    {"logout", "done", "nobody", "empty", "您已安全退出", "您仍在登录状态"},
    {"logout", "done", "firm", "empty", "您仍在登录状态", "您已安全退出"},
    {"exchange", "list", "firm", "exchange-list", "check?paper=523\">换领电子证书</a>", "错误："},
    {"exchange", "list", "firm", "exchange-unticked", "<title>错误：", "没有待换领"},
    {"exchange", "list", "firm", "exchange-none", "没有待换领的纸质证书", "<table"},
    {"exchange", "check", "firm", "exchange-check", "请联系管理部门处理", "暂不能换领"},
    {"exchange", "check", "firm", "exchange-check-mixed", "以下证书暂不能换领", NULL},
    {"exchange", "confirm", "firm", "exchange-confirm", "是，我要换证", NULL},
    {"exchange", "confirm", "firm", "exchange-confirm", "name=\"_csrf\" value=\"c29t", NULL},
    {"exchange", "confirm", "firm", "exchange-confirm", "name=\"_key\" value=\"a2V5", NULL},
    {"matters", "show", "firm", "matters-running", "<h1>正在生成电子证书</h1>", "未能生成"},
    {"matters", "show", "firm", "matters-running", "data-poll", NULL},
    {"matters", "show", "firm", "matters-done", "<h1>电子证书已生成</h1>", "data-poll"},
    {"matters", "show", "firm", "matters-failed", "有 1 本证书未能生成", "data-poll"},
    {"matters", "show", "firm", "matters-draft", "href=\"/apply/YQ20261123-00000081\"", "data-poll"},
    {"matters", "show", "firm", "matters-signing", "/cancel/ZX20261123-00000075/sign\">去签署", NULL},
    {"matters", "show", "firm", "matters-refused", "请在 2027-02-02 或以后办理", "<table"},
    {"matters", "show", "firm", "matters-abandoned", "<h1>申请已撤回</h1>", "<table"},
    {"matters", "show", "firm", "matters-apply", "<h1>电子证书已生成</h1>", "更名"},
    {"matters", "show", "firm", "matters-twin", "/certificates/90412/versions/2/document", "/certificates/90412\""},
    {"matters", "show", "firm", "matters-twin", "<h1>证书已调出至其他企业</h1>", "查看并下载</a>"},
    {"matters", "show", "firm", "matters-rename-running", "已更名 118 本，共 312 本", "/retry"},
    {"matters", "show", "firm", "matters-rename-running", "可以关闭浏览器", NULL},
    {"matters", "show", "firm", "matters-rename-stuck", "重新办理失败的证书</button>", "data-poll"},
    {"matters", "show", "firm", "matters-rename-stuck", "证书正在办理其他事项", NULL},
    {"matters", "show", "firm", "matters-rename-done", "<h1>企业名称变更已完成</h1>", "/retry"},
    {"matters", "show", "firm", "matters-departing", "data-poll", "/document"},
    {"matters", "show", "firm", "matters-departure", "/document\">下载离沪证明</a>", "data-poll"},
    {"matters", "show", "firm", "matters-cancelling", "data-poll", "/document"},
    {"matters", "show", "firm", "matters-cancelled", "<h1>证书注销申请表已完成电子签名</h1>", NULL},
    {"matters", "show", "firm", "matters-cancelled", "href=\"/cancel/\">返回申报页面</a>", "data-poll"},
    {"apply", "list", "firm", "apply-list", "/apply/SL20261123-00000071\">继续办理</a>", "显示全部"},
    {"apply", "list", "firm", "apply-none", "还没有申领记录", "<table"},
    {"apply", "list", "firm", "apply-searched", "value=\"draft\" selected", "<table"},
    {"apply", "list", "firm", "apply-list-wrong", "href=\"#q-from\"", "没有查询到"},
    {"apply", "new", "firm", "apply-new", "专职安全员（C证）", "错误："},
    {"apply", "new", "firm", "apply-new-wrong", "value=\"414\" selected", NULL},
    {"apply", "check", "firm", "apply-check", "<button class=\"button\">确认</button>", "暂不能"},
    {"apply", "check", "firm", "apply-check-renew", "外省市企业不核对", "未查询到本企业的缴费记录"},
    {"apply", "check", "firm", "apply-check-changed", "没有查询到本企业", "name=\"seen\""},
    {"transfer", "list", "firm", "transfer-list", "电子证书姓名变更（窗口办理）", "/document"},
    {"transfer", "list", "firm", "transfer-none", "还没有变更记录", "<table"},
    {"transfer", "new", "firm", "transfer-new", "action=\"/transfer/\"", "name=\"wish\""},
    {"transfer", "new", "firm", "transfer-new-wrong", "id=\"f-id_no\"", NULL},
    {"transfer", "check", "firm", "transfer-check", "确认变更</button>", "value=\"90312\""},
    {"transfer", "check", "firm", "transfer-check", "以下证书暂不能变更", NULL},
    {"transfer", "check", "firm", "transfer-unticked", "href=\"#f-certificate\"", " checked"},
    {"rename", "show", "firm", "rename-show", "其中 6 本", "不能变更"},
    {"rename", "show", "firm", "rename-none", "与其一致", "确认变更"},
    {"rename", "show", "firm", "rename-running", "/matters/MC20261123-00000073", "确认变更"},
    {"rename", "confirm", "firm", "rename-confirm", "<h1>将更名 312 本</h1>", NULL},
    {"rename", "confirm", "firm", "rename-none", "目前没有可以更名的证书", "完成</button>"},
    {"cancel", "list", "firm", "cancel-list", "/sign\">去签署</a>", NULL},
    {"cancel", "list", "firm", "cancel-none", "没有更多的记录了", "<table"},
    {"cancel", "new", "firm", "cancel-new", "<h1>证书注销</h1>", NULL},
    {"cancel", "new", "firm", "cancel-new-wrong", "<title>错误：", NULL},
    {"cancel", "check", "firm", "cancel-check", "确认注销</button>", "value=\"90410\""},
    {"cancel", "check", "firm", "cancel-check-wrong", "value=\"other\" checked", NULL},
    {"cancel", "check", "firm", "cancel-check-wrong", "（2026）0001200\" checked", "（2026）0001237\" checked"},
    {"cancel", "confirm", "firm", "cancel-confirm", "name=\"reason_text\" value=\"持证人已退休\"", NULL},
    {"cancel", "confirm", "firm", "cancel-confirm", "name=\"seen\" value=\"0123456789abcdef", NULL},
    {"cancel", "sign", "firm", "cancel-sign-making", "data-poll", "data-key>"},
    {"cancel", "sign", "firm", "cancel-sign-failed", "注销申请表未能生成", "data-poll"},
    {"cancel", "sign", "firm", "cancel-sign", "data-key>请点击此按钮完成签署</button>", "data-poll"},
    {"departure", "list", "firm", "departure-list", "下载离沪证明</a>", NULL},
    {"departure", "list", "firm", "departure-none", "还没有离沪记录", "<table"},
    {"departure", "new", "firm", "departure-new", "<h1>出具离沪证明</h1>", NULL},
    {"departure", "new", "firm", "departure-new-wrong", "请填写证件号码", NULL},
    {"departure", "check", "firm", "departure-check", "type=\"hidden\" name=\"certificate\" value=\"90411\"", NULL},
    {"departure", "check", "firm", "departure-check-wrong", "value=\"江苏省\"", NULL},
    {"departure", "confirm", "firm", "departure-confirm", "确认离沪</button>", NULL},
    {"departure", "confirm", "firm", "departure-confirm-anywhere", "不能撤回", "转往省市"},
    {"name-change", "show", "firm", "name-change", "小木桥路680号8号楼1楼大厅", NULL},
    {"name-change", "show", "nobody", "name-change", "企业情况说明（加盖公章）", "href=\"/transfer/\""},
    {"jobs", "show", "firm", "jobs-running", "正在自动重试（第 2 次）", NULL},
    {"jobs", "show", "firm", "jobs-failed", "任务编号 77", "data-poll"},
    {"certificates", "list", "firm", "certificates-list", "/certificates/90412/document", NULL},
    {"certificates", "list", "firm", "certificates-list", "?after=90393", "90409/document"},
    {"certificates", "list", "firm", "certificates-none", "href=\"#f-number\"", "<table"},
    {"certificates", "list", "firm", "certificates-none", "value=\"沪建安123\"", NULL},
    {"certificates", "list", "firm", "certificates-none", "value=\"05\" selected>失效", "value=\"01\" selected"},
    {"certificates", "list", "firm", "certificates-none", "value=\"2026-01-31\"", NULL},
    {"certificates", "list", "firm", "certificates-found", "export?name=%E7%8E%8B&amp;state=01&amp;\"", NULL},
    {"certificates", "list", "firm", "certificates-found", "value=\"01\" selected>有效", "没有查询到"},
    {"certificates", "list", "firm", "certificates-list", "name=certificate value=90412", "value=90409"},
    {"certificates", "download", "firm", "empty", "没有可以下载的电子证书", "<a class=\"button\""},
    {"certificates", "download", "firm", "certificates-parts", "part=1\">打包下载本批 1000 本", "没有可以"},
    {"certificates", "show", "firm", "certificates-show", "查看并下载</a>", NULL},
    {"certificates", "show", "firm", "certificates-show", "/certificates/90412/versions/1/document", NULL},
    {"certificates", "show", "firm", "certificates-failed", "U+4DAE", "查看并下载</a>"},
    {"certificates", "show", "firm", "certificates-waiting", "/jobs/77", "查看并下载</a>"},
    {"staff/people", "list", "staff", "staff-people", "模拟读卡器上的证件", "<table"},
    {"staff/people", "list", "staff", "staff-people-found", "310105********1234", "没有找到"},
    {"staff/people", "list", "staff", "empty", "按证件查找", "新建人员"},
    {"staff/people", "none", "staff", "staff-people-none", "name=\"id_no\" value=\"1101051949", NULL},
    {"staff/people", "new", "staff", "staff-people-wrong", "value=\"110105194912310021\"", NULL},
    {"staff/people", "new", "staff", "staff-people", "name=\"_key\"", "错误："},
    {"staff/people", "show", "staff", "staff-person", "照片已采集", "310105198001311234"},
    {"staff/people", "show", "staff", "staff-person", "/staff/history/certificates/77", NULL},
    {"staff/people", "show", "staff", "staff-person-revealed", "310105198001311234", "采集照片</a>"},
    {"staff/people", "show", "staff", "staff-person-revealed", "/staff/proposals/GZ2026", "/number\""},
    {"staff/capture", "show", "staff", "staff-capture", "multipart/form-data", "错误："},
    {"staff/capture", "show", "staff", "staff-capture", "读取证件", NULL},
    {"staff/capture", "show", "staff", "staff-capture-wrong", "照片的背景有颜色", "读取证件"},
    {"staff/proposals", "show", "staff", "staff-proposal-capture", "/staff/people/42/photos/9", "撤回"},
    {"help", "staff-capture", "nobody", "empty", "身份信息采集", NULL},
    {"staff/proposals", "list", "staff", "staff-proposals-list", "已超过期限", "没有待我决定"},
    {"staff/proposals", "list", "staff", "staff-proposals-none", "没有已办结的提请", "<table"},
    {"staff/proposals", "show", "staff", "staff-proposal-suspend", "decide\" method=\"post\"", "撤回提请"},
    {"staff/proposals", "show", "staff", "staff-proposal-suspend", "暂扣期 2026-11-23 至", "不能办理："},
    {"staff/proposals", "show", "staff", "staff-proposal-blocked", "不能办理：证书状态为注销", "value=\"approve\""},
    {"staff/proposals", "show", "staff", "staff-proposal-own", "/withdraw\"", "/decide\""},
    {"staff/proposals", "show", "staff", "staff-proposal-own", "王小明", NULL},
    {"staff/proposals", "show", "staff", "staff-proposal-namesake", "提请人与您同名", "/decide\""},
    {"staff/proposals", "show", "staff", "staff-proposal-applied", "赵决定，2026-11-24", "/decide\""},
    {"staff/proposals", "show", "staff", "staff-proposal-spread",
     "value=\"3150\"></progress> 已办理 3148 本，共 9000 本，没有办理 2 本", "/decide\""},
    {"staff/proposals", "show", "staff", "staff-proposal-spread", "没有办理：证书状态为注销，不能暂扣", "不能办理："},
    {"staff/proposals", "show", "staff", "staff-proposal-spread", "data-poll", "全部证书已经办理"},
    {"staff/proposals", "confirm", "staff", "staff-proposal-confirm", "作出之后不能撤回", NULL},
    {"staff/proposals", "confirm", "staff", "staff-proposal-confirm", "name=\"confirmed\" value=\"1\"", NULL},
    {"staff/enterprises", "list", "staff", "staff-enterprises", "/staff/enterprises/12\">上海示例", "没有查询到"},
    {"staff/enterprises", "list", "staff", "empty", "没有查询到这样的企业", "<table"},
    {"staff/enterprises", "show", "staff", "staff-enterprise", "上海示例建筑有限公司", NULL},
    {"staff/enterprises", "show", "staff", "staff-enterprise", "企业可以办理企业名称变更", "/staff/holds/new"},
    {"staff/enterprises", "show", "staff", "staff-enterprise-bare", "该企业没有电子证书", "/correct\""},
    {"staff/enterprises", "edit", "staff", "staff-enterprise-edit", "href=\"#f-reason\"", NULL},
    {"staff/evidence", "start", "staff", "staff-evidence", "name=\"id_no\"", NULL},
    {"staff/evidence", "show", "staff", "staff-evidence", "沪建安B（2026）0001237", "没有考核成绩"},
    {"staff/evidence", "show", "staff", "empty", "没有考核成绩", "<table"},
    {"staff/imports", "list", "staff", "staff-imports", "人员2026-11.csv", "还没有导入记录"},
    {"staff/imports", "list", "staff", "staff-imports", "/staff/imports/new\">导入文件", NULL},
    {"staff/imports", "list", "staff", "empty", "还没有导入记录", "/staff/imports/new"},
    {"staff/imports", "new", "staff", "staff-imports-new", "href=\"#f-file\"", NULL},
    {"staff/imports", "show", "staff", "staff-imports-checked", "确认导入 1200 行</button>", "data-poll"},
    {"staff/imports", "show", "staff", "staff-imports-checked", "110105********002X", "/undo"},
    {"staff/imports", "show", "staff", "staff-imports-running", "data-poll", "确认导入"},
    {"staff/imports", "show", "staff", "staff-imports-faulty", "第 17 行", "确认导入"},
    {"staff/imports", "show", "staff", "staff-imports-faulty", "/staff/imports/new?kind=people", "/retry"},
    {"staff/imports", "show", "staff", "staff-imports-failed", "/staff/imports/41/retry", "/staff/imports/41/take"},
    {"staff/imports", "show", "staff", "staff-imports-failed", "/staff/imports/41/drop", "/undo"},
    {"staff/imports", "show", "staff", "staff-imports-taken", "/staff/imports/41/undo", "不能撤回："},
    {"staff/imports", "show", "staff", "staff-imports-kept", "新增的人员已有考核成绩", "/staff/imports/41/undo"},
    {"staff/imports", "undo", "staff", "staff-imports-undo", "确认撤回</button>", NULL},
    {"staff/imports", "undo", "staff", "staff-imports-kept", "只能先撤回最近的一次", "确认撤回</button>"},
    {"staff/holds", "list", "staff", "staff-holds", "/staff/holds/release?firm=12\">提请解除", NULL},
    {"staff/holds", "list", "staff", "staff-holds", "不在锁定期内", NULL},
    {"staff/holds", "list", "staff", "staff-holds-none", "没有锁定的人员或企业", "提请锁定"},
    {"staff/holds", "new", "staff", "staff-holds-new", "href=\"#f-id_no\"", "name=\"person\""},
    {"staff/holds", "new", "staff", "staff-holds-known", "name=\"person\" value=\"7\"", "name=\"id_no\""},
    {"staff/holds", "preview", "staff", "staff-holds-preview", "提请锁定</button>", "现在不能办理"},
    {"staff/holds", "preview", "staff", "staff-holds-refused", "已经锁定", "提请锁定</button>"},
    {"staff/holds", "release", "staff", "staff-holds-release", "提请解除锁定</button>", "错误："},
    {"staff/notifications", "list", "staff", "staff-notifications", "/staff/notifications/7/retry", "没有配置"},
    {"staff/notifications", "list", "staff", "staff-notifications-off", "没有配置邮件或短信", "retry"},
    {"contact", "list", "firm", "contact-list", "新地址待核对", "目前不发送通知"},
    {"contact", "list", "firm", "empty", "系统目前不发送通知", "<table"},
    {"contact", "show", "firm", "contact-wrong", "href=\"#f-code\"", "更换地址"},
    {"contact", "show", "firm", "contact-show", "name=\"left\" value=\"1\" checked", "核对验证码"},
    {"staff/sanctions", "index", "staff", "staff-sanctions", "kind=suspend\">暂扣</a>", "已选定证书"},
    {"staff/sanctions", "index", "staff", "staff-sanctions", "value=\"90412\" aria-label", NULL},
    {"staff/sanctions", "index", "staff", "staff-sanctions-decision", "没有暂扣期满", "<form action"},
    {"staff/sanctions", "new", "staff", "staff-sanctions-new", "href=\"#f-basis\"", "name=\"code\""},
    {"staff/sanctions", "new", "staff", "staff-sanctions-new", "name=\"until\"", NULL},
    {"staff/sanctions", "new", "staff", "staff-sanctions-cancel", "value=\"02\" selected", "name=\"until\""},
    {"staff/sanctions", "preview", "staff", "staff-sanctions-preview", "提请暂扣 1 本</button>", NULL},
    {"staff/sanctions", "preview", "staff", "staff-sanctions-preview", "不能办理：证书状态为注销", NULL},
    {"staff/sanctions", "preview", "staff", "staff-sanctions-preview", "原因：另案处理", NULL},
    {"staff/sanctions", "preview", "staff", "staff-sanctions-nothing", "没有可以提请的证书", "action=\"/staff/sanctions/\""},
    {"", "welcome", "nobody", "notices", "重要公告：系统维护</h2>", NULL},
    {"", "home", "firm", "notices", "第一行<br>第二行</p>", NULL},
    {"staff/name-change", "list", "staff", "staff-name-change", "受理姓名变更</a>", "还没有办理记录"},
    {"staff/name-change", "list", "staff", "staff-name-change-none", "没有查询到符合条件的记录", "受理姓名变更"},
    {"staff/name-change", "new", "staff", "staff-name-change-new", "href=\"#f-id_no\"", NULL},
    {"staff/name-change", "form", "staff", "staff-name-change-form", "name=\"kept_statement\" value=\"31\"", NULL},
    {"staff/name-change", "form", "staff", "staff-name-change-form", "ZX20261123-00000058", NULL},
    {"staff/name-change", "form", "staff", "staff-name-change-form", "id=\"f-seen_police\"", "name=\"kept_police\""},
    {"staff/name-change", "check", "staff", "staff-name-change-check", "name=\"seen_statement\" value=\"1\"", NULL},
    {"staff/name-change", "check", "staff", "staff-name-change-check", "提请姓名变更</button>", "现在不能提请"},
    {"staff/name-change", "check", "staff", "staff-name-change-blocked", "现在不能提请", "提请姓名变更</button>"},
    {"staff/corrections", "list", "staff", "staff-corrections", "提请更正</a>", NULL},
    {"staff/corrections", "new", "staff", "staff-corrections-new", "查找证书</button>", NULL},
    {"staff/corrections", "person", "staff", "staff-corrections-person", "value=\"none\" selected", NULL},
    {"staff/corrections", "person", "staff", "staff-corrections-person", "/staff/name-change/people/7", NULL},
    {"staff/corrections", "certificate", "staff", "staff-corrections-certificate", "href=\"#f-held_since\"", NULL},
    {"staff/corrections", "certificate", "staff", "staff-corrections-legal", "（不能更正）", "<select id=\"f-post\""},
    {"staff/corrections", "check", "staff", "staff-corrections-check", "证书不变", "name=\"id_no\""},
    {"matters", "show", "firm", "matters-name-change", "姓名已变更", "申请时间"},
    {"staff/search", "search", "staff", "staff-search", "标识所指为第 2 版", "没有查到"},
    {"staff/search", "search", "staff", "staff-search", "/staff/history/people/7", "value=\"310101"},
    {"staff/search", "search", "staff", "staff-search", "name=\"certificate\" value=\"11\"", NULL},
    {"staff/search", "search", "staff", "staff-search", "/staff/sanctions/?firm=3\"", NULL},
    {"staff/search", "search", "staff", "staff-search", "/staff/holds/new?firm=3\"", NULL},
    {"staff/history", "show", "staff", "staff-history", "/staff/sanctions/?certificate=11&amp;", NULL},
    {"staff/history", "show", "staff", "staff-history-certificate", "返回综合查询", "提请处罚"},
    {"staff/search", "search", "staff", "staff-search-none", "没有查到", "199001010019"},
    {"staff/search", "search", "staff", "empty", "按证件号码的查询会记入审计", "没有查到"},
    {"staff/history", "show", "staff", "staff-history", "链 5 序号 42", "返回屏幕显示"},
    {"staff/history", "show", "staff", "staff-history", "<td>无链接的文件", "企业名称"},
    {"staff/history", "show", "staff", "staff-history-certificate", "打印时间 2026-11-23 09:30:00", "打印全部历史"},
    {"staff/history", "matter", "staff", "staff-history-matter", "依据规则 R5", NULL},
    {"staff/audit", "list", "staff", "staff-audit", "审核 李四", "没有符合条件"},
    {"staff/audit", "list", "staff", "staff-audit", "chain 5: event 42 was changed", NULL},
    {"staff/audit", "list", "staff", "empty", "还没有核验过", "导出查询结果"},
    {"staff/statistics", "show", "staff", "staff-statistics", "<rect class=\"c0\" x=\"90\" y=\"100\"", "style="},
    {"staff/statistics", "show", "staff", "staff-statistics", "另一张表：没有数据", NULL},
    {"staff/statistics", "show", "staff", "staff-statistics-none", "尚未统计。正在统计：2 / 11", "<svg class"},
    {"staff/statistics", "show", "staff", "staff-statistics-none", "此处显示图表和数字", "/export"},
    {"staff/jobs", "list", "staff", "staff-jobs", "/staff/jobs/91/retry", NULL},
    {"staff/jobs", "list", "staff", "empty", "没有", "重新生成"},
    {"staff/notices", "list", "staff", "staff-notices", "提前结束", "还没有公告"},
    {"staff/notices", "list", "staff", "empty", "还没有公告", "起草公告</a>"},
    {"staff/notices", "form", "staff", "staff-notice", "name=\"revision\" value=\"2\"", NULL},
    {"staff/notices", "form", "staff", "staff-notice-new", "href=\"#f-until\"", "name=\"revision\""},
    {"staff/notices", "preview", "staff", "staff-notice", "formaction=\"/staff/notices/3/edit\"", NULL},
    {"staff/notices", "show", "staff", "staff-notice", "旧的一行", NULL},
    {"staff/notices", "end", "staff", "staff-notice", "不能恢复", NULL},
    {"help", "staff-search", "staff", "empty", "电子证照标识", NULL},
    {"help", "staff-audit", "staff", "empty", "现在核验", NULL},
    {"help", "staff-statistics", "staff", "empty", "重新统计", NULL},
    {"help", "staff-notices", "staff", "empty", "预览", NULL},
    {"verify", "form", "nobody", "empty", "name=\"code\"", NULL},
    {"verify", "show", "nobody", "verify-valid", "</small>有效</h1>", "不能作为有效证书使用"},
    {"verify", "show", "nobody", "verify-valid", "content=\"noindex\"", NULL},
    {"verify", "show", "nobody", "verify-valid", "查询时有效", "延期"},
    {"verify", "show", "nobody", "verify-renewed", "新的有效期自 2026-12-30 起", "不能作为有效证书使用"},
    {"verify", "show", "nobody", "verify-cancelled", "</small>注销</h1>", "查询时有效"},
    {"verify", "show", "nobody", "verify-old", "旧版本，已作废", "查询时有效"},
    {"verify", "proof", "nobody", "verify-departure", "</small>证明真实</h1>", "王晓明"},
    {"verify", "proof", "nobody", "verify-cancellation", "注销证明核验结果", "转往省市"},
    {"verify", "unknown", "nobody", "empty", "未查询到", NULL},
    {"help", "contact", "nobody", "empty", "期满前 90 日、30 日、7 日", NULL},
    {"help", "staff-notifications", "nobody", "empty", "重新发送", NULL},
    {"help", "index", "nobody", "empty", "操作手册", NULL},
    {"help", "login", "nobody", "empty", "法人一证通", NULL},
    {"help", "exchange", "firm", "empty", "是，我要换证", NULL},
    {"help", "apply", "firm", "empty", "证书申领", NULL},
    {"help", "transfer", "firm", "empty", "确认变更", NULL},
    {"help", "rename", "firm", "empty", "将更名 N 本", NULL},
    {"help", "cancel", "firm", "empty", "请点击此按钮完成签署", NULL},
    {"help", "departure", "firm", "empty", "确认离沪", NULL},
    {"help", "name-change", "nobody", "empty", "小木桥路680号8号楼1楼大厅", NULL},
    {"help", "certificates", "firm", "empty", "办理转出", NULL},
    {"help", "verify", "nobody", "empty", "未查询到", NULL},
    {"help", "staff-enterprises", "staff", "empty", "提请人不能决定自己的提请", NULL},
    {"help", "staff-imports", "staff", "empty", "七天之内没有确认", NULL},
    {"help", "staff-holds", "staff", "empty", "提请解除", NULL},
    {"help", "staff-proposals", "staff", "empty", "待我决定", NULL},
    {"help", "staff-sanctions", "staff", "empty", "取消转出", NULL},
    {"help", "staff-name-change", "staff", "empty", "企业情况说明（加盖公章）", NULL},
    {"help", "staff-corrections", "staff", "empty", "进入本企业日期", NULL},
    {"help", "questions", "firm", "empty", "请求编号", NULL},
};
enum { PAGES = sizeof(pages) / sizeof(pages[0]) };

static const char hostile[] = "<script>alert(1)</script>\" onload='x' &#34;";

static struct render *renderer;

static const char *source_path(char path[PATH_SIZE], const char *name)
{
    const char *top = getenv("TOP_SRCDIR");

    assert_true(text_format(path, PATH_SIZE, "%s/%s", top != NULL ? top : ".", name));
    return path;
}

static void add_sample(HDF *hdf, const char *name)
{
    char path[PATH_SIZE], file[PATH_SIZE];

    assert_true(text_format(file, sizeof(file), "tests/modules/pages/%s.hdf", name));
    must(hdf_read_file(hdf, source_path(path, file)));
}

/* The page as text, in the pool. */
static char *render(struct pool *pool, const struct page *page, HDF *hdf)
{
    struct bytes out;
    struct err err;

    if (render_page(renderer, page->module, page->name, hdf, &out, &err) < 0)
        fail_msg("%s/%s: %s", page->module, page->name, err.text);
    return pool_text_n(pool, (const char *)out.data, out.size);
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        count++;
    return count;
}

static void check_frame(const struct page *page, const char *text)
{
    static const struct {
        const char *part;
        size_t times;
    } once[] = {
        {"<!doctype html>", 1}, {"lang=\"zh-CN\"", 1},  {"<title>", 1},  {"<main id=\"main\"", 1},
        {"<h1>", 1},            {"class=\"skip\"", 1}, {"href=\"\"", 0}, {"<?cs", 0},
    };

    assert_int_equal(strncmp(text, "<!doctype", 9), 0);
    for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++)
        if (count_of(text, once[i].part) != once[i].times)
            fail_msg("%s/%s over %s: %s is there %zu times", page->module, page->name, page->data,
                     once[i].part, count_of(text, once[i].part));
}

static void test_pages_say_what_they_should(void **state)
{
    struct pool *pool = pool_new(64 * 1024, 0);

    (void)state;
    for (size_t i = 0; i < PAGES; i++) {
        const struct page *page = &pages[i];
        HDF *hdf = data_new();

        add_sample(hdf, page->who);
        add_sample(hdf, page->data);
        char *text = render(pool, page, hdf);
        check_frame(page, text);
        if (strstr(text, page->says) == NULL)
            fail_msg("%s/%s over %s lacks %s", page->module, page->name, page->data, page->says);
        if (page->not != NULL && strstr(text, page->not) != NULL)
            fail_msg("%s/%s over %s has %s", page->module, page->name, page->data, page->not);
        hdf_destroy(&hdf);
    }
    pool_free(&pool);
}

/* Makes every value hostile that is no number: numbers and codes choose what is shown. */
static size_t poison(HDF *node)
{
    size_t count = 0;

    for (HDF *child = hdf_obj_child(node); child != NULL; child = hdf_obj_next(child)) {
        const char *value = hdf_obj_value(child);

        if (value != NULL && value[strspn(value, "0123456789")] != '\0' &&
            strcmp(hdf_obj_name(child), "Kind") != 0) {
            must(hdf_set_value(child, "", hostile));
            count++;
        }
        count += poison(child);
    }
    return count;
}

static void test_hostile_values_are_escaped(void **state)
{
    struct pool *pool = pool_new(64 * 1024, 0);
    size_t poisoned = 0;

    (void)state;
    for (size_t i = 0; i < PAGES; i++) {
        HDF *hdf = data_new();

        add_sample(hdf, pages[i].who);
        add_sample(hdf, pages[i].data);
        poisoned += poison(hdf);
        char *text = render(pool, &pages[i], hdf);
        if (strstr(text, "<script>alert") || strstr(text, "\" onload") || strstr(text, "='x'"))
            fail_msg("%s/%s over %s lets a value out", pages[i].module, pages[i].name,
                     pages[i].data);
        hdf_destroy(&hdf);
    }
    assert_true(poisoned > 500);
    pool_free(&pool);
}

static bool has_sample(const char *template)
{
    char name[PATH_SIZE];

    for (size_t i = 0; i < PAGES; i++) {
        assert_true(text_format(name, sizeof(name), "%s%s%s.cs", pages[i].module,
                                *pages[i].module ? "/" : "", pages[i].name));
        if (strcmp(name, template) == 0)
            return true;
    }
    return false;
}

static void test_every_template_has_a_sample(void **state)
{
    static const char *const patterns[] = {"templates/*.cs", "templates/*/*.cs",
                                           "templates/*/*/*.cs"};
    char path[PATH_SIZE], top[PATH_SIZE];
    size_t count = 0, skip = strlen(source_path(top, "templates/"));

    (void)state;
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        glob_t found;

        int result = glob(source_path(path, patterns[i]), 0, NULL, &found);
        assert_true(result == 0 || result == GLOB_NOMATCH);
        for (size_t k = 0; k < found.gl_pathc; k++) {
            const char *name = found.gl_pathv[k] + skip;

            if (strcmp(name, "layout.cs") == 0 || strcmp(name, "macros.cs") == 0 || name[0] == '_')
                continue; /* parts of pages */
            if (!has_sample(name))
                fail_msg("%s has no sample", name);
            count++;
        }
        globfree(&found);
    }
    assert_true(count > 20);
}

static void test_tables_hold(void **state)
{
    struct err err;

    (void)state;
    if (route_table_check(modules_all, &err) < 0)
        fail_msg("%s", err.text);
}

static void test_list_of_twenty_is_lean(void **state)
{
    struct pool *pool = pool_new(64 * 1024, 0);
    const struct page page = {.module = "certificates", .name = "list"};
    HDF *hdf = data_new();

    (void)state;
    add_sample(hdf, "firm");
    add_sample(hdf, "certificates-list");
    char *text = render(pool, &page, hdf);
    assert_int_equal(count_of(text, "<th scope=row>"), 20);
    assert_in_range(strlen(text), 4000, LIST_BYTES);
    hdf_destroy(&hdf);
    pool_free(&pool);
}

static struct bytes file_of(struct pool *pool, const char *name)
{
    char path[PATH_SIZE];
    struct bytes bytes;
    struct err err;

    if (file_read(pool, source_path(path, name), 1024 * 1024, &bytes, &err) < 0)
        fail_msg("%s", err.text);
    return bytes;
}

static void test_what_browsers_load_is_small_and_ours(void **state)
{
    struct pool *pool = pool_new(64 * 1024, 0);
    struct bytes css = file_of(pool, "templates/static/site.css");
    static const char *const scripts[] = {"site.js", "key.js", "key-page.js", "key-agent.js",
                                          "key-pkcs12.js", "people.js", "capture.js", "reader.js",
                                          "webauthn.js"};
    struct bytes svg = file_of(pool, "templates/static/emblem.svg");

    (void)state;
    assert_in_range(css.size, 1, CSS_BYTES);
    assert_in_range(svg.size, 1, 2048);
    assert_in_range(file_of(pool, "templates/static/staff.css").size, 1, CSS_BYTES);
    assert_null(strstr((const char *)css.data, "://"));
    assert_null(strstr((const char *)css.data, "@import"));
    for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
        struct bytes js = file_of(pool, pool_printf(pool, "templates/static/%s", scripts[i]));
        const char *text = (const char *)js.data;

        assert_in_range(js.size, 1, JS_BYTES);
        /* The agent is on the clerk's own computer. */
        assert_int_equal(count_of(text, "://"), count_of(text, "http://127.0.0.1:$"));
        assert_null(strstr(text, "eval("));
        assert_null(strstr(text, "innerHTML"));
    }
    pool_free(&pool);
}

static int open_templates(void **state)
{
    char path[PATH_SIZE];
    struct err err;

    (void)state;
    if (render_new(source_path(path, "templates"), modules_all, &renderer, &err) == 0)
        return 0;
    fprintf(stderr, "%s\n", err.text);
    return -1;
}

static int close_templates(void **state)
{
    (void)state;
    render_free(&renderer);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables_hold),
        cmocka_unit_test(test_hostile_values_are_escaped),
        cmocka_unit_test(test_pages_say_what_they_should),
        cmocka_unit_test(test_every_template_has_a_sample),
        cmocka_unit_test(test_list_of_twenty_is_lean),
        cmocka_unit_test(test_what_browsers_load_is_small_and_ours),
    };

    return cmocka_run_group_tests_name("modules", tests, open_templates, close_templates);
}
