/*
 * Strings: bounded bytes, one builder with a cap, UTF-8, and strict parsing of numbers.
 */
#ifndef ECERT_BASE_TEXT_H
#define ECERT_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct pool;

/* Borrowed bytes; the owner is named where one is handed out. */
struct bytes {
    const uint8_t *data;
    size_t size;
};

/* A growing text in a pool, always NUL-terminated. Past `cap` bytes it stops growing and sets
 * `overflow`; what is in it then is cut, and the caller must look. */
struct text {
    struct pool *pool;
    char *data;
    size_t length; /* without the NUL */
    size_t size;   /* allocated */
    size_t cap;    /* most bytes, without the NUL */
    bool overflow;
};

void text_init(struct text *text, struct pool *pool, size_t cap);
/* A text over the caller's array that never grows: its cap is size - 1. */
void text_init_fixed(struct text *text, char *array, size_t size);
void text_add(struct text *text, const char *string);
void text_add_n(struct text *text, const char *data, size_t length);
void text_char(struct text *text, char c);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Appends as the inside of a JSON string (RFC 8259, 7), without the quotes. Broken UTF-8 becomes
 * U+FFFD; at the cap it is cut between characters. */
void text_json(struct text *text, const char *string, size_t length);

/* Copies into a fixed array of `size` bytes. Returns false, and leaves "", when it does not fit. */
bool text_copy(char *to, size_t size, const char *from);
/* snprintf into a fixed array; false, and "", when it does not fit. */
bool text_format(char *to, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Equal in constant time for equal sizes; for tokens and hashes. */
bool bytes_equal_secret(const void *a, const void *b, size_t size);

/* Valid UTF-8 (RFC 3629: no surrogates, no overlong forms, ≤ U+10FFFF). */
bool utf8_valid(const char *text, size_t length);
/* Next code point of valid UTF-8; advances *text; 0 at the end, UINT32_MAX where it is broken. */
uint32_t utf8_next(const char **text);
/* Code points in valid UTF-8. */
size_t utf8_count(const char *text);
/* Bytes of its first `count` characters, or of all. */
size_t utf8_prefix(const char *text, size_t count);
/* Appends one code point. */
void utf8_add(struct text *text, uint32_t point);
/* True when it holds a control character (C0, DEL, C1, U+2028, U+2029) or a bidi override. */
bool utf8_has_control(const char *text);

/* The whole string as a decimal number within [low, high]; no sign but '-', no blanks. */
bool parse_int(const char *text, int64_t low, int64_t high, int64_t *value);
bool parse_uint(const char *text, uint64_t low, uint64_t high, uint64_t *value);

/* Cuts ASCII blanks and U+3000 at both ends, in place; returns the start. */
char *text_trim(char *text);

/* Lower-case hex and base64url (RFC 4648, 5, without padding). `out` holds 2*size+1 and
 * 4*((size+2)/3)+1 bytes. Decoders return the number of bytes, or -1 on any foreign
 * character, a wrong length, non-zero trailing bits, or when `room` is too small. */
void hex_encode(const void *data, size_t size, char *out);
long hex_decode(const char *text, void *out, size_t room);
void base64url_encode(const void *data, size_t size, char *out);
long base64url_decode(const char *text, void *out, size_t room);
/* The same with the other alphabet and with padding (RFC 4648, 4). */
void base64_encode(const void *data, size_t size, char *out);
long base64_decode(const char *text, void *out, size_t room);

#endif
