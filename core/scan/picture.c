/* Pictures: of faces, and of papers. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/document/document.h"
#include "core/scan/ground.h"
#include "core/scan/scan.h"

enum {
    PHOTO_WIDTH_LEAST = 240,
    PHOTO_HEIGHT_LEAST = 336,
    PHOTO_SIDE_MAX = 5000,
    PHOTO_PIXELS_MAX = 16 * 1000 * 1000,
    PAPER_SIDE_LEAST = 300,
    PAPER_SIDE_MAX = 12000,
    PAPER_PIXELS_MAX = 40 * 1000 * 1000, /* A4 at 600 dpi has 35 million */
    RATIO_WIDTH = 25, /* millimetres of 1 寸 */
    RATIO_HEIGHT = 35,
    RATIO_SLACK = 3 /* percent of the height */
};

/* Of papers: good to read, then whatever fits. */
static const int qualities[] = {85, 70, 50};

static enum scan_fault fault_of(const struct err *err)
{
    switch ((enum jpeg_fault)err->code) {
    case JPEG_EMPTY: return SCAN_EMPTY;
    case JPEG_FOREIGN: return SCAN_FOREIGN;
    case JPEG_TRUNCATED: return SCAN_TRUNCATED;
    case JPEG_COLOURS: return SCAN_COLOURS;
    case JPEG_LARGE: return SCAN_LARGE;
    case JPEG_SMALL: return SCAN_SMALL;
    case JPEG_DAMAGED: break;
    }
    return SCAN_DAMAGED;
}

static bool in_shape(struct jpeg_size size)
{
    long height = (long)size.width * RATIO_HEIGHT / RATIO_WIDTH;

    return labs(height - (long)size.height) * 100 <= RATIO_SLACK * height;
}

static void row_seen(void *context, unsigned y, struct jpeg_size size, const uint8_t *samples,
                     unsigned components)
{
    ground_row(context, y, size, samples, components);
}

void scan_photo(struct pool *pool, struct bytes in, struct scan *out, enum scan_fault *fault)
{
    struct ground ground = {0};
    const struct jpeg_wish wish = {
        .side_max = PHOTO_SIDE_MAX,
        .pixels_max = PHOTO_PIXELS_MAX,
        .least = {PHOTO_WIDTH_LEAST, PHOTO_HEIGHT_LEAST},
        .row = row_seen,
        .context = &ground,
    };
    struct jpeg_size size;
    struct err err = {0};

    if (jpeg_measure(in, &wish, &size, &err) < 0) {
        *fault = fault_of(&err);
        return;
    }
    if (!in_shape(size)) {
        *fault = SCAN_SHAPE;
        return;
    }
    if (photo_shrink(pool, in, &wish, &out->body, &size, &err) < 0) {
        *fault = fault_of(&err);
        return;
    }
    *fault = ground_judge(&ground);
    out->type = "image/jpeg";
    out->pages = 1;
    out->width = size.width;
    out->height = size.height;
}

void scan_paper(struct pool *pool, struct bytes in, struct scan *out, enum scan_fault *fault)
{
    struct jpeg_wish wish = {
        .side_max = PAPER_SIDE_MAX,
        .pixels_max = PAPER_PIXELS_MAX,
        .least = {PAPER_SIDE_LEAST, PAPER_SIDE_LEAST},
    };
    struct jpeg_size size;
    struct err err = {0};

    if (in.size >= 5 && memcmp(in.data, "%PDF-", 5) == 0) {
        scan_pdf(pool, in, out, fault);
        return;
    }
    *fault = SCAN_LARGE;
    for (size_t i = 0; *fault != SCAN_GOOD && i < sizeof(qualities) / sizeof(qualities[0]); i++) {
        wish.quality = qualities[i];
        if (jpeg_rewrite(pool, in, &wish, &out->body, &size, &err) < 0) {
            *fault = fault_of(&err);
            return;
        }
        if (out->body.size <= SCAN_PAPER_BYTES)
            *fault = SCAN_GOOD;
    }
    out->type = "image/jpeg";
    out->pages = 1;
    out->width = size.width;
    out->height = size.height;
}
