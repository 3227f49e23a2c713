/*
 * Revocation lists that are asked again and again: OpenSSL verifies a list's signature each time, which
 * takes the longer the longer the list is. These remember by which key it was.
 */
#ifndef ECERT_CORE_SEAL_LISTS_H
#define ECERT_CORE_SEAL_LISTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>
#include <openssl/x509.h>

struct err;

/* A signature of the past is judged: the app data of such an X509_STORE_CTX. A list made since then knows
 * more than one of then. */
struct lists_past {
    int64_t then_ms;
    bool proven;  /* that it was made then: who is revoked from a later day on was good */
    bool claimed; /* it says so itself, which counts where the entry's reason casts no doubt on the key:
                     unspecified, affiliationChanged, superseded, cessationOfOperation (RFC 3161, 4) */
};

/* Whom a store believes and what lists say of him, for X509_STORE_set_verify_cb. Whoever is in the store
 * is one by the operator's word; lists speak of the others. */
int lists_spare(int ok, X509_STORE_CTX *context);
/* The same where lists need not be there: a missing or stale one is let pass; a stale one still tells who
 * is revoked. */
int lists_shrug(int ok, X509_STORE_CTX *context);
/* Is it a list that an error of OpenSSL's is about? */
bool lists_are_why(int error);
/* Reads a file of lists, and has the store ask them by lists_shrug. 0/-1 (ERR_CONFIG). */
int lists_use(X509_STORE *store, const char *path, struct err *err);

/* A file of lists as it was when it was last read. */
struct lists_stamp {
    struct timespec mtime;
    off_t size;
    ino_t inode;
};
/* 0/-1 (ERR_CONFIG). */
int lists_stamp(const char *path, struct lists_stamp *stamp, struct err *err);
/* For processes that live long: is the file another one than it was? Then the stamp is the new one's, and
 * the file is to be read; or *err says that it can't be, once. Whoever can't read it keeps what there was,
 * until that runs out by itself. */
bool lists_renewed(const char *path, struct lists_stamp *stamp, struct err *err);
/* Tells the log that it was read, or why not. */
void lists_tell(const char *path, const struct err *err);

/* As openssl_read_crls. Of each list, X509_CRL_verify remembers the key that its signature was verified
 * by, as long as the list is there: the list never changes, and another key is verified by anew. Dates,
 * scope, and whether the key may sign lists, are no part of that. Signatures by SM2 are verified under
 * OPENSSL_SM2_ID. An entry in a list is one of the list's own issuer (RFC 5280, 5.3.3), whatever it says:
 * of indirect lists OpenSSL makes no use unless it is told to. */
int lists_read(const char *path, int limit, STACK_OF(X509_CRL) **lists, struct err *err);

#endif
