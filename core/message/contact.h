/*
 * Where a firm wants to be told what happens 联系方式: one e-mail address and one mobile number, each
 * confirmed by a code that was sent to it, and for each the events of which it wants to be told.
 *
 * A new address takes the place of the old one when it is confirmed, not before. Addresses are sealed
 * by the vault. The code is not kept: it is made of a salt and a key of the vault, good for an hour
 * and a few tries; codes are bounded for firm and address.
 */
#ifndef ECERT_CORE_MESSAGE_CONTACT_H
#define ECERT_CORE_MESSAGE_CONTACT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/matter/change.h"
#include "core/message/outbox.h"

enum contact_channel { CONTACT_MAIL, CONTACT_SMS, CONTACT_CHANNELS };
const char *contact_channel_name(enum contact_channel channel); /* as stored: mail, sms */
/* May policy's programs send by it? */
bool contact_channel_open(const struct core *core, enum contact_channel channel);

enum {
    CONTACT_ADDRESS_SIZE = 256,
    CONTACT_CODE_SIZE = 7,
    CONTACT_CODE_MS = 60 * 60 * 1000,
    CONTACT_TRIES = 5, /* of one code */
    CONTACT_CODES = 5  /* in a day, for a firm's channel, and for an address */
};

struct contact {
    uint64_t id;         /* 0: there is none */
    const char *address; /* confirmed; "" */
    const char *wanted;  /* waits for its code; "" */
    bool code_over;      /* by time or tries: another must be asked for */
    unsigned events;     /* bits, 1 << enum outbox_event */
};

/* The form that is kept: an address as it is, its domain in lower case; a mobile number of the
 * mainland without blanks, hyphens and +86. False: it is none. */
bool contact_normalise(enum contact_channel channel, const char *input,
                       char out[CONTACT_ADDRESS_SIZE]);

/* Both channels of a firm. 0/-1. */
int contact_list(struct db *db, struct pool *pool, const struct core *core, uint64_t enterprise_id,
                 int64_t now_ms, struct contact out[CONTACT_CHANNELS], struct err *err);

/* The following act for change->enterprise_id inside the present transaction, with their audit
 * events; change_end follows. */

/* Lets an address (in its normal form) wait for its code, and orders the code. 1; 0: too many codes
 * were asked for; -1. */
int contact_want(struct change *change, enum contact_channel channel, const char *address,
                 struct err *err);
/* 1: confirmed; 0: not the code, or it is over (tries are counted); -1 (ERR_NOT_FOUND: none waits). */
int contact_confirm(struct change *change, enum contact_channel channel, const char *code,
                    struct err *err);
/* Of what the firm wants to be told. 1; 0: it has no such contact; -1. */
int contact_choose(struct change *change, enum contact_channel channel, unsigned events,
                   struct err *err);
/* Forgets the address, and one that waits. 1; 0: there is none; -1. */
int contact_remove(struct change *change, enum contact_channel channel, struct err *err);

/* For who delivers. The code of a contact's salt; and whether an address is still the one: confirmed,
 * or, for the code, waiting. 1/0/-1. */
void contact_code(const struct core *core, uint64_t contact_id, struct bytes salt,
                  char out[CONTACT_CODE_SIZE]);
int contact_still(struct db *db, struct pool *pool, const struct outbox *row, struct err *err);
/* The salt of the code that waits; 0: another is waited for by now, or it is over. 1/0/-1. */
int contact_salt(struct db *db, struct pool *pool, const struct outbox *row, int64_t now_ms,
                 struct bytes *salt, struct err *err);

#endif
