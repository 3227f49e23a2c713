#include "programs/agent/gate.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "programs/agent/origin.h"
#include "programs/agent/trouble.h"

static const struct path {
    const char *path, *method;
    enum gate_action action;
    size_t limit;
} paths[] = {
    {"/v1/status",       "GET",  GATE_STATUS,       0              },
    {"/v1/certificates", "POST", GATE_CERTIFICATES, GATE_BODY_LIMIT},
    {"/v1/sign",         "POST", GATE_SIGN,         GATE_SIGN_LIMIT},
};

static const struct path *path_find(const char *path)
{
    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
        if (strcmp(paths[i].path, path) == 0)
            return &paths[i];
    return NULL;
}

static bool is_json(const char *type)
{
    static const char *const same[] = {"application/json", "application/json;charset=utf-8",
                                       "application/json; charset=utf-8"};

    for (size_t i = 0; type && i < sizeof(same) / sizeof(*same); i++)
        if (strcasecmp(type, same[i]) == 0)
            return true;
    return false;
}

/* Who asks: somebody on this computer, by our own name, for a site of the list. */
static int judge_asker(const struct gate_request *request, const struct config_entry *origins,
                       unsigned port, struct trouble *trouble)
{
    if (!request->loopback)
        return trouble_set(trouble, TROUBLE_REFUSED, 403, "only this computer may ask");
    if (request->repeated)
        return trouble_set(trouble, TROUBLE_REFUSED, 400, "a header came twice");
    if (!origin_host_ours(request->host, port))
        return trouble_set(trouble, TROUBLE_REFUSED, 403, "Host is not this agent");
    if (!origin_listed(origins, request->origin))
        return trouble_set(trouble, TROUBLE_REFUSED, 403, "this origin is not in the agent's list");
    return 0;
}

/* A browser that tells how the request came about must tell that a script's fetch did. */
static int judge_fetch(const struct gate_request *request, struct trouble *trouble)
{
    if ((request->fetch_mode && strcmp(request->fetch_mode, "cors") != 0) ||
        (request->fetch_dest && strcmp(request->fetch_dest, "empty") != 0) ||
        (request->fetch_site && strcmp(request->fetch_site, "none") == 0))
        return trouble_set(trouble, TROUBLE_REFUSED, 403, "only a page's fetch may ask");
    return 0;
}

static bool headers_allowed(const char *wanted)
{
    return !wanted || !*wanted || strcasecmp(wanted, "content-type") == 0;
}

static int judge_preflight(const struct gate_request *request, const struct path *path,
                           enum gate_action *action, struct trouble *trouble)
{
    if (!request->wanted_method || strcmp(request->wanted_method, path->method) != 0)
        return trouble_set(trouble, TROUBLE_REFUSED, 405, "only %s is possible here", path->method);
    if (!headers_allowed(request->wanted_headers))
        return trouble_set(trouble, TROUBLE_REFUSED, 403, "no header but Content-Type is allowed");
    *action = GATE_PREFLIGHT;
    return 0;
}

int gate_judge(const struct gate_request *request, const struct config_entry *origins,
               unsigned port, enum gate_action *action, size_t *limit, struct trouble *trouble)
{
    const struct path *path = path_find(request->path);

    *limit = 0;
    if (judge_asker(request, origins, port, trouble) < 0)
        return -1;
    if (!path || request->query)
        return trouble_set(trouble, TROUBLE_REFUSED, 404, "there is no such thing here");
    if (strcmp(request->method, "OPTIONS") == 0)
        return judge_preflight(request, path, action, trouble);
    if (strcmp(request->method, path->method) != 0)
        return trouble_set(trouble, TROUBLE_REFUSED, 405, "only %s is possible here", path->method);
    if (judge_fetch(request, trouble) < 0)
        return -1;
    if (path->limit && !is_json(request->content_type))
        return trouble_set(trouble, TROUBLE_REFUSED, 415, "the body must be application/json");
    *action = path->action;
    *limit = path->limit;
    return 0;
}

bool gate_asker_known(const struct gate_request *request, const struct config_entry *origins,
                      unsigned port)
{
    struct trouble trouble;

    return judge_asker(request, origins, port, &trouble) == 0;
}
