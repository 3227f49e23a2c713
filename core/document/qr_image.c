#include "core/document/qr_image.h"

#include <errno.h>
#include <string.h>

#include <qrencode.h>

#include "base/err.h"
#include "base/pool.h"

enum { TEXT_MAX = 300, QUIET = 4, DARK = 1, CAP = 256 * 1024 };

/* One bar for each run of dark modules in a row. */
static void rows_add(struct text *svg, const QRcode *code)
{
    for (int row = 0; row < code->width; row++) {
        const unsigned char *modules = code->data + row * code->width;

        for (int from = 0, to; from < code->width; from = to) {
            for (to = from + 1; to < code->width && ((modules[to] ^ modules[from]) & DARK) == 0;)
                to++;
            if (modules[from] & DARK)
                text_printf(svg, "M%d %dh%dv1h-%dz", from + QUIET, row + QUIET, to - from, to - from);
        }
    }
}

int qr_image(struct pool *pool, const char *text, struct bytes *svg, struct err *err)
{
    struct text out;
    QRcode *code = strlen(text) <= TEXT_MAX
                       ? QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1)
                       : NULL;

    if (!code)
        return err_set(err, ERR_DOCUMENT, errno, "no QR code can be made of %zu bytes",
                       strlen(text));
    int side = code->width + 2 * QUIET;
    text_init(&out, pool, CAP);
    text_printf(&out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                " shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"",
                side, side, side, side);
    rows_add(&out, code);
    text_add(&out, "\"/></svg>");
    memset(code->data, 0, (size_t)code->width * (size_t)code->width);
    QRcode_free(code);
    *svg = (struct bytes){(const uint8_t *)out.data, out.length};
    return 0;
}
