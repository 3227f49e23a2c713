/*
 * The files of revocation lists that the configuration names, and whose lists each holds: of the
 * authorities of firms, and of those that certify the seal and the timestamps.
 */
#ifndef ECERT_PROGRAMS_CTL_SHELVES_H
#define ECERT_PROGRAMS_CTL_SHELVES_H

#include <stddef.h>

#include "core/seal/crl.h"

struct settings;

struct shelf {
    const char *key;  /* of the file in the configuration, for messages */
    const char *file;
    const char *urls; /* blanks between; "": those that the certificates name */
    struct crl_authorities authorities;
};

enum { SHELVES = 2 };

/* Those whose file is named; yields their number. */
size_t shelves_find(const struct settings *settings, struct shelf shelves[SHELVES]);

#endif
