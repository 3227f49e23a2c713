/*
 * What all programs have in common: how they end, and their version.
 */
#ifndef ECERT_PROGRAMS_EXIT_H
#define ECERT_PROGRAMS_EXIT_H

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_CONFIG = 3 };

/* Only the real build tells it; what compiles a source for another purpose has none. */
#ifndef ECERT_VERSION
#define ECERT_VERSION "unversioned"
#endif

#endif
