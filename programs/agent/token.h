/*
 * The clerk's key: any token that a PKCS#11 (2.40) module shows, loaded by p11-kit.
 *
 * Nothing stays logged in: a password opens the token for one signature. Tokens may come and go;
 * each call looks anew. One call at a time enters the modules, whichever thread it is of.
 */
#ifndef ECERT_PROGRAMS_AGENT_TOKEN_H
#define ECERT_PROGRAMS_AGENT_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "programs/agent/algorithm.h"

struct err;
struct pool;
struct token;
struct trouble;

enum { TOKEN_ID_SIZE = 65, TOKEN_CHAIN_MAX = 4 };

/* A certificate that may sign, in a token of which it is not known, before the password, whether it
 * has the private key. */
struct token_certificate {
    char id[TOKEN_ID_SIZE]; /* SHA-256 of the DER, hex */
    char name[4 * 64 + 1];  /* CN of the subject; may be "" */
    char label[2 * 64 + 1]; /* of the object or the token */
    struct bytes der;
    struct bytes key_id; /* CKA_ID */
    struct bytes chain[TOKEN_CHAIN_MAX];
    size_t chain_count;
    const struct algorithm *algorithms[ALGORITHM_COUNT];
    size_t algorithm_count;
    size_t module;
    CK_SLOT_ID slot;
    bool keypad;   /* asks for the password itself (CKF_PROTECTED_AUTHENTICATION_PATH) */
    bool tried;    /* a wrong password was entered since the last right one */
    bool last_try; /* the next wrong one locks it */
    bool locked;
};

/* Loads a module, or with "" all that p11-kit has been told of. 0/-1 (ERR_CONFIG). */
int token_open(const char *module, struct token **token, struct err *err);
void token_close(struct token **token);

/* Whether any token is there. */
bool token_present(struct token *token);

/* All certificates that may sign, at most 64; in the pool. A token that fails is passed over. */
struct token_certificate *token_list(struct token *token, struct pool *pool, size_t *count);

/* The certificate of this id; NULL where there is none. */
const struct token_certificate *token_find(struct token *token, struct pool *pool, const char *id);

/* Signs: log in by the PIN, once and never again; sign; log out; verify by the certificate. The
 * signature lives in the pool. ES… is DER (RFC 3279). 0; -1 with what the page is told. */
int token_sign(struct token *token, struct pool *pool, const struct token_certificate *certificate,
               const struct algorithm *algorithm, struct bytes statement, const char *pin,
               struct bytes *signature, struct trouble *trouble);

#endif
