/*
 * Templates: parsed once per worker, rendered over a request's data. The one door through which
 * ClearSilver's errors come.
 */
#ifndef ECERT_FCGI_RENDER_H
#define ECERT_FCGI_RENDER_H

#include <ClearSilver/ClearSilver.h>

#include "base/text.h"
#include "fcgi/route.h"

struct err;
struct pool;
struct render;

/* Parses the pages in the folder itself (error.cs, refused.cs, those of the module "") and in the
 * folders of the modules, with html escaping, and proves that each page and form of a route is
 * among them. Names that begin with '_', layout.cs and macros.cs are parts, not pages.
 * 0/-1 (ERR_TEMPLATE, ERR_CONFIG, ERR_SYSTEM). */
int render_new(const char *folder, const struct module *const *modules, struct render **render,
               struct err *err);
void render_free(struct render **render);

/* Renders "<module>/<page>.cs", or "<page>.cs" for "". The bytes are valid until the next call.
 * 0/-1 (ERR_TEMPLATE, ERR_LIMIT, ERR_NOT_FOUND). */
int render_page(struct render *render, const char *module, const char *page, HDF *hdf,
                struct bytes *out, struct err *err);

/* Overwrites the last page, which had a secret on it. */
void render_forget(struct render *render);

#endif
