#include "core/document/qr.h"

#include <errno.h>
#include <string.h>

#include <qrencode.h>

#include "base/err.h"

enum { URL_MAX = 200, DARK = 1 };

static bool printable_ascii(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < 0x21 || *text > 0x7E)
            return false;
    return true;
}

/* One rectangle for each run of dark modules in a row. */
static void rows_draw(struct pdf *pdf, const QRcode *code)
{
    for (int row = 0; row < code->width; row++) {
        const unsigned char *modules = code->data + row * code->width;

        for (int from = 0, to; from < code->width; from = to) {
            for (to = from + 1; to < code->width && ((modules[to] ^ modules[from]) & DARK) == 0;)
                to++;
            if ((modules[from] & DARK) != 0)
                pdf_rect(pdf, from, code->width - 1 - row, to - from, 1);
        }
    }
}

int qr_draw(struct pdf *pdf, const char *url, double x, double y, double side, struct err *err)
{
    QRcode *code;
    double module;

    if (url == NULL || url[0] == '\0' || strlen(url) > URL_MAX || !printable_ascii(url))
        return err_set(err, ERR_DOCUMENT, 0, "verify_url: not 1 to %d printable ASCII characters",
                       URL_MAX);
    code = QRcode_encodeString(url, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (code == NULL)
        return err_set(err, ERR_DOCUMENT, errno, "verify_url: no QR code can be made of it");
    module = side / code->width;
    pdf_push(pdf);
    pdf_ink(pdf, INK_TEXT);
    pdf_matrix(pdf, module, 0, 0, module, x, y);
    rows_draw(pdf, code);
    pdf_fill(pdf);
    pdf_pop(pdf);
    QRcode_free(code);
    return 0;
}
