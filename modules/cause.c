#include "modules/cause.h"

#include <stdbool.h>
#include <string.h>

#include "base/pool.h"

/* The fields of the certificate's face, by their names in a cause. */
static const struct subject {
    const char *field;
    const char *label;
} subjects[] = {
    {"holder_name", "姓名"}, {"enterprise_name", "企业名称"}, {"post", "职务"},
    {"number", "证书编号"}, {"issuer_name", "发证机关"}, {"identifier", "电子证照标识"},
    {"photo", "照片"}, {"birth", "出生日期"}, {"first_issued", "初次领证日期"},
    {"valid_until", "有效期"}, {"valid_from", "有效期"}, {"issued_on", "发证日期"},
};

/* What stands behind the field and ": "; the first that fits. */
static const struct problem {
    const char *text;
    const char *sentence;
    bool detail; /* what follows the text belongs to the sentence */
} problems[] = {
    {"no font has ", "含有无法打印的字符 ", true},
    {"too many different characters", "含有的不同字符过多，证书上无法打印", false},
    {"longer than ", "过长，证书上印不下", false},
    {"does not fit its place", "过长，证书上印不下", false},
    {"not plain UTF-8 text", "含有无法识别的字符", false},
    {"is empty", "没有内容", false},
    {"no date", "没有填写", false},
    {"", "不符合要求", false},
};

static const char *value_of(const struct subject *subject, const struct certificate *certificate)
{
    if (certificate == NULL)
        return NULL;
    if (strcmp(subject->field, "holder_name") == 0)
        return certificate->holder_name;
    if (strcmp(subject->field, "enterprise_name") == 0)
        return certificate->enterprise_name;
    return NULL;
}

static const struct subject *subject_of(const char *cause, size_t length)
{
    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
        if (strlen(subjects[i].field) == length && memcmp(subjects[i].field, cause, length) == 0)
            return &subjects[i];
    return NULL;
}

static const struct problem *problem_of(const char *text)
{
    const struct problem *problem = problems;

    while (strncmp(problem->text, text, strlen(problem->text)) != 0)
        problem++;
    return problem;
}

const char *cause_sentence(struct pool *pool, const char *cause,
                           const struct certificate *certificate)
{
    const char *colon = strstr(cause, ": ");
    const struct subject *subject = colon ? subject_of(cause, (size_t)(colon - cause)) : NULL;

    if (strcmp(cause, "the photo is not there") == 0)
        return "没有照片";
    if (subject == NULL)
        return "系统未能制作证书文件";
    const struct problem *problem = problem_of(colon + 2);
    const char *value = value_of(subject, certificate);
    const char *detail = problem->detail ? colon + 2 + strlen(problem->text) : "";
    const char *about = value != NULL ? pool_printf(pool, "（%s）", value) : "";

    return pool_printf(pool, "%s%s%s%s", subject->label, about, problem->sentence, detail);
}
