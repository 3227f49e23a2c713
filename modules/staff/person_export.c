#include "modules/staff/person_export.h"

#include <inttypes.h>

#include "core/audit/audit.h"
#include "core/register/person.h"
#include "core/register/person_export.h"
#include "modules/common.h"

/* What the stream is made of, behind its handler. */
struct taking {
    struct db *db;
    const struct core *core;
    uint64_t id;
    int64_t now_ms;
};

static int write_export(void *context, const struct sink *sink, struct err *err)
{
    const struct taking *taking = context;

    return person_export(taking->db, taking->core, taking->id, taking->now_ms, sink, err);
}

enum outcome person_export_send(struct request *request, uint64_t person_id, struct err *err)
{
    const struct audit_event event = {.actor = actor_of(request),
                                      .action = "person.export",
                                      .object_kind = "person",
                                      .object_id = person_id};
    struct taking *taking = POOL_NEW(request->pool, struct taking);
    struct person person;
    int found = person_find(request->db, request->pool, core_of(request), person_id, &person, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    if (audit_add(request->db, request->pool, core_of(request), &event, 1, err) < 0)
        return outcome_of(err);
    *taking = (struct taking){request->db, core_of(request), person_id, request->now_ms};
    return respond_stream(request, "application/zip",
                          pool_printf(request->pool, "人员数据-%" PRIu64 ".zip", person_id),
                          write_export, taking);
}
