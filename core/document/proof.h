/*
 * What is printed about a matter (domain 7): 离沪证明, 注销申请表 and 注销证明, each a PDF file of
 * one A4 page.
 *
 * They are made as the certificate is (document.h): facts come in as plain text, every character
 * must have a glyph, the same facts give the same bytes, and the finished file is read back.
 */
#ifndef ECERT_CORE_DOCUMENT_PROOF_H
#define ECERT_CORE_DOCUMENT_PROOF_H

#include "core/document/document.h"

enum proof_kind {
    PROOF_DEPARTURE,         /* 离沪证明 */
    PROOF_CANCELLATION_FORM, /* 注销申请表, for the firm to sign: no seal of the authority, no QR */
    PROOF_CANCELLATION       /* 注销证明 */
};

/* A certificate the matter is about. */
struct proof_certificate {
    const char *class_label;  /* 项目负责人（B证） */
    const char *number;
    struct date first_issued, valid_from, valid_until;
    const char *state_label;  /* 办理转出, 注销, 有效 … */
};

enum { PROOF_CERTIFICATES = 12 };

/* The facts. Strings are UTF-8 and borrowed; what a kind does not print may be NULL. Names of 128
 * characters and reasons of 200 fit, also next to PROOF_CERTIFICATES certificates. */
struct proof {
    enum proof_kind kind;
    const char *matter_number;    /* LH20261123-00000042 */
    const char *enterprise_name, *uscc;
    const char *holder_name;
    const char *id_type_label;    /* 居民身份证 */
    const char *id_no_masked;
    const struct proof_certificate *certificates;
    size_t count;                 /* 1 to PROOF_CERTIFICATES */
    const char *province;         /* where a departure leads; "" or NULL: not given, no row */
    const char *reason;           /* of a cancellation */
    const char *signer_name;      /* PROOF_CANCELLATION: who signed the form (firm in the key), */
    const char *signer_serial;    /* the certificate's serial number (hex, up to 64 characters), */
    int64_t signed_ms;            /* and when */
    const char *issuer_name;      /* the authority, also around the seal; the form is addressed to it */
    struct date issued_on;        /* date of the proof, or of the form */
    const char *verify_url;       /* ASCII; goes into the QR code; NULL for the form */
    int64_t made_ms;              /* CreationDate, and part of the file ID */
    bool demo;                    /* says that it comes from a demonstration */
};

/* The PDF lives in the pool, in the shape document_certificate promises. 0/-1 (ERR_DOCUMENT: names
 * the field, "certificates[2]: number: no font has U+10FFFD", never the person). *seal, when it is
 * not NULL, is where the authority's seal lies, or on the form the box 企业电子签章, where the
 * firm's signature is to be laid. */
int document_proof(const struct fonts *fonts, struct pool *pool, const struct proof *proof,
                   struct bytes *pdf, struct document_rect *seal, struct err *err);

#endif
