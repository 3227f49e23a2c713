/*
 * Files that people hand in: photos, and papers as pictures or PDF. What is kept of one is never
 * what was sent: pictures are decoded and written again, PDF files are taken apart and written
 * again without what a paper does not need, or refused.
 *
 * The decoders (scan_photo, scan_paper) run in a process of their own (programs/ecert-scan.c), whose
 * limits and system calls are bounded: they are libraries made for trusting readers, one of them in
 * C++, and a file that kills or stalls one of them must not take a worker with it. scan_ask runs that
 * process, and believes nothing of its answer but its shape.
 */
#ifndef ECERT_CORE_SCAN_SCAN_H
#define ECERT_CORE_SCAN_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct core;
struct err;
struct pool;

enum scan_kind { SCAN_PHOTO, SCAN_PAPER };

/* Why a file is not taken; the clerk reads scan_fault_text. */
enum scan_fault {
    SCAN_GOOD = 0,
    SCAN_EMPTY,
    SCAN_BYTES,      /* too many */
    SCAN_FOREIGN,    /* another type of file */
    SCAN_TRUNCATED,
    SCAN_DAMAGED,
    SCAN_COLOURS,    /* CMYK */
    SCAN_LARGE,      /* too many pixels */
    SCAN_SMALL,      /* too few */
    SCAN_SHAPE,      /* of a photo: not 25:35 */
    SCAN_DARK,       /* of a photo: the ground is not white, */
    SCAN_UNEVEN,     /* not even, */
    SCAN_TINTED,     /* or coloured */
    SCAN_WRAPPED,    /* something in front of the PDF or behind it */
    SCAN_ENCRYPTED,
    SCAN_ACTIVE,     /* a script, an action, a file in it, a form that computes */
    SCAN_PAGES,      /* none, or too many */
    SCAN_COMPLEX,    /* too many objects, too deep, or unpacks to too much */
    SCAN_STUCK,      /* it took too long, too much memory, or killed the decoder */
    SCAN_FAULTS
};

/* As on the wire: "truncated"; never NULL. */
const char *scan_fault_name(enum scan_fault fault);
/* By its name; SCAN_FAULTS for none. */
enum scan_fault scan_fault_by_name(const char *name);
/* A Chinese sentence without a full stop that says what is wrong and what to do; "" for SCAN_GOOD. */
const char *scan_fault_text(enum scan_kind kind, enum scan_fault fault);

/* Bounds. */
enum {
    SCAN_PHOTO_BYTES = 5 * 1024 * 1024,  /* of a photo as it is sent */
    SCAN_PAPER_BYTES = 5 * 1024 * 1024,  /* of a paper, as it is sent and as it is kept */
    SCAN_PAGES_MAX = 50,
    SCAN_OBJECTS_MAX = 20000
};

/* What is kept. */
struct scan {
    const char *type;  /* "image/jpeg", "application/pdf" */
    unsigned pages;    /* 1 for a picture */
    unsigned width, height; /* of a picture, else 0 */
    struct bytes body; /* in the pool */
};

/* The decoders. *fault is SCAN_GOOD where *out is filled. */
void scan_photo(struct pool *pool, struct bytes in, struct scan *out, enum scan_fault *fault);
void scan_paper(struct pool *pool, struct bytes in, struct scan *out, enum scan_fault *fault);
/* The second half of scan_paper, for what begins with "%PDF-". */
void scan_pdf(struct pool *pool, struct bytes in, struct scan *out, enum scan_fault *fault);

/* The answer of the process: a head of SCAN_HEAD bytes, "fault pages width height size" filled up with
 * blanks, and the body. */
enum { SCAN_HEAD = 64 };
void scan_write_head(const struct scan *scan, enum scan_fault fault, char head[SCAN_HEAD]);
/* False: no such answer. */
bool scan_read(struct bytes answer, struct scan *scan, enum scan_fault *fault);

/* Runs the decoder core->scanner on a file. *fault says why it is not taken. 0; -1: the decoder could
 * not be started (ERR_SYSTEM). */
int scan_ask(const struct core *core, struct pool *pool, enum scan_kind kind, struct bytes in,
             struct scan *out, enum scan_fault *fault, struct err *err);

#endif
