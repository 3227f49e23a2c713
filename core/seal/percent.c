#include "core/seal/percent.h"

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

bool percent_unescape(const char *text, size_t length, char *out, size_t room, size_t *size)
{
    *size = 0;
    for (size_t i = 0; i < length; i++) {
        if (*size == room)
            return false;
        if (text[i] != '%') {
            out[(*size)++] = text[i];
            continue;
        }
        if (length - i < 3 || digit_value(text[i + 1]) < 0 || digit_value(text[i + 2]) < 0)
            return false;
        out[(*size)++] = (char)(digit_value(text[i + 1]) << 4 | digit_value(text[i + 2]));
        i += 2;
    }
    return true;
}
