#include "fcgi/percent.h"

#include <string.h>

#include "base/text.h"

static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
static const char reserved[] = ":/?#[]@!$&'()*+,;=%";

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

long percent_decode(char *text, size_t length, bool plus)
{
    size_t to = 0;

    for (size_t from = 0; from < length; from++) {
        char c = text[from];
        if (c == '+' && plus) {
            c = ' ';
        } else if (c == '%') {
            int high = length - from > 2 ? hex_digit(text[from + 1]) : -1;
            int low = length - from > 2 ? hex_digit(text[from + 2]) : -1;
            if (high < 0 || low < 0)
                return -1;
            c = (char)(high << 4 | low);
            from += 2;
        }
        text[to++] = c;
    }
    return (long)to;
}

static void encode(struct text *to, const char *string, const char *plain, const char *also)
{
    static const char digits[] = "0123456789ABCDEF";

    for (const char *c = string; *c; c++) {
        if (strchr(plain, *c) || strchr(also, *c)) {
            text_char(to, *c);
            continue;
        }
        unsigned char byte = (unsigned char)*c;
        text_add_n(to, (const char[]){'%', digits[byte >> 4], digits[byte & 15]}, 3);
    }
}

void percent_encode(struct text *to, const char *string)
{
    encode(to, string, unreserved, "");
}

void percent_encode_url(struct text *to, const char *url)
{
    encode(to, url, unreserved, reserved);
}
