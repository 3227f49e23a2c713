/*
 * Cards 读卡: whether what a page says of a card was read by a reader of ours just now.
 *
 * The page carries a challenge for one member of staff and one person, good for ten minutes. The reader signs
 * it with what it read (conf/reader.md); the page hands all of it over, and changes nothing that counts.
 */
#ifndef ECERT_CORE_PROPOSAL_CARD_H
#define ECERT_CORE_PROPOSAL_CARD_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct core;
struct err;
struct pool;

enum { CARD_CHALLENGE = 45 /* 43 characters */, CARD_SECONDS = 600, CARD_READERS = 256 };

/* Readers that are believed, by their public keys. */
struct card_readers {
    size_t count;
    struct bytes keys[CARD_READERS]; /* SubjectPublicKeyInfo */
    const char *demo;                /* of a demonstration: the simulated reader's private key (PKCS #8 in
                                        base64), which its page signs with; "" */
};

/* Reads public keys (PEM, one behind the other: RSA, P-256 or Ed25519), and the demonstration's private key.
 * Paths may be "". In the pool. 0/-1 (ERR_CONFIG: there is none in the file, more than CARD_READERS, or one
 * of another kind; ERR_SYSTEM). */
int card_readers_load(struct pool *pool, const char *keys_path, const char *demo_path,
                      struct card_readers **readers, struct err *err);

/* For the page in which this member of staff captures this person. */
void card_challenge(const struct core *core, uint64_t staff_id, uint64_t person_id, int64_t now_ms,
                    char challenge[CARD_CHALLENGE]);

/* As it came with the form. */
struct card {
    const char *id_type, *id_no, *name; /* as read */
    const char *challenge;
    const char *signature;              /* base64; "": the reader does not sign */
};

enum card_answer {
    CARD_READ,     /* here and now, by a reader of ours */
    CARD_UNSIGNED, /* nobody answers for it */
    CARD_LATE,     /* the challenge has had its time */
    CARD_FALSE     /* the challenge is another's, or the signature is of no reader of ours over this */
};

/* 0/-1 (ERR_CRYPTO). */
int card_judge(const struct core *core, uint64_t staff_id, uint64_t person_id, int64_t now_ms,
               const struct card *card, enum card_answer *answer, struct err *err);

#endif
