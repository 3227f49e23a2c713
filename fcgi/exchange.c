#include "fcgi/exchange.h"

#include <string.h>

struct name {
    const char *text;
    size_t length;
    size_t offset;
};

#define NAME(text, member) {text, sizeof(text) - 1, offsetof(struct parameters, member)}

static const struct name names[] = {
    NAME("REQUEST_METHOD", method),
    NAME("REQUEST_URI", target),
    NAME("CONTENT_TYPE", type),
    NAME("CONTENT_LENGTH", length),
    NAME("REMOTE_ADDR", remote),
    NAME("ECERT_PORT", port),
    NAME("ECERT_CLIENT_CERT", certificate),
    NAME("ECERT_ARRIVED", arrived),
    NAME("HTTP_COOKIE", cookie),
    NAME("HTTP_ACCEPT", accept),
    NAME("HTTP_ORIGIN", origin),
    NAME("HTTP_SEC_FETCH_SITE", fetch_site),
    NAME("HTTP_IF_NONE_MATCH", if_none_match),
};

enum { NAME_COUNT = sizeof(names) / sizeof(*names) };

static const char **member(struct parameters *parameters, const struct name *name)
{
    return (const char **)((char *)parameters + name->offset);
}

static void take(struct parameters *out, const char *parameter, size_t length)
{
    for (size_t i = 0; i < NAME_COUNT; i++) {
        if (names[i].length == length && memcmp(names[i].text, parameter, length) == 0) {
            if (!*member(out, &names[i]))
                *member(out, &names[i]) = parameter + length + 1;
            return;
        }
    }
}

void parameters_read(char *const *parameters, struct parameters *out)
{
    *out = (struct parameters){0};
    for (size_t i = 0; parameters[i]; i++) {
        const char *equals = strchr(parameters[i], '=');
        if (equals)
            take(out, parameters[i], (size_t)(equals - parameters[i]));
    }
    for (size_t i = 0; i < NAME_COUNT; i++) {
        if (!*member(out, &names[i]))
            *member(out, &names[i]) = "";
    }
}
