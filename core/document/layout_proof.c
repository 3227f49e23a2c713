#include "core/document/layout_proof.h"

#include <math.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/document/form.h"

#define LEFT        52.0 /* of the table */
#define VALUE_LEFT  148.0
#define LABEL_HALF  298.0 /* where the second label of a row begins */
#define VALUE_HALF  378.0
#define RIGHT       543.0
#define MIDDLE      ((LEFT + RIGHT) / 2)
#define TABLE_TOP   628.0
#define DEMO_TOP    783.0
#define STAMP_X     436.0
#define STAMP_BELOW 92.0 /* its centre below the table, where there is room; */
#define STAMP_SINKS 0.3  /* and of the room that is left, what it stands lower */
#define STAMP_LEAST 112.0
#define FOOT_SEALED 174.0 /* the lowest end of the table */
#define FOOT_FORM   68.0
#define SIGNER_LEFT  (VALUE_LEFT + 7)
#define SIGNER_LABEL 56.0
#define SIGNER_LINES -6.0 /* upper edge of the firm's lines */
#define SIGNATURE   84.0 /* height of the box for the firm's signature */
#define INSET       3.0  /* of the signature within its box */
#define DENSE       8    /* with more certificates, other facts are set smaller */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
    DEPARTURE = 1 << PROOF_DEPARTURE,
    FORM = 1 << PROOF_CANCELLATION_FORM,
    CANCELLATION = 1 << PROOF_CANCELLATION,
    ALL = DEPARTURE | FORM | CANCELLATION
};

enum fact {
    FACT_TITLE,
    FACT_STATEMENT,
    FACT_NOTE,
    FACT_MATTER,
    FACT_ENTERPRISE,
    FACT_USCC,
    FACT_HOLDER,
    FACT_ID_TYPE,
    FACT_ID_NO,
    FACT_PROVINCE,
    FACT_REASON,
    FACT_DECLARATION,
    FACT_SIGNER,
    FACT_SERIAL,
    FACT_SIGNED,
    FACT_SIGNATURE, /* a blank box */
    FACT_ISSUER,
    FACT_ADDRESSEE,
    FACT_ISSUED_ON,
    FACT_COUNT
};

#define SUBJECT     "三类人员安全生产考核合格证书"
#define DECLARATION "本企业承诺所填信息真实、准确，自愿申请注销上列证书，并承担相应责任。"
#define NOTE_SEALED "打印件所载信息以扫描二维码查验的结果为准"
#define NOTE_FORM   "本表由申请企业以法人一证通电子签名后提交"

static const struct {
    const char *title, *statement, *note;
} wordings[] = {
    [PROOF_DEPARTURE] = {"离沪证明",
                         "　　兹证明下列" SUBJECT "已办理转出本市手续，"
                         "自办理之日起在本市原聘用企业名下不再有效。特此证明。",
                         NOTE_SEALED},
    [PROOF_CANCELLATION_FORM] = {"注销申请表",
                                 "　　本企业申请注销下列" SUBJECT "，请予办理。",
                                 NOTE_FORM},
    [PROOF_CANCELLATION] = {"注销证明",
                            "　　兹证明下列" SUBJECT "已由原聘用企业申请并办理注销手续，"
                            "自注销之日起不再有效。特此证明。",
                            NOTE_SEALED},
};

/* field, label, text, fact, {x, y, width, size, least, lines, align, look} */
static const struct form_row head[] = {
    {"subject", NULL, SUBJECT, 0, {MIDDLE, 758, 420, 15, 15, 1, ALIGN_CENTRE, FORM_TITLE}},
    {"title", NULL, NULL, FACT_TITLE, {MIDDLE, 714, 420, 32, 32, 1, ALIGN_CENTRE, FORM_TITLE}},
    {"matter_number", "编号：", NULL, FACT_MATTER,
     {RIGHT - 101, 683, 101, 10.5, 6, 1, ALIGN_LEFT, FORM_FACT}},
};

static const struct form_row statement[] = {
    {"statement", NULL, NULL, FACT_STATEMENT,
     {LEFT, 651, RIGHT - LEFT, 12, 11, 2, ALIGN_LEFT, FORM_BODY}},
};

static const struct form_row statement_form[] = {
    {"issuer_name", NULL, NULL, FACT_ADDRESSEE,
     {LEFT, 660, RIGHT - LEFT, 12, 8, 1, ALIGN_LEFT, FORM_BODY}},
    {"statement", NULL, NULL, FACT_STATEMENT,
     {LEFT, 642, RIGHT - LEFT, 12, 11, 1, ALIGN_LEFT, FORM_BODY}},
};

/* Around the seal; their places count from its middle. */
static const struct form_row signature[] = {
    {"issuer_name", NULL, NULL, FACT_ISSUER,
     {STAMP_X, 22, 204, 12.5, 7.5, 2, ALIGN_CENTRE, FORM_FACT}},
    {"issued_on", NULL, NULL, FACT_ISSUED_ON,
     {STAMP_X, -22.5, 204, 12, 11, 1, ALIGN_CENTRE, FORM_FACT}},
    {"caption", NULL, "扫描二维码查验证明", 0,
     {LAYOUT_PROOF_QR_LEFT + LAYOUT_PROOF_QR_SIDE / 2, -46, 90, 7.5, 7, 1, ALIGN_CENTRE,
      FORM_LABEL}},
};

/* Inside the box that the firm signs in; their places count from its upper edge. What they name
 * comes with the signature, in lines of its own. */
static const struct form_row signer[] = {
    {"serial", NULL, "证书序列号", 0,
     {SIGNER_LEFT, SIGNER_LINES - 14, SIGNER_LABEL, 9, 9, 1, ALIGN_LEFT, FORM_LABEL}},
    {"time", NULL, "签署时间", 0,
     {SIGNER_LEFT, SIGNER_LINES - 28, SIGNER_LABEL, 9, 9, 1, ALIGN_LEFT, FORM_LABEL}},
    {"signer", NULL, "签署企业", 0,
     {SIGNER_LEFT, SIGNER_LINES - 42, SIGNER_LABEL, 9, 9, 1, ALIGN_LEFT, FORM_LABEL}},
};

static const struct form_row foot[] = {
    {"note", NULL, NULL, FACT_NOTE, {MIDDLE, 50, 420, 8, 8, 1, ALIGN_CENTRE, FORM_LABEL}},
};

/* size, least, lines, align, side, look, tinted */
static const struct table_style style_label = {10, 8, 1, ALIGN_CENTRE, 3, FORM_LABEL, true};
static const struct table_style style_value = {11.5, 7, 4, ALIGN_LEFT, 7, FORM_FACT, false};
static const struct table_style style_dense = {9.5, 7, 4, ALIGN_LEFT, 7, FORM_FACT, false};
static const struct table_style style_text = {10.5, 8, 2, ALIGN_LEFT, 7, FORM_BODY, false};
static const struct table_style style_head = {9, 8, 1, ALIGN_CENTRE, 3, FORM_LABEL, true};
static const struct table_style style_certificate = {9, 6, 2, ALIGN_CENTRE, 2.5, FORM_FACT, false};

/* A label and its value. */
struct line {
    unsigned kinds;
    const char *field, *label;
    enum fact fact;
    enum { WHOLE, FIRST_HALF, SECOND_HALF } place;
};

static const struct line above[] = {
    {ALL, "enterprise_name", "企业名称", FACT_ENTERPRISE, WHOLE},
    {ALL, "uscc", "统一社会信用代码", FACT_USCC, WHOLE},
    {ALL, "holder_name", "姓名", FACT_HOLDER, WHOLE},
    {ALL, "id_type_label", "证件类型", FACT_ID_TYPE, FIRST_HALF},
    {ALL, "id_no_masked", "证件号码", FACT_ID_NO, SECOND_HALF},
    {DEPARTURE, "province", "转往省市", FACT_PROVINCE, WHOLE},
    {FORM | CANCELLATION, "reason", "注销原因", FACT_REASON, WHOLE},
};

static const struct line below[] = {
    {FORM | CANCELLATION, "declaration", "企业承诺", FACT_DECLARATION, WHOLE},
    {CANCELLATION, "signer_name", "电子签名企业", FACT_SIGNER, WHOLE},
    {CANCELLATION, "signer_serial", "签名证书序列号", FACT_SERIAL, WHOLE},
    {CANCELLATION, "signed_ms", "签名时间", FACT_SIGNED, WHOLE},
    {FORM, "signature", "企业电子签章", FACT_SIGNATURE, WHOLE},
    {FORM, "issued_on", "申请日期", FACT_ISSUED_ON, WHOLE},
};

enum column { CLASS, NUMBER, FIRST_ISSUED, VALIDITY, STATE, COLUMNS };

static const struct {
    const char *field, *label;
    double right;
} columns[COLUMNS] = {
    [CLASS] = {"class_label", "证书类别", LEFT + 123},
    [NUMBER] = {"number", "证书编号", LEFT + 233},
    [FIRST_ISSUED] = {"first_issued", "初次领证日期", LEFT + 302},
    [VALIDITY] = {"valid_until", "有效期", LEFT + 449},
    [STATE] = {"state_label", "状态", RIGHT},
};

static bool given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static int facts(struct pool *pool, const struct proof *proof, const char *texts[FACT_COUNT],
                 struct err *err)
{
    char time[20];

    if (proof->kind >= COUNT(wordings))
        return err_set(err, ERR_DOCUMENT, 0, "kind: unknown");
    if (proof->kind == PROOF_CANCELLATION && proof->signed_ms <= 0)
        return err_set(err, ERR_DOCUMENT, 0, "signed_ms: is missing");
    if (proof->kind != PROOF_CANCELLATION_FORM && proof->verify_url == NULL)
        return err_set(err, ERR_DOCUMENT, 0, "verify_url: is empty");
    clock_shanghai(proof->signed_ms, time);
    texts[FACT_TITLE] = wordings[proof->kind].title;
    texts[FACT_STATEMENT] = wordings[proof->kind].statement;
    texts[FACT_NOTE] = wordings[proof->kind].note;
    texts[FACT_MATTER] = proof->matter_number;
    texts[FACT_ENTERPRISE] = proof->enterprise_name;
    texts[FACT_USCC] = proof->uscc;
    texts[FACT_HOLDER] = proof->holder_name;
    texts[FACT_ID_TYPE] = proof->id_type_label;
    texts[FACT_ID_NO] = proof->id_no_masked;
    texts[FACT_PROVINCE] = proof->province;
    texts[FACT_REASON] = proof->reason;
    texts[FACT_DECLARATION] = DECLARATION;
    texts[FACT_SIGNER] = proof->signer_name;
    texts[FACT_SERIAL] = proof->signer_serial;
    texts[FACT_SIGNED] = pool_printf(pool, "%s（北京时间）", time);
    texts[FACT_ISSUER] = proof->issuer_name;
    texts[FACT_ADDRESSEE] =
        given(proof->issuer_name) ? pool_printf(pool, "%s：", proof->issuer_name) : NULL;
    return form_date(pool, "issued_on", proof->issued_on, &texts[FACT_ISSUED_ON], err);
}

static const struct table_style *value_style(const struct proof *proof, enum fact fact)
{
    if (fact == FACT_DECLARATION)
        return &style_text;
    return proof->count > DENSE ? &style_dense : &style_value;
}

static int line_add(struct table *table, const struct line *line, const struct table_style *style,
                    const char *text, struct err *err)
{
    bool second = line->place == SECOND_HALF;
    double left = second ? LABEL_HALF : LEFT, middle = second ? VALUE_HALF : VALUE_LEFT;
    double right = line->place == FIRST_HALF ? LABEL_HALF : RIGHT;

    if (!second)
        table_row(table, line->fact == FACT_SIGNATURE ? SIGNATURE : 0);
    if (table_cell(table, &style_label, left, middle, line->field, line->label, err) < 0)
        return -1;
    if (line->fact != FACT_SIGNATURE)
        return table_cell(table, style, middle, right, line->field, text, err);
    table_blank(table, style, middle, right);
    return 0;
}

static int lines_add(struct table *table, const struct line *lines, size_t count,
                     const struct proof *proof, const char *const *texts, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct line *line = &lines[i];
        const char *text = texts[line->fact];

        if ((line->kinds & 1u << proof->kind) == 0 ||
            (line->fact == FACT_PROVINCE && !given(text)))
            continue;
        if (line_add(table, line, value_style(proof, line->fact), text, err) < 0)
            return -1;
    }
    return 0;
}

static int columns_add(struct table *table, const struct table_style *style,
                       const char *const texts[COLUMNS], struct err *err)
{
    double left = LEFT;

    table_row(table, 0);
    for (size_t i = 0; i < COLUMNS; i++) {
        if (table_cell(table, style, left, columns[i].right, columns[i].field, texts[i], err) < 0)
            return -1;
        left = columns[i].right;
    }
    return 0;
}

static int certificate_add(struct table *table, const struct proof_certificate *certificate,
                           struct err *err)
{
    struct pool *pool = table->page->pool;
    const char *texts[COLUMNS] = {[CLASS] = certificate->class_label,
                                  [NUMBER] = certificate->number,
                                  [STATE] = certificate->state_label};

    if (form_date(pool, "first_issued", certificate->first_issued, &texts[FIRST_ISSUED], err) < 0 ||
        form_validity(pool, certificate->valid_from, certificate->valid_until, &texts[VALIDITY],
                      err) < 0)
        return -1;
    return columns_add(table, &style_certificate, texts, err);
}

static int certificates_add(struct table *table, const struct proof *proof, struct err *err)
{
    const char *labels[COLUMNS];

    if (proof->count == 0 || proof->count > PROOF_CERTIFICATES || proof->certificates == NULL)
        return err_set(err, ERR_DOCUMENT, 0, "certificates: not 1 to %d", PROOF_CERTIFICATES);
    for (size_t i = 0; i < COLUMNS; i++)
        labels[i] = columns[i].label;
    if (columns_add(table, &style_head, labels, err) < 0)
        return -1;
    for (size_t i = 0; i < proof->count; i++)
        if (certificate_add(table, &proof->certificates[i], err) < 0)
            return err_context(err, "certificates[%zu]", i);
    return 0;
}

/* Where the seal lies, or the firm's signature. */
static void seal_place(struct layout_proof *layout)
{
    const struct table *table = &layout->table;
    double room = fmax(table_bottom(table) - STAMP_BELOW - STAMP_LEAST, 0);

    layout->stamp = (struct stamp){STAMP_X, STAMP_LEAST + room * (1 - STAMP_SINKS)};
    layout->seal = stamp_rect(&layout->stamp);
    for (size_t i = 0; i < table->count; i++) {
        const struct table_row *row = &table->rows[i];
        const struct table_cell *cell = &row->cells[row->count - 1];

        if (cell->fit.count == 0)
            layout->seal =
                (struct document_rect){SIGNER_LEFT + SIGNER_LABEL, row->bottom + INSET,
                                       cell->right - INSET, row->top + SIGNER_LINES};
    }
}

static int table_fill(struct layout_proof *layout, const struct proof *proof,
                      const char *const *texts, struct err *err)
{
    struct table *table = &layout->table;

    if (lines_add(table, above, COUNT(above), proof, texts, err) < 0 ||
        certificates_add(table, proof, err) < 0 ||
        lines_add(table, below, COUNT(below), proof, texts, err) < 0)
        return -1;
    return table_place(table, TABLE_TOP, layout->sealed ? FOOT_SEALED : FOOT_FORM, err);
}

static int texts_add(struct page *page, const struct layout_proof *layout,
                     const char *const *texts, struct err *err)
{
    if (form_rows(page, head, COUNT(head), texts, 0, err) < 0 ||
        (layout->sealed && form_rows(page, statement, COUNT(statement), texts, 0, err) < 0) ||
        (!layout->sealed &&
         form_rows(page, statement_form, COUNT(statement_form), texts, 0, err) < 0))
        return -1;
    table_put(&layout->table);
    if (layout->sealed &&
        form_rows(page, signature, COUNT(signature), texts, layout->stamp.y, err) < 0)
        return -1;
    if (!layout->sealed && form_rows(page, signer, COUNT(signer), texts,
                                     layout->seal.top - SIGNER_LINES, err) < 0)
        return -1;
    return form_rows(page, foot, COUNT(foot), texts, 0, err);
}

int layout_proof(struct page *page, const struct proof *proof, struct layout_proof *layout,
                 struct err *err)
{
    const char *texts[FACT_COUNT] = {NULL};

    if (facts(page->pool, proof, texts, err) < 0)
        return -1;
    layout->title = texts[FACT_TITLE];
    layout->sealed = proof->kind != PROOF_CANCELLATION_FORM;
    table_init(&layout->table, page);
    if (table_fill(layout, proof, texts, err) < 0)
        return -1;
    seal_place(layout);
    /* Watermark and seal first, as on the certificate. */
    if ((proof->demo && form_demo(page, DEMO_TOP, layout->sealed, err) < 0) ||
        (layout->sealed &&
         stamp_text(page, &layout->stamp, proof->issuer_name, proof->demo, err) < 0))
        return -1;
    return texts_add(page, layout, texts, err);
}
