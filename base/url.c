#include "base/url.h"

#include <string.h>

#include "base/text.h"

enum { PORT_SIZE = 6, PORT_MAX = 65535 };

static bool skip(const char **text, const char *start)
{
    size_t length = strlen(start);

    if (strncmp(*text, start, length) != 0)
        return false;
    *text += length;
    return true;
}

/* Bytes of the host at the beginning of `text`; 0: there is none. */
static size_t host_length(const char *text)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";

    if (*text != '[')
        return strspn(text, name);
    size_t length = 1 + strspn(text + 1, "0123456789abcdefABCDEF:.");
    return length > 1 && text[length] == ']' ? length + 1 : 0;
}

static bool is_loopback(const char *host, size_t length)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strlen(names[i]) == length && memcmp(names[i], host, length) == 0)
            return true;
    return false;
}

/* Skips ":port", if there is one. */
static bool port_valid(const char **text)
{
    char port[PORT_SIZE];
    int64_t number;

    if (**text != ':')
        return true;
    size_t length = strspn(++*text, "0123456789");
    if (!text_format(port, sizeof(port), "%.*s", (int)length, *text))
        return false;
    *text += length;
    return parse_int(port, 1, PORT_MAX, &number);
}

bool url_valid(const char *url, bool plain)
{
    bool secure = skip(&url, "https://");

    if (!secure && !skip(&url, "http://"))
        return false;
    size_t length = host_length(url);
    if (length == 0 || (!secure && !plain && !is_loopback(url, length)))
        return false;
    url += length;
    if (!port_valid(&url) || (*url && *url != '/' && *url != '?'))
        return false;
    while (*url > ' ' && *url <= '~' && *url != '#' && *url != '\\')
        url++;
    return *url == '\0';
}

bool url_smtp_valid(const char *url, bool *here)
{
    if (!skip(&url, "smtp://") && !skip(&url, "smtps://"))
        return false;
    size_t length = host_length(url);
    if (length == 0)
        return false;
    if (here)
        *here = is_loopback(url, length);
    url += length;
    return port_valid(&url) && *url == '\0';
}
