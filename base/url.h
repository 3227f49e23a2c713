/*
 * Addresses of services that the configuration, or a certificate, names.
 */
#ifndef ECERT_BASE_URL_H
#define ECERT_BASE_URL_H

#include <stdbool.h>

/* https://host[:port][/…], or http:// to this host itself (127.0.0.1, localhost, [::1]); with
 * `plain`, http:// to any host. No user, no fragment, printable ASCII (RFC 3986). */
bool url_valid(const char *url, bool plain);

/* smtp:// or smtps://host[:port], nothing else; *here (may be NULL) says whether it is this host. */
bool url_smtp_valid(const char *url, bool *here);

#endif
