/*
 * Is this file one of ours? Documents that the authority sealed (certificates, proofs) and forms
 * that a firm signed, read back by nothing but their bytes.
 *
 * Our files have one shape: a PDF 1.7 of our renderer, then one incremental update with one
 * signature (seal.h), and nothing else. The verifier demands it: two revisions whose objects stand
 * one behind the other without gaps, the second with no other objects than a signature brings, no
 * dictionary key that our renderer does not write; a ByteRange from 0 to the last byte that leaves
 * out the string of /Contents with its brackets and nothing else; one signer, at least SHA-256,
 * signing-certificate-v2 (RFC 5035); a signer who was to be believed when the signature was made.
 * So every known way to change what a signed PDF shows meets a rule that refuses it, whatever a
 * viewer would make of the file.
 */
#ifndef ECERT_CORE_SEAL_VERIFY_H
#define ECERT_CORE_SEAL_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "core/seal/trust.h"

struct err;
struct pool;
struct seals;
struct timestamp_trust;

/* What was found: the first that applies. */
enum verify_verdict {
    VERIFY_GENUINE,
    VERIFY_NOT_PDF,     /* not a PDF 1.7 as we write it, or too large */
    VERIFY_TRAILING,    /* bytes behind the end */
    VERIFY_UNSIGNED,    /* one revision, without a signature */
    VERIFY_REVISIONS,   /* changed by an update behind, or before, that of the signature */
    VERIFY_STRUCTURE,   /* tables and objects don't fit together, or leave gaps */
    VERIFY_OBJECTS,     /* the update writes other objects than a signature needs */
    VERIFY_FIELD,       /* the signature's objects are not as we write them */
    VERIFY_RANGE,       /* /ByteRange is not all but the string of /Contents */
    VERIFY_COVERAGE,    /* /ByteRange does not end with the file */
    VERIFY_CONTENTS,    /* /Contents is not one DER with zeros behind it */
    VERIFY_CONTENT,     /* the page is not of our renderer: it has actions, files, layers … */
    VERIFY_BROKEN,      /* the signature is no CMS SignedData in DER */
    VERIFY_ATTACHED,    /* the signature has content of its own */
    VERIFY_SIGNERS,     /* not exactly one signer */
    VERIFY_ATTRIBUTES,  /* attributes other than ours, or no signing-certificate-v2 */
    VERIFY_CERTIFICATE, /* the signer's certificate, or the one it names, is not inside */
    VERIFY_WEAK,        /* an algorithm or a key that is not taken */
    VERIFY_FORGED,      /* the signature's value does not verify */
    VERIFY_ALTERED,     /* a signature, but not over these bytes */
    VERIFY_TIME,        /* signed in the future, or stamped before it was signed */
    VERIFY_TIMESTAMP,   /* the time-stamp is broken, not for this signature, or not to be believed */
    VERIFY_UNTRUSTED,   /* neither the authority's seal nor a firm's key that was good at that time:
                         * `trusted` says why */
    VERIFY_UNRECORDED   /* all is well with it, but its hash is not on record: nobody issued it */
};

/* "genuine", "trailing" … for logs, audit and JSON. */
const char *verify_verdict_name(enum verify_verdict verdict);
/* A sentence in English. */
const char *verify_verdict_text(enum verify_verdict verdict);

enum verify_signer {
    VERIFY_NOBODY,    /* whom we know */
    VERIFY_AUTHORITY, /* the authority's seal, of today or of before */
    VERIFY_FIRM       /* a firm's key */
};

enum verify_record {
    VERIFY_NOT_ASKED,
    VERIFY_RECORDED,  /* the SHA-256 of the file is that of a stored document */
    VERIFY_NO_RECORD
};

/* What is known about a file; but for hash and record a claim unless the verdict is
 * VERIFY_GENUINE or VERIFY_UNRECORDED. Texts live in the pool, UTF-8 without controls; "" for none. */
struct verify_result {
    enum verify_verdict verdict;
    const char *cause;          /* what exactly was found, in English; "" where it is genuine */
    char hash[65];              /* SHA-256 of the file, hex */
    enum verify_record record;
    enum verify_signer signer;
    const char *name;           /* of the signer: CN or O in the certificate */
    struct trust_identity identity; /* uscc: of a firm */
    enum trust_verdict trusted;
    const char *reason, *location; /* as the signature says */
    int64_t signed_ms;          /* /M: the signer's own clock */
    bool stamped;               /* there is a time-stamp */
    int64_t stamped_ms;         /* its time; 0: there is none, or nobody could judge it */
    const char *stamper;        /* whose it is: CN or O */
    const char *level;          /* PAdES: "B-B", "B-T"; "" unless the value verifies */
};

/* Who may have signed; NULL for those that are not taken. */
struct verifier {
    struct seals *seals;            /* the authority's */
    struct trust *trust;            /* for firms */
    struct timestamp_trust *stamps; /* NULL: time-stamps are not judged, and prove nothing */
};

struct verifier_settings {
    const char *seal;         /* as seals_open (seals.h) has it */
    const char *former_seals; /* "" for none */
    const struct trust_settings *firms;
    const char *revocations;  /* PEM file of lists about seals and time-stamp authorities; "" for none */
    const char *stamps;       /* PEM file of the CAs of time-stamp authorities; "" for none */
};

/* All three. 0/-1 (ERR_CONFIG). */
int verifier_open(const struct verifier_settings *settings, struct verifier *verifier,
                  struct err *err);
void verifier_close(struct verifier *verifier);

/* Looks a SHA-256 up among the stored documents. 1/0/-1. */
typedef int verify_lookup(void *context, const uint8_t hash[32], struct err *err);

/* Judges the file at the instant now_ms. `lookup` may be NULL: nobody is asked for the hash.
 * 0; -1 only for faults of ours (ERR_SYSTEM, ERR_CRYPTO, and what lookup yields), never for a bad
 * file. */
int verify_file(const struct verifier *verifier, struct pool *pool, struct bytes file,
                int64_t now_ms, verify_lookup *lookup, void *context,
                struct verify_result *result, struct err *err);

/* For who has just made a file, before it is kept: is all well with it but the signer, whom nobody is
 * asked about? 0/-1 (ERR_DOCUMENT, which says what is wrong; ERR_CRYPTO). */
int verify_made(struct pool *pool, struct bytes file, int64_t now_ms, struct err *err);

#endif
