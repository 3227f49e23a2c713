#include "core/document/sheet.h"

#include <string.h>

#include "base/sha256.h"
#include "core/document/lint.h"

enum { FACTS_MAX = 16 * 1024 };

int sheet_make(const struct sheet *sheet, struct bytes *file, struct err *err)
{
    struct pool *pool = sheet->page->pool;
    struct pdf *pdf = NULL;

    if (pdf_open(sheet->page, &sheet->about, &pdf, err) < 0)
        return -1;
    if (sheet->draw(pdf, sheet, err) < 0) {
        pdf_close(&pdf, pool, NULL, NULL);
        return -1;
    }
    if (pdf_close(&pdf, pool, file, err) < 0)
        return -1;
    return lint_document(pool, *file, sheet->page, sheet->photo_size, err);
}

void sheet_facts(struct text *facts, struct pool *pool)
{
    text_init(facts, pool, FACTS_MAX);
}

void sheet_fact(struct text *facts, const char *text)
{
    text_printf(facts, "%zu:%s", strlen(text), text);
}

void sheet_fact_date(struct text *facts, struct date date)
{
    text_printf(facts, "%d-%d-%d,", date.year, date.month, date.day);
}

void sheet_id(const struct text *facts, uint8_t id[16])
{
    uint8_t hash[32];

    sha256(facts->data, facts->length, hash);
    memcpy(id, hash, 16);
}
