#include "modules/signing.h"

#include <string.h>

#include "core/item/cancel.h"
#include "core/seal/detached.h"
#include "modules/case.h"
#include "modules/common.h"
#include "modules/key.h"

enum { CERTIFICATES = 20, FORBIDDEN = 403, CONFLICT = 409 };

enum { K_NUMBER, K_CERTIFICATE, K_CHAIN, K_ALGORITHM };
const struct field signing_key_fields[] = {
    [K_NUMBER] = CASE_NUMBER_FIELD,
    [K_CERTIFICATE] = KEY_CERTIFICATE_FIELD,
    [K_CHAIN] = KEY_CHAIN_FIELD,
    [K_ALGORITHM] = KEY_ALGORITHM_FIELD,
    {0},
};
static const struct key_fields key_fields = {K_CERTIFICATE, K_CHAIN, K_ALGORITHM};

enum { S_NUMBER, S_SIGNATURE };
const struct field signing_signature_fields[] = {
    [S_NUMBER] = CASE_NUMBER_FIELD,
    [S_SIGNATURE] = KEY_SIGNATURE_FIELD,
    {0},
};

/* The page */

/* The matter that waits for its signature: 1; 0: *outcome is the answer; -1. */
static int waiting(struct request *request, struct matter *matter, enum outcome *outcome,
                   struct err *err)
{
    int found = matter_find(request->db, request->pool, request_text(request, CASE_NUMBER),
                            request->who.id, matter, err);

    *outcome = OUT_NOT_FOUND;
    if (found != 1 || matter->item != ITEM_CANCEL)
        return found < 0 ? -1 : 0;
    if (strcmp(matter->state, MATTER_SIGNING) == 0)
        return 1;
    *outcome = strcmp(matter->state, MATTER_DRAFT) == 0
                   ? respond_redirect(request, "/cancel/%s", matter->number)
                   : respond_redirect(request, "/matters/%s", matter->number);
    return 0;
}

static int page_sign(struct request *request, const struct matter *matter, struct err *err)
{
    HDF *node = page_node(request->hdf, "Matter");
    const struct certificate *rows;
    char sha256[65];
    size_t count;
    int found;

    page_text(node, "Number", matter->number);
    page_text(node, "Name", matter->holder_name);
    page_text(node, "Reason", matter->reason_text);
    page_int(node, "Failed", matter->failed);
    if (matter_certificate_numbers(request->db, request->pool, matter->id, CERTIFICATES, &rows,
                                   &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        HDF *item = page_item(request->hdf, "Rows", i);

        page_text(item, "Number", rows[i].number);
        page_text(item, "Class", rows[i].class_code);
    }
    found = matter_document_sha256(request->db, request->pool, matter->id, "form",
                                   request->who.id, sha256, err);
    if (found == 1)
        page_int(node, "Ready", 1);
    return found < 0 ? -1 : 0;
}

void signing_ahead(struct request *request, bool queried)
{
    uint64_t id = case_ahead_matter(request);

    (void)queried;
    if (id == 0)
        return;
    matter_jobs_ahead(request->db, request->pool, id);
    matter_certificate_numbers_ahead(request->db, request->pool, id, CERTIFICATES);
    matter_document_sha256_ahead(request->db, request->pool, id, "form", request->who.id);
}

enum outcome signing_page(struct request *request, struct err *err)
{
    struct matter matter;
    enum outcome outcome;
    int found = waiting(request, &matter, &outcome, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : outcome;
    if (matter_jobs(request->db, request->pool, &matter, err) < 0)
        return outcome_of(err);
    if (request->wants_json)
        return respond_json(
            request, pool_printf(request->pool, "{\"running\":%s,\"failed\":%u}",
                                 matter.done + matter.failed < matter.jobs ? "true" : "false",
                                 matter.failed));
    return page_sign(request, &matter, err) < 0 ? outcome_of(err) : OUT_PAGE;
}

static int own_matter(struct request *request, struct matter *matter, struct err *err)
{
    int found = matter_find(request->db, request->pool, request_text(request, CASE_NUMBER),
                            request->who.id, matter, err);

    return found == 1 && matter->item != ITEM_CANCEL ? 0 : found;
}

enum outcome signing_form(struct request *request, struct err *err)
{
    struct matter matter;
    struct document form;
    int found = own_matter(request, &matter, err);

    if (found == 1)
        found = matter_document(request->db, request->pool, matter.id, "form", request->who.id,
                                &form, err);
    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return respond_bytes(request, "application/pdf", form.body, NULL, form.sha256);
}

/* Behind core's interface: firms that we believe, and their signatures. */

enum outcome signing_ask_first(struct request *request, struct err *err)
{
    struct outside_signer signer;

    return key_signer(request, &key_fields, &signer) ? key_ask(request, &signer, TRUST_FORM, err)
                                                     : OUT_PAGE;
}

enum outcome signing_ask_again(struct request *request, struct err *err)
{
    struct outside_signer signer;
    struct matter matter;
    int found = own_matter(request, &matter, err);

    if (found == 1)
        found = form_signer_find(request->db, request->pool, matter.id, &signer, err);
    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_PAGE;
    return key_ask(request, &signer, TRUST_FORM, err);
}

static int judge(void *context, struct pool *pool, const struct outside_signer *signer,
                 int64_t now_ms, struct signature *out, const char **cause, struct err *err)
{
    const struct core *core = context;
    struct trust_identity *identity = POOL_NEW(pool, struct trust_identity);
    struct bytes chain[KEY_CHAIN];
    size_t count = key_chain(signer, chain);
    enum trust_verdict verdict;

    if (trust_judge_chain(core->trust, pool, chain, count, TRUST_FORM, now_ms, &verdict, identity,
                          err) < 0)
        return -1;
    *out = (struct signature){identity->uscc, "", identity->serial, identity->fingerprint};
    *cause = trust_verdict_name(verdict);
    return verdict == TRUST_OK;
}

static int verify(void *context, struct pool *pool, struct bytes content, struct bytes cms,
                  int64_t now_ms, struct signature *out, const char **cause, struct err *err)
{
    const struct core *core = context;
    struct detached_signer *signer = POOL_NEW(pool, struct detached_signer);
    enum detached_verdict verdict;
    enum trust_verdict trusted = TRUST_NONE;

    if (detached_verify(core->trust, pool, content, cms, now_ms, &verdict, &trusted, signer, err) <
        0)
        return -1;
    *out = (struct signature){signer->identity.uscc, signer->name, signer->identity.serial,
                              signer->identity.fingerprint};
    *cause = verdict == DETACHED_UNTRUSTED ? trust_verdict_name(trusted)
                                           : detached_verdict_name(verdict);
    return verdict == DETACHED_OK;
}

static struct signature_check check_of(const struct request *request)
{
    return (struct signature_check){judge, verify, request->context};
}

/* Signing */

static enum outcome answer_refusal(struct request *request, const struct cancel_result *result)
{
    bool over = result->outcome == CANCEL_CHANGED || result->outcome == CANCEL_REFUSED;

    return key_refuse(request, over ? CONFLICT : FORBIDDEN, result->cause);
}

static enum outcome answer_prepared(struct request *request, const char *number,
                                    const struct form *form, struct bytes statement)
{
    const struct seal_prepared *prepared = &form->prepared;
    size_t after = prepared->hole + prepared->hole_size;
    char *encoded = pool_alloc(request->pool, 4 * ((statement.size + 2) / 3) + 1);
    char digest[2 * SEAL_DIGEST_SIZE + 1];

    base64_encode(statement.data, statement.size, encoded);
    hex_encode(prepared->digest, SEAL_DIGEST_SIZE, digest);
    return respond_json(
        request, pool_printf(request->pool,
                             "{\"statement\":\"%s\",\"document\":\"/cancel/%s/prepared\","
                             "\"digest\":\"%s\",\"range\":[0,%zu,%zu,%zu],"
                             "\"title\":\"证书注销申请表 %s\"}",
                             encoded, number, digest, prepared->hole, after,
                             prepared->pdf.size - after, number));
}

enum outcome signing_prepare(struct request *request, struct err *err)
{
    const struct signature_check check = check_of(request);
    const char *number = request_text(request, K_NUMBER);
    struct actor actor = actor_of(request);
    struct change change = case_change(request, &actor);
    struct outside_signer signer;
    struct cancel_result result;
    struct bytes statement;
    struct form form;
    int made;

    if (!key_signer(request, &key_fields, &signer))
        return key_refuse(request, FORBIDDEN, "broken");
    if (cancel_prepare(&change, &check, number, &signer, &form, &result, err) < 0)
        return outcome_of(err);
    if (result.outcome != CANCEL_DONE)
        return answer_refusal(request, &result);
    made = outside_statement(&form.signer, request->pool, &form.prepared, &statement, err);
    if (made <= 0)
        return made < 0 ? outcome_of(err) : key_refuse(request, FORBIDDEN, "algorithm");
    return answer_prepared(request, number, &form, statement);
}

enum outcome signing_prepared(struct request *request, struct err *err)
{
    struct matter matter;
    struct form form;
    int found = own_matter(request, &matter, err);

    if (found == 1)
        found = form_find(request->db, request->pool, matter.id, request->who.id, &form, err);
    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return respond_bytes(request, "application/pdf", form.prepared.pdf, NULL, NULL);
}

/* Was it signed before? Then the answer is the same. 1/0/-1. */
static int signed_before(struct request *request, struct err *err)
{
    struct matter matter;
    int found = own_matter(request, &matter, err);

    return found == 1 ? strcmp(matter.state, MATTER_DONE) == 0 : found;
}

enum outcome signing_sign(struct request *request, struct err *err)
{
    const struct signature_check check = check_of(request);
    const char *number = request_text(request, S_NUMBER);
    const char *location = pool_printf(request->pool, "/matters/%s", number);
    struct actor actor = actor_of(request);
    struct change change = case_change(request, &actor);
    struct cancel_result result;
    struct bytes signature;
    int before = signed_before(request, err);

    if (before != 0)
        return before < 0 ? outcome_of(err) : key_location(request, location);
    if (!key_bytes(request->pool, request_text(request, S_SIGNATURE), &signature))
        return key_refuse(request, FORBIDDEN, "malformed");
    if (cancel_sign(&change, &check, number, signature, &result, err) < 0)
        /* Sent twice at once, the other was first. */
        return err->kind == ERR_CONFLICT && signed_before(request, NULL) == 1
                   ? key_location(request, location)
                   : outcome_of(err);
    if (result.outcome != CANCEL_DONE)
        return answer_refusal(request, &result);
    return key_location(request, location);
}
