/*
 * Which sites may ask: a list of exact origins (RFC 6454, 6.2), as a browser writes them.
 */
#ifndef ECERT_PROGRAMS_AGENT_ORIGIN_H
#define ECERT_PROGRAMS_AGENT_ORIGIN_H

#include <stdbool.h>

struct config_entry;

enum { ORIGIN_SIZE = 256 };

/* scheme://host[:port] in the only form in which a browser sends it: lower case, no path, no
 * default port. The scheme is https; http only for a host that never leaves the computer. */
bool origin_valid(const char *origin);

/* Whether one of the entries' values is exactly this text; never for NULL. */
bool origin_listed(const struct config_entry *list, const char *origin);

/* Whether Host is ours: 127.0.0.1 or localhost with exactly this port. It keeps out a page whose
 * own name was made to resolve to this computer (DNS rebinding). */
bool origin_host_ours(const char *host, unsigned port);

#endif
