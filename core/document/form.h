/*
 * What all forms have in common, inside core/document: how they look, rows of a label and a value,
 * dates in words, and the notice of a demonstration.
 */
#ifndef ECERT_CORE_DOCUMENT_FORM_H
#define ECERT_CORE_DOCUMENT_FORM_H

#include "core/document/page.h"

/* What is the same on every sheet is printed in the first font; facts in the second. */
#define FORM_LABEL {FONT_SONG, INK_LABEL, false, false}
#define FORM_BODY  {FONT_SONG, INK_TEXT, false, false}
#define FORM_TITLE {FONT_SONG, INK_TEXT, true, false}
#define FORM_FACT  {FONT_KAI, INK_TEXT, false, false}

struct form_row {
    const char *field; /* in errors */
    const char *label; /* ends left of the box, on the baseline of a single line; NULL: none */
    const char *text;  /* the form's own; NULL: a fact */
    unsigned fact;     /* its index among the texts */
    struct page_box box;
};

/* The boxes' y counts from `base`. 0/-1 (ERR_DOCUMENT). */
int form_rows(struct page *page, const struct form_row *rows, size_t count,
              const char *const *texts, double base, struct err *err);

/* yyyy年M月d日. 0/-1 (ERR_DOCUMENT: no date). */
int form_date(struct pool *pool, const char *field, struct date date, const char **text,
              struct err *err);
/* "… 至 …". 0/-1 (ERR_DOCUMENT: valid_from or valid_until is no date, or they are in the wrong
 * order). */
int form_validity(struct pool *pool, struct date from, struct date until, const char **text,
                  struct err *err);

/* A watermark, and a notice with its baseline at `top`, in other words on what the authority seals
 * with its demonstration keys. 0/-1 (ERR_DOCUMENT). */
int form_demo(struct page *page, double top, bool sealed, struct err *err);

#endif
