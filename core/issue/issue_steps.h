/*
 * The steps of a batch (core/issue/issue.h), one by one: issue_batch runs them in the order of the
 * table; a test stops between two of them, as a crash would.
 */
#ifndef ECERT_CORE_ISSUE_ISSUE_STEPS_H
#define ECERT_CORE_ISSUE_ISSUE_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "core/document/document.h"
#include "core/document/proof.h"
#include "core/issue/issue.h"
#include "core/issue/job.h"
#include "core/seal/seal.h"
#include "core/seal/timestamp.h"

struct issue_kind;

/* A document on its way. */
struct issue_item {
    const struct job *job;
    const struct issue_kind *kind; /* NULL: a job of a kind that nobody makes */
    struct face face;              /* of a certificate */
    struct bytes photo_sealed;
    const char *photo_place;
    struct proof proof;            /* of a matter's own document */
    struct bytes id_no_box;
    struct proof_certificate certificates[PROOF_CERTIFICATES];
    bool ready;        /* its facts are complete */
    int64_t signed_ms; /* of the first intent under this key; now if there was none */
    struct bytes pdf;
    struct document_rect box; /* for the signature */
    struct seal_prepared prepared;
    struct bytes cms; /* the seal, or the firm's signature; none: nobody signs it */
    uint64_t intent_id; /* 0: not sealed */
    struct timestamp timestamp;
    bool stamped;
    const char *unstamped; /* why it is not; NULL: nobody was asked */
    struct bytes sealed;
    bool stored;
    const char *cause; /* it failed, and why; NULL: not so far */
    bool final;        /* trying again would not help */
    bool later;        /* it waits for somebody else, and this attempt does not count */
};

struct issue_batch {
    struct issuer *issuer;
    struct pool *pool;
    int64_t now_ms;
    uint8_t lease[LEASE_SIZE];
    struct issue_item *items;
    size_t count;
};

struct issue_step {
    const char *name;
    int (*run)(struct issue_batch *batch, struct err *err); /* 0/-1 */
};

/* Who signs a document. */
enum issue_signer {
    ISSUE_SEALED, /* the authority, when it is made */
    ISSUE_FORM,   /* the firm, later: the box for that is kept */
    ISSUE_SIGNED  /* the firm has signed: the signature is filled in */
};

/* What an issuer makes. */
struct issue_kind {
    const char *name; /* as in job.kind */
    /* Reads the facts of all its items in the batch. 0/-1. */
    int (*load)(struct issue_batch *batch, struct err *err);
    /* What is missing although the rules saw it when the matter was opened; NULL: nothing. */
    const char *(*missing)(const struct issue_item *item);
    /* Fills pdf and box; where the firm has signed, prepared and cms. 0/-1. */
    int (*render)(struct issue_batch *batch, struct issue_item *item, struct err *err);
    enum issue_signer signer;
    const char *reason; /* of the seal */
};
/* NULL for another. */
const struct issue_kind *issue_kind_find(const char *name);
/* Loads each kind that is in the batch once. 0/-1. */
int issue_kinds_load(struct issue_batch *batch, struct err *err);
/* The item of a job; NULL: it is not in the batch. */
struct issue_item *issue_item_of(struct issue_batch *batch, uint64_t job_id);

/* take, load, render, record, seal, stamp, store */
enum { ISSUE_STEPS = 7 };
extern const struct issue_step issue_steps[ISSUE_STEPS];

#endif
