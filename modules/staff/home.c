/*
 * 工作首页: the first page of staff: who am I, what can I do in my role.
 */
#include "core/staff.h"
#include "modules/common.h"

static enum outcome home_show(struct request *request, struct err *err)
{
    (void)err;
    page_text(request->hdf, "Role", staff_role_label(request->who.roles));
    return OUT_PAGE;
}

static const struct route home_routes[] = {
    {"", HTTP_GET, NEED_STAFF, .roles = STAFF_ALL, .page = "home", .handle = home_show},
    {0},
};

const struct module module_staff = {.name = "staff", .label = "工作首页", .routes = home_routes};
