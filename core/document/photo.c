/* Photos: written again as small as print allows. */
#include "core/document/document.h"

#include "base/err.h"
#include "base/pool.h"

enum {
    WIDTH_LEAST = 60,
    HEIGHT_LEAST = 80,
    PRINT_WIDTH = 300,        /* pixels: 280 dpi on the 77 pt of the certificate's face */
    COMFORT_BYTES = 10 * 1024 /* is aimed at, as long as quality allows */
};

/* Tried in turn; down to `COMFORT_LEAST` for comfort, below that only to fit at all. */
static const int qualities[] = {90, 85, 80, 75, 70, 65, 60, 50, 40};
enum { COMFORT_LEAST = 60 };

static bool good_enough(size_t size, int quality)
{
    return size <= COMFORT_BYTES || (size <= PHOTO_BYTES && quality <= COMFORT_LEAST);
}

int photo_shrink(struct pool *pool, struct bytes in, const struct jpeg_wish *wish,
                 struct bytes *out, struct jpeg_size *size, struct err *err)
{
    struct jpeg_wish attempt = *wish;

    attempt.width_aim = PRINT_WIDTH;
    attempt.progressive = true;
    for (size_t i = 0; i < sizeof qualities / sizeof qualities[0]; i++) {
        attempt.quality = qualities[i];
        if (jpeg_rewrite(pool, in, &attempt, out, size, err) < 0)
            return -1;
        if (good_enough(out->size, attempt.quality))
            return 0;
        attempt.row = NULL; /* it has seen the picture */
    }
    return err_set(err, ERR_LIMIT, JPEG_LARGE, "cannot be brought below %d bytes", PHOTO_BYTES);
}

int photo_check(struct pool *pool, struct bytes in, struct bytes *out, struct photo_size *size,
                struct err *err)
{
    static const struct jpeg_wish wish = {
        .side_max = PHOTO_SIDE,
        .pixels_max = (uint64_t)PHOTO_SIDE * PHOTO_SIDE,
        .least = {WIDTH_LEAST, HEIGHT_LEAST},
    };
    struct jpeg_size found;

    if (jpeg_measure(in, &wish, &found, err) < 0)
        return err_context(err, "photo");
    if (in.size > PHOTO_BYTES)
        return err_set(err, ERR_LIMIT, 0, "photo: %zu bytes, at most %d", in.size, PHOTO_BYTES);
    if (photo_shrink(pool, in, &wish, out, &found, err) < 0)
        return err_context(err, "photo");
    *size = (struct photo_size){found.width, found.height};
    return 0;
}
