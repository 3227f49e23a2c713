/*
 * agent.conf: the clerk's own file, in the syntax of base/config.h.
 */
#ifndef ECERT_PROGRAMS_AGENT_SETTINGS_H
#define ECERT_PROGRAMS_AGENT_SETTINGS_H

#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "base/log.h"
#include "programs/agent/prompt.h"

struct err;
struct pool;

struct agent_settings {
    int64_t port;                       /* the first that is tried */
    const struct config_entry *origins; /* the exact list; not empty */
    const char *module;                 /* PKCS#11; "": all that p11-kit knows */
    const char *pinentry;
    const char *prompt_name;
    enum prompt_way prompt;
    int64_t consent_seconds; /* that a question waits for its answer */
    int64_t pause_seconds;   /* without questions after one that led to no signature */
    const char *log_level_name;
    enum log_level log_level;
};

/* Where the file is when none is named: $XDG_CONFIG_HOME/ecert/agent.conf, else
 * ~/.config/ecert/agent.conf; NULL without a home. Lives in the pool. */
const char *agent_settings_path(struct pool *pool);

/* All strings live in the pool. 0/-1 (ERR_CONFIG). */
int agent_settings_load(struct pool *pool, const char *path, struct agent_settings *settings,
                        struct err *err);

/* The table of keys, for the test that compares it with conf/agent.conf. */
const struct config_key *agent_settings_keys(size_t *count);

#endif
