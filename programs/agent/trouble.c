#include "programs/agent/trouble.h"

#include <stdarg.h>
#include <stdio.h>

int trouble_set(struct trouble *trouble, enum trouble_kind kind, int status, const char *format,
                ...)
{
    va_list args;

    *trouble =
        (struct trouble){.kind = kind, .status = status, .tries_left = TROUBLE_TRIES_UNKNOWN};
    va_start(args, format);
    vsnprintf(trouble->text, sizeof(trouble->text), format, args);
    va_end(args);
    return -1;
}

const char *trouble_name(enum trouble_kind kind)
{
    static const char *const names[] = {
        [TROUBLE_NO_KEY] = "no_key",       [TROUBLE_WRONG_PIN] = "wrong_pin",
        [TROUBLE_CANCELLED] = "cancelled", [TROUBLE_LOCKED] = "locked",
        [TROUBLE_REFUSED] = "refused",     [TROUBLE_FAILED] = "failed",
    };

    return names[kind];
}
