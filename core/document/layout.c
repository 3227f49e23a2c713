#include "core/document/layout.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/document/stamp.h"
#include "core/identifier.h"

#define LABEL_RIGHT 200.0 /* where the labels end */
#define VALUE_LEFT  203.0
#define TITLE       "安全生产考核合格证书"
#define SUPERVISOR  "中华人民共和国住房和城乡建设部 监制"
#define DEMO_NOTICE "演示样本 · 由演示密钥签发，不具法律效力"
#define DEMO_MARK   "演示样本"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The form, the same on every certificate, is printed in the first font; facts in the second. */
#define FORM       {FONT_SONG, INK_LABEL, false, false}
#define TITLE_LOOK {FONT_SONG, INK_TEXT, true, false}
#define FACT       {FONT_KAI, INK_TEXT, false, false}

enum fact {
    FACT_NONE, /* the text stands in the row */
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

static const struct row {
    const char *field;
    const char *label; /* stands left of the box, right-aligned; NULL: none */
    enum fact fact;
    const char *text; /* of FACT_NONE */
    struct page_box box;
} rows[] = {
    /* field, label, fact, text, {x, y, width, size, least, lines, align, look} */
    {"class_code", NULL, FACT_CLASS_LINE, NULL,
     {297.6, 706, 420, 18, 14, 1, ALIGN_CENTRE, TITLE_LOOK}},
    {"title", NULL, FACT_NONE, TITLE, {297.6, 655, 420, 38, 30, 1, ALIGN_CENTRE, TITLE_LOOK}},
    {"number", "编号：", FACT_NUMBER, NULL, {240, 613, 270, 14, 9, 1, ALIGN_LEFT, FACT}},
    {"holder_name", "姓名：", FACT_HOLDER, NULL,
     {VALUE_LEFT, 545, 205, 15, 7.5, 3, ALIGN_LEFT, FACT}},
    {"sex", "性别：", FACT_SEX, NULL, {VALUE_LEFT, 511, 205, 15, 12, 1, ALIGN_LEFT, FACT}},
    {"birth", "出生年月：", FACT_BIRTH, NULL,
     {VALUE_LEFT, 477, 205, 15, 12, 1, ALIGN_LEFT, FACT}},
    {"enterprise_name", "企业名称：", FACT_ENTERPRISE, NULL,
     {VALUE_LEFT, 429, 295, 15, 7.5, 3, ALIGN_LEFT, FACT}},
    {"post", "职务：", FACT_POST, NULL, {VALUE_LEFT, 386, 295, 15, 8, 2, ALIGN_LEFT, FACT}},
    {"first_issued", "初次领证日期：", FACT_FIRST_ISSUED, NULL,
     {VALUE_LEFT, 343, 295, 15, 12, 1, ALIGN_LEFT, FACT}},
    {"valid_until", "有效期：", FACT_VALIDITY, NULL,
     {VALUE_LEFT, 300, 295, 15, 12, 1, ALIGN_LEFT, FACT}},
    {"issuer_name", "发证机关：", FACT_ISSUER, NULL,
     {306, 226, 204, 13.5, 7.5, 2, ALIGN_LEFT, FACT}},
    {"issued_on", "发证日期：", FACT_ISSUED_ON, NULL,
     {306, 186, 204, 13.5, 11, 1, ALIGN_LEFT, FACT}},
    {"identifier", "电子证照标识：", FACT_IDENTIFIER, NULL,
     {152.5, 116, 360, 7.5, 6, 1, ALIGN_LEFT, FACT}},
    {"caption", NULL, FACT_NONE, "扫描二维码查验证书",
     {138.5, 130.5, 90, 7.5, 7, 1, ALIGN_CENTRE, FORM}},
    {"supervisor", NULL, FACT_NONE, SUPERVISOR,
     {297.6, 80, 420, 13, 12, 1, ALIGN_CENTRE, FORM}},
};

static int date_text(struct pool *pool, const char *field, struct date date, const char **text,
                     struct err *err)
{
    char buffer[24];

    if (!date_valid(date))
        return err_set(err, ERR_DOCUMENT, 0, "%s: no date", field);
    date_chinese(date, buffer);
    *text = pool_text(pool, buffer);
    return 0;
}

static int dates(struct pool *pool, const struct face *face, const char *texts[FACT_COUNT],
                 struct err *err)
{
    const char *from, *until;

    if (date_text(pool, "first_issued", face->first_issued, &texts[FACT_FIRST_ISSUED], err) < 0 ||
        date_text(pool, "valid_from", face->valid_from, &from, err) < 0 ||
        date_text(pool, "valid_until", face->valid_until, &until, err) < 0 ||
        date_text(pool, "issued_on", face->issued_on, &texts[FACT_ISSUED_ON], err) < 0 ||
        date_text(pool, "birth", face->birth, &texts[FACT_BIRTH], err) < 0)
        return -1;
    if (date_compare(face->valid_until, face->valid_from) < 0)
        return err_set(err, ERR_DOCUMENT, 0, "valid_until: before valid_from");
    texts[FACT_BIRTH] = pool_printf(pool, "%d年%d月", face->birth.year, face->birth.month);
    texts[FACT_VALIDITY] = pool_printf(pool, "%s 至 %s", from, until);
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

/* Labels end where their value begins, on the baseline of a single line. */
static int label_add(struct page *page, const struct row *row, struct err *err)
{
    struct page_box box = row->box;

    box.x -= VALUE_LEFT - LABEL_RIGHT;
    box.width = 160;
    box.align = ALIGN_RIGHT;
    box.look = (struct look)FORM;
    box.lines = 1;
    return page_print(page, row->field, &box, row->label, err);
}

static int demo_add(struct page *page, struct err *err)
{
    static const struct page_box notice = {
        297.6, 748, 420, 11, 10, 1, ALIGN_CENTRE, {FONT_SONG, INK_SEAL, false, false}};
    static const struct look mark = {FONT_SONG, INK_PALE, true, true};
    const double size = 84, angle = M_PI / 5;
    struct shaped shaped;
    double along;

    if (page_shape(page, "demo", FONT_SONG, DEMO_MARK, &shaped, err) < 0)
        return -1;
    along = shaped.width * size / 2;
    page_run(page, &mark, shaped.glyphs, shaped.count, PAGE_WIDTH / 2 - along * cos(angle) + 10,
             330 - along * sin(angle), size, angle);
    return page_print(page, "demo", &notice, DEMO_NOTICE, err);
}

int layout_certificate(struct page *page, const struct face *face, struct err *err)
{
    const char *texts[FACT_COUNT] = {NULL};

    if (facts(page->pool, face, texts, err) < 0)
        return -1;
    /* Watermark and seal first: what is drawn later lies above them and stays legible. */
    if ((face->demo && demo_add(page, err) < 0) ||
        stamp_text(page, face->issuer_name, face->demo, err) < 0)
        return -1;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct row *row = &rows[i];

        if (row->label != NULL && label_add(page, row, err) < 0)
            return -1;
        if (page_print(page, row->field, &row->box,
                      row->fact == FACT_NONE ? row->text : texts[row->fact], err) < 0)
            return -1;
    }
    return 0;
}
