#include <inttypes.h>

#include "fcgi/percent.h"
#include "fcgi/render.h"
#include "fcgi/request.h"

enum { NUMBER_ROOM = 24, QUERY_ROOM = 4096 };

void page_text(HDF *node, const char *name, const char *value)
{
    render_must(hdf_set_value(node, name, value ? value : ""));
}

void page_int(HDF *node, const char *name, int64_t value)
{
    char text[NUMBER_ROOM];

    text_format(text, sizeof(text), "%" PRId64, value);
    page_text(node, name, text);
}

void page_date(HDF *node, const char *name, struct date date)
{
    char text[11];

    date_format(date, text);
    page_text(node, name, text);
}

void page_time(HDF *node, const char *name, int64_t ms)
{
    char text[20];

    clock_shanghai(ms, text);
    page_text(node, name, text);
}

void page_query(HDF *node, const char *name, const char *value)
{
    char array[QUERY_ROOM];
    struct text text;

    text_init_fixed(&text, array, sizeof(array));
    percent_encode(&text, value ? value : "");
    page_text(node, name, array);
}

HDF *page_node(HDF *node, const char *name)
{
    HDF *child = NULL;

    render_must(hdf_get_node(node, name, &child));
    return child;
}

HDF *page_item(HDF *node, const char *name, size_t index)
{
    char number[NUMBER_ROOM];

    text_format(number, sizeof(number), "%zu", index);
    return page_node(page_node(node, name), number);
}
