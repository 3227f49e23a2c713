#include "core/document/form.h"

#include <math.h>

#include "base/err.h"
#include "base/pool.h"

#define LABEL_GAP   3.0 /* between a label and its value */
#define LABEL_WIDTH 160.0
#define DEMO_MARK   "演示样本"
#define DEMO_SEALED "演示样本 · 由演示密钥签发，不具法律效力"
#define DEMO_FORM   "演示样本 · 仅供演示，不具法律效力"

static int label_add(struct page *page, const struct form_row *row, struct page_box box,
                     struct err *err)
{
    box.x -= LABEL_GAP;
    box.width = LABEL_WIDTH;
    box.align = ALIGN_RIGHT;
    box.look = (struct look)FORM_LABEL;
    box.lines = 1;
    return page_print(page, row->field, &box, row->label, err);
}

int form_rows(struct page *page, const struct form_row *rows, size_t count,
              const char *const *texts, double base, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct form_row *row = &rows[i];
        struct page_box box = row->box;

        box.y += base;
        if (row->label != NULL && label_add(page, row, box, err) < 0)
            return -1;
        if (page_print(page, row->field, &box, row->text != NULL ? row->text : texts[row->fact],
                       err) < 0)
            return -1;
    }
    return 0;
}

int form_date(struct pool *pool, const char *field, struct date date, const char **text,
              struct err *err)
{
    char buffer[24];

    if (!date_valid(date))
        return err_set(err, ERR_DOCUMENT, 0, "%s: no date", field);
    date_chinese(date, buffer);
    *text = pool_text(pool, buffer);
    return 0;
}

int form_validity(struct pool *pool, struct date from, struct date until, const char **text,
                  struct err *err)
{
    const char *first, *last;

    if (form_date(pool, "valid_from", from, &first, err) < 0 ||
        form_date(pool, "valid_until", until, &last, err) < 0)
        return -1;
    if (date_compare(until, from) < 0)
        return err_set(err, ERR_DOCUMENT, 0, "valid_until: before valid_from");
    *text = pool_printf(pool, "%s 至 %s", first, last);
    return 0;
}

int form_demo(struct page *page, double top, bool sealed, struct err *err)
{
    const struct page_box notice = {
        297.6, top, 420, 11, 10, 1, ALIGN_CENTRE, {FONT_SONG, INK_SEAL, false, false}};
    static const struct look mark = {FONT_SONG, INK_PALE, true, true};
    const double size = 84, angle = M_PI / 5;
    struct shaped shaped;
    double along;

    if (page_shape(page, "demo", FONT_SONG, DEMO_MARK, &shaped, err) < 0)
        return -1;
    along = shaped.width * size / 2;
    page_run(page, &mark, shaped.glyphs, shaped.count, PAGE_WIDTH / 2 - along * cos(angle) + 10,
             330 - along * sin(angle), size, angle);
    return page_print(page, "demo", &notice, sealed ? DEMO_SEALED : DEMO_FORM, err);
}
