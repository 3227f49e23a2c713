/*
 * Whom we believe: certificates of firms that log in or sign, judged in C.
 *
 * nginx only hands over what the browser presented; the chain to the configured authorities
 * (RFC 5280, 6), the dates, key usage and revocation lists are judged here, and the firm's code is
 * read from where the issuing authority puts it.
 */
#ifndef ECERT_CORE_SEAL_TRUST_H
#define ECERT_CORE_SEAL_TRUST_H

#include <stdint.h>

#include "base/config.h"
#include "base/text.h"
#include "core/seal/responder.h"

struct err;
struct pool;
struct trust;

/* Whether the OCSP responder is asked that a certificate names, and what holds without an answer. */
enum trust_ocsp {
    TRUST_OCSP_OFF,  /* nobody is asked */
    TRUST_OCSP_SOFT, /* the certificate holds */
    TRUST_OCSP_HARD  /* it does not: TRUST_NO_OCSP */
};

struct trust_settings {
    const char *authorities; /* PEM file of trusted CA certificates */
    const char *revocations; /* PEM file of CRLs; "" for none. Reloaded when its mtime changes */
    bool revocations_required; /* a CA without a current CRL is an error, not a shrug */
    int64_t chain_limit; /* most CAs between a certificate and an authority; 0: TRUST_CHAIN_LIMIT */
    enum trust_ocsp ocsp;
    struct responder_settings responders; /* where ocsp is not off */
    /* Login.FirmCode: entries "<n>.Issuer" (one or more whole parts, in order, of the issuer's RFC
     * 2253 name, such as "CN=Issuing CA,O=Some CA"; or "*" for any) and "<n>.Field" (a dotted OID of an
     * extension or DN attribute, or a DN short name such as organizationIdentifier or OU). The fields of
     * all rows whose issuer fits are read: the codes with a right check digit there must be one. "*" is for
     * extensions and organizationIdentifier only. */
    const struct config_entry *firm_code;
};

enum { TRUST_CHAIN_LIMIT = 6 };

int trust_open(const struct trust_settings *settings, struct trust **trust, struct err *err);
void trust_free(struct trust **trust);

/* How a presented certificate was judged. */
enum trust_verdict {
    TRUST_OK,
    TRUST_NONE,        /* nothing presented */
    TRUST_BROKEN,      /* not a certificate */
    TRUST_SELF_SIGNED,
    TRUST_FOREIGN,     /* chain does not end at one of our authorities */
    TRUST_CHAIN,       /* too many CAs in between, or more than one of them allows */
    TRUST_NOT_YET,
    TRUST_EXPIRED,
    TRUST_REVOKED,
    TRUST_NO_CRL,      /* revocation could not be judged and must be */
    TRUST_NO_OCSP,     /* the same, of the responder that the certificate names */
    TRUST_USAGE,       /* not meant for the purpose by its key usage, or a CA's */
    TRUST_WEAK,        /* a key under 112 bits of strength: RSA under 2048 bits */
    TRUST_DIGEST,      /* signed with MD5 or SHA-1 */
    TRUST_NO_CODE,     /* no unified social credit code where one should be */
    TRUST_CODES        /* more than one, or one that may not be the authority's word */
};

/* What a certificate is presented for. */
enum trust_purpose {
    TRUST_LOGIN, /* keyUsage digitalSignature, extendedKeyUsage clientAuth, where it has these */
    TRUST_STAFF, /* the same of a person of the staff: no firm's code is looked for */
    TRUST_FORM,  /* signing a form: digitalSignature or nonRepudiation; clientAuth, emailProtection,
                    documentSigning (RFC 9336) or any */
    /* A form that was signed at that instant, which is past: today's lists are asked, and no
     * responder. Whoever is revoked now is so here too, unless it is proven that he signed before. */
    TRUST_SIGNED,
    TRUST_SIGNED_PROVEN
};

/* "ok", "expired" … for logs and audit. */
const char *trust_verdict_name(enum trust_verdict verdict);

struct trust_identity {
    char uscc[19];        /* the firm's code, check digit right; "" unless TRUST_OK */
    char serial[65];      /* certificate's serial number, hex */
    char fingerprint[65]; /* SHA-256 of the DER, hex */
    uint8_t key[32];      /* SHA-256 of its SubjectPublicKeyInfo; a renewed certificate may keep it */
    int64_t expires_ms;
    enum ocsp_verdict ocsp; /* what its responder said; OCSP_UNASKED where there is none */
};

/* The firm's code in a certificate that nobody has judged yet: a hint what to read ahead, never
 * believed. False, and "", where there is none. */
bool trust_claim(const struct trust *trust, struct bytes certificate, char uscc[19]);

/* First step, where OCSP is not off: asks the responder of a certificate that holds otherwise, and
 * keeps the answer in this process. It may take the time-out, so it is for route.before (fcgi/route.h)
 * and never for a transaction. Second step, in the handler: trust_judge…, which asks nobody, but knows
 * what was said. With TRUST_OCSP_HARD, a certificate that nobody asked about is TRUST_NO_OCSP. The
 * arguments are those of the second step. It costs next to nothing where OCSP is off, no responder is
 * named, or the answer is still known. 0; -1 only for faults of ours: a responder that is away is
 * none. */
int trust_ask_chain(struct trust *trust, struct pool *pool, const struct bytes *chain, size_t count,
                    enum trust_purpose purpose, int64_t now_ms, struct err *err);
int trust_ask_escaped(struct trust *trust, struct pool *pool, const char *escaped,
                      enum trust_purpose purpose, int64_t now_ms, struct err *err);
/* Is there anything that trust_ask_chain could ask about this certificate? Certificates are no secrets:
 * whoever can do so makes sure first that he who brings one has its key. */
bool trust_would_ask(const struct trust *trust, struct bytes certificate, int64_t now_ms);

/* Judges certificates at the instant now_ms. The identity is filled as far as it could be read. 0;
 * -1 only for faults of ours (ERR_SYSTEM, ERR_CRYPTO), never for a bad certificate. Chains signed
 * by SM2 with SM3 are judged like others, under the standard's identity of signers.
 *
 * DER that brings others along: chain[0] is judged, and the others, in any order, may stand between
 * it and an authority of ours. Those that do are judged too: dates, strength, revocation. */
int trust_judge_chain(struct trust *trust, struct pool *pool, const struct bytes *chain,
                      size_t count, enum trust_purpose purpose, int64_t now_ms,
                      enum trust_verdict *verdict, struct trust_identity *identity,
                      struct err *err);
/* The same for one alone. */
int trust_judge(struct trust *trust, struct pool *pool, struct bytes der,
                enum trust_purpose purpose, int64_t now_ms, enum trust_verdict *verdict,
                struct trust_identity *identity, struct err *err);
/* The same for one in PEM, percent-encoded as nginx's $ssl_client_escaped_cert hands it over ("" for
 * none). */
int trust_judge_escaped(struct trust *trust, struct pool *pool, const char *escaped,
                        enum trust_purpose purpose, int64_t now_ms, enum trust_verdict *verdict,
                        struct trust_identity *identity, struct err *err);
/* A certificate that came as a file, DER or one block of PEM, as DER; false for anything else. */
bool trust_file(struct pool *pool, struct bytes file, struct bytes *der);

#endif
