#include "programs/agent/origin.h"

#include <stdint.h>
#include <string.h>

#include "base/config.h"
#include "base/text.h"

static const char *skip(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);

    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

/* The length of a name, an IPv4 address or a bracketed IPv6 address; 0 where it is none. */
static size_t host_length(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
    size_t length;

    if (*text == '[') {
        length = 1 + strspn(text + 1, "0123456789abcdef:.");
        return length > 2 && text[length] == ']' ? length + 1 : 0;
    }
    length = strspn(text, letters);
    return length && *text != '.' && *text != '-' && text[length - 1] != '.' ? length : 0;
}

static bool host_is(const char *host, size_t length, const char *name)
{
    return strlen(name) == length && memcmp(host, name, length) == 0;
}

bool origin_valid(const char *origin)
{
    const char *host = skip(origin, "https://");
    bool secure = host != NULL;
    int64_t port;

    if (!secure && (host = skip(origin, "http://")) == NULL)
        return false;
    size_t length = host_length(host);
    if (length == 0 || strlen(origin) >= ORIGIN_SIZE)
        return false;
    if (!secure && !host_is(host, length, "localhost") && !host_is(host, length, "127.0.0.1") &&
        !host_is(host, length, "[::1]"))
        return false;
    if (host[length] == '\0')
        return true;
    return host[length] == ':' && host[length + 1] != '0' &&
           parse_int(host + length + 1, 1, 65535, &port) && port != (secure ? 443 : 80);
}

bool origin_listed(const struct config_entry *list, const char *origin)
{
    if (!origin)
        return false;
    for (const struct config_entry *entry = list; entry; entry = entry->next)
        if (strcmp(entry->value, origin) == 0)
            return true;
    return false;
}

bool origin_host_ours(const char *host, unsigned port)
{
    static const char *const names[] = {"127.0.0.1", "localhost"};
    char ours[32];

    for (size_t i = 0; host && i < sizeof(names) / sizeof(*names); i++)
        if (text_format(ours, sizeof(ours), "%s:%u", names[i], port) && strcmp(host, ours) == 0)
            return true;
    return false;
}
