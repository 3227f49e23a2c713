/*
 * Facts: all that the rules need to know of one person, one firm and what the person holds.
 *
 * Read in one round trip, without a decision, and in a second one where a holding waits for a matter
 * or is of a kind that is not expected there, of paper, and where somebody is held; whoever acts reads
 * them again under facts_lock. Everything lives in the pool.
 */
#ifndef ECERT_CORE_RULES_FACTS_H
#define ECERT_CORE_RULES_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "core/matter/matter.h"

struct core;
struct db;
struct err;
struct hold;
struct pool;

/* A certificate of the person, in any firm: electronic, or of paper and not yet exchanged. */
struct holding {
    bool paper;
    uint64_t id;
    const char *number;
    const char *class_code;
    const char *post;
    const char *state;          /* on this day: see state_on; of paper 01 */
    bool moves;                 /* was cancelled for a reason that leaves a transfer open (R15):
                                 * where KNOW_MOVES was asked for */
    uint64_t enterprise_id;
    const char *enterprise_name; /* of the firm, by the register */
    struct date first_issued, valid_from, valid_until, held_since;
    unsigned version;
    uint64_t pending_id;        /* R19: the matter it waits for; 0: none */
    char pending[MATTER_NUMBER_SIZE];
    unsigned hours;             /* continuing education of its class within its term (R6) */
    bool chosen;                /* it is among those the matter would act upon */
};

struct exam {
    uint64_t id;
    const char *number;
    const char *class_code;
    const char *post;
    struct date date;
    unsigned score;
    uint64_t certificate_id;    /* that it made; 0: none yet */
};

struct holder {
    uint64_t id;
    const char *name;
    const char *id_type;
    const char *id_no_masked;
    unsigned sex;               /* 1 男, 2 女 */
    struct date birth;
    uint64_t capture_id;        /* 0: no photo on file (R2) */
    const struct hold *hold;    /* that is in force (R21); NULL: none */
};

struct firm {
    uint64_t id;
    const char *name;
    const char *uscc;
    bool local;                 /* of this city */
    bool led_by_person;         /* the person is its legal representative, by name and document */
    uint64_t legal_certificate; /* 法定代表人 A in force of somebody else in this firm; 0: none */
    const struct hold *hold;    /* that is in force (R21); NULL: none */
};

struct facts {
    struct date today;
    struct firm firm;           /* that acts */
    struct holder person;       /* id 0: the matter concerns no single person */
    struct holding *holdings;
    size_t holding_count;
    const struct exam *exams;   /* passed, with this firm, newest first */
    size_t exam_count;
    struct date insured;        /* first day of the last month paid by this firm; none: never */
    uint64_t outdated;          /* certificates in force that carry another name of the firm (R16) */
    bool outdated_more;         /* there are more of them than that */
    /* What is judged: set by the matter's item, not read. */
    const struct holding *holding; /* the certificate; NULL: one to be made */
    const char *class_code;        /* of the certificate */
    bool legal;                    /* as 法定代表人 */
    const struct exam *exam;       /* that counts for a new certificate; NULL: none */
    bool reason_given, signed_form, signature_wanted; /* R17 */
    bool paper_exchanged, identifier_free;            /* of an exchange (R3) */
};

/* A certificate that counts as held: in force, or suspended. */
bool holding_held(const struct holding *holding);
/* 法定代表人 A: class A, post 01. */
bool holding_legal(const struct holding *holding);

/* The holds in force of the person and the firm of these facts, where they are marked as held: whoever
 * is not marked is not asked about. 0/-1. */
int facts_holds(struct db *db, struct pool *pool, bool person_held, bool firm_held,
                struct facts *facts, struct err *err);

/* The person and all that is theirs is changed by nobody else until the transaction ends; on another
 * node of a cluster it may be until then, and one of the two transactions comes to nothing
 * (ERR_DB_RETRY). 0/-1. */
int facts_lock(struct db *db, struct pool *pool, uint64_t person_id, struct err *err);
/* The same of what the register says of a firm, before any person is locked: who leads it is a matter
 * of two people. 0/-1. */
int facts_lock_firm(struct db *db, uint64_t enterprise_id, struct err *err);

/* What there is to know besides person, firm and the electronic certificates. */
enum facts_know {
    KNOW_PAPER = 1 << 0,    /* paper certificates not yet exchanged */
    KNOW_EXAMS = 1 << 1,
    KNOW_INSURANCE = 1 << 2,
    KNOW_EDUCATION = 1 << 3,
    KNOW_LEGAL = 1 << 4,    /* firm.legal_certificate */
    KNOW_MOVES = 1 << 5,    /* holding.moves */
    KNOW_ALL = (1 << 6) - 1
};

/* At least what `know` says, or-ed (rules_know). 1; 0 when person or firm are not there; -1. */
int facts_load(struct db *db, struct pool *pool, const struct core *core, uint64_t person_id,
               uint64_t enterprise_id, struct date today, unsigned know, struct facts *facts,
               struct err *err);
/* Hints that it will be wanted (db_ahead). */
void facts_load_ahead(struct db *db, struct pool *pool, uint64_t person_id, uint64_t enterprise_id,
                      unsigned know);
/* Of a firm alone, for R16, which needs to know `outdated` besides: the caller sets it, or has it
 * counted, which takes the longer the more there are. 1/0/-1. The others are hints that it will be
 * wanted (db_ahead). */
int facts_load_firm(struct db *db, struct pool *pool, uint64_t enterprise_id, struct date today,
                    struct facts *facts, struct err *err);
void facts_load_firm_ahead(struct db *db, struct pool *pool, uint64_t enterprise_id);
int facts_load_firm_counted(struct db *db, struct pool *pool, uint64_t enterprise_id,
                            struct date today, struct facts *facts, struct err *err);
void facts_load_firm_counted_ahead(struct db *db, struct pool *pool, uint64_t enterprise_id,
                                   struct date today);

/* How a person is asked for elsewhere: the document's number in its normal form (a secret of the
 * pool's), and the firm's code. 1/0/-1. */
struct identity {
    const char *id_type, *id_no, *uscc;
};
int facts_identity(struct db *db, struct pool *pool, const struct core *core, uint64_t person_id,
                   uint64_t enterprise_id, struct identity *out, struct err *err);

/* A person by document and name (NULL: whatever it is); *id is 0 when there is none with both.
 * `id_no` and `name` are as they were typed; what is no number of its type is ERR_INPUT. 0/-1. */
int facts_person(struct db *db, struct pool *pool, const struct core *core, const char *id_type,
                 const char *id_no, const char *name, struct date today, uint64_t *id,
                 struct err *err);

#endif
