#include "fcgi/header.h"

#include <string.h>
#include <strings.h>

static bool is_token(char c)
{
    return c > ' ' && c < 0x7f && !strchr("()<>@,;:\\\"[]?={}", c);
}

static char *skip_blanks(char *text)
{
    return text + strspn(text, " \t");
}

static void lower(char *text)
{
    for (; *text; text++) {
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
    }
}

/* Cuts a token at *text ('/' belongs to media types): moves *text behind it, and gives the
 * character that stood there, since its place now ends the token. */
static char *take_token(char **text, char *next)
{
    char *start = *text, *end = start;

    while (is_token(*end))
        end++;
    *next = *end;
    *end = '\0';
    *text = end;
    return end == start ? NULL : start;
}

static char *take_quoted(char **text, char *next)
{
    char *start = *text + 1, *end = strchr(start, '"');

    if (!end)
        return NULL;
    *end = '\0';
    *text = end + 1;
    *next = **text;
    return start;
}

/* Goes from behind a token to the ';' or the end; false where something else stands. */
static bool take_separator(char **text, char *next)
{
    if (*next == ' ' || *next == '\t') {
        *text = skip_blanks(*text + 1);
        *next = **text;
    }
    return *next == ';' || *next == '\0';
}

static bool take_parameter(char **text, char *next, struct header *header)
{
    char *at = skip_blanks(*text + 1);

    if (*at == '\0') { /* a ';' at the end */
        *next = '\0';
        return true;
    }
    char *name = take_token(&at, next);
    if (!name || *next != '=' || header->count == HEADER_PARAMETERS)
        return false;
    at++;
    char *value = *at == '"' ? take_quoted(&at, next) : take_token(&at, next);
    if (!value || !take_separator(&at, next))
        return false;
    lower(name);
    if (header_parameter(header, name))
        return false;
    header->parameters[header->count].name = name;
    header->parameters[header->count++].value = value;
    *text = at;
    return true;
}

bool header_parse(char *text, struct header *header)
{
    char next;
    char *at = skip_blanks(text);

    *header = (struct header){0};
    char *value = take_token(&at, &next);
    if (!value || !take_separator(&at, &next))
        return false;
    lower(value);
    header->value = value;
    while (next == ';') {
        if (!take_parameter(&at, &next, header))
            return false;
    }
    return true;
}

const char *header_parameter(const struct header *header, const char *name)
{
    for (size_t i = 0; i < header->count; i++) {
        if (strcmp(header->parameters[i].name, name) == 0)
            return header->parameters[i].value;
    }
    return NULL;
}

bool header_charset_utf8(const struct header *header)
{
    const char *charset = header_parameter(header, "charset");

    return !charset || strcasecmp(charset, "utf-8") == 0 || strcasecmp(charset, "utf8") == 0 ||
           strcasecmp(charset, "us-ascii") == 0;
}
