/*
 * What a message says: one table of texts, filled in from what is true when it is delivered.
 *
 * Numbers of certificates, the firm's name and masked names of holders are all it tells of people;
 * no document number, and of an SMS not even a name.
 */
#ifndef ECERT_CORE_MESSAGE_OUTBOX_TEXT_H
#define ECERT_CORE_MESSAGE_OUTBOX_TEXT_H

#include "core/message/outbox.h"

/* A certificate that the message is about, as the texts tell it. */
struct outbox_certificate {
    const char *number, *class_code, *holder; /* masked */
    struct date until;
    const char *from, *to; /* states, by a change of this matter; "" */
};

/* What is filled in. */
struct outbox_facts {
    const char *firm;
    const char *site;   /* https://… */
    const char *issuer; /* 发证机关 */
    const char *matter; /* its number; "" */
    const char *code;   /* of OUTBOX_CONFIRM; "" */
    const struct outbox_certificate *certificates; /* the first of them */
    size_t listed;
    uint64_t count, failed;
};

enum { OUTBOX_LISTED = 20 };

struct outbox_message {
    const char *subject; /* of a mail; "" */
    const char *text;
};

/* Subject and text for the channel. Lives in the pool. */
void outbox_write(struct pool *pool, enum outbox_event event, const char *channel,
                  const struct outbox_facts *facts, struct outbox_message *message);

/* What became of it. */
enum outbox_found {
    OUTBOX_FOUND,
    OUTBOX_NOT_YET, /* other documents of the matter are being made */
    OUTBOX_NOTHING  /* left to tell, or to this address: *why says it */
};
/* Reads the facts of a message. 0/-1. */
int outbox_look(struct db *db, struct pool *pool, const struct core *core, const struct outbox *row,
                int64_t now_ms, enum outbox_found *found, struct outbox_facts *facts,
                const char **why, struct err *err);

#endif
