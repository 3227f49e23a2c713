/*
 * 证书核验: anyone who holds a certificate learns whether it is genuine and valid now. Public; no
 * session is looked up, and nothing is shown that is not on the certificate's face.
 */
#include <string.h>

#include "core/matter/matter.h"
#include "core/register/certificate.h"
#include "fcgi/percent.h"
#include "modules/common.h"

enum { CODE_MAX = 200, PROOF_NAME = 512, PROOF_ROWS = 20 };

enum { F_CODE };
static const struct field form_fields[] = {
    [F_CODE] = {.name = "code", .kind = FIELD_TEXT, .low = 0, .high = CODE_MAX, .label = "核验码"},
    {0},
};

enum { F_TOKEN };
static const struct field token_fields[] = {
    [F_TOKEN] = {.name = "token",
                 .kind = FIELD_TEXT,
                 .low = 1,
                 .high = CODE_MAX,
                 .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0},
};

/* What a visitor typed is the code, or the whole address a QR code holds: its last segment. */
static const char *code_of(const char *input)
{
    const char *slash = strrchr(input, '/');

    return slash != NULL ? slash + 1 : input;
}

static enum outcome verify_form(struct request *request, struct err *err)
{
    struct text code;

    (void)err;
    if (!request_has(request, F_CODE))
        return OUT_PAGE;
    text_init(&code, request->pool, 3 * 4 * CODE_MAX);
    percent_encode(&code, code_of(request_text(request, F_CODE)));
    if (code.length == 0)
        return request_reject(request, F_CODE, "请输入核验码，或粘贴二维码中的完整网址");
    return respond_redirect(request, "/verify/%s", code.data);
}

static void page_public(struct request *request, const struct certificate_public *certificate)
{
    HDF *node = page_node(request->hdf, "Certificate");

    page_text(node, "Number", certificate->number);
    page_text(node, "Class", class_label(certificate->class_code));
    page_text(node, "Identifier", certificate->identifier);
    page_text(node, "Name", certificate->holder_masked);
    page_text(node, "Enterprise", certificate->enterprise_name);
    page_text(node, "Post", post_label(certificate->post));
    page_text(node, "State", certificate->state);
    page_text(node, "Label", state_label(certificate->state));
    page_int(node, "InForce", certificate->in_force);
    page_date(node, "FirstIssued", certificate->first_issued);
    page_date(node, "From", certificate->valid_from);
    page_int(node, "Ahead", date_compare(certificate->valid_from, request->today) > 0);
    page_date(node, "Until", certificate->valid_until);
    page_date(node, "IssuedOn", certificate->issued_on);
    page_text(node, "Issuer", certificate->issuer_name);
    page_time(node, "Asked", request->now_ms);
}

/* A proof of a matter: genuine, and what it speaks of. 1/0/-1. */
static int verify_proof(struct request *request, struct err *err)
{
    HDF *node = page_node(request->hdf, "Proof");
    struct matter_certificate_page page;
    struct matter matter;
    char masked[PROOF_NAME];
    int found =
        matter_find_proof(request->db, request->pool, request_text(request, F_TOKEN), &matter, err);

    if (found != 1)
        return found;
    if (matter_certificates(request->db, request->pool, &matter, 0, PROOF_ROWS, &page, err) < 0)
        return -1;
    name_mask(matter.holder_name, masked, sizeof(masked));
    page_text(node, "Number", matter.number);
    page_text(node, "Label", matter.item == ITEM_CANCEL ? "注销证明" : "离沪证明");
    page_text(node, "Name", masked);
    page_text(node, "Enterprise", matter.enterprise_name);
    page_text(node, "Province", matter.province);
    page_date(node, "Date", matter.moved_on);
    page_time(node, "Asked", request->now_ms);
    for (size_t i = 0; i < page.count; i++) {
        HDF *item = page_item(request->hdf, "Rows", i);
        const struct certificate *row = &page.rows[i].certificate;
        const char *state = state_on(row->state, page.rows[i].ends, request->today);

        page_text(item, "Number", row->number);
        page_text(item, "Class", row->class_code);
        page_text(item, "State", state);
        page_text(item, "Label", state_label(state));
    }
    return 1;
}

static enum outcome verify_show(struct request *request, struct err *err)
{
    struct certificate_public certificate;
    int found = certificate_verify(request->db, request->pool, request_text(request, F_TOKEN),
                                   request->today, &certificate, err);

    if (found == 0) {
        found = verify_proof(request, err);
        if (found == 1) {
            respond_page(request, "proof");
            return OUT_PAGE;
        }
    }
    if (found < 0)
        return outcome_of(err);
    if (found == 0) {
        respond_status(request, 404);
        respond_page(request, "unknown");
        return OUT_PAGE;
    }
    page_public(request, &certificate);
    return OUT_PAGE;
}

static const struct route verify_routes[] = {
    {"", HTTP_GET, NO_SESSION, .fields = form_fields, .page = "form", .handle = verify_form},
    {"{token}", HTTP_GET, NO_SESSION, .fields = token_fields, .page = "show",
     .handle = verify_show},
    {0},
};

const struct module module_verify = {
    .name = "verify", .label = "证书核验", .routes = verify_routes};
