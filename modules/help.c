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
    {"", HTTP_GET, 0, NULL, "index", help_show},
    {"login", HTTP_GET, 0, NULL, "login", help_show},
    {"exchange", HTTP_GET, 0, NULL, "exchange", help_show},
    {"certificates", HTTP_GET, 0, NULL, "certificates", help_show},
    {"verify", HTTP_GET, 0, NULL, "verify", help_show},
    {"questions", HTTP_GET, 0, NULL, "questions", help_show},
    {0},
};

const struct module module_help = {.name = "help", .label = "操作手册", .routes = help_routes};
