/*
 * What was captured of a person's identity 个人身份信息采集: the photos, the document's number.
 *
 * All photos a person ever had are kept; one is in use. A photo comes into use at once where the
 * window read the resident's card with the reader; any other waits for the second look of another
 * clerk (core/proposal/proposal.h, kind "capture").
 */
#ifndef ECERT_CORE_PROPOSAL_CAPTURE_H
#define ECERT_CORE_PROPOSAL_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "core/proposal/proposal.h"
#include "core/scan/scan.h"

struct core;
struct db;
struct err;
struct person;
struct pool;

/* Photo of this person, whatever became of it: JPEG. 1/0/-1. */
int capture_photo(struct db *db, struct pool *pool, const struct core *core, uint64_t person_id,
                  uint64_t capture_id, struct bytes *jpeg, struct err *err);

/* A document number (ID_NO_BOX), opened only to be masked; in the pool. 0/-1. */
int document_no_open(struct pool *pool, const struct core *core, struct bytes box,
                     const char **masked, struct err *err);

/* How it was taken, as stored: "reader" with the card read, "window" by the clerk, "import". */
#define CAPTURE_READER "reader"
#define CAPTURE_WINDOW "window"
/* 读卡器采集, 窗口采集, 批量导入; NULL for an unknown one. */
const char *capture_source_label(const char *source);

struct capture {
    uint64_t id;
    const char *source;
    const char *state;     /* taken waiting refused */
    unsigned width, height;
    int64_t captured_ms;
    const char *taken_by;  /* name of the clerk; "" */
};
/* Of a person, newest first, 100 at most. 0/-1. */
int capture_list(struct db *db, struct pool *pool, uint64_t person_id, const struct capture **rows,
                 size_t *count, struct err *err);

enum capture_end {
    CAPTURE_USED,     /* in use now */
    CAPTURE_PROPOSED, /* waits for the second look: proposal->number */
    CAPTURE_SAME,     /* this very photo is in use already: nothing was done */
    CAPTURE_REFUSED   /* not now: proposal->refusals; the transaction must end without it */
};

/* Takes a photo that scan_photo made, of a person locked by person_lock, inside the present
 * transaction, which change_end has ended. `roles` are the clerk's. The same photo again is the capture
 * that is there. 0/-1 (ERR_CONFLICT). */
int capture_take(struct change *change, unsigned roles, const struct person *person,
                 const char *source, const struct scan *photo, struct proposal *proposal,
                 enum capture_end *end, struct err *err);

/* The kind of proposal: rows "capture" (ids of the photo before and after), and what the clerk saw. */
extern const struct proposal_kind capture_kind;
/* The photos of such a proposal: 0 for none. */
void capture_of_proposal(const struct proposal *proposal, uint64_t *before, uint64_t *after);

#endif
