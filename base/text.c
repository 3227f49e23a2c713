#include "base/text.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/pool.h"

enum { TEXT_FIRST = 256 };

/* The builder */

void text_init(struct text *text, struct pool *pool, size_t cap)
{
    size_t size = cap < TEXT_FIRST ? cap + 1 : TEXT_FIRST;

    *text = (struct text){.pool = pool, .data = pool_alloc(pool, size), .size = size, .cap = cap};
}

void text_init_fixed(struct text *text, char *array, size_t size)
{
    *text = (struct text){.data = array, .size = size, .cap = size - 1};
    array[0] = '\0';
}

/* Makes room for `more` bytes, or for as many as the cap allows; returns how many. */
static size_t text_room(struct text *text, size_t more)
{
    if (text->overflow)
        return 0;
    if (more > text->cap - text->length) {
        text->overflow = true;
        more = text->cap - text->length;
    }
    size_t need = text->length + more + 1;
    if (need > text->size) {
        size_t size = text->size > text->cap / 2 ? text->cap + 1 : text->size * 2;
        if (size < need)
            size = need;
        char *data = pool_alloc(text->pool, size);
        memcpy(data, text->data, text->length);
        text->data = data;
        text->size = size;
    }
    return more;
}

void text_add_n(struct text *text, const char *data, size_t length)
{
    length = text_room(text, length);
    if (length)
        memcpy(text->data + text->length, data, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void text_add(struct text *text, const char *string)
{
    text_add_n(text, string, strlen(string));
}

void text_char(struct text *text, char c)
{
    text_add_n(text, &c, 1);
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list args, again;

    if (text->overflow)
        return;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(text->data + text->length, text->size - text->length, format, args);
    if (length < 0)
        err_fatal("format \"%s\"", format);
    if ((size_t)length >= text->size - text->length || (size_t)length > text->cap - text->length) {
        size_t room = text_room(text, (size_t)length);
        vsnprintf(text->data + text->length, room + 1, format, again);
        length = (int)room;
    }
    text->length += (size_t)length;
    va_end(again);
    va_end(args);
}

/* A whole unit or nothing, so that what is cut stays valid. */
static void text_unit(struct text *text, const char *data, size_t length)
{
    if (length > text->cap - text->length)
        text->overflow = true;
    else
        text_add_n(text, data, length);
}

static void json_escape(struct text *text, unsigned char c)
{
    static const char short_forms[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    char unit[7] = {'\\', 0};

    for (const char *form = short_forms; *form; form += 2) {
        if ((unsigned char)form[0] == c) {
            unit[1] = form[1];
            text_unit(text, unit, 2);
            return;
        }
    }
    snprintf(unit, sizeof(unit), "\\u%04x", c);
    text_unit(text, unit, 6);
}

static bool json_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static size_t utf8_size(const unsigned char *s, size_t length);

void text_json(struct text *text, const char *string, size_t length)
{
    const unsigned char *s = (const unsigned char *)string;

    while (length && !text->overflow) {
        size_t run = 0;
        while (run < length && json_plain(s[run]))
            run++;
        if (run) {
            text_add_n(text, (const char *)s, run);
        } else if (*s < 0x80) {
            json_escape(text, *s);
            run = 1;
        } else if ((run = utf8_size(s, length)) != 0) {
            text_unit(text, (const char *)s, run);
        } else {
            text_unit(text, "\xef\xbf\xbd", 3);
            run = 1;
        }
        s += run;
        length -= run;
    }
}

bool text_copy(char *to, size_t size, const char *from)
{
    size_t length = strlen(from);

    if (length >= size) {
        to[0] = '\0';
        return false;
    }
    memcpy(to, from, length + 1);
    return true;
}

bool text_format(char *to, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(to, size, format, args);
    va_end(args);

    if (length >= 0 && (size_t)length < size)
        return true;
    to[0] = '\0';
    return false;
}

bool bytes_equal_secret(const void *a, const void *b, size_t size)
{
    const volatile unsigned char *x = a, *y = b;
    unsigned char difference = 0;

    for (size_t i = 0; i < size; i++)
        difference |= x[i] ^ y[i];
    return difference == 0;
}

/* UTF-8 */

/* Bytes of the well-formed character at s (Unicode 15, table 3-7), 0 where there is none. */
static size_t utf8_size(const unsigned char *s, size_t length)
{
    static const struct {
        unsigned char first_low, first_high, second_low, second_high, size;
    } forms[] = {
        {0x00, 0x7f, 0x00, 0x00, 1},
        {0xc2, 0xdf, 0x80, 0xbf, 2},
        {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3},
        {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4},
        {0xf4, 0xf4, 0x80, 0x8f, 4},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        if (s[0] < forms[i].first_low || s[0] > forms[i].first_high)
            continue;
        size_t size = forms[i].size;
        if (size > length)
            return 0;
        if (size > 1 && (s[1] < forms[i].second_low || s[1] > forms[i].second_high))
            return 0;
        for (size_t k = 2; k < size; k++)
            if ((s[k] & 0xc0) != 0x80)
                return 0;
        return size;
    }
    return 0;
}

bool utf8_valid(const char *text, size_t length)
{
    const unsigned char *s = (const unsigned char *)text;

    while (length) {
        size_t size = *s < 0x80 ? 1 : utf8_size(s, length);
        if (!size)
            return false;
        s += size;
        length -= size;
    }
    return true;
}

uint32_t utf8_next(const char **text)
{
    static const unsigned char lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    const unsigned char *s = (const unsigned char *)*text;

    if (!*s)
        return 0;
    size_t size = utf8_size(s, strnlen(*text, 4));
    if (!size) {
        (*text)++;
        return UINT32_MAX;
    }
    uint32_t point = s[0] & lead_bits[size];
    for (size_t i = 1; i < size; i++)
        point = point << 6 | (s[i] & 0x3f);
    *text += size;
    return point;
}

size_t utf8_count(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

size_t utf8_prefix(const char *text, size_t count)
{
    const char *end = text;

    for (; count > 0 && *end; count--)
        utf8_next(&end);
    return (size_t)(end - text);
}

void utf8_add(struct text *text, uint32_t point)
{
    char unit[4];
    size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0x00, 0xc0, 0xe0, 0xf0};

    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        err_fatal("no code point: %#x", (unsigned)point);
    for (size_t i = size - 1; i > 0; i--) {
        unit[i] = (char)(0x80 | (point & 0x3f));
        point >>= 6;
    }
    unit[0] = (char)(lead[size] | point);
    text_unit(text, unit, size);
}

static bool is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point <= 0x9f) || point == 0x2028 || point == 0x2029 ||
           (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069) ||
           point == UINT32_MAX;
}

bool utf8_has_control(const char *text)
{
    uint32_t point;

    while ((point = utf8_next(&text)) != 0)
        if (is_control(point))
            return true;
    return false;
}

/* Numbers */

static bool parse_digits(const char *text, uint64_t *value)
{
    uint64_t sum = 0;

    if (!*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        if (__builtin_mul_overflow(sum, (uint64_t)10, &sum) ||
            __builtin_add_overflow(sum, (uint64_t)(*text - '0'), &sum))
            return false;
    }
    *value = sum;
    return true;
}

bool parse_uint(const char *text, uint64_t low, uint64_t high, uint64_t *value)
{
    uint64_t number;

    if (!parse_digits(text, &number) || number < low || number > high)
        return false;
    *value = number;
    return true;
}

bool parse_int(const char *text, int64_t low, int64_t high, int64_t *value)
{
    bool negative = *text == '-';
    uint64_t size;

    if (!parse_digits(text + negative, &size) || size > (uint64_t)INT64_MAX + negative)
        return false;
    int64_t number = negative ? (int64_t)(0 - size) : (int64_t)size;
    if (number < low || number > high)
        return false;
    *value = number;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

char *text_trim(char *text)
{
    static const char wide[] = "\xe3\x80\x80"; /* U+3000 */

    for (;;) {
        if (is_blank(*text))
            text++;
        else if (strncmp(text, wide, 3) == 0)
            text += 3;
        else
            break;
    }
    size_t length = strlen(text);
    for (;;) {
        if (length && is_blank(text[length - 1]))
            length--;
        else if (length >= 3 && memcmp(text + length - 3, wide, 3) == 0)
            length -= 3;
        else
            break;
    }
    text[length] = '\0';
    return text;
}

/* Hex and base64url */

void hex_encode(const void *data, size_t size, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = data;

    for (size_t i = 0; i < size; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

long hex_decode(const char *text, void *out, size_t room)
{
    uint8_t *bytes = out;
    size_t length = strlen(text);

    if (length % 2 || length / 2 > room)
        return -1;
    for (size_t i = 0; i < length / 2; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return -1;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return (long)(length / 2);
}

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Returns the end. */
static char *encode_digits(const char *alphabet, const uint8_t *bytes, size_t size, char *out)
{
    uint32_t buffer = 0;
    int bits = 0;

    for (size_t i = 0; i < size; i++) {
        buffer = buffer << 8 | bytes[i];
        for (bits += 8; bits >= 6; bits -= 6)
            *out++ = alphabet[buffer >> (bits - 6) & 63];
    }
    if (bits)
        *out++ = alphabet[buffer << (6 - bits) & 63];
    return out;
}

enum { DIGITS = 64 };

/* What each character counts; DIGITS: it is no digit. */
static void read_alphabet(const char *alphabet, uint8_t values[UCHAR_MAX + 1])
{
    memset(values, DIGITS, UCHAR_MAX + 1);
    for (uint8_t i = 0; i < DIGITS; i++)
        values[(unsigned char)alphabet[i]] = i;
}

static long decode_digits(const char *alphabet, const char *text, size_t length, uint8_t *bytes,
                          size_t room)
{
    uint8_t values[UCHAR_MAX + 1];
    size_t done = 0;
    uint32_t buffer = 0;
    int bits = 0;

    if (length % 4 == 1)
        return -1;
    read_alphabet(alphabet, values);
    for (size_t i = 0; i < length; i++) {
        uint8_t value = values[(unsigned char)text[i]];
        if (value == DIGITS)
            return -1;
        buffer = buffer << 6 | value;
        bits += 6;
        if (bits < 8)
            continue;
        if (done == room)
            return -1;
        bits -= 8;
        bytes[done++] = (uint8_t)(buffer >> bits);
    }
    return buffer & ((1u << bits) - 1) ? -1 : (long)done;
}

void base64url_encode(const void *data, size_t size, char *out)
{
    *encode_digits(base64url, data, size, out) = '\0';
}

long base64url_decode(const char *text, void *out, size_t room)
{
    return decode_digits(base64url, text, strlen(text), out, room);
}

void base64_encode(const void *data, size_t size, char *out)
{
    char *end = encode_digits(base64, data, size, out);

    while ((end - out) % 4)
        *end++ = '=';
    *end = '\0';
}

long base64_decode(const char *text, void *out, size_t room)
{
    size_t length = strlen(text), padding = 0;

    if (length % 4)
        return -1;
    while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
        padding++;
    return decode_digits(base64, text, length - padding, out, room);
}
