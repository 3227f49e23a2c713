/*
 * What a process that reads hostile files is left with: some memory, some seconds, the two files it
 * has open, and the system calls to read and write them.
 */
#ifndef ECERT_PROGRAMS_SCAN_CAGE_H
#define ECERT_PROGRAMS_SCAN_CAGE_H

struct err;

enum { CAGE_MEMORY_MB = 640, CAGE_SECONDS = 10 };

/* Closes the door behind this process, for good. Where the kernel has no filter of system calls (or
 * the processor is another than x86-64 and arm64) the limits alone must do. 0/-1. */
int cage_enter(struct err *err);

#endif
