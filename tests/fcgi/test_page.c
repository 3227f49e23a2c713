/* The page's data, templates and what is refused of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "fcgi/page.h"
#include "fcgi/render.h"
#include "fcgi/request.h"
#include "tests/fcgi/fake.h"

/* ClearSilver forgets one allocation of a template that does not parse, after which a worker ends. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:cs_parse_string";
}

static enum outcome handle(struct request *request, struct err *err)
{
    (void)request;
    (void)err;
    return OUT_PAGE;
}

static const struct route routes[] = {
    {"", HTTP_GET, 0, .page = "list", .handle = handle},
    {0},
};
static const struct route form_routes[] = {
    {"", HTTP_GET, 0, .handle = handle, .form = "nowhere"},
    {0},
};
static const struct module module_m = {"m", "模块", routes}, module_n = {"n", "缺", routes},
                           module_f = {"m", "表", form_routes};
static const struct module *const modules[] = {&module_m, NULL};

static void holds_values(void **state)
{
    static const struct {
        int64_t value;
        const char *text;
    } numbers[] = {{INT64_MIN, "-9223372036854775808"}, {INT64_MAX, "9223372036854775807"},
                   {-1, "-1"}, {0, "0"}, {10, "10"}, {-105, "-105"}};
    struct pool *pool = pool_new(0, 0);
    HDF *hdf = page_new(pool);

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        page_int(hdf, "n", numbers[i].value);
        assert_string_equal(hdf_get_value(hdf, "n", NULL), numbers[i].text);
    }
    page_text(hdf, "t", NULL);
    assert_string_equal(hdf_get_value(hdf, "t", NULL), "");
    page_date(hdf, "d", (struct date){2026, 1, 2});
    assert_string_equal(hdf_get_value(hdf, "d", NULL), "2026-01-02");
    page_time(hdf, "c", 0);
    assert_string_equal(hdf_get_value(hdf, "c", NULL), "1970-01-01 08:00:00");
    page_query(hdf, "q", "李 &=%");
    assert_string_equal(hdf_get_value(hdf, "q", NULL), "%E6%9D%8E%20%26%3D%25");
    for (size_t i = 0; i < 25; i++)
        page_int(page_item(hdf, "rows", i), "i", (int64_t)i);
    assert_string_equal(hdf_get_value(hdf, "rows.24.i", NULL), "24");
    page_text(page_node(hdf, "a.b"), "c", "deep");
    page_text(hdf, "a.b.d", "beside");
    assert_string_equal(hdf_get_value(hdf, "a.b.c", NULL), "deep");
    assert_string_equal(hdf_get_value(hdf, "a.b.d", NULL), "beside");
    page_text(hdf, "a.b.c", "anew");
    assert_string_equal(hdf_get_value(hdf, "a.b.c", NULL), "anew");
    pool_free(&pool);
}

static void escapes_everything(void **state)
{
    struct render *render = NULL;
    struct bytes page;
    struct err err;
    struct pool *pool = pool_new(0, 0);
    HDF *hdf = page_new(pool);

    (void)state;
    assert_int_equal(render_new(fake_web.templates, modules, &render, &err), 0);
    page_text(hdf, "a", "<b>\"'&");
    page_text(hdf, "u", "javascript:alert(1)");
    assert_int_equal(render_page(render, "m", "list", hdf, &page, &err), 0);
    assert_string_equal((const char *)page.data, "&lt;b&gt;&quot;&#39;&amp; # parts");
    /* Again over the same data, and over other: what a template sets does not stay. */
    assert_int_equal(render_page(render, "m", "list", hdf, &page, &err), 0);
    assert_string_equal((const char *)page.data, "&lt;b&gt;&quot;&#39;&amp; # parts");
    assert_null(hdf_get_value(hdf, "set.by.template", NULL));
    hdf = page_new(pool);
    assert_int_equal(render_page(render, "m", "list", hdf, &page, &err), 0);
    assert_null(strstr((const char *)page.data, "lt;"));
    assert_int_equal(render_page(render, "m", "none", hdf, &page, &err), -1);
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    render_free(&render);
    pool_free(&pool);
}

static void refuses_templates(void **state)
{
    const struct module *const missing[] = {&module_m, &module_n, NULL};
    const struct module *const form[] = {&module_f, NULL};
    struct render *render = NULL;
    struct err err;

    (void)state;
    assert_int_equal(render_new(fake_web.templates, missing, &render, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_null(render);
    assert_int_equal(render_new(fake_web.templates, form, &render, &err), -1);
    assert_int_equal(render_new("/nowhere/at/all", modules, &render, &err), -1);
    fake_template("m/broken.cs", "<?cs if:x ?>never closed");
    assert_int_equal(render_new(fake_web.templates, modules, &render, &err), -1);
    assert_int_equal(err.kind, ERR_TEMPLATE);
    assert_non_null(strstr(err.text, "m/broken.cs"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_values),
        cmocka_unit_test(escapes_everything),
        cmocka_unit_test(refuses_templates),
    };

    if (!fake_open(modules, NULL))
        return 1;
    fake_template("error.cs", "error");
    fake_template("refused.cs", "refused");
    fake_template("macros.cs", "parts");
    fake_template("m/list.cs", "<?cs set:set.by.template = a ?><?cs set:a.child = set.by.template ?><?cs var:a ?> <?cs var:url_validate(u) ?> <?cs include:\"macros.cs\" ?>");
    int result = cmocka_run_group_tests(tests, NULL, NULL);
    fake_close();
    return result;
}
