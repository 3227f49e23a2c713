#include "modules/key.h"

#include <string.h>

#include "base/pool.h"
#include "modules/common.h"

enum { JSON_SIZE = 4 * 1024 };

static const struct key_refusal refusals[] = {
    {"none", "没有读到法人一证通",
     "浏览器没有出示数字证书：可能没有插入法人一证通，或者在选择证书时点了“取消”。",
     "请插入法人一证通，关闭浏览器全部窗口后重新打开，再次登录，并在弹出的窗口中选择本企业的证书。"},
    {"broken", "数字证书无法识别",
     "浏览器出示的内容不是完整的数字证书。",
     "请重新插入法人一证通后再试。仍然如此时，请联系法人一证通的发证机构检测介质。"},
    {"self_signed", "不是法人一证通的证书",
     "出示的是自行签发的证书，不能证明企业身份。",
     "请在选择证书时选用法人一证通内的企业证书。"},
    {"foreign", "不是本系统认可的证书",
     "出示的证书不是由本系统认可的电子认证机构签发的。",
     "请在选择证书时选用法人一证通内的企业证书；尚未办理的，请先向发证机构申领法人一证通。"},
    {"chain", "证书链过长",
     "这张证书与本系统认可的电子认证机构之间隔了过多的中间证书。",
     "请在选择证书时选用法人一证通内的企业证书；仍然如此时，请联系发证机构。"},
    {"not_yet", "数字证书尚未生效",
     "证书的生效日期还没有到。",
     "请核对电脑的日期和时间；日期无误的，请在证书生效后再试。"},
    {"expired", "数字证书已过期",
     "法人一证通内的证书已经超过有效期。",
     "请向法人一证通的发证机构办理证书更新，更新后即可使用，已办理的业务不受影响。"},
    {"revoked", "数字证书已被吊销",
     "发证机构已经吊销这张证书。",
     "请使用重新签发的法人一证通；对吊销有疑问的，请联系发证机构。"},
    {"no_crl", "暂时无法核对数字证书",
     "目前无法核对这张证书是否已被吊销。",
     "这不是您的操作造成的。请稍后再试；持续出现时，请联系管理部门。"},
    {"no_ocsp", "暂时无法核对数字证书",
     "发证机构的证书状态查询服务目前没有给出可信的答复。",
     "这不是您的操作造成的。请稍后再试；持续出现时，请联系发证机构或管理部门。"},
    {"usage", "证书用途不符",
     "这张证书不能用于登录或签署（例如只能用于加密）。",
     "请重新操作，并选用法人一证通内的签名证书。"},
    {"weak", "证书强度不足",
     "这张证书的密钥过短，已不再安全。",
     "请向法人一证通的发证机构更换新证书。"},
    {"digest", "证书算法已停用",
     "这张证书由已不再安全的算法（SHA-1 或 MD5）签发。",
     "请向法人一证通的发证机构更换新证书。"},
    {"no_code", "证书内没有企业代码",
     "在证书中没有读到正确的统一社会信用代码。",
     "请确认选用的是企业证书而不是个人证书；确认无误的，请联系发证机构。"},
    {"codes", "证书内的企业代码不唯一",
     "在证书中读到不止一个统一社会信用代码，或者读到的位置不可信，不能确定是哪家企业。",
     "请联系法人一证通的发证机构核对并更换证书。"},
    {"unknown_firm", "本企业尚未登记",
     "证书有效，但在企业名录中没有查到这家企业。",
     "请联系管理部门核对企业的统一社会信用代码和登记信息，登记后即可登录。"},
    {"foreign_firm", "不是本企业的数字证书",
     "使用的是其他企业的数字证书。",
     "请插入本企业的法人一证通，选用本企业的证书后重新签署。"},
    {"algorithm", "不支持的签名算法",
     "密钥介质使用的签名算法不在本系统支持的范围内，或者与证书不相符。",
     "请改用另一种密钥驱动，或者联系发证机构更新驱动程序。"},
    {"key", "签名与证书不相符",
     "签名算法与证书的密钥种类不相符。",
     "请重新选择证书后再试。"},
    {"malformed", "签名无法识别",
     "收到的内容不是完整的签名。",
     "请重新操作。仍然如此时，请联系发证机构检测介质。"},
    {"forged", "签名未能通过验证",
     "签名不是用所选证书的密钥对本次内容作出的。",
     "请重新操作，并确认没有在中途更换介质。"},
    {"other", "签名的内容不符",
     "签名不是对这份文件作出的。",
     "请返回签署页面，重新签署。"},
    {"challenge", "登录请求已失效",
     "这次登录请求不是由这个浏览器发起的，或者已经不存在。",
     "请刷新登录页面后重新登录。"},
    {"challenge_used", "登录请求已经使用过",
     "每次登录请求只能使用一次，这一次已经使用过。",
     "请刷新登录页面后重新登录。如果刚才不是您本人在登录，请联系管理部门。"},
    {"challenge_late", "登录请求超过时限",
     "从发起登录到完成签名的时间过长。",
     "请刷新登录页面后重新登录。"},
    {"unprepared", "申请表尚未准备签署",
     "没有找到这份申请表的签署准备记录。",
     "请返回签署页面，重新点击签署。"},
    {"form_changed", "申请表与签署的不同",
     "申请表在准备签署之后有变化，签名不是对现在这份申请表作出的。证书没有注销。",
     "请返回签署页面，查看申请表后重新点击签署。"},
    {"late", "签署超过时限",
     "从准备到完成签署的时间过长。",
     "请返回签署页面，重新点击签署。"},
    {"no_form", "注销申请表正在生成",
     "申请表还没有生成。",
     "请稍候再签署。"},
    {"certificates_changed", "证书的状态已有变化",
     "申请表中的证书在签署前已经发生变化，本次注销不再办理，没有证书因此被注销。",
     "请返回电子证书注销，重新查询后再申请。"},
    {"rules", "现在不能注销",
     "签署时再次核对，申请表中有证书不再符合注销条件，本次注销不再办理。",
     "请在电子证书注销的记录中查看原因。"},
};

/* Whatever else may be wrong with a signature. */
static const struct key_refusal any = {
    "signature", "签名未能通过验证", "收到的签名不符合要求。",
    "请使用本企业的法人一证通重新操作。仍然如此时，请联系管理部门。"};

const struct key_refusal *key_refusal_find(const char *cause)
{
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
        if (strcmp(refusals[i].cause, cause) == 0)
            return &refusals[i];
    return &any;
}

static void member(struct text *json, const char *name, const char *value)
{
    text_printf(json, "%s\"%s\":\"", json->data[json->length - 1] == '{' ? "" : ",", name);
    text_json(json, value, strlen(value));
    text_char(json, '"');
}

enum outcome key_refuse(struct request *request, int status, const char *cause)
{
    const struct key_refusal *refusal = key_refusal_find(cause);
    struct text json;

    text_init(&json, request->pool, JSON_SIZE);
    text_add(&json, "{\"error\":{");
    member(&json, "cause", cause);
    member(&json, "title", refusal->title);
    member(&json, "text", refusal->text);
    member(&json, "advice", refusal->advice);
    text_add(&json, "}}");
    respond_json(request, json.data);
    respond_status(request, status);
    return OUT_SENT;
}

enum outcome key_location(struct request *request, const char *path)
{
    struct text json;

    text_init(&json, request->pool, JSON_SIZE);
    text_char(&json, '{');
    member(&json, "location", path);
    text_char(&json, '}');
    return respond_json(request, json.data);
}

bool key_bytes(struct pool *pool, const char *text, struct bytes *out)
{
    size_t room = text ? strlen(text) / 4 * 3 : 0;
    uint8_t *data = pool_alloc(pool, room + 1);
    long size = text ? base64_decode(text, data, room) : -1;

    *out = (struct bytes){data, size > 0 ? (size_t)size : 0};
    return size > 0;
}

bool key_signer(struct request *request, const struct key_fields *fields,
                struct outside_signer *signer)
{
    const char *chain = request_text(request, fields->chain);

    *signer = (struct outside_signer){.algorithm = request_text(request, fields->algorithm)};
    if (!key_bytes(request->pool, request_text(request, fields->certificate),
                   &signer->certificate))
        return false;
    while (chain && *chain) {
        size_t length = strcspn(chain, ",");

        if (signer->chain_count == OUTSIDE_CHAIN ||
            !key_bytes(request->pool, pool_text_n(request->pool, chain, length),
                       &signer->chain[signer->chain_count++]))
            return false;
        chain += length + (chain[length] == ',');
    }
    return true;
}

size_t key_chain(const struct outside_signer *signer, struct bytes chain[KEY_CHAIN])
{
    chain[0] = signer->certificate;
    for (size_t i = 0; i < signer->chain_count; i++)
        chain[1 + i] = signer->chain[i];
    return 1 + signer->chain_count;
}

enum outcome key_ask(struct request *request, const struct outside_signer *signer,
                     enum trust_purpose purpose, struct err *err)
{
    struct bytes chain[KEY_CHAIN];
    size_t count = key_chain(signer, chain);

    if (trust_ask_chain(core_of(request)->trust, request->pool, chain, count, purpose,
                        request->now_ms, err) < 0)
        return outcome_of(err);
    return OUT_PAGE;
}
