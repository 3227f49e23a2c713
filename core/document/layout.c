#include "core/document/layout.h"

#include "base/err.h"
#include "base/pool.h"
#include "core/document/form.h"
#include "core/register/identifier.h"

#define VALUE_LEFT 203.0
#define DEMO_TOP   748.0
#define TITLE      "安全生产考核合格证书"
#define SUPERVISOR "中华人民共和国住房和城乡建设部 监制"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct stamp layout_stamp = {412.0, 196.0};

enum fact {
    FACT_CLASS_LINE,
    FACT_NUMBER,
    FACT_HOLDER,
    FACT_SEX,
    FACT_BIRTH,
    FACT_ENTERPRISE,
    FACT_POST,
    FACT_FIRST_ISSUED,
    FACT_VALIDITY,
    FACT_ISSUER,
    FACT_ISSUED_ON,
    FACT_IDENTIFIER,
    FACT_COUNT
};

static const struct form_row rows[] = {
    /* field, label, text, fact, {x, y, width, size, least, lines, align, look} */
    {"class_code", NULL, NULL, FACT_CLASS_LINE,
     {297.6, 706, 420, 18, 14, 1, ALIGN_CENTRE, FORM_TITLE}},
    {"title", NULL, TITLE, 0, {297.6, 655, 420, 38, 30, 1, ALIGN_CENTRE, FORM_TITLE}},
    {"number", "编号：", NULL, FACT_NUMBER, {240, 613, 270, 14, 9, 1, ALIGN_LEFT, FORM_FACT}},
    {"holder_name", "姓名：", NULL, FACT_HOLDER,
     {VALUE_LEFT, 545, 205, 15, 7.5, 3, ALIGN_LEFT, FORM_FACT}},
    {"sex", "性别：", NULL, FACT_SEX, {VALUE_LEFT, 511, 205, 15, 12, 1, ALIGN_LEFT, FORM_FACT}},
    {"birth", "出生年月：", NULL, FACT_BIRTH,
     {VALUE_LEFT, 477, 205, 15, 12, 1, ALIGN_LEFT, FORM_FACT}},
    {"enterprise_name", "企业名称：", NULL, FACT_ENTERPRISE,
     {VALUE_LEFT, 429, 295, 15, 7.5, 3, ALIGN_LEFT, FORM_FACT}},
    {"post", "职务：", NULL, FACT_POST, {VALUE_LEFT, 386, 295, 15, 8, 2, ALIGN_LEFT, FORM_FACT}},
    {"first_issued", "初次领证日期：", NULL, FACT_FIRST_ISSUED,
     {VALUE_LEFT, 343, 295, 15, 12, 1, ALIGN_LEFT, FORM_FACT}},
    {"valid_until", "有效期：", NULL, FACT_VALIDITY,
     {VALUE_LEFT, 300, 295, 15, 12, 1, ALIGN_LEFT, FORM_FACT}},
    {"issuer_name", "发证机关：", NULL, FACT_ISSUER,
     {306, 226, 204, 13.5, 7.5, 2, ALIGN_LEFT, FORM_FACT}},
    {"issued_on", "发证日期：", NULL, FACT_ISSUED_ON,
     {306, 186, 204, 13.5, 11, 1, ALIGN_LEFT, FORM_FACT}},
    {"identifier", "电子证照标识：", NULL, FACT_IDENTIFIER,
     {152.5, 116, 360, 7.5, 6, 1, ALIGN_LEFT, FORM_FACT}},
    {"caption", NULL, "扫描二维码查验证书", 0,
     {138.5, 130.5, 90, 7.5, 7, 1, ALIGN_CENTRE, FORM_LABEL}},
    {"supervisor", NULL, SUPERVISOR, 0,
     {297.6, 80, 420, 13, 12, 1, ALIGN_CENTRE, FORM_LABEL}},
};

static int dates(struct pool *pool, const struct face *face, const char *texts[FACT_COUNT],
                 struct err *err)
{
    if (form_date(pool, "first_issued", face->first_issued, &texts[FACT_FIRST_ISSUED], err) < 0 ||
        form_validity(pool, face->valid_from, face->valid_until, &texts[FACT_VALIDITY], err) < 0 ||
        form_date(pool, "issued_on", face->issued_on, &texts[FACT_ISSUED_ON], err) < 0 ||
        form_date(pool, "birth", face->birth, &texts[FACT_BIRTH], err) < 0)
        return -1;
    texts[FACT_BIRTH] = pool_printf(pool, "%d年%d月", face->birth.year, face->birth.month);
    return 0;
}

static int facts(struct pool *pool, const struct face *face, const char *texts[FACT_COUNT],
                 struct err *err)
{
    texts[FACT_CLASS_LINE] = class_line(face->class_code);
    if (texts[FACT_CLASS_LINE] == NULL)
        return err_set(err, ERR_DOCUMENT, 0, "class_code: unknown");
    texts[FACT_NUMBER] = face->number;
    texts[FACT_HOLDER] = face->holder_name;
    texts[FACT_SEX] = face->sex;
    texts[FACT_ENTERPRISE] = face->enterprise_name;
    texts[FACT_POST] = face->post;
    texts[FACT_ISSUER] = face->issuer_name;
    texts[FACT_IDENTIFIER] = face->identifier;
    return dates(pool, face, texts, err);
}

int layout_certificate(struct page *page, const struct face *face, struct err *err)
{
    const char *texts[FACT_COUNT] = {NULL};

    if (facts(page->pool, face, texts, err) < 0)
        return -1;
    /* Watermark and seal first: what is drawn later lies above them and stays legible. */
    if ((face->demo && form_demo(page, DEMO_TOP, true, err) < 0) ||
        stamp_text(page, &layout_stamp, face->issuer_name, face->demo, err) < 0)
        return -1;
    return form_rows(page, rows, COUNT(rows), texts, 0, err);
}
