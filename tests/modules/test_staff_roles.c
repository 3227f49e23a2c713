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
#include "base/file.h"
#include "base/pool.h"
#include "base/text.h"
#include "core/staff/staff.h"
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

/* The auditor reads, which is noted. What is posted all the same: the own account, questions that must
 * not stand in an address, and orders to count or to verify. */
static const char *const auditor_posts[] = {
    "/staff/account/app",
    "/staff/account/app/confirm",
    "/staff/account/factors/{id}/remove",
    "/staff/account/key",
    "/staff/account/key/challenge",
    "/staff/account/password",
    "/staff/audit/verify",
    "/staff/evidence/",
    "/staff/people/find",
    "/staff/people/{id}/export",
    "/staff/people/{id}/number",
    "/staff/search/",
    "/staff/statistics/count",
};

/* Where an administrator has something to do: nowhere that a person is seen. */
static const char *const administrator_modules[] = {
    "/staff/account/", "/staff/accounts/", "/staff/jobs/", "/staff/notices/", "/staff/notifications/",
};

static bool among(const char *path, const char *const *list, size_t count, bool prefix)
{
    for (size_t i = 0; i < count; i++)
        if (prefix ? strncmp(path, list[i], strlen(list[i])) == 0 : strcmp(path, list[i]) == 0)
            return true;
    return false;
}

#define AMONG(path, list, prefix) among(path, list, sizeof(list) / sizeof((list)[0]), prefix)

/* Who works must not audit, and who administers accounts must not decide. */
static void test_duties_are_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < row_count; i++) {
        const struct row *row = &rows[i];
        bool post = strcmp(row->method, "POST") == 0;

        if (row->roles & STAFF_AUDITOR && post && !AMONG(row->path, auditor_posts, false))
            fail_msg("the auditor may POST %s", row->path);
        if (row->roles & STAFF_ADMINISTRATOR && strcmp(row->path, "/staff/") != 0 &&
            !AMONG(row->path, administrator_modules, true))
            fail_msg("the administrator may %s %s", row->method, row->path);
        if (strncmp(row->path, "/staff/accounts/", 16) == 0 && row->roles != STAFF_ADMINISTRATOR)
            fail_msg("not the administrator's alone: %s", row->path);
        if (strstr(row->path, "/decide") && row->roles & (STAFF_ADMINISTRATOR | STAFF_AUDITOR))
            fail_msg("decided by who must not: %s", row->path);
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
