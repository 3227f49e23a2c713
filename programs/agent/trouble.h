/*
 * Why the agent did not do what a page asked: what goes back to the page, and nothing that it has
 * no business with.
 */
#ifndef ECERT_PROGRAMS_AGENT_TROUBLE_H
#define ECERT_PROGRAMS_AGENT_TROUBLE_H

enum trouble_kind {
    TROUBLE_NO_KEY,    /* no token, or not this certificate's key */
    TROUBLE_WRONG_PIN, /* the password is wrong */
    TROUBLE_CANCELLED, /* the clerk said no, or nothing in time, or left the page */
    TROUBLE_LOCKED,    /* too many wrong passwords */
    TROUBLE_REFUSED,   /* the agent does not do this */
    TROUBLE_FAILED     /* the token, or the agent, is at fault */
};

enum { TROUBLE_TRIES_UNKNOWN = -1 };

struct trouble {
    enum trouble_kind kind;
    int status; /* of HTTP */
    int tries_left;
    char text[256]; /* English, for whoever programs the page */
};

/* Fills it, with tries unknown, and yields -1. */
int trouble_set(struct trouble *trouble, enum trouble_kind kind, int status, const char *format,
                ...) __attribute__((format(printf, 4, 5)));

/* "no_key", "wrong_pin" … */
const char *trouble_name(enum trouble_kind kind);

#endif
