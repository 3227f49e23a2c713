/* The kinds of documents: where their facts come from, and what prints them. */
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/issue/issue_steps.h"
#include "core/item/form.h"
#include "core/matter/matter.h"
#include "core/places.h"
#include "core/queries.h"
#include "core/register/certificate.h"
#include "core/register/identifier.h"
#include "core/register/person.h"

enum { SQL_FACES, SQL_PROOFS, SQL_LISTED };

#define LEASED " WHERE j.lease = ? AND j.state = 'leased'"

static const struct db_query queries[] = {
    [SQL_FACES] = {"issue_faces",
                   "SELECT j.id, v.class, c.number, v.identifier, v.holder_name, v.sex, v.birth,"
                   " v.enterprise_name, v.post, v.first_issued, v.valid_from, v.valid_until,"
                   " v.issuer_name, v.issued_on, v.verify_token, i.photo_sealed,"
                   " c.person_id"
                   " FROM job j"
                   " JOIN certificate c ON c.id = j.certificate_id"
                   " JOIN certificate_version v ON v.certificate_id = c.id"
                   "   AND v.version = j.version"
                   " LEFT JOIN identity_capture i ON i.id = v.capture_id" LEASED
                   " AND j.kind = 'certificate'"},
    [SQL_PROOFS] = {"issue_proofs",
                    "SELECT j.id, m.id, m.item, m.opened_on, m.moved_on, m.enterprise_name, e.uscc,"
                    " m.holder_name, p.id_type, " ID_NO_BOX("p") ", m.province, m.reason_text,"
                    " m.verify_token, s.signer_name, s.serial, s.signed_at"
                    " FROM job j JOIN matter m ON m.id = j.proof_id"
                    " JOIN enterprise e ON e.id = m.enterprise_id"
                    " JOIN person p ON p.id = m.person_id"
                    " LEFT JOIN form_signature s ON s.matter_id = m.id" LEASED
                    " AND j.kind NOT IN ('certificate', 'signed')"},
    [SQL_LISTED] = {"issue_listed",
                    "SELECT j.id, v.class, c.number, v.first_issued, v.valid_from, v.valid_until"
                    " FROM job j JOIN matter_certificate mc ON mc.matter_id = j.proof_id"
                    " JOIN certificate c ON c.id = mc.certificate_id"
                    " JOIN certificate_version v ON v.certificate_id = c.id"
                    "   AND v.version = mc.version" LEASED
                    " AND j.kind NOT IN ('certificate', 'signed') ORDER BY j.id, c.id"},
};

const struct db_area issue_kind_area = DB_AREA("issue_kind", queries);

static const char *verify_url(struct pool *pool, const struct core *core, struct bytes token)
{
    return pool_printf(pool, "%s/verify/%s", core->verify_origin, token_text(pool, token));
}

/* Certificates */

static void face_read(struct issue_batch *batch, const struct db_value *row)
{
    const struct core *core = batch->issuer->core;
    struct issue_item *item = issue_item_of(batch, db_as_uint(&row[0]));

    if (!item)
        return;
    item->face = (struct face){
        .class_code = db_as_text(&row[1]),
        .number = db_as_text(&row[2]),
        .identifier = db_as_text(&row[3]),
        .holder_name = db_as_text(&row[4]),
        .sex = db_as_int(&row[5]) == 1 ? "男" : "女",
        .birth = db_as_date(&row[6]),
        .enterprise_name = db_as_text(&row[7]),
        .post = post_label(db_as_text(&row[8])),
        .first_issued = db_as_date(&row[9]),
        .valid_from = db_as_date(&row[10]),
        .valid_until = db_as_date(&row[11]),
        .issuer_name = db_as_text(&row[12]),
        .issued_on = db_as_date(&row[13]),
        .verify_url = verify_url(batch->pool, core, db_as_bytes(&row[14])),
        .demo = core->policy->demo,
    };
    item->photo_sealed = db_as_bytes(&row[15]);
    item->photo_place = place_of(batch->pool, PLACE_CAPTURE_PHOTO, db_as_uint(&row[16]));
    item->ready = true;
}

static int select_leased(struct issue_batch *batch, int query, struct db_rows *rows,
                         struct err *err)
{
    return db_select(batch->issuer->db, batch->pool, &queries[query],
                     DB_ARGS(db_bytes(batch->lease, LEASE_SIZE)), rows, err);
}

static int faces_load(struct issue_batch *batch, struct err *err)
{
    struct db_rows rows;

    if (select_leased(batch, SQL_FACES, &rows, err) < 0)
        return -1;
    for (size_t i = 0; i < rows.count; i++)
        face_read(batch, db_row(&rows, i));
    return 0;
}

static const char *face_missing(const struct issue_item *item)
{
    if (!item->face.post)
        return "the post has no label";
    return item->photo_sealed.size == 0 ? "the photo is not there" : NULL;
}

static int face_render(struct issue_batch *batch, struct issue_item *item, struct err *err)
{
    const struct core *core = batch->issuer->core;

    item->face.made_ms = item->signed_ms;
    if (vault_open(core->vault, batch->pool, item->photo_place, item->photo_sealed, &item->face.photo,
                   err) < 0)
        return -1;
    return document_certificate(core->fonts, batch->pool, &item->face, &item->pdf, &item->box, err);
}

/* Documents of matters */

/* What a certificate's state is called on each. */
static const struct proof_row {
    const char *job;
    enum proof_kind kind;
    const char *state;
} proof_rows[] = {
    {"departure", PROOF_DEPARTURE, STATE_DEPARTED},
    {"form", PROOF_CANCELLATION_FORM, STATE_VALID},
    {"cancellation", PROOF_CANCELLATION, STATE_CANCELLED},
};

static const struct proof_row *proof_row_of(const struct issue_item *item)
{
    const struct proof_row *row = proof_rows;

    while (strcmp(row->job, item->job->kind) != 0)
        row++;
    return row;
}

static void proof_read(struct issue_batch *batch, const struct db_value *row)
{
    const struct core *core = batch->issuer->core;
    struct issue_item *item = issue_item_of(batch, db_as_uint(&row[0]));
    struct bytes token = db_as_bytes(&row[12]);
    char number[MATTER_NUMBER_SIZE];

    if (!item || !item->kind)
        return;
    matter_number_make(item_by_name(db_as_text(&row[2])), db_as_date(&row[3]), db_as_uint(&row[1]),
                       number);
    item->proof = (struct proof){
        .kind = proof_row_of(item)->kind,
        .matter_number = pool_text(batch->pool, number),
        .enterprise_name = db_as_text(&row[5]),
        .uscc = db_as_text(&row[6]),
        .holder_name = db_as_text(&row[7]),
        .id_type_label = document_type_label(db_as_text(&row[8])),
        .certificates = item->certificates,
        .province = db_as_text(&row[10]),
        .reason = db_as_text(&row[11]),
        .signer_name = db_as_text(&row[13]),
        .signer_serial = db_as_text(&row[14]),
        .signed_ms = db_as_time(&row[15]),
        .issuer_name = core->policy->issuer_name,
        .issued_on = db_as_date(&row[4]),
        .verify_url = token.size ? verify_url(batch->pool, core, token) : NULL,
        .demo = core->policy->demo,
    };
    item->id_no_box = db_as_bytes(&row[9]);
    item->ready = true;
}

static void listed_read(struct issue_batch *batch, const struct db_value *row)
{
    struct issue_item *item = issue_item_of(batch, db_as_uint(&row[0]));

    if (!item || !item->kind)
        return;
    if (item->proof.count < PROOF_CERTIFICATES)
        item->certificates[item->proof.count] = (struct proof_certificate){
            .class_label = class_label(db_as_text(&row[1])),
            .number = db_as_text(&row[2]),
            .first_issued = db_as_date(&row[3]),
            .valid_from = db_as_date(&row[4]),
            .valid_until = db_as_date(&row[5]),
            .state_label = state_label(proof_row_of(item)->state),
        };
    item->proof.count++;
}

static int proofs_load(struct issue_batch *batch, struct err *err)
{
    struct db_rows proofs, listed;

    if (select_leased(batch, SQL_PROOFS, &proofs, err) < 0 ||
        select_leased(batch, SQL_LISTED, &listed, err) < 0)
        return -1;
    for (size_t i = 0; i < proofs.count; i++)
        proof_read(batch, db_row(&proofs, i));
    for (size_t i = 0; i < listed.count; i++)
        listed_read(batch, db_row(&listed, i));
    return 0;
}

static const char *proof_missing(const struct issue_item *item)
{
    if (item->proof.count == 0)
        return "the certificates are not there";
    if (item->proof.count > PROOF_CERTIFICATES)
        return "more certificates than fit on the page";
    return item->proof.id_type_label ? NULL : "the document's type has no label";
}

static int proof_render(struct issue_batch *batch, struct issue_item *item, struct err *err)
{
    const struct core *core = batch->issuer->core;

    item->proof.made_ms = item->signed_ms;
    if (person_id_no_masked(batch->pool, core, item->id_no_box, &item->proof.id_no_masked, err) < 0)
        return -1;
    return document_proof(core->fonts, batch->pool, &item->proof, &item->pdf, &item->box, err);
}

/* Forms that a firm has signed: made again out of what was prepared, each for itself, so that one
 * that can't be made holds up no other. */

static int signed_load(struct issue_batch *batch, struct err *err)
{
    (void)err;
    for (size_t i = 0; i < batch->count; i++)
        if (batch->items[i].kind && batch->items[i].kind->signer == ISSUE_SIGNED)
            batch->items[i].ready = true;
    return 0;
}

static const char *signed_missing(const struct issue_item *item)
{
    return item->job->proof_id ? NULL : "it belongs to no matter";
}

static int signed_render(struct issue_batch *batch, struct issue_item *item, struct err *err)
{
    struct db *db = batch->issuer->db;
    struct form_signature signature;
    struct form form;
    int found = form_find(db, batch->pool, item->job->proof_id, item->job->enterprise_id, &form,
                          err);

    if (found == 1)
        found = form_signature_find(db, batch->pool, item->job->proof_id, &signature, err);
    if (found < 0)
        return -1;
    if (found == 0)
        return err_set(err, ERR_DOCUMENT, 0, "the form or its signature is not there");
    item->prepared = form.prepared;
    item->cms = signature.cms;
    return 0;
}

static const struct issue_kind kinds[] = {
    {"certificate", faces_load, face_missing, face_render, ISSUE_SEALED,
     "签发安全生产考核合格证书电子证照"},
    {"departure", proofs_load, proof_missing, proof_render, ISSUE_SEALED, "出具离沪证明"},
    {"cancellation", proofs_load, proof_missing, proof_render, ISSUE_SEALED, "出具证书注销证明"},
    {"form", proofs_load, proof_missing, proof_render, ISSUE_FORM, NULL},
    {"signed", signed_load, signed_missing, signed_render, ISSUE_SIGNED, NULL},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

const struct issue_kind *issue_kind_find(const char *name)
{
    for (size_t i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

/* Kinds that load alike are loaded together. */
int issue_kinds_load(struct issue_batch *batch, struct err *err)
{
    int (*loaded)(struct issue_batch * batch, struct err * err) = NULL;

    for (size_t k = 0; k < KINDS; k++) {
        bool there = false;

        for (size_t i = 0; i < batch->count; i++)
            there = there || (batch->items[i].kind && batch->items[i].kind->load == kinds[k].load);
        if (!there || kinds[k].load == loaded)
            continue;
        loaded = kinds[k].load;
        if (loaded(batch, err) < 0)
            return -1;
    }
    return 0;
}
