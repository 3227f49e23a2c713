/*
 * The page's data as ClearSilver wants it, but built in the request's pool: a list of twenty
 * certificates is some two hundred nodes, and what hdf_set_value spends on each (three
 * allocations, a walk over the siblings, three releases) was most of the time of a page.
 */
#include <stdlib.h>
#include <string.h>

#include "fcgi/page.h"
#include "fcgi/percent.h"
#include "fcgi/request.h"

enum { NUMBER_ROOM = 24, QUERY_ROOM = 4096 };

/* Nodes */

/* ClearSilver uses this member of a root's only, and only with a loader. */
static struct pool *pool_of(const HDF *node)
{
    return node->fileload_ctx;
}

static HDF *node_new(struct pool *pool, HDF *top, const char *name, size_t length)
{
    HDF *node = POOL_NEW(pool, HDF);

    node->top = top ? top : node;
    node->fileload_ctx = pool;
    /* Nearly all names are literals, and whole. */
    node->name = name[length] ? pool_text_n(pool, name, length) : (char *)(uintptr_t)name;
    node->name_len = (int)length;
    return node;
}

HDF *page_new(struct pool *pool)
{
    return node_new(pool, NULL, "", 0);
}

static HDF *append(HDF *parent, const char *name, size_t length)
{
    HDF *node = node_new(pool_of(parent), parent->top, name, length);

    if (parent->last_child)
        parent->last_child->next = node;
    else
        parent->child = node;
    parent->last_child = node;
    return node;
}

static HDF *child(HDF *parent, const char *name, size_t length)
{
    for (HDF *node = parent->child; node; node = node->next)
        if ((size_t)node->name_len == length && memcmp(node->name, name, length) == 0)
            return node;
    return append(parent, name, length);
}

HDF *page_node(HDF *node, const char *name)
{
    for (const char *dot; (dot = strchr(name, '.')) != NULL; name = dot + 1)
        node = child(node, name, (size_t)(dot - name));
    return child(node, name, strlen(name));
}

/* printf costs more than the rest of a value. */
static const char *decimal(struct pool *pool, int64_t value)
{
    char text[NUMBER_ROOM], *start = text + sizeof(text);
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    *--start = '\0';
    do
        *--start = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        *--start = '-';
    return pool_copy(pool, start, (size_t)(text + sizeof(text) - start));
}

HDF *page_item(HDF *node, const char *name, size_t index)
{
    const char *number = decimal(pool_of(node), (int64_t)index);

    return append(page_node(node, name), number, strlen(number));
}

/* Whether a template put it there. */
static bool is_foreign(const HDF *node, const struct pool *pool)
{
    return node->fileload_ctx != pool;
}

static void destroy_foreign(HDF *node)
{
    node->next = NULL;
    node->top = node;
    hdf_destroy(&node);
}

void page_strip(HDF *node)
{
    struct pool *pool = pool_of(node);
    HDF **place = &node->child;

    if (!pool) /* a tree of ClearSilver's own */
        return;
    if (node->alloc_value) {
        free(node->value);
        node->alloc_value = 0;
        node->value = NULL;
    }
    if (node->hash)
        ne_hash_destroy(&node->hash);
    node->last_child = node->last_hp = node->last_hs = NULL;
    while (*place) {
        HDF *next = (*place)->next;
        if (is_foreign(*place, pool)) {
            destroy_foreign(*place);
            *place = next;
            continue;
        }
        page_strip(*place);
        node->last_child = *place;
        place = &(*place)->next;
    }
}

/* Values */

void page_text(HDF *node, const char *name, const char *value)
{
    page_node(node, name)->value = pool_text(pool_of(node), value ? value : "");
}

void page_int(HDF *node, const char *name, int64_t value)
{
    page_node(node, name)->value = (char *)(uintptr_t)decimal(pool_of(node), value);
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
