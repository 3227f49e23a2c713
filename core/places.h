/*
 * The places of sealed columns and keyed hashes (base/vault.h): a value opens only where it was
 * sealed, so writer and reader name the place alike. A place is table.column without _sealed.
 */
#ifndef ECERT_CORE_PLACES_H
#define ECERT_CORE_PLACES_H

#define PLACE_PERSON_ID_NO     "person.id_no" /* also of every keyed hash of a document number */
#define PLACE_PERSON_PHONE     "person.phone"
#define PLACE_CAPTURE_PHOTO    "identity_capture.photo"
#define PLACE_LEGAL_REP_ID     "enterprise.legal_rep_id"
#define PLACE_ENTERPRISE_PHONE "enterprise.phone"
#define PLACE_PROPOSAL_PAYLOAD "proposal.payload"
#define PLACE_ATTACHMENT_NAME  "attachment.name"
#define PLACE_ATTACHMENT_BODY  "attachment.body"
#define PLACE_CONTACT_ADDRESS  "contact.address" /* also while it waits, and in the outbox */
#define PLACE_IMPORT_DATA      "import_chunk.data"
#define PLACE_STAFF_SECRET     "staff_factor.secret"

#endif
