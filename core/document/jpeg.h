/*
 * JPEG pictures decoded and written again row by row (libjpeg-turbo), so that neither metadata nor
 * what is hidden in a file or behind it goes any further.
 *
 * A picture that Exif says was taken with a turned camera is turned back; all sizes are those of the
 * picture as it was seen. Baseline or progressive, grey or YCbCr or RGB; no CMYK. Warnings count as
 * damage. Dimensions are judged before anything is decoded; a progressive file of too many scans is
 * refused.
 */
#ifndef ECERT_CORE_DOCUMENT_JPEG_H
#define ECERT_CORE_DOCUMENT_JPEG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct err;
struct pool;

/* What is wrong, as the error's code. */
enum jpeg_fault {
    JPEG_EMPTY = 1,
    JPEG_FOREIGN, /* another type of file */
    JPEG_TRUNCATED,
    JPEG_DAMAGED,
    JPEG_COLOURS,
    JPEG_LARGE, /* pixels */
    JPEG_SMALL
};

struct jpeg_size {
    unsigned width, height;
};

/* How it is written again, and within which bounds it is read. */
struct jpeg_wish {
    unsigned side_max;
    uint64_t pixels_max;
    struct jpeg_size least;
    unsigned width_aim; /* scaled down, in eighths, as long as it stays this wide; 0: as it is */
    int quality;
    bool progressive;
    /* Sees each row that is written: `samples` bytes, 1 or 3 a pixel. May be NULL. */
    void (*row)(void *context, unsigned y, struct jpeg_size size, const uint8_t *samples,
                unsigned components);
    void *context;
};

/* *size is that of the result, which lives in the pool. 0/-1 (ERR_INPUT, ERR_LIMIT where it has too
 * many pixels; code is an enum jpeg_fault, the text an English cause: "truncated", "not a JPEG (PNG)"). */
int jpeg_rewrite(struct pool *pool, struct bytes in, const struct jpeg_wish *wish,
                 struct bytes *out, struct jpeg_size *size, struct err *err);

/* The size that the header claims. 0/-1 as above. */
int jpeg_measure(struct bytes in, const struct jpeg_wish *wish, struct jpeg_size *size,
                 struct err *err);

#endif
