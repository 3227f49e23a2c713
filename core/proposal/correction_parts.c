#include "core/proposal/correction_parts.h"

#include <string.h>

#include "base/pool.h"
#include "base/text.h"

enum { WORDS_CAP = 1500 };

size_t correction_rows(const struct correction_form *form, struct pool *pool, const void *before,
                       const void *after, struct proposal_row *rows)
{
    size_t count = 0;

    for (size_t i = 0; i < form->count; i++) {
        const struct correction_field *field = &form->fields[i];
        const char *old = form->value(pool, before, i), *new = form->value(pool, after, i);
        const char *shown = form->shown(pool, before, i);

        if (strcmp(old, new) == 0)
            continue;
        rows[count++] = (struct proposal_row){field->key, shown ? "" : field->label, old, new};
        if (shown)
            rows[count++] = (struct proposal_row){pool_printf(pool, "show.%s", field->key),
                                                  field->label, shown,
                                                  form->shown(pool, after, i)};
    }
    return count;
}

void correction_judge_whole(struct proposal *proposal)
{
    if (!*proposal->reason)
        proposal_refuse(proposal, "没有填写原因");
    if (proposal->row_count == 0)
        proposal_refuse(proposal, "没有要更正的内容");
}

const char *correction_after(const struct correction_form *form, struct pool *pool,
                             const struct proposal *proposal, const void *now, void *after)
{
    for (size_t i = 0; i < form->count; i++) {
        const struct correction_field *field = &form->fields[i];
        const struct proposal_row *row = proposal_row(proposal, field->key);

        if (!row)
            continue;
        if (strcmp(form->value(pool, now, i), row->before) != 0)
            return pool_printf(pool, "提请之后，%s的“%s”已经改动", form->whose, field->label);
        if (!form->set(after, i, row->after))
            return pool_printf(pool, "提请的“%s”不正确", field->label);
    }
    return NULL;
}

bool correction_printed(const struct correction_form *form, const struct proposal_row *rows,
                        size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < form->count; k++)
            if (form->fields[k].printed && strcmp(form->fields[k].key, rows[i].key) == 0)
                return true;
    return false;
}

static bool told(const struct correction_form *form, const char *label)
{
    for (size_t i = 0; i < form->count; i++)
        if (strcmp(form->fields[i].label, label) == 0)
            return form->fields[i].told;
    return false;
}

const char *correction_words(const struct correction_form *form, struct pool *pool,
                             const struct proposal *proposal)
{
    struct text words;

    text_init(&words, pool, WORDS_CAP);
    text_add(&words, "更正：");
    for (size_t i = 0; i < proposal->row_count; i++)
        if (told(form, proposal->rows[i].label))
            text_printf(&words, "%s由“%s”改为“%s”；", proposal->rows[i].label,
                        proposal->rows[i].before, proposal->rows[i].after);
    text_printf(&words, "原因：%s", proposal->reason);
    return words.data;
}
