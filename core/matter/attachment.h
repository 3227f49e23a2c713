/*
 * Attachments 材料: papers that a member of staff scanned for a matter: the firm's letter, an identity
 * card, an old certificate. JPEG or PDF.
 *
 * What is kept is what core/scan made of the file, sealed by the vault, and so is its name. It is
 * handed out as a download only, and each reading is in the audit.
 */
#ifndef ECERT_CORE_MATTER_ATTACHMENT_H
#define ECERT_CORE_MATTER_ATTACHMENT_H

#include <stddef.h>
#include <stdint.h>

#include "core/scan/scan.h"

struct change;
struct core;
struct db;
struct err;
struct pool;

enum { ATTACHMENT_KIND = 24, ATTACHMENT_NAME = 80 /* characters */, ATTACHMENTS_MAX = 20 /* of a matter */ };

/* A file that was looked at and not yet kept. */
struct attachment_file {
    const char *name;     /* cleaned */
    struct scan scan;
    uint8_t sha256[32];   /* of what is kept */
    uint8_t sent[32];     /* of what was sent */
};

/* Runs the decoder; takes up to some seconds, so it stands before the transaction (route.before). *fault
 * says why the file is not taken (scan_fault_text(SCAN_PAPER, …)). 0/-1. */
int attachment_check(const struct core *core, struct pool *pool, const char *file_name,
                     struct bytes sent, struct attachment_file *out, enum scan_fault *fault,
                     struct err *err);

/* The name a file is kept and handed out under: its last segment, without what is no part of a name (controls,
 * marks that turn or hide text, characters no system takes), ATTACHMENT_NAME characters at most, with the
 * ending of its type. In the pool. */
const char *attachment_name(struct pool *pool, const char *file_name, const char *type);

/* Keeps it inside the present transaction. `kind` ([a-z_], ATTACHMENT_KIND at most) is what the item that
 * asks for it calls it. matter_id 0: of no matter yet. The same file sent again for the same matter and
 * kind is the one that is there. *id is its id. 0/-1 (ERR_LIMIT: more than ATTACHMENTS_MAX). */
int attachment_add(struct change *change, uint64_t matter_id, const char *kind,
                   const struct attachment_file *file, uint64_t *id, struct err *err);
/* Gives one of no matter, handed in as this kind by the same member of staff, to a matter. 0/-1
 * (ERR_CONFLICT). */
int attachment_tie(struct change *change, uint64_t id, const char *kind, uint64_t matter_id,
                   struct err *err);

struct attachment {
    uint64_t id;
    uint64_t matter_id;  /* 0: none yet */
    const char *kind;
    const char *name;
    const char *type;
    unsigned pages;
    uint64_t size;
    char sha256[65];
    uint64_t added_by;   /* staff */
    const char *added_name; /* of the member of staff; "" where there is none */
    int64_t added_ms;
    const char *proposal; /* kind of the proposal that its matter is; "" for none */
};

/* Of a matter, in the order they came. 0/-1. */
int attachment_list(struct db *db, struct pool *pool, const struct core *core, uint64_t matter_id,
                    const struct attachment **rows, size_t *count, struct err *err);
/* One, without its content. 1/0/-1. */
int attachment_find(struct db *db, struct pool *pool, const struct core *core, uint64_t id,
                    struct attachment *out, struct err *err);
/* And with it: noted in the audit, so inside a transaction that change_end ends. 1/0/-1 (ERR_CRYPTO: it
 * is not what was kept). */
int attachment_read(struct change *change, uint64_t id, struct attachment *out, struct bytes *body,
                    struct err *err);

#endif
