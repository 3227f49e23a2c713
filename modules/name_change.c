/*
 * 电子证书姓名变更: done at the counter; this is the guide to it.
 */
#include "modules/common.h"

static enum outcome name_change_show(struct request *request, struct err *err)
{
    (void)request;
    (void)err;
    return OUT_PAGE;
}

static const struct route name_change_routes[] = {
    {"", HTTP_GET, 0, .page = "show", .handle = name_change_show},
    {0},
};

const struct module module_name_change = {
    .name = "name-change", .label = "电子证书姓名变更", .routes = name_change_routes};
