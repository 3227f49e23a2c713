#include "core/scan/ground.h"

#include <math.h>

/* Percent of the width and of the height. */
enum { SIDE_WIDTH = 6, SIDE_HEIGHT = 50, TOP_HEIGHT = 4 };

/* What white is: mean brightness of a strip, its spread (standard deviation), difference between
 * strips, and mean distance from grey. Print and cameras make white a little grey and a little warm;
 * the blue and red grounds of other photos are far beyond. */
enum { LIGHT_LEAST = 215, SPREAD_MOST = 22, STEP_MOST = 25, TINT_MOST = 18 };

static void pixel_add(struct ground *ground, enum ground_strip strip, const uint8_t *pixel,
                      unsigned components)
{
    unsigned red = pixel[0], green = red, blue = red, light, high, low;

    if (components == 3) {
        green = pixel[1];
        blue = pixel[2];
    }
    light = (299 * red + 587 * green + 114 * blue + 500) / 1000;
    high = red > green ? red : green;
    low = red < green ? red : green;
    high = blue > high ? blue : high;
    low = blue < low ? blue : low;
    ground->strips[strip].count++;
    ground->strips[strip].light += light;
    ground->strips[strip].square += (uint64_t)light * light;
    ground->strips[strip].tint += high - low;
}

static void span_add(struct ground *ground, enum ground_strip strip, const uint8_t *samples,
                     unsigned from, unsigned to, unsigned components)
{
    for (unsigned x = from; x < to; x++)
        pixel_add(ground, strip, samples + (size_t)x * components, components);
}

void ground_row(struct ground *ground, unsigned y, struct jpeg_size size, const uint8_t *samples,
                unsigned components)
{
    unsigned side = size.width * SIDE_WIDTH / 100 + 1;

    if (side > size.width)
        return;
    if (y <= size.height * TOP_HEIGHT / 100)
        span_add(ground, GROUND_TOP, samples, 0, size.width, components);
    if (y <= size.height * SIDE_HEIGHT / 100) {
        span_add(ground, GROUND_LEFT, samples, 0, side, components);
        span_add(ground, GROUND_RIGHT, samples, size.width - side, size.width, components);
    }
}

enum scan_fault ground_judge(const struct ground *ground)
{
    double lightest = 0, darkest = 255, spread = 0, tint = 0;

    for (int i = 0; i < GROUND_STRIPS; i++) {
        double count = (double)ground->strips[i].count;
        double light = (double)ground->strips[i].light / count;

        if (ground->strips[i].count == 0)
            return SCAN_SMALL;
        lightest = fmax(lightest, light);
        darkest = fmin(darkest, light);
        spread = fmax(spread, sqrt(fmax(0, (double)ground->strips[i].square / count -
                                               light * light)));
        tint = fmax(tint, (double)ground->strips[i].tint / count);
    }
    if (tint > TINT_MOST)
        return SCAN_TINTED;
    if (spread > SPREAD_MOST || lightest - darkest > STEP_MOST)
        return SCAN_UNEVEN;
    return darkest < LIGHT_LEAST ? SCAN_DARK : SCAN_GOOD;
}
