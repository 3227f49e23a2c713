#include "core/document/frame.h"

#include "core/document/layout.h"

#define OUTER  30.0 /* from the edge of the paper: the outer rule */
#define BAND   46.0 /* the middle of the woven band */
#define INNER  62.0 /* the inner rule */
#define CORNER 32.0 /* side of a corner's square, from rule to rule */
#define WAVE   6.0  /* height of the waves of the band */
#define PLAIN  34.0 /* the outer rule of a plain frame */
#define STEP   7.0  /* from there to the inner one; and of its corners */

static void rule(struct pdf *pdf, enum ink ink, double inset, double pen)
{
    pdf_ink(pdf, ink);
    pdf_pen(pdf, pen);
    pdf_rect(pdf, inset, inset, PAGE_WIDTH - 2 * inset, PAGE_HEIGHT - 2 * inset);
    pdf_stroke(pdf);
}

/* One period, 12 long, of a wave that begins at its crest or its trough. */
static void wave(struct pdf *pdf, double height)
{
    pdf_move(pdf, 0, height);
    pdf_curve(pdf, 2.2, height, 3.8, -height, 6, -height);
    pdf_curve(pdf, 8.2, -height, 9.8, height, 12, height);
}

/* Waves woven over one period. The box leaves room for the pen. */
static const char *weave(struct pdf *pdf)
{
    static const double box[] = {-1, -WAVE - 1, 13, WAVE + 1};
    size_t mark = pdf_mark(pdf);

    pdf_ink(pdf, INK_GOLD);
    wave(pdf, WAVE / 2);
    wave(pdf, -WAVE / 2);
    pdf_stroke(pdf);
    pdf_ink(pdf, INK_FRAME);
    wave(pdf, WAVE);
    wave(pdf, -WAVE);
    pdf_stroke(pdf);
    return pdf_form(pdf, mark, box);
}

/* A whole number of periods along the x axis over `length`. */
static void band(struct pdf *pdf, const char *period, double length)
{
    unsigned periods = (unsigned)(length / 12);

    pdf_push(pdf);
    pdf_matrix(pdf, length / (periods * 12), 0, 0, 1, 0, 0);
    for (unsigned i = 0; i < periods; i++) {
        pdf_show(pdf, period);
        pdf_matrix(pdf, 1, 0, 0, 1, 12, 0);
    }
    pdf_pop(pdf);
}

/* 回纹: a square spiral in the square of a corner, from its own lower left corner. */
static void meander(struct pdf *pdf)
{
    static const struct {
        double x, y;
    } turns[] = {
        {4,  4 },
        {28, 4 },
        {28, 28},
        {8,  28},
        {8,  8 },
        {24, 8 },
        {24, 24},
        {12, 24},
        {12, 12},
        {20, 12},
        {20, 20},
        {16, 20},
        {16, 16}
    };

    pdf_move(pdf, turns[0].x, turns[0].y);
    for (size_t i = 1; i < sizeof turns / sizeof turns[0]; i++)
        pdf_line(pdf, turns[i].x, turns[i].y);
    pdf_stroke(pdf);
}

static void corner(struct pdf *pdf, double x, double y, double flip_x, double flip_y)
{
    pdf_push(pdf);
    pdf_matrix(pdf, flip_x, 0, 0, flip_y, x, y);
    pdf_ink(pdf, INK_FRAME);
    pdf_pen(pdf, 1.1);
    pdf_rect(pdf, 0, 0, CORNER, CORNER);
    pdf_stroke(pdf);
    pdf_ink(pdf, INK_GOLD);
    pdf_pen(pdf, 1.5);
    meander(pdf);
    pdf_pop(pdf);
}

static void bands(struct pdf *pdf)
{
    const double w = PAGE_WIDTH - 2 * (OUTER + CORNER), h = PAGE_HEIGHT - 2 * (OUTER + CORNER);
    const double start = OUTER + CORNER;
    const struct {
        double length, cos, sin, x, y;
    } sides[] = {
        {w, 1, 0, start,             BAND              },
        {w, 1, 0, start,             PAGE_HEIGHT - BAND},
        {h, 0, 1, BAND,              start             },
        {h, 0, 1, PAGE_WIDTH - BAND, start             }
    };
    const char *period = weave(pdf);

    pdf_pen(pdf, 0.6);
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
        pdf_push(pdf);
        pdf_matrix(pdf, sides[i].cos, sides[i].sin, -sides[i].sin, sides[i].cos, sides[i].x,
                   sides[i].y);
        band(pdf, period, sides[i].length);
        pdf_pop(pdf);
    }
}

static void photo_edge(struct pdf *pdf)
{
    pdf_ink(pdf, INK_PHOTO);
    pdf_pen(pdf, 0.4);
    pdf_rect(pdf, LAYOUT_PHOTO_LEFT - 2, LAYOUT_PHOTO_BOTTOM - 2, LAYOUT_PHOTO_WIDTH + 4,
             LAYOUT_PHOTO_HEIGHT + 4);
    pdf_stroke(pdf);
}

/* A rule with a lozenge in its middle, between the title and the facts. */
static void divider(struct pdf *pdf, double y)
{
    const double middle = PAGE_WIDTH / 2;

    pdf_ink(pdf, INK_GOLD);
    pdf_pen(pdf, 0.7);
    pdf_move(pdf, 110, y);
    pdf_line(pdf, middle - 12, y);
    pdf_move(pdf, middle + 12, y);
    pdf_line(pdf, PAGE_WIDTH - 110, y);
    pdf_stroke(pdf);
    pdf_move(pdf, middle - 7, y);
    pdf_line(pdf, middle, y + 3.5);
    pdf_line(pdf, middle + 7, y);
    pdf_line(pdf, middle, y - 3.5);
    pdf_fill(pdf);
}

void frame_draw(struct pdf *pdf)
{
    const double right = PAGE_WIDTH - OUTER, top = PAGE_HEIGHT - OUTER;

    pdf_push(pdf);
    rule(pdf, INK_FRAME, OUTER - 4, 2.2);
    rule(pdf, INK_FRAME, OUTER, 0.7);
    bands(pdf);
    rule(pdf, INK_FRAME, INNER, 0.7);
    rule(pdf, INK_GOLD, INNER + 3, 0.5);
    corner(pdf, OUTER, OUTER, 1, 1);
    corner(pdf, right, OUTER, -1, 1);
    corner(pdf, OUTER, top, 1, -1);
    corner(pdf, right, top, -1, -1);
    divider(pdf, 592);
    photo_edge(pdf);
    pdf_pop(pdf);
}

/* A quarter of the inner rule: up its left half and to the middle of its top. */
static void stepped(struct pdf *pdf, double flip_x, double flip_y)
{
    const double x = PAGE_WIDTH / 2 - PLAIN, y = PAGE_HEIGHT / 2 - PLAIN;

    pdf_push(pdf);
    pdf_matrix(pdf, flip_x, 0, 0, flip_y, PAGE_WIDTH / 2, PAGE_HEIGHT / 2);
    pdf_move(pdf, x - STEP, 0);
    pdf_line(pdf, x - STEP, y - 3 * STEP);
    pdf_line(pdf, x - 2 * STEP, y - 3 * STEP);
    pdf_line(pdf, x - 2 * STEP, y - 2 * STEP);
    pdf_line(pdf, x - 3 * STEP, y - 2 * STEP);
    pdf_line(pdf, x - 3 * STEP, y - STEP);
    pdf_line(pdf, 0, y - STEP);
    pdf_stroke(pdf);
    pdf_rect(pdf, x - 2 * STEP + 2, y - 2 * STEP + 2, STEP, STEP);
    pdf_stroke(pdf);
    pdf_pop(pdf);
}

void frame_draw_plain(struct pdf *pdf)
{
    pdf_push(pdf);
    rule(pdf, INK_FRAME, PLAIN, 1.8);
    pdf_ink(pdf, INK_GOLD);
    pdf_pen(pdf, 0.6);
    stepped(pdf, 1, 1);
    stepped(pdf, -1, 1);
    stepped(pdf, 1, -1);
    stepped(pdf, -1, -1);
    divider(pdf, 698);
    pdf_pop(pdf);
}
