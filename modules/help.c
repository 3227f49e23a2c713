/*
 * 操作手册: the manual, a template for each chapter.
 */
#include "modules/common.h"

static enum outcome help_show(struct request *request, struct err *err)
{
    (void)request;
    (void)err;
    return OUT_PAGE;
}

static const struct route help_routes[] = {
    {"", HTTP_GET, 0, .page = "index", .handle = help_show},
    {"login", HTTP_GET, 0, .page = "login", .handle = help_show},
    {"exchange", HTTP_GET, 0, .page = "exchange", .handle = help_show},
    {"certificates", HTTP_GET, 0, .page = "certificates", .handle = help_show},
    {"apply", HTTP_GET, 0, .page = "apply", .handle = help_show},
    {"transfer", HTTP_GET, 0, .page = "transfer", .handle = help_show},
    {"rename", HTTP_GET, 0, .page = "rename", .handle = help_show},
    {"cancel", HTTP_GET, 0, .page = "cancel", .handle = help_show},
    {"departure", HTTP_GET, 0, .page = "departure", .handle = help_show},
    {"name-change", HTTP_GET, 0, .page = "name-change", .handle = help_show},
    {"verify", HTTP_GET, 0, .page = "verify", .handle = help_show},
    {"staff-enterprises", HTTP_GET, 0, .page = "staff-enterprises", .handle = help_show},
    {"staff-imports", HTTP_GET, 0, .page = "staff-imports", .handle = help_show},
    {"staff-holds", HTTP_GET, 0, .page = "staff-holds", .handle = help_show},
    {"staff-proposals", HTTP_GET, 0, .page = "staff-proposals", .handle = help_show},
    {"staff-sanctions", HTTP_GET, 0, .page = "staff-sanctions", .handle = help_show},
    {"staff-login", HTTP_GET, 0, .page = "staff-login", .handle = help_show},
    {"staff-name-change", HTTP_GET, 0, .page = "staff-name-change", .handle = help_show},
    {"staff-corrections", HTTP_GET, 0, .page = "staff-corrections", .handle = help_show},
    {"staff-capture", HTTP_GET, 0, .page = "staff-capture", .handle = help_show},
    {"staff-search", HTTP_GET, 0, .page = "staff-search", .handle = help_show},
    {"staff-audit", HTTP_GET, 0, .page = "staff-audit", .handle = help_show},
    {"staff-statistics", HTTP_GET, 0, .page = "staff-statistics", .handle = help_show},
    {"staff-notices", HTTP_GET, 0, .page = "staff-notices", .handle = help_show},
    {"contact", HTTP_GET, 0, .page = "contact", .handle = help_show},
    {"staff-notifications", HTTP_GET, 0, .page = "staff-notifications", .handle = help_show},
    {"questions", HTTP_GET, 0, .page = "questions", .handle = help_show},
    {0},
};

const struct module module_help = {.name = "help", .label = "操作手册", .routes = help_routes};
