/*
 * Filings 申请: matters that concern one person, from the query to the end.
 *
 * A clerk names a person; the facts are read and the rules judge every certificate the item could
 * act upon (the subjects). Where none may, the matter is recorded as refused, with all findings;
 * else it is a draft, which changes nothing and holds nobody up. Confirming reads the facts again
 * under a lock: what the clerk saw must still be so (ERR_CONFLICT), and the rules must still allow
 * it. What is selected, and what is then done, stands with each item (struct procedure).
 */
#ifndef ECERT_CORE_ITEM_FILING_H
#define ECERT_CORE_ITEM_FILING_H

#include "core/matter/change.h"
#include "core/matter/matter.h"
#include "core/rules/facts.h"
#include "core/rules/rules.h"

/* What a matter would act upon: a certificate of the person, or one to be made. */
struct subject {
    enum act act;
    struct holding *holding;     /* NULL: a certificate to be made */
    const char *class_code;
    const char *post;            /* as it will be; NULL where that is not known */
    bool legal;
    const struct exam *exam;     /* of a certificate to be made; NULL: none */
    struct date first_issued, valid_from, valid_until; /* as they will be */
    bool locked;                 /* can't be unticked (R18) */
    struct verdict verdict;
};

#define FILING_LEGAL "L" /* the wish for the A of a 法定代表人 */

enum { SEEN_SIZE = 65 };

struct filing {
    struct matter matter;
    struct facts facts;
    struct subject *subjects;
    size_t count;
    bool allowed;         /* for one subject at least */
    char seen[SEEN_SIZE]; /* names all that was looked at: confirming must find the same */
};

enum { FILING_DRAFTS = 1 };

/* Opens one for a person, inside the present transaction: 1 a draft; 0 refused, and recorded so;
 * -1 (ERR_NOT_FOUND: the person has nothing that the item could act upon; ERR_LIMIT with FILING_DRAFTS:
 * the firm has left too many drafts of the item). `item` is any of the item's list; `wish` is of
 * 申领 only: "L" "A" "B" "C". */
int filing_open(struct change *change, enum item item, uint64_t person_id, const char *wish,
                struct filing *out, struct err *err);

/* A draft of this firm with what holds now; `item` any of its list. 1/0/-1; of another state than
 * draft only the matter is filled. */
int filing_find(struct change *change, enum item item, const char *number, struct filing *out,
                struct err *err);

/* The kinds of evidence that the rules of the item look at: EVIDENCE_BIT, or-ed. */
unsigned filing_evidence(enum item item);

/* Hints that filing_find will ask for this (db_ahead): for its matter; and, where core->persons
 * remembers whom it concerns, for the facts, so that all of it takes one round trip. */
void filing_ahead(struct change *change, enum item item, const char *number);

/* The same judgement without a matter: for the operator. 1; 0: no such person or firm; -1. */
int filing_judge(struct change *change, enum item item, uint64_t person_id, const char *wish,
                 struct filing *out, struct err *err);

/* What the clerk chose. */
struct filing_choice {
    const uint64_t *ids; /* certificates; none where there is nothing to choose */
    size_t count;
    const char *seen;
    const char *reason_code, *reason_text; /* of 注销 */
    const char *province;                  /* of 离沪; "" */
};
/* Acts, inside the present transaction. 1; 0 refused (recorded: the transaction must be kept);
 * -1 (ERR_NOT_FOUND: no draft, or a certificate that is not among its subjects; ERR_CONFLICT: what
 * the clerk saw is not so any more). */
int filing_confirm(struct change *change, enum item item, const char *number,
                   const struct filing_choice *choice, struct filing *out, struct err *err);

/* Takes back a draft, or a form that was not signed; its certificates are free again. 1; 0: there
 * is none that could be taken back; -1. */
int filing_abandon(struct change *change, enum item item, const char *number, struct err *err);

/* Takes back, one transaction each, what nobody confirmed or signed in time, counted from the day since
 * when it waits for that. *count counts. 0/-1. */
int filing_sweep(struct db *db, const struct core *core, struct date today, int64_t now_ms,
                 uint64_t *count, struct err *err);

/* What an item is: for filing.c and the files of the items. */
struct procedure {
    enum item item;
    unsigned acts; /* that it may come to: ACT_BIT, or-ed */
    unsigned (*acts_for)(const char *wish); /* those of this wish; NULL: all of them */
    bool chooses;  /* the clerk ticks certificates; else the one subject is meant */
    /* Adds what of these facts is concerned: see subject_add. */
    void (*select)(struct change *change, struct filing *filing);
    /* Does it to the chosen, and moves the matter to its next state. 0/-1. */
    int (*perform)(struct change *change, struct filing *filing,
                   const struct filing_choice *choice, struct err *err);
};
extern const struct procedure procedure_apply, procedure_transfer, procedure_cancel,
    procedure_departure;

/* No certificate waits for the matter any more. 0/-1. */
int filing_release(struct change *change, uint64_t matter_id, struct err *err);

/* Adds the electronic certificates that the person holds in the acting firm; where there are none, those
 * that ended there, so that the rules say what became of them. */
void subjects_add_own(struct filing *filing, enum act act);
/* Room is there for one subject more than there are holdings. */
struct subject *subject_add(struct filing *filing, enum act act,
                            struct holding *holding);
/* Among the chosen? Of an item without choice: yes. */
bool subject_chosen(const struct subject *subject);
/* The certificate in words: B证 沪建安B（2026）0000012. */
const char *subject_words(struct pool *pool, const struct subject *subject);
/* As the rules saw it, for the compare-and-set. */
struct certificate_was holding_was(const struct holding *holding);
/* The face of the certificate after the change. */
struct certificate_face subject_face(const struct filing *filing,
                                     const struct subject *subject, const char *number);

#endif
