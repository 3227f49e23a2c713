/*
 * What token.c and token_sign.c share: the door to the modules.
 */
#ifndef ECERT_PROGRAMS_AGENT_TOKEN_STEPS_H
#define ECERT_PROGRAMS_AGENT_TOKEN_STEPS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <p11-kit/p11-kit.h>

#include "base/text.h"

struct pool;

struct token {
    CK_FUNCTION_LIST **modules; /* ended by NULL */
    size_t count;
    bool registered; /* p11-kit's own list, else one module of ours */
    pthread_mutex_t lock;
};

/* Objects of a session that fit the template, at most `room`. Their number. */
size_t token_objects(CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session, CK_ATTRIBUTE *template,
                     CK_ULONG size, CK_OBJECT_HANDLE *objects, size_t room);

/* An attribute's value, at most 16 KiB, in the pool; empty where it has none. */
struct bytes token_attribute(CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session,
                             CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, struct pool *pool);

bool token_mechanism(CK_FUNCTION_LIST *module, CK_SLOT_ID slot, CK_MECHANISM_TYPE type);

#endif
