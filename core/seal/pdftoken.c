#include "core/seal/pdftoken.h"

#include <string.h>

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\0';
}

static bool is_regular(uint8_t c)
{
    return !is_space(c) && strchr("()<>[]{}/%", c) == NULL;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

bool pdftoken_is(const uint8_t *data, struct span span, const char *text)
{
    return span.end - span.start == strlen(text) &&
           memcmp(data + span.start, text, span.end - span.start) == 0;
}

void pdftoken_blank(struct pdftoken *c)
{
    while (c->at < c->end && is_space(c->data[c->at]))
        c->at++;
}

bool pdftoken_at(const struct pdftoken *c, const char *text)
{
    size_t length = strlen(text);

    return c->end - c->at >= length && memcmp(c->data + c->at, text, length) == 0;
}

bool pdftoken_exact(struct pdftoken *c, const char *text)
{
    if (!pdftoken_at(c, text))
        return false;
    c->at += strlen(text);
    return true;
}

bool pdftoken_take(struct pdftoken *c, const char *text)
{
    pdftoken_blank(c);
    return pdftoken_exact(c, text);
}

bool pdftoken_number(struct pdftoken *c, uint64_t *number)
{
    size_t start;

    pdftoken_blank(c);
    start = c->at;
    *number = 0;
    while (c->at < c->end && is_digit(c->data[c->at]) && c->at - start < 10)
        *number = *number * 10 + (uint64_t)(c->data[c->at++] - '0');
    return c->at > start && (c->at == c->end || !is_regular(c->data[c->at]));
}

static bool skip_string(struct pdftoken *c)
{
    int depth = 0;

    for (; c->at < c->end; c->at++) {
        uint8_t byte = c->data[c->at];

        if (byte == '\\' && c->at + 1 < c->end)
            c->at++;
        else if (byte == '(')
            depth++;
        else if (byte == ')' && --depth == 0) {
            c->at++;
            return true;
        }
    }
    return false;
}

static bool skip_hex_string(struct pdftoken *c)
{
    for (c->at++; c->at < c->end; c->at++) {
        if (c->data[c->at] == '>') {
            c->at++;
            return true;
        }
        if (!is_space(c->data[c->at]) && !strchr("0123456789ABCDEFabcdef", c->data[c->at]))
            return false;
    }
    return false;
}

static bool skip_word(struct pdftoken *c)
{
    size_t start = c->at;

    if (pdftoken_at(c, "/"))
        c->at++;
    while (c->at < c->end && is_regular(c->data[c->at]))
        c->at++;
    return c->at > start;
}

static bool skip_token(struct pdftoken *c, int depth);

static bool skip_container(struct pdftoken *c, const char *open, const char *close, int depth)
{
    if (depth >= PDFTOKEN_NESTING || !pdftoken_take(c, open))
        return false;
    while (!pdftoken_take(c, close))
        if (!skip_token(c, depth + 1))
            return false;
    return true;
}

static bool skip_token(struct pdftoken *c, int depth)
{
    pdftoken_blank(c);
    if (c->at >= c->end)
        return false;
    if (pdftoken_at(c, "<<"))
        return skip_container(c, "<<", ">>", depth);
    if (pdftoken_at(c, "["))
        return skip_container(c, "[", "]", depth);
    if (pdftoken_at(c, "<"))
        return skip_hex_string(c);
    if (pdftoken_at(c, "("))
        return skip_string(c);
    return skip_word(c);
}

bool pdftoken_dictionary(struct pdftoken *c, struct span *inside)
{
    pdftoken_blank(c);
    inside->start = c->at + 2;
    if (!pdftoken_at(c, "<<") || !skip_container(c, "<<", ">>", 0))
        return false;
    inside->end = c->at - 2;
    return true;
}

bool pdftoken_pair(struct pdftoken *c, struct span *key, struct span *value)
{
    pdftoken_blank(c);
    key->start = c->at;
    if (!pdftoken_at(c, "/") || !skip_word(c))
        return false;
    key->end = c->at;
    pdftoken_blank(c);
    value->start = c->at;
    do {
        if (!skip_token(c, 0))
            return false;
        value->end = c->at;
        pdftoken_blank(c);
    } while (c->at < c->end && !pdftoken_at(c, "/"));
    return true;
}

bool pdftoken_hex(struct pdftoken *c, struct span *string)
{
    pdftoken_blank(c);
    string->start = c->at;
    if (!pdftoken_at(c, "<") || !skip_hex_string(c))
        return false;
    string->end = c->at;
    return true;
}

bool pdftoken_word(struct pdftoken *c, struct span *word)
{
    pdftoken_blank(c);
    word->start = c->at;
    if (!skip_word(c))
        return false;
    word->end = c->at;
    return true;
}

bool pdftoken_skip(struct pdftoken *c)
{
    return skip_token(c, 0);
}
