/*
 * The places of sealed columns and keyed hashes (base/vault.h): a value opens only where it was
 * sealed, so writer and reader name the place alike. A place is table.column without _sealed.
 *
 * Most have an owner besides, by what its row is found by and never changes: whoever writes the table
 * behind our back may exchange the values of two rows, and neither opens. The reader names the owner
 * that it asks for, where it can, not the one that the row says it is of. Not bound are what is copied
 * from row to row by statements (phones, legal representatives: import_before) and what is found by
 * nothing but its id before it is somebody's (attachments).
 */
#ifndef ECERT_CORE_PLACES_H
#define ECERT_CORE_PLACES_H

#include <stdint.h>

#include "base/text.h"
#include "base/vault.h"

struct err;
struct pool;

#define PLACE_PERSON_ID_NO     "person.id_no" /* of its hash; also of every keyed hash of a number */
#define PLACE_PERSON_PHONE     "person.phone"
#define PLACE_CAPTURE_PHOTO    "identity_capture.photo" /* of the person */
#define PLACE_LEGAL_REP_ID     "enterprise.legal_rep_id"
#define PLACE_ENTERPRISE_PHONE "enterprise.phone"
#define PLACE_PROPOSAL_PAYLOAD "proposal.payload" /* of the matter */
#define PLACE_ATTACHMENT_NAME  "attachment.name"
#define PLACE_ATTACHMENT_BODY  "attachment.body"
#define PLACE_CONTACT_ADDRESS  "contact.address" /* of the firm; also while it waits, and in the outbox */
#define PLACE_IMPORT_DATA      "import_chunk.data" /* of import and number: "7/0" */
#define PLACE_STAFF_SECRET     "staff_factor.secret" /* of the member of staff */
#define PLACE_CARD_CHALLENGE   "card.challenge" /* of no column: a keyed hash that a page carries */

/* The place of what is this owner's: "identity_capture.photo/17". In the pool. */
const char *place_of(struct pool *pool, const char *place, uint64_t owner);
const char *place_of_hash(struct pool *pool, const char *place, const uint8_t hash[VAULT_HASH_SIZE]);

/* A person's document number as statements yield it, of the table named `p`: in one value the hash that
 * it is found by, and behind it what is sealed, which opens for this hash only. */
#define ID_NO_BOX(p) "CONCAT(" p ".id_no_hash, " p ".id_no_sealed)"
/* 0/-1 (ERR_CRYPTO). */
int id_no_open(const struct vault *vault, struct pool *pool, struct bytes box, struct bytes *plain,
               struct err *err);

#endif
