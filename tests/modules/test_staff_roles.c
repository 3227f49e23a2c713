/*
 * Who of the staff may do what: tests/modules/staff-roles.tsv against the routes of all modules. The
 * table is written by hand and read by two tests: this one holds it against the routes' own roles, and
 * shows the line that is missing; tests/e2e/http/staff-roles.test.js tries each forbidden cell.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "core/staff.h"
#include "modules/table.h"

enum { ROWS = 400, PATH = 256, CELLS = 5, LIMIT = 256 * 1024 };

struct row {
    char method[8], path[PATH];
    bool open; /* no session is needed */
    unsigned roles;
    bool seen;
};

static struct row rows[ROWS];
static size_t row_count;

static void read_line(const char *line)
{
    struct row *row = &rows[row_count];
    char cells[CELLS][16];
    int count;

    if (*line == '#' || *line == '\0')
        return;
    assert_true(row_count < ROWS);
    count = sscanf(line, "%7s %255s %15s %15s %15s %15s %15s", row->method, row->path, cells[0],
                   cells[1], cells[2], cells[3], cells[4]);
    row->open = count == 3 && strcmp(cells[0], "open") == 0;
    if (!row->open && count != CELLS + 2)
        fail_msg("a broken line: %s", line);
    for (int i = 0; i < CELLS && !row->open; i++) {
        if (strcmp(cells[i], "+") != 0 && strcmp(cells[i], "-") != 0)
            fail_msg("neither + nor -: %s", line);
        row->roles |= cells[i][0] == '+' ? staff_role_bit(staff_roles[i]) : 0;
    }
    row_count++;
}

static int read_table(void **state)
{
    const char *top = getenv("TOP_SRCDIR");
    struct pool *pool = pool_new(0, 0);
    struct bytes bytes;
    struct err err;
    char *rest = NULL;

    (void)state;
    if (file_read(pool, pool_printf(pool, "%s/tests/modules/staff-roles.tsv", top ? top : "."), LIMIT,
                  &bytes, &err) < 0)
        fail_msg("%s", err.text);
    char *text = pool_text_n(pool, (const char *)bytes.data, bytes.size);
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        read_line(line);
    pool_free(&pool);
    return 0;
}

static struct row *row_of(const char *method, const char *path)
{
    for (size_t i = 0; i < row_count; i++)
        if (strcmp(rows[i].method, method) == 0 && strcmp(rows[i].path, path) == 0)
            return &rows[i];
    return NULL;
}

static void print_line(const char *what, const char *method, const char *path,
                       const struct route *route)
{
    printf("# %s: %s\t%s", what, method, path);
    if (!(route->need & NEED_STAFF))
        printf("\topen");
    for (int i = 0; i < CELLS && route->need & NEED_STAFF; i++)
        printf("\t%c", route->roles & staff_role_bit(staff_roles[i]) ? '+' : '-');
    printf("\n");
}

/* How many lines are missing or wrong for a route. */
static int check(const struct module *module, const struct route *route)
{
    const char *method = route->method == HTTP_POST ? "POST" : "GET";
    bool staff = route->need & NEED_STAFF;
    char path[PATH];

    assert_true(text_format(path, sizeof(path), "/%s/%s", module->name, route->path));
    struct row *row = row_of(method, path);
    if (row)
        row->seen = true;
    if (row && row->open == !staff && row->roles == (staff ? route->roles : 0))
        return 0;
    print_line(row ? "another line is there" : "a line is missing", method, path, route);
    return 1;
}

static bool of_staff(const struct module *module)
{
    return strcmp(module->name, "staff") == 0 || strncmp(module->name, "staff/", 6) == 0;
}

static void test_every_route_is_in_the_table(void **state)
{
    int wrong = 0;

    (void)state;
    for (const struct module *const *module = modules_all; *module; module++)
        for (const struct route *route = (*module)->routes; route->handle; route++)
            if (of_staff(*module) || route->need & NEED_STAFF)
                wrong += check(*module, route);
    assert_int_equal(wrong, 0);
}

static void test_every_line_is_a_route(void **state)
{
    (void)state;
    for (size_t i = 0; i < row_count; i++)
        if (!rows[i].seen)
            fail_msg("no route: %s %s", rows[i].method, rows[i].path);
    assert_true(row_count > 10);
}

/* Who works must not audit, and who administers accounts must not decide. */
static void test_duties_are_apart(void **state)
{
    static const char *const auditor_posts[] = {
        /* The auditor reads; these are questions that are too long for an address, or that are noted. */
        "/staff/account/", "/staff/audit/", "/staff/history/", "/staff/search/", "/staff/statistics/",
        "/staff/people/", "/staff/capture/", "/staff/evidence/", "/staff/jobs/",
    };

    (void)state;
    for (size_t i = 0; i < row_count; i++) {
        bool may = !(rows[i].roles & STAFF_AUDITOR) || strcmp(rows[i].method, "POST") != 0;

        for (size_t k = 0; k < sizeof(auditor_posts) / sizeof(auditor_posts[0]) && !may; k++)
            may = strncmp(rows[i].path, auditor_posts[k], strlen(auditor_posts[k])) == 0;
        if (!may)
            fail_msg("the auditor may POST %s", rows[i].path);
        if (strncmp(rows[i].path, "/staff/accounts/", 16) == 0 && !rows[i].open &&
            rows[i].roles != STAFF_ADMINISTRATOR)
            fail_msg("not the administrator's alone: %s", rows[i].path);
        if (strncmp(rows[i].path, "/staff/people/", 14) == 0 && rows[i].roles & STAFF_ADMINISTRATOR)
            fail_msg("the administrator sees people: %s", rows[i].path);
        if (strstr(rows[i].path, "/decide") && rows[i].roles & (STAFF_ADMINISTRATOR | STAFF_AUDITOR))
            fail_msg("decided by who must not: %s", rows[i].path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_route_is_in_the_table),
        cmocka_unit_test(test_every_line_is_a_route),
        cmocka_unit_test(test_duties_are_apart),
    };

    return cmocka_run_group_tests(tests, read_table, NULL);
}
