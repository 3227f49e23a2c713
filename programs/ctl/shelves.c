#include "programs/ctl/shelves.h"

#include "programs/settings.h"

size_t shelves_find(const struct settings *settings, struct shelf shelves[SHELVES])
{
    const struct shelf all[SHELVES] = {
        {"Login.Revocations",
         settings->trust.revocations,
         settings->revocation_urls,
         {{settings->trust.authorities}}},
        {"Seal.Revocations",
         settings->seal_revocations,
         settings->seal_revocation_urls,
         {{settings->seal.certificate, settings->former_seals, settings->stamper.authorities}}},
    };
    size_t count = 0;

    for (size_t i = 0; i < SHELVES; i++)
        if (*all[i].file)
            shelves[count++] = all[i];
    return count;
}
