/*
 * 材料下载: what was scanned for a matter, for those who may see the matter.
 */
#include "core/matter/attachment.h"
#include "core/proposal/proposal.h"
#include "core/staff/staff.h"
#include "modules/common.h"
#include "modules/staff/proposal_page.h"

enum { F_ID };
static const struct field id_fields[] = {
    [F_ID] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0},
};

/* Those of a proposal are for who may decide it, and for the auditor; one that belongs to none yet is
 * its owner's alone. */
static bool visible(const struct request *request, const struct attachment *attachment)
{
    const struct proposal_kind *kind = proposal_kind_find(attachment->proposal);

    if (kind)
        return proposal_papers_visible(kind, request->who.roles);
    return attachment->added_by == request->who.id || request->who.roles & STAFF_AUDITOR;
}

static enum outcome attachments_get(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);
    struct attachment attachment;
    struct bytes body;
    int found = attachment_find(request->db, request->pool, change.core, request_id(request, F_ID),
                                &attachment, err);

    if (found == 1 && !visible(request, &attachment))
        found = 0;
    if (found == 1) {
        change.matter_id = attachment.matter_id;
        found = attachment_read(&change, attachment.id, &attachment, &body, err);
    }
    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    if (change_end(&change, err) < 0)
        return outcome_of(err);
    return respond_foreign(request, attachment.type, body, attachment.name);
}

static const struct route attachments_routes[] = {
    {"{id}", HTTP_GET, NEED_STAFF | NEED_TRANSACTION, .roles = STAFF_READERS, .fields = id_fields,
     .handle = attachments_get},
    {0},
};

const struct module module_staff_attachments = {
    .name = "staff/attachments", .label = "材料", .routes = attachments_routes};
