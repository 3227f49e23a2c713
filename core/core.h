/*
 * The certificate domain: what every part of it needs, policy and keys. Made once per process by the
 * program; handed to modules as request->context.
 *
 *     register/   what is on record: certificates, papers, people, firms; how each is numbered
 *     rules/      the facts that are read before somebody acts, and the rules that judge them
 *     matter/     a step that was taken 事项, and what it changes; papers that belong to it
 *     item/       what a firm does: exchange, apply, transfer, rename, cancel, departure
 *     proposal/   what two members of staff do: sanctions, holds, names, corrections, photos
 *     evidence/   what other offices know of a person: exams, insurance, education
 *     import/     files of their registers
 *     issue/      the issuer's work: jobs, batches, tasks, errands
 *     document/   what is printed: page layout, font subset, QR, PDF
 *     seal/       what is signed and checked: keys, CMS, PAdES, timestamps, chains
 *     scan/       what strangers hand in, looked at by a process that is locked in
 *     message/    what is told to firms: outbox, delivery, contacts, notices
 *     audit/      events in keyed chains, and how they are read
 *     report/     search, history, statistics: the register read across
 *     staff/      accounts of staff, and how they log in
 *     upkeep/     migrations, retention, expiry, sealing anew
 *     demo/       fictional data
 *
 * In core itself stands what those share: the table of all statements (queries.h), the places of
 * sealed columns (places.h), a queue that is a table (queue.h), ZIP files (bundle.h).
 */
#ifndef ECERT_CORE_CORE_H
#define ECERT_CORE_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/date.h"

struct vault;
struct fonts;
struct trust;
struct evidence;
struct memo;
struct staff_settings;
struct card_readers;

/* What a proposal is, for the days in which it is to be decided. */
enum deadline {
    DEADLINE_SANCTION,    /* 15 */
    DEADLINE_GIVE_BACK,   /* 5: a suspension whose period is over */
    DEADLINE_HOLD,        /* 15 */
    DEADLINE_CAPTURE,     /* 5: a photo's second look */
    DEADLINE_CORRECTION,  /* 10: of a person or a certificate */
    DEADLINE_NAME_CHANGE, /* 10 */
    DEADLINE_ENTERPRISE,  /* 15: a firm's data by hand */
    DEADLINE_COUNT
};

/* Section Policy and Issuer of the configuration: what the law or the authority may change. */
struct policy {
    int64_t valid_years;            /* 3 */
    int64_t renew_days;             /* 90 */
    int64_t exam_months;            /* 24 */
    int64_t education_hours;        /* 24 */
    int64_t transfer_months;        /* 6 */
    int64_t insurance_grace_months; /* 1 */
    bool one_c_class;
    bool capture_by_reader;         /* what a card reader has signed of a resident needs no second look */
    bool serial_per_class;
    const char *departure_locked;   /* "B C1 C2 C3" */
    int64_t age_max_c;              /* 60 */
    int64_t age_max_b;              /* 65 */
    int64_t draft_days;             /* 7: after which an unconfirmed draft is taken back */
    int64_t drafts_max;             /* 500: of an item that a firm may leave so; 0: any number */
    int64_t signing_days;           /* 30: after which an unsigned form is */
    int64_t deadline_days[DEADLINE_COUNT];
    const char *issuer_name;        /* 发证机关 */
    const char *issuer_code;        /* its unified social credit code */
    const char *province;           /* 沪 */
    bool demo;                      /* documents say so; Clock.Today is allowed */
    struct date today;              /* Clock.Today, or none */
    const char *notify;             /* channels that firms are told by: "", "mail", "sms", "mail,sms" */
    int64_t notify_gather_ms;       /* until documents of one matter are told together */
};

struct core {
    const struct policy *policy;
    const struct vault *vault;
    const struct fonts *fonts;  /* NULL in programs that neither print nor take names */
    struct trust *trust;        /* NULL in programs that judge no client certificates */
    struct evidence *evidence;  /* NULL: the register alone */
    const struct staff_settings *staff; /* how staff log in (core/staff/staff_login.h) */
    struct memo *persons;       /* of matters, by their ids (core/item/filing.h); NULL: nobody remembers */
    const char *scanner;        /* path of ecert-scan (core/scan/scan.h); NULL where nothing is handed in */
    const struct card_readers *readers; /* at the window (core/proposal/card.h); NULL: none is believed */
    const char *verify_origin;  /* https://host:port, in front of /verify/<token> */
};

/* Who does something: written into events, matters and the audit. */
enum actor_kind { ACTOR_NOBODY = 0, ACTOR_FIRM = 1, ACTOR_STAFF = 2, ACTOR_SYSTEM = 3, ACTOR_OPERATOR = 4 };
struct actor {
    enum actor_kind kind;
    uint64_t id;
    const char *request; /* request number, or "" */
};

#endif
