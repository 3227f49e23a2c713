/*
 * Why a document failed, as a clerk can understand it. The issuer's own words, in English and with
 * the names of its fields, stay in the job and in the log, for operators.
 */
#ifndef ECERT_MODULES_CAUSE_H
#define ECERT_MODULES_CAUSE_H

#include "core/register/certificate.h"

struct pool;

/* A sentence without its full stop, in the pool; `cause` is the job's. Without a certificate
 * (NULL) it says no name. */
const char *cause_sentence(struct pool *pool, const char *cause,
                           const struct certificate *certificate);

#endif
