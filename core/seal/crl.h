/*
 * Revocation lists (RFC 5280, 5) as they come in: judged one by one, and put together into the file
 * that trust.h reads.
 */
#ifndef ECERT_CORE_SEAL_CRL_H
#define ECERT_CORE_SEAL_CRL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct crl_book;
struct err;
struct pool;

/* How a list was judged. The first that applies. */
enum crl_verdict {
    CRL_NEW,     /* taken, in the place of an older one of its authority if there was one */
    CRL_SAME,    /* the one that is there already */
    CRL_BROKEN,  /* not a list in DER or PEM, without nextUpdate, or with critical extensions that
                    we don't know */
    CRL_PARTIAL, /* a delta (5.2.4), or one that speaks of others' certificates (5.2.5) */
    CRL_FOREIGN, /* of none of our authorities */
    CRL_FORGED,  /* not signed by the authority whose name it has */
    CRL_WEAK,    /* signed with less than SHA-256 */
    CRL_NOT_YET, /* thisUpdate is to come */
    CRL_EXPIRED, /* nextUpdate is over */
    CRL_BACK,    /* older than the one that is there: by its number, or by its date */
    CRL_MANY     /* there is no place for one more */
};

/* "new", "same" … */
const char *crl_verdict_name(enum crl_verdict verdict);

enum { CRL_LISTS_LIMIT = 256 /* in one file */ };

/* A list, for who looks. The texts live in the pool. */
struct crl_line {
    const char *issuer; /* RFC 2253; "" where it could not be read */
    const char *number; /* hex, or "" */
    int64_t this_ms, next_ms;
    bool fresh; /* taken, or found to be the same, since the book was opened */
};

/* Whose lists they are: files of certificates, "" for none, of whom the CAs are believed; all of them
 * may name where lists are. */
enum { CRL_FILES = 3 };
struct crl_authorities {
    const char *files[CRL_FILES]; /* NULL: no more */
};

/* The authorities' files must be there; the lists' may be missing. 0/-1 (ERR_CONFIG). */
int crl_open(const struct crl_authorities *authorities, const char *lists, struct crl_book **book,
             struct err *err);
/* The same, to fetch lists anew: of a file that is damaged, what can be read; *damaged says so. Such a
 * file is written again as soon as any list was taken or found to be the same. */
int crl_salvage(const struct crl_authorities *authorities, const char *lists, struct crl_book **book,
                bool *damaged, struct err *err);
void crl_free(struct crl_book **book);

/* Where the certificates say that lists are (cRLDistributionPoints), each once, http or https. */
size_t crl_urls(const struct crl_book *book, struct pool *pool, const char ***urls);

/* Judges DER, or one block of PEM, at the instant now_ms, and keeps what is good. */
enum crl_verdict crl_take(struct crl_book *book, struct pool *pool, struct bytes list,
                          int64_t now_ms, struct crl_line *line);

size_t crl_count(const struct crl_book *book);
void crl_look(const struct crl_book *book, struct pool *pool, size_t place, struct crl_line *line);
/* Names of the CAs among the certificates that have no list. */
size_t crl_without(const struct crl_book *book, struct pool *pool, const char ***names);

/* Writes all lists into the file, if there is anything new (base/file.h). 0/-1. */
int crl_write(struct crl_book *book, const char *path, struct err *err);

#endif
