/*
 * Is the ground behind a face white? Looked at are the margins beside the head: a strip at the left,
 * one at the right, both down to where shoulders begin, and one above.
 */
#ifndef ECERT_CORE_SCAN_GROUND_H
#define ECERT_CORE_SCAN_GROUND_H

#include <stdint.h>

#include "core/document/jpeg.h"
#include "core/scan/scan.h"

enum ground_strip { GROUND_LEFT, GROUND_RIGHT, GROUND_TOP, GROUND_STRIPS };

/* Sums over each strip's pixels. Begins zeroed. */
struct ground {
    struct {
        uint64_t count;
        uint64_t light;  /* luma, 0 … 255 */
        uint64_t square; /* of luma */
        uint64_t tint;   /* largest less smallest of red, green, blue */
    } strips[GROUND_STRIPS];
};

/* Adds a row of `size.width` pixels of 1 or 3 components. */
void ground_row(struct ground *ground, unsigned y, struct jpeg_size size, const uint8_t *samples,
                unsigned components);

/* SCAN_GOOD, SCAN_DARK, SCAN_UNEVEN, SCAN_TINTED; SCAN_SMALL where nothing was seen. */
enum scan_fault ground_judge(const struct ground *ground);

#endif
