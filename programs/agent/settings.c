#include "programs/agent/settings.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "programs/agent/origin.h"

#define MEMBER(name) offsetof(struct agent_settings, name)

static const struct config_key keys[] = {
    {"Agent.Port",           CONFIG_INT,  MEMBER(port),            "17432",             1, 65532},
    {"Agent.Origin",         CONFIG_TREE, MEMBER(origins),         "",                  0, 0    },
    {"Agent.Module",         CONFIG_PATH, MEMBER(module),          "",                  0, 0    },
    {"Agent.Prompt",         CONFIG_TEXT, MEMBER(prompt_name),     "auto",              1, 16   },
    {"Agent.Pinentry",       CONFIG_PATH, MEMBER(pinentry),        "/usr/bin/pinentry", 1, 4096 },
    {"Agent.ConsentSeconds", CONFIG_INT,  MEMBER(consent_seconds), "120",               1, 600  },
    {"Agent.PauseSeconds",   CONFIG_INT,  MEMBER(pause_seconds),   "3",                 0, 60   },
    {"Log.Level",            CONFIG_TEXT, MEMBER(log_level_name),  "info",              1, 16   },
};

const struct config_key *agent_settings_keys(size_t *count)
{
    *count = sizeof(keys) / sizeof(*keys);
    return keys;
}

const char *agent_settings_path(struct pool *pool)
{
    const char *folder = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

    if (folder && *folder == '/')
        return pool_printf(pool, "%s/ecert/agent.conf", folder);
    return home && *home == '/' ? pool_printf(pool, "%s/.config/ecert/agent.conf", home) : NULL;
}

static int wrong(struct pool *pool, const char *path, const char *key, const char *what, struct err *err)
{
    return err_set(err, ERR_CONFIG, 0, "%s: %s", config_where(pool, path, key), what);
}

static int check_origins(struct pool *pool, const char *path, const struct config_entry *origins,
                         struct err *err)
{
    if (!origins)
        return wrong(pool, path, "Agent.Origin", "must name at least one site, as Agent.Origin.0", err);
    for (const struct config_entry *entry = origins; entry; entry = entry->next)
        if (!origin_valid(entry->value))
            return wrong(pool, path, pool_printf(pool, "Agent.Origin.%s", entry->name),
                         "must be https://host or https://host:port, as the browser shows it, in lower "
                         "case, and with nothing behind it",
                         err);
    return 0;
}

static int take_prompt(struct pool *pool, const char *path, struct agent_settings *settings,
                       struct err *err)
{
    if (strcmp(settings->prompt_name, "terminal") == 0)
        settings->prompt = PROMPT_TERMINAL;
    else if (strcmp(settings->prompt_name, "pinentry") == 0)
        settings->prompt = PROMPT_PINENTRY;
    else if (strcmp(settings->prompt_name, "auto") == 0)
        settings->prompt = isatty(STDIN_FILENO) ? PROMPT_TERMINAL : PROMPT_PINENTRY;
    else
        return wrong(pool, path, "Agent.Prompt", "must be auto, terminal or pinentry", err);
    return 0;
}

static int take_level(struct pool *pool, const char *path, struct agent_settings *settings,
                      struct err *err)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strcmp(settings->log_level_name, names[i]) == 0) {
            settings->log_level = (enum log_level)i;
            return 0;
        }
    return wrong(pool, path, "Log.Level", "must be debug, info, warn or error", err);
}

int agent_settings_load(struct pool *pool, const char *path, struct agent_settings *settings,
                        struct err *err)
{
    const struct config_section section = {keys, sizeof(keys) / sizeof(*keys), settings};

    *settings = (struct agent_settings){0};
    if (config_load(pool, path, &section, 1, err) < 0 ||
        check_origins(pool, path, settings->origins, err) < 0 ||
        take_prompt(pool, path, settings, err) < 0 || take_level(pool, path, settings, err) < 0)
        return -1;
    return 0;
}
