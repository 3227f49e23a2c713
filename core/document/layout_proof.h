/*
 * Where things stand on a proof and on the form of a cancellation, inside core/document (domain 7).
 */
#ifndef ECERT_CORE_DOCUMENT_LAYOUT_PROOF_H
#define ECERT_CORE_DOCUMENT_LAYOUT_PROOF_H

#include "core/document/proof.h"
#include "core/document/stamp.h"
#include "core/document/table.h"

#define LAYOUT_PROOF_QR_LEFT  80.0
#define LAYOUT_PROOF_QR_BELOW 30.0 /* its lower edge, below the middle of the seal */
#define LAYOUT_PROOF_QR_SIDE  72.0

struct layout_proof {
    const char *title;
    bool sealed;        /* by the authority, with a QR code */
    struct stamp stamp; /* when it is sealed */
    struct document_rect seal;
    struct table table;
};

/* Puts every text on the page. Refuses facts that are missing, are no dates, or can't be printed;
 * the error names the field of struct proof. 0/-1 (ERR_DOCUMENT). */
int layout_proof(struct page *page, const struct proof *proof, struct layout_proof *layout,
                 struct err *err);

#endif
