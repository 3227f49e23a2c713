/*
 * Sessions and login tickets, in the database, so that every worker of every host knows them.
 *
 * A session is 32 random bytes in the cookie __Host-ecert; the table keeps only their SHA-256. Behind
 * them, after a dot, the cookie says whose session it is: a hint what to read ahead, never believed.
 * It ends some time after the last request and some time after login, whichever is first, by
 * limits of their own for firms and for staff. It keeps the roles that its owner had at login: who
 * takes a role away ends the sessions. The
 * time of the last request is written at most once a minute. A CSRF token is derived from the
 * session's secret (HMAC), so it needs no row and ends with the session; each page has it under
 * another mask, so that compressed pages do not betray it (BREACH).
 */
#ifndef ECERT_FCGI_SESSION_H
#define ECERT_FCGI_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "fcgi/request.h"

/* Opens a session for `who` and sets the cookie; any session the browser came with ends (rotation
 * at login). 0/-1. */
int session_open(struct request *request, const struct principal *who, struct err *err);
/* Ends this session and clears the cookie. 0/-1. */
int session_close(struct request *request, struct err *err);
/* Ends all sessions of the one who is logged in. 0/-1. */
int session_close_all(struct request *request, struct err *err);

/* A ticket takes a login from the login port to the site: good once, for 60 seconds, and only in
 * the browser that it was made for, so that nobody can be logged in as somebody else by a link.
 * The table keeps the hash of two secrets: the token, which travels in the address, and one in the
 * cookie __Host-ecert-login, which a browser returns to every port of the host. `token` holds 44
 * bytes. */
enum { TICKET_SIZE = 44, TICKET_SECONDS = 60 };
int ticket_issue(struct request *request, const struct principal *who, char token[TICKET_SIZE],
                 struct err *err);
/* Redeems: 1 and *who, 0 for an unknown, used or late one, or another browser's, -1. */
int ticket_redeem(struct request *request, const char *token, struct principal *who,
                  struct err *err);

/* A challenge is what the holder of a key signs to log in: a nonce of 256 bits, in base64url, good
 * once, for 120 seconds, in the browser that it was made for, beside those of its other tabs.
 * Redeemed before anything else is looked at, and the transaction kept, it is used up whatever comes
 * of it. */
enum { CHALLENGE_SECONDS = 120 };
int challenge_issue(struct request *request, char nonce[TICKET_SIZE], struct err *err);
/* Redeems it in two steps, between which nothing may be asked of the database (db_run_start). 1, whose
 * answer is to be read; 0: there is none in this browser; -1. */
int challenge_redeem(struct request *request, const char *nonce, struct err *err);
/* 1; 0 for an unknown, used or late one, or another browser's; -1. */
int challenge_redeemed(struct request *request, struct err *err);
/* Why one was not redeemed, to tell and to note. */
enum challenge_fault {
    CHALLENGE_NONE, /* never made, or for another browser */
    CHALLENGE_USED, /* sent once before: replayed */
    CHALLENGE_LATE
};
int challenge_blame(struct request *request, const char *nonce, enum challenge_fault *fault,
                    struct err *err);

/* Half a login: somebody has shown one proof of two, in this browser, which has a secret in the cookie
 * __Host-ecert-login until the other one is shown, for ten minutes at most. What was shown makes two
 * kinds: a password, or a code that lets its owner set up a new account. */
enum half { HALF_PASSWORD, HALF_CODE };
enum { HALF_SECONDS = 600 };
int half_open(struct request *request, enum half half, const struct principal *who, struct err *err);
/* 1 and *who; 0: there is none in this browser, or it is late; -1. */
int half_find(struct request *request, enum half half, struct principal *who, struct err *err);
/* Uses it up: 1; 0: somebody else has, meanwhile, or it is late; -1. */
int half_close(struct request *request, enum half half, struct err *err);

/* What an authenticator signs: a nonce of 256 bits, in base64url, good once, for 120 seconds, in the
 * browser that it was made for, by its half login or its session. It leaves the cookies as they are. */
int nonce_issue(struct request *request, char nonce[TICKET_SIZE], struct err *err);
/* 1; 0 for an unknown, used or late one, or another browser's; -1. */
int nonce_redeem(struct request *request, const char *nonce, struct err *err);

/* A browser that somebody has logged in with before, by the cookie __Host-ecert-browser: its token,
 * or NULL. What it is good for is the caller's business. browser_remember makes a new one and sets
 * the cookie. */
enum { BROWSER_DAYS = 180 };
const char *browser_token(const struct request *request);
void browser_remember(struct request *request, char token[TICKET_SIZE]);

/* For the gates */

enum { SESSION_SECRET = 32, SESSION_TOKEN = 44 /* base64url of a secret, with NUL */ };

struct session {
    bool known; /* the browser came with a secret: whether it is a session's, request->who says */
    uint8_t secret[SESSION_SECRET];
    uint8_t hash[32];
    struct principal claimed; /* by the cookie; nobody where it claims nothing */
    const char *login; /* the cookie of a login that is under way; NULL */
    const char *browser; /* the cookie of a known browser; NULL */
    int64_t idle_ms[WHO_STAFF + 1]; /* by the settings, of each kind of owner */
    int64_t absolute_ms[WHO_STAFF + 1];
};

/* Takes the secrets from the Cookie header. */
void session_cookie(struct request *request, const char *header);
/* Looks it up, ends it if it is late, and sets request->who: one round trip, none without a
 * cookie; a second one at most once a minute. 0/-1. */
int session_load(struct request *request, struct err *err);
/* The CSRF token: base64url(mask, mask xor HMAC-SHA-256(secret, "csrf")), with a new mask. */
enum { CSRF_TOKEN = 87 /* with NUL */ };
void session_csrf(const struct session *session, char token[CSRF_TOKEN]);
/* Is this one of them? Compares in constant time. */
bool session_csrf_equal(const struct session *session, const char *token);

#endif
