#include "core/document/document.h"

#include "base/err.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "core/document/frame.h"
#include "core/document/layout.h"
#include "core/document/qr.h"
#include "core/document/sheet.h"

static void id_of(struct pool *pool, const struct face *face, uint8_t id[16])
{
    const char *const texts[] = {face->class_code,  face->number,      face->identifier,
                                 face->holder_name, face->sex,         face->enterprise_name,
                                 face->post,        face->issuer_name, face->verify_url};
    const struct date dates[] = {face->birth, face->first_issued, face->valid_from,
                                 face->valid_until, face->issued_on};
    uint8_t photo[32];
    char hex[65];
    struct text facts;

    sheet_facts(&facts, pool);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        sheet_fact(&facts, texts[i]);
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++)
        sheet_fact_date(&facts, dates[i]);
    sha256(face->photo.data, face->photo.size, photo);
    hex_encode(photo, sizeof photo, hex);
    text_printf(&facts, "%s,%lld,%d", hex, (long long)face->made_ms, face->demo);
    sheet_id(&facts, id);
}

static int draw(struct pdf *pdf, const struct sheet *sheet, struct err *err)
{
    const struct face *face = sheet->facts;

    frame_draw(pdf);
    stamp_draw(pdf, &layout_stamp);
    if (qr_draw(pdf, face->verify_url, LAYOUT_QR_LEFT, LAYOUT_QR_BOTTOM, LAYOUT_QR_SIDE, err) < 0)
        return -1;
    pdf_texts(pdf, sheet->page);
    pdf_photo(pdf, face->photo, LAYOUT_PHOTO_LEFT, LAYOUT_PHOTO_BOTTOM, LAYOUT_PHOTO_WIDTH,
              LAYOUT_PHOTO_HEIGHT);
    return 0;
}

int document_certificate(const struct fonts *fonts, struct pool *pool, const struct face *face,
                         struct bytes *pdf, struct document_rect *seal, struct err *err)
{
    struct page page;
    struct sheet sheet = {.page = &page,
                          .about = {.author = face->issuer_name,
                                    .identifier = face->identifier,
                                    .made_ms = face->made_ms},
                          .photo_size = face->photo.size,
                          .draw = draw,
                          .facts = face};

    if (face->photo.size == 0)
        return err_set(err, ERR_DOCUMENT, 0, "photo: is empty");
    if (face->verify_url == NULL)
        return err_set(err, ERR_DOCUMENT, 0, "verify_url: is empty");
    page_init(&page, fonts, pool);
    if (layout_certificate(&page, face, err) < 0)
        return -1;
    sheet.about.title = pool_printf(pool, "安全生产考核合格证书 %s", face->number);
    id_of(pool, face, sheet.about.id);
    if (sheet_make(&sheet, pdf, err) < 0)
        return -1;
    if (seal != NULL)
        *seal = stamp_rect(&layout_stamp);
    return 0;
}
