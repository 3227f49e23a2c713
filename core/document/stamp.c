#include "core/document/stamp.h"

#include <math.h>

#include "base/err.h"
#include "core/document/pdf.h"

#define RING_WIDTH   2.6
#define STAR_RADIUS  17.0
#define STAR_INNER   0.381966 /* of the outer radius: the points of a pentagram */
#define NAME_TOP     52.0     /* radius where the letters end */
#define NAME_ARC     (M_PI * 1.46)
#define NAME_STEP    0.42 /* between letters at most, in radians */
#define NAME_SIZE    12.5
#define CROWD        1.1 /* letters are narrower than their squares */
#define NAME_LEAST   4.0
#define LINE_BELOW   (-34.0) /* baseline of the line below, from the centre */
#define PURPOSE      "电子证照专用"
#define PURPOSE_DEMO "演示专用"

static const struct look seal_look = {FONT_SONG, INK_SEAL, true, true};

/* The name's middle stands at the top; every character stands upright on the ring. */
static int name_add(struct page *page, const struct stamp *stamp, const char *name, struct err *err)
{
    struct shaped shaped;
    double step, size, base, at = 0;

    if (page_shape(page, "issuer_name", FONT_SONG, name, &shaped, err) < 0)
        return -1;
    step = fmin(NAME_ARC / shaped.width, NAME_STEP);
    /* As large as the letters stand apart on their baseline, which lies the deeper the larger they
     * are. */
    size = fmin(NAME_SIZE, step * CROWD * NAME_TOP / (1 + step * CROWD));
    base = NAME_TOP - size;
    if (size < NAME_LEAST)
        return err_set(err, ERR_DOCUMENT, 0, "issuer_name: too long for the seal");
    for (size_t i = 0; i < shaped.count; i++) {
        double em = shaped.glyphs[i].advance / 1000.0;
        double turn = (at + em / 2 - shaped.width / 2) * step; /* clockwise from the top */
        double x = stamp->x + base * sin(turn) - em * size / 2 * cos(turn);
        double y = stamp->y + base * cos(turn) + em * size / 2 * sin(turn);

        page_run(page, &seal_look, &shaped.glyphs[i], 1, x, y, size, -turn);
        at += em;
    }
    return 0;
}

int stamp_text(struct page *page, const struct stamp *stamp, const char *issuer_name, bool demo,
               struct err *err)
{
    const struct page_box below = {
        stamp->x, stamp->y + LINE_BELOW, 62, 9.5, 6, 1, ALIGN_CENTRE, seal_look};

    if (name_add(page, stamp, issuer_name, err) < 0)
        return -1;
    return page_print(page, "seal", &below, demo ? PURPOSE_DEMO : PURPOSE, err);
}

static void star(struct pdf *pdf, const struct stamp *stamp)
{
    for (int i = 0; i < 10; i++) {
        double radius = i % 2 == 0 ? STAR_RADIUS : STAR_RADIUS * STAR_INNER;
        double x = stamp->x + radius * sin(i * M_PI / 5);
        double y = stamp->y + radius * cos(i * M_PI / 5);

        if (i == 0)
            pdf_move(pdf, x, y);
        else
            pdf_line(pdf, x, y);
    }
    pdf_fill(pdf);
}

void stamp_draw(struct pdf *pdf, const struct stamp *stamp)
{
    pdf_push(pdf);
    pdf_ink(pdf, INK_SEAL);
    pdf_pen(pdf, RING_WIDTH);
    pdf_circle(pdf, stamp->x, stamp->y, STAMP_RADIUS - RING_WIDTH / 2);
    pdf_stroke(pdf);
    star(pdf, stamp);
    pdf_pop(pdf);
}

struct document_rect stamp_rect(const struct stamp *stamp)
{
    return (struct document_rect){stamp->x - STAMP_RADIUS, stamp->y - STAMP_RADIUS,
                                  stamp->x + STAMP_RADIUS, stamp->y + STAMP_RADIUS};
}
