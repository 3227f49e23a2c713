#include <string.h>

#include "base/pool.h"
#include "fcgi/form.h"

/* Length of what stands before `end`, without blanks at its right. */
static size_t trimmed(const char *start, const char *end)
{
    while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return (size_t)(end - start);
}

const char *cookie_find(struct pool *pool, const char *header, const char *name)
{
    size_t length = strlen(name);
    const char *found = NULL;

    for (const char *at = header; at && *at;) {
        at += strspn(at, " \t");
        const char *end = at + strcspn(at, ";");
        const char *equals = memchr(at, '=', (size_t)(end - at));
        if (equals && trimmed(at, equals) == length && memcmp(at, name, length) == 0) {
            if (found)
                return NULL;
            const char *value = equals + 1 + strspn(equals + 1, " \t");
            found = pool_text_n(pool, value, value < end ? trimmed(value, end) : 0);
        }
        at = *end ? end + 1 : NULL;
    }
    return found;
}
