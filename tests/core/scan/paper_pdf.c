#include "tests/core/scan/paper_pdf.h"

#include <stddef.h>

#include "base/pool.h"

enum { OBJECTS_MAX = 64 };

struct bytes paper_pdf(struct pool *pool, const char *const *objects, const char *trailer)
{
    size_t starts[OBJECTS_MAX], count = 0, xref;
    struct text file;

    text_init(&file, pool, 1 << 26);
    text_add(&file, "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n");
    for (; objects[count]; count++) {
        starts[count] = file.length;
        text_printf(&file, "%zu 0 obj\n%s\nendobj\n", count + 1, objects[count]);
    }
    xref = file.length;
    text_printf(&file, "xref\n0 %zu\n0000000000 65535 f \n", count + 1);
    for (size_t i = 0; i < count; i++)
        text_printf(&file, "%010zu 00000 n \n", starts[i]);
    text_printf(&file, "trailer\n<< /Size %zu %s >>\nstartxref\n%zu\n%%%%EOF\n", count + 1, trailer,
                xref);
    return (struct bytes){(const uint8_t *)file.data, file.length};
}

struct bytes paper_page(struct pool *pool, const char *catalog, const char *page,
                        const char *const *more)
{
    const char *objects[OBJECTS_MAX] = {
        pool_printf(pool, "<< /Type /Catalog /Pages 2 0 R %s >>", catalog),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        pool_printf(pool,
                    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R %s >>",
                    page),
        "<< /Length 33 >>\nstream\nBT /F1 12 Tf 9 9 Td (paper) Tj ET\nendstream",
    };

    for (size_t i = 0; more && more[i]; i++)
        objects[4 + i] = more[i];
    return paper_pdf(pool, objects, "/Root 1 0 R /Info << /Author (secret) >>");
}
