#include "fcgi/render.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "fcgi/page.h"
#include "fcgi/static.h"

enum { NAME_SIZE = 128, PATH_SIZE = 1024, PAGE_CAP = 4 * 1024 * 1024, PAGE_MAX = 512 };

struct template {
    const char *name; /* "certificates/list" */
    CSPARSE *parse;
};

struct render {
    struct pool *pool; /* names and the output, for the worker's life */
    const char *folder;
    HDF *constants;    /* what every page knows, and how templates are read */
    struct text out;
    size_t count;
    struct template templates[PAGE_MAX]; /* sorted by name */
};

/* ClearSilver's errors */

static int fail(NEOERR *problem, const char *what, struct err *err)
{
    STRING text;

    string_init(&text);
    nerr_error_string(problem, &text);
    err_set(err, ERR_TEMPLATE, problem->error, "%s: %s", what, text.buf ? text.buf : "");
    string_clear(&text);
    nerr_ignore(&problem);
    return -1;
}

static void must(NEOERR *problem)
{
    struct err err;

    if (problem == STATUS_OK)
        return;
    fail(problem, "page data", &err);
    err_fatal("%s", err.text);
}

static HDF *data_new(void)
{
    HDF *hdf = NULL;

    must(hdf_init(&hdf));
    return hdf;
}

/* Loading */

static bool full_name(const char *module, const char *page, char name[NAME_SIZE])
{
    return text_format(name, NAME_SIZE, "%s%s%s", module, *module ? "/" : "", page);
}

static int load_one(struct render *render, const char *name, struct err *err)
{
    char file[NAME_SIZE];
    CSPARSE *parse = NULL;

    if (render->count == PAGE_MAX || !text_format(file, sizeof(file), "%s.cs", name))
        return err_set(err, ERR_LIMIT, 0, "template %s: too many templates, or too long", name);
    NEOERR *problem = cs_init(&parse, render->constants);
    if (problem == STATUS_OK) {
        render->templates[render->count].name = pool_text(render->pool, name);
        render->templates[render->count++].parse = parse;
        parse->global_hdf = render->constants;
        char function[] = "url_validate";
        problem = cs_register_esc_strfunc(parse, function, neos_url_validate);
    }
    if (problem == STATUS_OK)
        problem = cs_parse_file(parse, file);
    return problem == STATUS_OK ? 0 : fail(problem, file, err);
}

/* "list.cs" → "list"; false for what is no page. */
static bool page_name(const char *file, char name[NAME_SIZE])
{
    size_t length = strlen(file);

    if (length < 4 || strcmp(file + length - 3, ".cs") != 0 || strchr("._", file[0]))
        return false;
    if (strcmp(file, "layout.cs") == 0 || strcmp(file, "macros.cs") == 0)
        return false;
    return text_format(name, NAME_SIZE, "%.*s", (int)(length - 3), file);
}

static int load_folder(struct render *render, const char *module, struct err *err)
{
    char path[PATH_SIZE], page[NAME_SIZE], name[NAME_SIZE];
    int result = 0;

    text_format(path, sizeof(path), "%s/%s", render->folder, module);
    DIR *stream = opendir(path);
    if (!stream) /* a module without pages; a route that wants one is found out below */
        return errno == ENOENT ? 0 : err_set(err, ERR_SYSTEM, errno, "%s", path);
    for (struct dirent *entry; result == 0 && (entry = readdir(stream));) {
        if (page_name(entry->d_name, page) && full_name(module, page, name))
            result = load_one(render, name, err);
    }
    closedir(stream);
    return result;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct template *)a)->name, ((const struct template *)b)->name);
}

static CSPARSE *find(const struct render *render, const char *name)
{
    struct template key = {.name = name};
    const struct template *found =
        bsearch(&key, render->templates, render->count, sizeof(key), compare);

    return found ? found->parse : NULL;
}

static int check_page(const struct render *render, const struct module *module, const char *page,
                      struct err *err)
{
    char name[NAME_SIZE];

    if (!page)
        return 0;
    if (full_name(module->name, page, name) && find(render, name))
        return 0;
    return err_set(err, ERR_CONFIG, 0, "%s: a route of \"%s\" wants the template %s.cs",
                   render->folder, module->name, page);
}

static int load_all(struct render *render, const struct module *const *modules, struct err *err)
{
    if (load_folder(render, "", err) < 0)
        return -1;
    for (const struct module *const *module = modules; *module; module++) {
        if (*(*module)->name && load_folder(render, (*module)->name, err) < 0)
            return -1;
    }
    qsort(render->templates, render->count, sizeof(*render->templates), compare);
    if (!find(render, "error") || !find(render, "refused"))
        return err_set(err, ERR_CONFIG, 0, "%s: error.cs or refused.cs is missing",
                       render->folder);
    for (const struct module *const *module = modules; *module; module++) {
        for (const struct route *route = (*module)->routes; route->handle; route++) {
            if (check_page(render, *module, route->page, err) < 0 ||
                check_page(render, *module, route->form, err) < 0)
                return -1;
        }
    }
    return 0;
}

int render_new(const char *folder, const struct module *const *modules, struct render **render,
               struct err *err)
{
    struct pool *pool = pool_new(64 * 1024, 0);
    struct render *made = POOL_NEW(pool, struct render);
    char version[STATIC_VERSION_SIZE];

    made->pool = pool;
    made->folder = pool_text(pool, folder);
    made->constants = data_new();
    text_init(&made->out, pool, PAGE_CAP);
    *render = made;
    must(hdf_set_value(made->constants, "Config.VarEscapeMode", "html"));
    must(hdf_set_value(made->constants, "hdf.loadpaths.0", folder));
    if (static_version(folder, version, err) < 0 || load_all(made, modules, err) < 0) {
        render_free(render);
        return -1;
    }
    must(hdf_set_value(made->constants, "Static.Version", version));
    return 0;
}

void render_free(struct render **render)
{
    if (!*render)
        return;
    for (size_t i = 0; i < (*render)->count; i++)
        cs_destroy(&(*render)->templates[i].parse);
    hdf_destroy(&(*render)->constants);
    struct pool *pool = (*render)->pool;
    *render = NULL;
    pool_free(&pool);
}

/* Rendering */

static NEOERR *append(void *context, char *string)
{
    text_add(context, string);
    return STATUS_OK;
}

int render_page(struct render *render, const char *module, const char *page, HDF *hdf,
                struct bytes *out, struct err *err)
{
    char name[NAME_SIZE];
    CSPARSE *parse = full_name(module, page, name) ? find(render, name) : NULL;

    if (!parse)
        return err_set(err, ERR_NOT_FOUND, 0, "no template %s of \"%s\"", page, module);
    render->out.length = 0;
    render->out.overflow = false;
    parse->hdf = hdf;
    NEOERR *problem = cs_render(parse, &render->out, append);
    parse->hdf = render->constants;
    page_strip(hdf);
    if (problem != STATUS_OK)
        return fail(problem, name, err);
    if (render->out.overflow)
        return err_set(err, ERR_LIMIT, 0, "page %s is larger than %d bytes", name, PAGE_CAP);
    *out = (struct bytes){(const uint8_t *)render->out.data, render->out.length};
    return 0;
}

void render_forget(struct render *render)
{
    if (render->out.length)
        explicit_bzero(render->out.data, render->out.length);
    render->out.length = 0;
}
