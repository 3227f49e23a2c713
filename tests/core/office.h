/*
 * Another office's service, for tests: HTTP/1.1 on a free loopback port, in a thread of its own,
 * one connection at a time, that answers as its script says. Whatever fails ends the test.
 */
#ifndef ECERT_TESTS_CORE_OFFICE_H
#define ECERT_TESTS_CORE_OFFICE_H

#include <stddef.h>
#include <openssl/ssl.h>

enum office_manner {
    OFFICE_WHOLE,
    OFFICE_SILENT, /* takes the request and says nothing */
    OFFICE_DRIPS,  /* a byte of the body every 20 ms */
    OFFICE_CUTS,   /* half of the body, and the end */
    OFFICE_SHUTS,  /* not a byte, and the end */
    OFFICE_RAW     /* the body without a head, and the end */
};

struct office_answer {
    enum office_manner manner;
    int status;         /* 0: 200 */
    const char *type;   /* NULL: application/json */
    const char *header; /* a further line with CR LF, or NULL */
    const char *body;
    size_t size;        /* the body is filled up with blanks to so many bytes; 0: as it is */
    /* NULL, or what makes the body of the request's: at most `room` bytes into `out`; it runs in the
     * office's thread. */
    size_t (*make)(void *context, const void *request, size_t size, void *out, size_t room);
    void *context;
};

struct office;

/* Speaks TLS where `tls` is given (borrowed). */
struct office *office_open(SSL_CTX *tls);
void office_close(struct office **office);
int office_port(const struct office *office);

/* The answers to the next requests, the last one again and again; they are borrowed. Counting
 * begins anew. */
void office_script(struct office *office, const struct office_answer *answers, size_t count);
size_t office_requests(struct office *office);
size_t office_connections(struct office *office);
/* The last request, head and body; good until the next one. */
const char *office_last(struct office *office);

#endif
