#include "core/document/document.h"

#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/document/frame.h"
#include "core/document/layout.h"
#include "core/document/lint.h"
#include "core/document/pdf.h"
#include "core/document/qr.h"
#include "core/document/stamp.h"

enum { FACTS_MAX = 16 * 1024 };

/* The facts in one text, each behind its length, so that no two certificates share it. */
static void id_of(struct pool *pool, const struct face *face, uint8_t id[16])
{
    const char *const texts[] = {face->class_code,  face->number,      face->identifier,
                                 face->holder_name, face->sex,         face->enterprise_name,
                                 face->post,        face->issuer_name, face->verify_url};
    const struct date dates[] = {face->birth, face->first_issued, face->valid_from,
                                 face->valid_until, face->issued_on};
    uint8_t photo[32], hash[32];
    char hex[65];
    struct text facts;

    text_init(&facts, pool, FACTS_MAX);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        text_printf(&facts, "%zu:%s", strlen(texts[i]), texts[i]);
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++)
        text_printf(&facts, "%d-%d-%d,", dates[i].year, dates[i].month, dates[i].day);
    sha256(face->photo.data, face->photo.size, photo);
    hex_encode(photo, sizeof photo, hex);
    text_printf(&facts, "%s,%lld,%d", hex, (long long)face->made_ms, face->demo);
    sha256(facts.data, facts.length, hash);
    memcpy(id, hash, 16);
}

static int draw(struct pdf *pdf, const struct page *page, const struct face *face, struct err *err)
{
    bool mute = false;

    frame_draw(pdf);
    stamp_draw(pdf);
    if (qr_draw(pdf, face->verify_url, LAYOUT_QR_LEFT, LAYOUT_QR_BOTTOM, LAYOUT_QR_SIDE, err) < 0)
        return -1;
    for (size_t i = 0; i < page->count; i++) {
        if (page->runs[i].look.mute != mute) {
            mute = !mute;
            (mute ? pdf_mute : pdf_unmute)(pdf);
        }
        pdf_run(pdf, &page->runs[i]);
    }
    if (mute)
        pdf_unmute(pdf);
    pdf_photo(pdf, face->photo, LAYOUT_PHOTO_LEFT, LAYOUT_PHOTO_BOTTOM, LAYOUT_PHOTO_WIDTH,
              LAYOUT_PHOTO_HEIGHT);
    return 0;
}

int document_certificate(const struct fonts *fonts, struct pool *pool, const struct face *face,
                         struct bytes *pdf, struct document_rect *seal, struct err *err)
{
    struct pdf_about about = {
        .author = face->issuer_name, .identifier = face->identifier, .made_ms = face->made_ms};
    struct pdf *open = NULL;
    struct page page;

    if (face->photo.size == 0)
        return err_set(err, ERR_DOCUMENT, 0, "photo: is empty");
    if (face->verify_url == NULL)
        return err_set(err, ERR_DOCUMENT, 0, "verify_url: is empty");
    page_init(&page, fonts, pool);
    if (layout_certificate(&page, face, err) < 0)
        return -1;
    about.title = pool_printf(pool, "安全生产考核合格证书 %s", face->number);
    id_of(pool, face, about.id);
    if (pdf_open(&page, &about, &open, err) < 0)
        return -1;
    if (draw(open, &page, face, err) < 0) {
        pdf_close(&open, pool, NULL, NULL);
        return -1;
    }
    if (pdf_close(&open, pool, pdf, err) < 0 ||
        lint_document(pool, *pdf, &page, face->photo.size, err) < 0)
        return -1;
    if (seal != NULL)
        *seal = (struct document_rect){
            LAYOUT_SEAL_X - LAYOUT_SEAL_RADIUS, LAYOUT_SEAL_Y - LAYOUT_SEAL_RADIUS,
            LAYOUT_SEAL_X + LAYOUT_SEAL_RADIUS, LAYOUT_SEAL_Y + LAYOUT_SEAL_RADIUS};
    return 0;
}
