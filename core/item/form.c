#include "core/item/form.h"

#include <math.h>
#include <string.h>
#include <openssl/asn1.h>

#include "base/date.h"
#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/matter/change.h"
#include "core/matter/matter.h"
#include "core/queries.h"

enum { HUNDREDTHS = 100 };

enum { SQL_BOX_ADD, SQL_SUBJECT, SQL_PREPARE, SQL_PREPARED, SQL_SIGNATURE_ADD, SQL_SIGNATURE };

static const struct db_query queries[] = {
    [SQL_BOX_ADD] = {"form_box_add",
                     "INSERT INTO form_box (matter_id, box_left, box_bottom, box_right, box_top)"
                     " VALUES (?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE matter_id = matter_id"},
    [SQL_SUBJECT] = {"form_subject",
                     "SELECT b.box_left, b.box_bottom, b.box_right, b.box_top, m.enterprise_name,"
                     " e.uscc FROM form_box b JOIN matter m ON m.id = b.matter_id"
                     " JOIN enterprise e ON e.id = m.enterprise_id WHERE b.matter_id = ?"},
    [SQL_PREPARE] = {"form_prepare",
                     "REPLACE INTO form_preparation (matter_id, algorithm, certificate, chain,"
                     " serial, digest, prepared_at, appended, hole, hole_size)"
                     " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
    [SQL_PREPARED] = {"form_prepared",
                      "SELECT algorithm, certificate, chain, serial, digest, prepared_at,"
                      " appended, hole, hole_size FROM form_preparation WHERE matter_id = ?"},
    [SQL_SIGNATURE_ADD] = {"form_signature_add",
                           "INSERT INTO form_signature (matter_id, form_sha256, signer_name,"
                           " serial, fingerprint, signed_at, signature)"
                           " VALUES (?, ?, ?, ?, ?, ?, ?)"},
    [SQL_SIGNATURE] = {"form_signature",
                       "SELECT signer_name, serial, fingerprint, signed_at, signature"
                       " FROM form_signature WHERE matter_id = ?"},
};

static const char reason[] = "签署证书注销申请表";

const struct db_area form_area = DB_AREA("form", queries);

int form_box_add(struct db *db, uint64_t matter_id, const struct document_rect *box,
                 struct err *err)
{
    return db_run(db, &queries[SQL_BOX_ADD],
                  DB_ARGS(db_uint(matter_id), db_int(lround(box->left * HUNDREDTHS)),
                          db_int(lround(box->bottom * HUNDREDTHS)),
                          db_int(lround(box->right * HUNDREDTHS)),
                          db_int(lround(box->top * HUNDREDTHS))),
                  NULL, err);
}

static double points(const struct db_value *value)
{
    return (double)db_as_uint(value) / HUNDREDTHS;
}

/* Everything that stands in the signature's field. *printed is the form without it. 1; 0: there is no
 * form; -1. */
static int make(struct db *db, struct pool *pool, uint64_t matter_id, uint64_t enterprise_id,
                struct form *form, struct bytes *printed, struct err *err)
{
    const char *lines[] = {form->serial, NULL, NULL, NULL};
    struct seal_request request = {.time_ms = form->prepared_ms, .lines = lines};
    char time[20];
    const struct db_value *row;
    struct document document = {0};
    size_t room;
    int found = matter_document(db, pool, matter_id, "form", enterprise_id, &document, err);

    *printed = document.body;
    if (found == 1)
        found = db_find(db, pool, &queries[SQL_SUBJECT], DB_ARGS(db_uint(matter_id)), &row, err);
    if (found != 1) {
        form->signer.algorithm = NULL;
        return found;
    }
    request.rect = (struct document_rect){.left = points(&row[0]), .bottom = points(&row[1]),
                                          .right = points(&row[2]), .top = points(&row[3])};
    request.name = db_as_text(&row[4]);
    request.reason = reason;
    clock_shanghai(form->prepared_ms, time);
    lines[1] = pool_printf(pool, "%s +08:00", time);
    lines[2] = db_as_text(&row[5]);
    found = outside_room(&form->signer, pool, &room, err);
    if (found != 1)
        return found;
    return seal_prepare_room(room, pool, *printed, &request, &form->prepared, err) < 0 ? -1
                                                                                            : 1;
}

static struct bytes join(struct pool *pool, const struct outside_signer *signer)
{
    size_t size = 0;
    uint8_t *out, *at;

    for (size_t i = 0; i < signer->chain_count; i++)
        size += signer->chain[i].size;
    out = at = pool_alloc(pool, size + 1);
    for (size_t i = 0; i < signer->chain_count; at += signer->chain[i++].size)
        memcpy(at, signer->chain[i].data, signer->chain[i].size);
    return (struct bytes){out, size};
}

/* Each DER says its own length (X.690, 8.1.3). */
static void split(struct bytes chain, struct outside_signer *signer)
{
    const unsigned char *at = chain.data, *end = chain.data + chain.size;
    int tag, class;
    long length;

    while (at < end && signer->chain_count < OUTSIDE_CHAIN) {
        const unsigned char *start = at;

        if (ASN1_get_object(&at, &length, &tag, &class, end - at) & 0x80)
            return;
        at += length;
        signer->chain[signer->chain_count++] = (struct bytes){start, (size_t)(at - start)};
    }
}

int form_prepare(struct change *change, const struct outside_signer *signer, const char *serial,
                 struct form *form, struct err *err)
{
    struct bytes chain = join(change->pool, signer), printed;
    const struct bytes *whole = &form->prepared.pdf;
    int made;

    *form = (struct form){.signer = *signer, .serial = serial, .prepared_ms = change->now_ms};
    made = make(change->db, change->pool, change->matter_id, change->enterprise_id, form, &printed,
                err);
    if (made != 1)
        return made;
    if (whole->size < printed.size || memcmp(whole->data, printed.data, printed.size) != 0)
        return err_set(err, ERR_CRYPTO, 0, "a form was made ready by more than appending to it");
    return db_run(change->db, &queries[SQL_PREPARE],
                  DB_ARGS(db_uint(change->matter_id), db_text(signer->algorithm),
                          db_bytes(signer->certificate.data, signer->certificate.size),
                          db_bytes(chain.data, chain.size), db_text(serial),
                          db_bytes(form->prepared.digest, SEAL_DIGEST_SIZE),
                          db_time(form->prepared_ms),
                          db_bytes(whole->data + printed.size, whole->size - printed.size),
                          db_uint(form->prepared.hole), db_uint(form->prepared.hole_size)),
                  NULL, err) < 0
               ? -1
               : 1;
}

/* What was kept of the bytes. */
struct kept {
    struct bytes digest, appended;
    size_t hole, hole_size;
};

/* What was kept of it: 1/0/-1. */
static int find_prepared(struct db *db, struct pool *pool, uint64_t matter_id, struct form *form,
                         struct kept *kept, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_PREPARED], DB_ARGS(db_uint(matter_id)), &row, err);

    *form = (struct form){.serial = ""};
    if (found != 1)
        return found;
    *form = (struct form){.signer = {.algorithm = db_as_text(&row[0]),
                                     .certificate = db_as_bytes(&row[1])},
                          .serial = db_as_text(&row[3]),
                          .prepared_ms = db_as_time(&row[5])};
    split(db_as_bytes(&row[2]), &form->signer);
    *kept = (struct kept){.digest = db_as_bytes(&row[4]),
                          .appended = row[6].type == DB_NULL ? (struct bytes){NULL, 0}
                                                             : db_as_bytes(&row[6]),
                          .hole = db_as_uint(&row[7]),
                          .hole_size = db_as_uint(&row[8])};
    return 1;
}

/* The very bytes that the key was shown. 1/0/-1. */
static int put_together(struct db *db, struct pool *pool, uint64_t matter_id,
                        uint64_t enterprise_id, const struct kept *kept, struct form *form,
                        struct err *err)
{
    struct document document;
    int found = matter_document(db, pool, matter_id, "form", enterprise_id, &document, err);
    struct bytes whole;
    uint8_t *data;

    if (found != 1)
        return found;
    whole.size = document.body.size + kept->appended.size;
    whole.data = data = pool_alloc(pool, whole.size);
    memcpy(data, document.body.data, document.body.size);
    memcpy(data + document.body.size, kept->appended.data, kept->appended.size);
    if (seal_prepared_again(whole, kept->hole, kept->hole_size, &form->prepared, NULL) < 0)
        return err_set(err, ERR_CONFLICT, 0, "the form is not what was prepared");
    return 1;
}

int form_signer_find(struct db *db, struct pool *pool, uint64_t matter_id,
                     struct outside_signer *signer, struct err *err)
{
    struct kept kept;
    struct form form;
    int found = find_prepared(db, pool, matter_id, &form, &kept, err);

    *signer = form.signer;
    return found;
}

int form_find(struct db *db, struct pool *pool, uint64_t matter_id, uint64_t enterprise_id,
              struct form *form, struct err *err)
{
    struct bytes printed;
    struct kept kept;
    int found = find_prepared(db, pool, matter_id, form, &kept, err);

    if (found != 1)
        return found;
    found = kept.appended.data
                ? put_together(db, pool, matter_id, enterprise_id, &kept, form, err)
                : make(db, pool, matter_id, enterprise_id, form, &printed, err);
    if (found != 1)
        return found;
    if (kept.digest.size != SEAL_DIGEST_SIZE ||
        memcmp(kept.digest.data, form->prepared.digest, SEAL_DIGEST_SIZE) != 0)
        return err_set(err, ERR_CONFLICT, 0, "the form is not what was prepared");
    return 1;
}

int form_signature_add(struct db *db, uint64_t matter_id, const struct form *form,
                       const struct form_signature *signature, struct err *err)
{
    return db_run(db, &queries[SQL_SIGNATURE_ADD],
                  DB_ARGS(db_uint(matter_id), db_bytes(form->prepared.digest, SEAL_DIGEST_SIZE),
                          db_text(signature->signer_name), db_text(signature->serial),
                          db_text(signature->fingerprint), db_time(signature->signed_ms),
                          db_bytes(signature->cms.data, signature->cms.size)),
                  NULL, err);
}

int form_signature_find(struct db *db, struct pool *pool, uint64_t matter_id,
                        struct form_signature *out, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_SIGNATURE], DB_ARGS(db_uint(matter_id)), &row, err);

    if (found == 1)
        *out = (struct form_signature){db_as_text(&row[0]), db_as_text(&row[1]),
                                       db_as_text(&row[2]), db_as_time(&row[3]),
                                       db_as_bytes(&row[4])};
    return found;
}
