#include "core/document/proof.h"

#include "base/err.h"
#include "base/pool.h"
#include "core/document/frame.h"
#include "core/document/layout_proof.h"
#include "core/document/qr.h"
#include "core/document/sheet.h"

struct drawing {
    const struct proof *proof;
    const struct layout_proof *layout;
};

static const char *or_nothing(const char *text)
{
    return text != NULL ? text : "";
}

static void id_of(struct pool *pool, const struct proof *proof, uint8_t id[16])
{
    const char *const texts[] = {proof->matter_number, proof->enterprise_name, proof->uscc,
                                 proof->holder_name,   proof->id_type_label,   proof->id_no_masked,
                                 proof->province,      proof->reason,          proof->signer_name,
                                 proof->signer_serial, proof->issuer_name,     proof->verify_url};
    struct text facts;

    sheet_facts(&facts, pool);
    text_printf(&facts, "proof %d,", (int)proof->kind);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        sheet_fact(&facts, or_nothing(texts[i]));
    for (size_t i = 0; i < proof->count; i++) {
        const struct proof_certificate *certificate = &proof->certificates[i];

        sheet_fact(&facts, certificate->class_label);
        sheet_fact(&facts, certificate->number);
        sheet_fact(&facts, certificate->state_label);
        sheet_fact_date(&facts, certificate->first_issued);
        sheet_fact_date(&facts, certificate->valid_from);
        sheet_fact_date(&facts, certificate->valid_until);
    }
    sheet_fact_date(&facts, proof->issued_on);
    text_printf(&facts, "%lld,%lld,%d", (long long)proof->signed_ms, (long long)proof->made_ms,
                proof->demo);
    sheet_id(&facts, id);
}

static int draw(struct pdf *pdf, const struct sheet *sheet, struct err *err)
{
    const struct drawing *drawing = sheet->facts;
    const struct layout_proof *layout = drawing->layout;

    frame_draw_plain(pdf);
    table_draw_tints(pdf, &layout->table);
    if (layout->sealed)
        stamp_draw(pdf, &layout->stamp);
    pdf_texts(pdf, sheet->page);
    table_draw_rules(pdf, &layout->table);
    /* Last: a watermark over it would make it hard to read. */
    if (layout->sealed)
        return qr_draw(pdf, drawing->proof->verify_url, LAYOUT_PROOF_QR_LEFT,
                       layout->stamp.y - LAYOUT_PROOF_QR_BELOW, LAYOUT_PROOF_QR_SIDE, err);
    return 0;
}

int document_proof(const struct fonts *fonts, struct pool *pool, const struct proof *proof,
                   struct bytes *pdf, struct document_rect *seal, struct err *err)
{
    struct layout_proof layout;
    struct page page;
    const struct drawing drawing = {proof, &layout};
    struct sheet sheet = {
        .page = &page,
        .about = {.identifier = proof->matter_number, .made_ms = proof->made_ms},
        .draw = draw,
        .facts = &drawing
    };

    page_init(&page, fonts, pool);
    if (layout_proof(&page, proof, &layout, err) < 0)
        return -1;
    sheet.about.title = pool_printf(pool, "%s %s", layout.title, proof->matter_number);
    sheet.about.author = layout.sealed ? proof->issuer_name : proof->enterprise_name;
    id_of(pool, proof, sheet.about.id);
    if (sheet_make(&sheet, pdf, err) < 0)
        return -1;
    if (seal != NULL)
        *seal = layout.seal;
    return 0;
}
