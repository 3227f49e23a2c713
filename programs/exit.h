/*
 * How all programs end.
 */
#ifndef ECERT_PROGRAMS_EXIT_H
#define ECERT_PROGRAMS_EXIT_H

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_CONFIG = 3 };

#endif
