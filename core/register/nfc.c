#include "core/register/nfc.h"

#include <stdlib.h>
#include <string.h>

#include <hb.h>

#include "base/pool.h"
#include "base/text.h"

enum { MOST_PARTS = 4 }; /* of one character, UAX #15 */

/* Appends a character taken apart as far as it goes: its first part again and again. */
static size_t take_apart(hb_unicode_funcs_t *data, uint32_t point, uint32_t *out)
{
    hb_codepoint_t first, second;
    size_t count;

    if (!hb_unicode_decompose(data, point, &first, &second)) {
        out[0] = point;
        return 1;
    }
    count = take_apart(data, first, out);
    return second ? count + take_apart(data, second, out + count) : count;
}

static unsigned class_of(hb_unicode_funcs_t *data, uint32_t point)
{
    return (unsigned)hb_unicode_combining_class(data, point);
}

/* Marks behind a character stand in the order of their classes; those of one class stay. */
static void put_in_order(hb_unicode_funcs_t *data, uint32_t *points, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint32_t point = points[i];
        unsigned class = class_of(data, point);
        size_t at = i;

        for (; class > 0 && at > 0 && class_of(data, points[at - 1]) > class; at--)
            points[at] = points[at - 1];
        points[at] = point;
    }
}

/* Puts marks into the character before them, where there is one that has them; how many are left. */
static size_t put_together(hb_unicode_funcs_t *data, uint32_t *points, size_t count)
{
    size_t kept = 0, starter = 0;
    unsigned before = 0;
    bool any = false;

    for (size_t i = 0; i < count; i++) {
        unsigned class = class_of(data, points[i]);
        bool blocked = any && kept > starter + 1 && before >= class;
        hb_codepoint_t whole;

        if (any && !blocked && hb_unicode_compose(data, points[starter], points[i], &whole)) {
            points[starter] = whole;
            continue;
        }
        if (class == 0) {
            starter = kept;
            any = true;
        }
        before = class;
        points[kept++] = points[i];
    }
    return kept;
}

const char *nfc(struct pool *pool, const char *string)
{
    hb_unicode_funcs_t *data = hb_unicode_funcs_get_default();
    uint32_t *points = pool_array(pool, strlen(string) * MOST_PARTS + 1, sizeof(*points));
    size_t count = 0;
    struct text text;

    while (*string)
        count += take_apart(data, utf8_next(&string), points + count);
    put_in_order(data, points, count);
    count = put_together(data, points, count);
    text_init(&text, pool, SIZE_MAX / 2);
    for (size_t i = 0; i < count; i++)
        utf8_add(&text, points[i]);
    return text.length > 0 ? text.data : "";
}
