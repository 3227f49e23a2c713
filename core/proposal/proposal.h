/*
 * Proposals 提请: what one member of staff proposes and another decides. Sanctions, holds, changes
 * of names and corrections are kinds of them (core/proposal/proposal_kinds.c).
 *
 * A proposal is a matter of its item (opened by staff, of no enterprise: no firm's list shows it)
 * and a row of its own. The certificates it is about stand in matter_certificate; what they, or a
 * person, were and are to be stands in its rows, sealed by the vault. It changes nothing and holds
 * nobody up until it is decided: then its kind judges it once more, under the locks of all that it
 * touches, and applies it in the same transaction. Who decides is never who proposed: by code, and
 * by a CHECK of the table.
 *
 * A proposal about more certificates than one transaction should hold is spread: the decision is made
 * at once, by two people as ever, and carried out by the issuers, batch by batch (core/issue/task.h), while
 * its matter is open. Each certificate is judged and changed under its locks when its turn comes; one
 * that has changed meanwhile fails alone, with the reason.
 */
#ifndef ECERT_CORE_PROPOSAL_PROPOSAL_H
#define ECERT_CORE_PROPOSAL_PROPOSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/matter/change.h"
#include "core/matter/matter.h"

struct db;
struct err;
struct pool;
struct proposal;

/* One line of what changes: on the page, and for the kind's own functions, which find it by key. A
 * row whose key is a certificate's id in digits holds, as `after`, the reason of this certificate
 * alone. */
struct proposal_row {
    const char *key;    /* "name": of the kind's own choice, ASCII */
    const char *label;  /* 姓名; "": for the kind alone, not shown */
    const char *before; /* "" where there was nothing */
    const char *after;
};

/* A certificate that a proposal is about, as it is now. */
struct proposal_certificate {
    uint64_t id;
    const char *number, *class_code, *post;
    const char *holder_name;
    const char *state;          /* as stored: see state_on */
    uint64_t person_id, enterprise_id;
    const char *enterprise_name; /* by the register */
    struct date valid_until;
    unsigned version;
    uint64_t pending_id;        /* the matter of the firm that it waits for; 0: none */
    unsigned seen;              /* the version that was proposed about */
    const char *refusal;        /* why not, in words: by the kind's judge; NULL: it may */
    const char *effect;         /* what is going to happen, in words: by the kind's judge */
    const char *fate;           /* waiting done failed: see matter_certificate */
    const char *explanation;    /* of one that failed where it was spread: why, in words; "" */
};

struct proposal_kind {
    const char *name;  /* "suspend": as stored, and as the audit names it */
    const char *label; /* 暂扣 */
    enum item item;    /* sanction, correction or name change */
    unsigned propose, decide; /* who may: STAFF_…, or-ed */
    bool final;        /* can't be taken back: deciding it has a page of its own before */
    bool period;       /* it has a first and a last day */
    bool spreads;      /* may be about more than PROPOSAL_AT_ONCE certificates */
    enum deadline deadline; /* in how many days it is to be decided: policy->deadline_days */
    /* Says what of it can't be done now (proposal_refuse; refusal and effect of its certificates).
     * Asked before it is opened, and again inside the deciding transaction. 0/-1. */
    int (*judge)(struct change *change, struct proposal *proposal, struct err *err);
    /* Does it, with change->matter_id set, inside the deciding transaction; persons and
     * certificates are locked. It sets change->enterprise_id to whose chain of the audit each
     * change belongs to. The certificates of the proposal are marked done afterwards, with the
     * version they then have. 0/-1. */
    int (*apply)(struct change *change, const struct proposal *proposal, struct err *err);
    /* What is to be put right where it was refused or withdrawn, in the same transaction; NULL:
     * nothing. 0/-1. */
    int (*leave)(struct change *change, const struct proposal *proposal, struct err *err);
};

/* Ends with NULL. */
extern const struct proposal_kind *const proposal_kinds[];
/* NULL for an unknown one. */
const struct proposal_kind *proposal_kind_find(const char *name);
/* How many certificates one of the kind may be about. */
size_t proposal_kind_most(const struct proposal_kind *kind);

/* States, as stored. */
#define PROPOSAL_WAITING   "waiting"   /* 待决定 */
#define PROPOSAL_APPLIED   "applied"   /* 已同意 */
#define PROPOSAL_REFUSED   "refused"   /* 未同意 */
#define PROPOSAL_WITHDRAWN "withdrawn" /* 已撤回 */
/* NULL for an unknown one. */
const char *proposal_state_label(const char *state);

enum {
    PROPOSAL_AT_ONCE = 500,        /* most certificates that one transaction changes; a page of them */
    PROPOSAL_CERTIFICATES = 10000, /* most of one proposal, whose kind spreads */
    PROPOSAL_ROWS = PROPOSAL_CERTIFICATES + 100,
    /* Most bytes of the rows' texts: the database need take no larger packet than 1 MiB. */
    PROPOSAL_ROWS_SIZE = 960 * 1024
};

struct proposal {
    uint64_t matter_id;
    char number[MATTER_NUMBER_SIZE];
    const struct proposal_kind *kind;
    const char *state;
    uint64_t person_id;     /* 0: of no single person */
    uint64_t enterprise_id; /* 0: of no single enterprise */
    const char *holder_name, *enterprise_name; /* as of then; "" */
    unsigned items;         /* certificates it is about */
    const char *legal_basis, *reason;
    struct date from, until; /* none where the kind has no period */
    uint64_t proposed_by, decided_by;
    const char *proposer, *decider; /* names of staff; "" */
    int64_t proposed_ms, decided_ms; /* 0: not yet; of a withdrawn one when it was */
    struct date deadline;
    const char *decision_text;
    bool running; /* agreed to, and being carried out batch by batch */
    /* Not filled by proposal_list. */
    struct matter_counts progress; /* of one that is spread, once it was agreed to */
    const struct proposal_row *rows;
    size_t row_count;
    const struct proposal_row **own; /* the rows of single certificates, by id */
    size_t own_count;
    struct proposal_certificate *certificates; /* by id; of a stored one PROPOSAL_AT_ONCE at most */
    size_t count;
    uint64_t next; /* certificates behind these: value for proposal_turn, or 0 */
    /* What judge says of the whole: words, in the pool. */
    const char *refusals[16];
    size_t refusal_count;
};

/* For judges: one more reason why not. */
void proposal_refuse(struct proposal *proposal, const char *words);
/* May it be agreed to, by what judge said? Of one that is spread, single certificates may fail. */
bool proposal_allowed(const struct proposal *proposal);
/* Is it, or would it be, carried out batch by batch? */
bool proposal_spread(const struct proposal *proposal);
/* The row of that key, or of that certificate; NULL: there is none. */
const struct proposal_row *proposal_row(const struct proposal *proposal, const char *key);
const struct proposal_row *proposal_row_own(const struct proposal *proposal, uint64_t certificate_id);
/* As it was read, for the compare-and-set. */
struct certificate_was proposal_was(const struct proposal_certificate *certificate);

/* What a new proposal is. Texts are borrowed; NULL is "". */
struct proposal_new {
    const struct proposal_kind *kind;
    uint64_t person_id, enterprise_id;
    const char *holder_name, *enterprise_name;
    const char *legal_basis; /* at most 120 characters */
    const char *reason;      /* at most 300 */
    struct date from, until;
    const struct proposal_row *rows; /* likewise, but for their keys */
    size_t row_count;             /* at most PROPOSAL_ROWS */
    const uint64_t *certificates; /* ids */
    size_t count; /* at most PROPOSAL_AT_ONCE, or PROPOSAL_CERTIFICATES where the kind spreads */
};

/* How it came out; everything but DONE must end the transaction without it. */
enum proposal_answer {
    PROPOSAL_DONE,
    PROPOSAL_NOT_YOURS, /* the role may not; or who decides has proposed (proposal_by), who withdraws
                         * has not */
    PROPOSAL_OVER,      /* it was decided or withdrawn before */
    PROPOSAL_NOT_NOW    /* judge says why not, or one of the same kind waits about the same object:
                         * refusals, and refusal of its certificates */
};

/* What would be proposed, judged now, without a lock: for previews. Certificates that are not
 * there are left out. 0/-1 (ERR_LIMIT: more than one proposal holds). */
int proposal_judge(struct change *change, const struct proposal_new *what, struct proposal *out,
                   struct err *err);
/* Opens it, inside the present transaction, where all of it may be done. `roles` are the actor's,
 * who is a member of staff. 0/-1 (ERR_NOT_FOUND: a certificate is not there; ERR_LIMIT). */
int proposal_open(struct change *change, unsigned roles, const struct proposal_new *what,
                  struct proposal *out, enum proposal_answer *answer, struct err *err);

/* By the number of its matter; its certificates from the first on. 1/0/-1. */
int proposal_find(struct db *db, struct pool *pool, const struct core *core, const char *number,
                  struct proposal *out, struct err *err);
/* The same, and judged as it would be now, without a lock: while it waits. 1/0/-1. */
int proposal_look(struct change *change, const char *number, struct proposal *out,
                  struct err *err);
/* Turns to the certificates behind `after`, `limit` at most; judged likewise while it waits. 0/-1. */
int proposal_turn(struct change *change, struct proposal *proposal, uint64_t after, size_t limit,
                  struct err *err);
/* Those that failed where it was spread, `limit` at most. 0/-1. */
int proposal_failed(struct db *db, struct pool *pool, const struct proposal *proposal, size_t limit,
                    const struct proposal_certificate **rows, size_t *count, struct err *err);
/* May these roles see proposals of the kind: who proposes or decides them, and the auditor? */
bool proposal_visible(const struct proposal_kind *kind, unsigned roles);
/* May whoever has these roles read the papers that were handed in for one? */
bool proposal_papers_visible(const struct proposal_kind *kind, unsigned roles);

enum proposal_show {
    PROPOSALS_FOR_ME, /* that wait, and that the member of staff may decide */
    PROPOSALS_MINE,   /* that the member of staff proposed */
    PROPOSALS_WAITING, /* of all kinds that these roles may see */
    PROPOSALS_OVER
};
struct proposal_filter {
    enum proposal_show show;
    uint64_t staff_id;
    unsigned roles;
    const char *kind; /* one alone, or NULL */
    uint64_t after;   /* matter id of the last row seen, or 0 */
    size_t limit;
};
struct proposal_page {
    size_t count;
    const struct proposal *rows;
    uint64_t next; /* value for `after`, or 0 */
};
/* Newest first; by key. 0/-1. */
int proposal_list(struct db *db, struct pool *pool, const struct proposal_filter *filter,
                  struct proposal_page *page, struct err *err);
/* A list of records: of kinds, and optionally of people whose name begins so and of one state. */
struct proposal_search {
    const char *kinds; /* "correct_person,correct_certificate" */
    const char *name, *state; /* or NULL */
    uint64_t after;
    size_t limit;
};
/* Newest first; by key. 0/-1. */
int proposal_search(struct db *db, struct pool *pool, const struct proposal_search *search,
                    struct proposal_page *page, struct err *err);
/* Those that wait about a certificate, person or enterprise ("certificate" …). 0/-1. */
int proposal_about(struct db *db, struct pool *pool, const char *object_kind, uint64_t object_id,
                   struct proposal_page *page, struct err *err);
/* How many wait that this member of staff may decide. 0/-1. */
int proposal_count(struct db *db, struct pool *pool, uint64_t staff_id, unsigned roles,
                   uint64_t *count, struct err *err);

/* Is it of this member of staff: by this account, or by another of somebody who is called the same? Two
 * accounts may be one person's, and nobody decides what he or she proposed. */
bool proposal_by(const struct proposal *proposal, uint64_t staff_id, const char *name);
/* Decides, inside the present transaction: applies it, lets it be carried out where it is spread, or
 * refuses it with a text. *out as it is then, with what judge said. 0/-1 (ERR_NOT_FOUND; ERR_CONFLICT:
 * something changed under it). */
int proposal_decide(struct change *change, unsigned roles, const char *number, bool approve,
                    const char *text, struct proposal *out, enum proposal_answer *answer,
                    struct err *err);
/* Takes it back, by who proposed it. 0/-1 (ERR_NOT_FOUND). */
int proposal_withdraw(struct change *change, const char *number, struct proposal *out,
                      enum proposal_answer *answer, struct err *err);

/* May what failed of it be taken up again: of one that is spread and carried out, by whoever may decide
 * it and has not proposed it? */
bool proposal_repeatable(const struct proposal *proposal, unsigned roles, uint64_t staff_id);
/* Lets the issuers take it up, inside the present transaction: each certificate is judged anew when its
 * turn comes, and changed as the act of who decided. OVER: there is nothing to take up. 0/-1
 * (ERR_NOT_FOUND). */
int proposal_retry(struct change *change, unsigned roles, const char *number, struct proposal *out,
                   enum proposal_answer *answer, struct err *err);

struct task;
/* A batch of one that is spread, inside the present transaction (core/issue/task.h); *done counts the
 * certificates that changed. 0/-1. */
int proposal_batch(struct change *change, const struct task *task, size_t *done, struct err *err);
/* Nothing of it waits any more: closes its matter and tells the firms, likewise. 0/-1. */
int proposal_batch_end(struct change *change, const struct task *task, struct err *err);

#endif
