#include "core/proposal/capture_take.h"

#include <inttypes.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "base/vault.h"
#include "core/core.h"
#include "core/places.h"
#include "core/queries.h"
#include "core/register/capture.h"
#include "core/register/identifier.h"
#include "core/register/person.h"
#include "core/staff/staff.h"

enum { SQL_TWIN, SQL_ADD, SQL_FORGET, SQL_STATE, SQL_LEAVE, SQL_USE };

static const struct db_query queries[] = {
    [SQL_TWIN] = {"capture_twin", "SELECT id FROM identity_capture"
                                  " WHERE person_id = ? AND photo_sha256 = ?"},
    [SQL_ADD] = {"capture_add",
                 "INSERT INTO identity_capture (person_id, source, photo_sealed, photo_sha256,"
                 " width, height, captured_at, captured_by, state)"
                 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'waiting')"},
    /* Of a person nothing but the last waits. */
    [SQL_FORGET] = {"capture_forget", "UPDATE identity_capture SET state = 'refused'"
                                      " WHERE person_id = ? AND state = 'waiting' AND id <> ?"},
    [SQL_STATE] = {"capture_state", "UPDATE identity_capture SET state = ?"
                                    " WHERE id = ? AND person_id = ?"},
    [SQL_LEAVE] = {"capture_leave", "UPDATE identity_capture SET state = 'refused'"
                                    " WHERE id = ? AND person_id = ? AND state = 'waiting'"},
    [SQL_USE] = {"capture_use", "UPDATE person SET capture_id = ?, updated_at = ?"
                                " WHERE id = ? AND capture_id <=> ?"},
};

const struct db_area capture_take_area = DB_AREA("capture_take", queries);

/* The capture of this photo: the one that is there, or a new one. */
static int add(struct change *change, uint64_t person_id, const char *source,
               const struct scan *photo, uint64_t *id, struct err *err)
{
    const struct db_value *row;
    struct bytes sealed;
    uint8_t hash[32];
    int found;

    sha256(photo->body.data, photo->body.size, hash);
    found = db_find(change->db, change->pool, &queries[SQL_TWIN],
                    DB_ARGS(db_uint(person_id), db_bytes(hash, sizeof(hash))), &row, err);
    if (found == 1)
        *id = db_as_uint(&row[0]);
    if (found != 0)
        return found < 0 ? -1 : 0;
    if (vault_seal(change->core->vault, change->pool,
                   place_of(change->pool, PLACE_CAPTURE_PHOTO, person_id), photo->body, &sealed, err) < 0 ||
        db_run(change->db, &queries[SQL_ADD],
               DB_ARGS(db_uint(person_id), db_text(source), db_bytes(sealed.data, sealed.size),
                       db_bytes(hash, sizeof(hash)), db_uint(photo->width), db_uint(photo->height),
                       db_time(change->now_ms), db_id(change->actor->id)),
               NULL, err) < 0)
        return -1;
    *id = db_insert_id(change->db);
    return 0;
}

/* From the photo that was in use to this one. */
static int use(struct change *change, uint64_t person_id, uint64_t before, uint64_t after,
               struct err *err)
{
    int used = db_change(change->db, &queries[SQL_STATE],
                         DB_ARGS(db_text("taken"), db_uint(after), db_uint(person_id)), err);

    if (used == 1)
        used = db_change(change->db, &queries[SQL_USE],
                         DB_ARGS(db_uint(after), db_time(change->now_ms), db_uint(person_id),
                                 db_id(before)),
                         err);
    if (used < 0)
        return -1;
    if (used == 0)
        return err_set(err, ERR_CONFLICT, 0, "the photo of person %" PRIu64 " has changed", person_id);
    change_note(change, 0, "person.capture", "person", person_id,
                pool_printf(change->pool, "{\"before\":%" PRIu64 ",\"after\":%" PRIu64 "}", before,
                            after));
    return 0;
}

/* What the second clerk compares with the document: key, label, and what it is of a person. */
enum { ROW_CAPTURE, ROW_SOURCE, ROW_NAME, ROW_SEX, ROW_BIRTH, ROW_DOCUMENT, ROWS };

static const char *id_text(struct pool *pool, uint64_t id)
{
    return id ? pool_printf(pool, "%" PRIu64, id) : "";
}

static void rows_of(struct pool *pool, const struct person *person, struct proposal_row rows[ROWS])
{
    char birth[11];

    date_format(person->birth, birth);
    rows[ROW_NAME] = (struct proposal_row){"name", "姓名", "", person->name};
    rows[ROW_SEX] = (struct proposal_row){"sex", "性别", "", person_sex_label(person->sex)};
    rows[ROW_BIRTH] = (struct proposal_row){"birth", "出生日期", "", pool_text(pool, birth)};
    rows[ROW_DOCUMENT] =
        (struct proposal_row){"document", document_type_label(person->id_type), "",
                              person->id_no_masked};
}

static int propose(struct change *change, unsigned roles, const struct person *person,
                   const char *source, uint64_t capture_id, struct proposal *proposal,
                   enum capture_end *end, struct err *err)
{
    struct proposal_row rows[ROWS] = {
        [ROW_CAPTURE] = {"capture", "照片编号", id_text(change->pool, person->capture_id),
                         id_text(change->pool, capture_id)},
        [ROW_SOURCE] = {"source", "采集方式", "", capture_source_label(source)},
    };
    struct proposal_new what = {
        .kind = &capture_kind,
        .person_id = person->id,
        .holder_name = person->name,
        .reason = "窗口采集个人身份信息",
        .rows = rows,
        .row_count = ROWS,
    };
    enum proposal_answer answer;

    rows_of(change->pool, person, rows);
    if (proposal_open(change, roles, &what, proposal, &answer, err) < 0)
        return -1;
    *end = answer == PROPOSAL_DONE ? CAPTURE_PROPOSED : CAPTURE_REFUSED;
    return 0;
}

static bool at_once(const struct change *change, const struct person *person, const char *source)
{
    return change->core->policy->capture_by_reader && strcmp(source, CAPTURE_READER) == 0 &&
           strcmp(person->id_type, "111") == 0;
}

int capture_take(struct change *change, unsigned roles, const struct person *person,
                 const char *source, const struct scan *photo, struct proposal *proposal,
                 enum capture_end *end, struct err *err)
{
    uint64_t id = 0;

    *end = CAPTURE_SAME;
    if (add(change, person->id, source, photo, &id, err) < 0)
        return -1;
    if (id == person->capture_id)
        return 0;
    if (at_once(change, person, source)) {
        *end = CAPTURE_USED;
        return use(change, person->id, person->capture_id, id, err) < 0 ? -1 : change_end(change, err);
    }
    if (db_run(change->db, &queries[SQL_FORGET], DB_ARGS(db_uint(person->id), db_uint(id)), NULL,
               err) < 0 ||
        db_run(change->db, &queries[SQL_STATE],
               DB_ARGS(db_text("waiting"), db_uint(id), db_uint(person->id)), NULL, err) < 0)
        return -1;
    return propose(change, roles, person, source, id, proposal, end, err);
}

/* The second look */

void capture_of_proposal(const struct proposal *proposal, uint64_t *before, uint64_t *after)
{
    const struct proposal_row *row = proposal_row(proposal, "capture");

    *before = *after = 0;
    if (!row)
        return;
    if (!parse_uint(row->before, 1, INT64_MAX, before))
        *before = 0;
    if (!parse_uint(row->after, 1, INT64_MAX, after))
        *after = 0;
}

/* What the clerk saw is still so. */
static int judge(struct change *change, struct proposal *proposal, struct err *err)
{
    struct proposal_row now[ROWS] = {{0}};
    struct person person;
    uint64_t before, after;
    int found = person_find(change->db, change->pool, change->core, proposal->person_id, &person,
                            err);

    if (found < 0)
        return -1;
    if (found == 0) {
        proposal_refuse(proposal, "没有这个人员");
        return 0;
    }
    capture_of_proposal(proposal, &before, &after);
    if (person.capture_id != before)
        proposal_refuse(proposal, "该人员使用中的照片已在此期间更换，请重新采集");
    rows_of(change->pool, &person, now);
    for (int i = ROW_NAME; i < ROWS; i++) {
        const struct proposal_row *seen = proposal_row(proposal, now[i].key);

        if (seen && strcmp(seen->after, now[i].after) != 0)
            proposal_refuse(proposal, pool_printf(change->pool, "该人员的%s已在此期间更改，请重新采集",
                                                  now[i].label));
    }
    return 0;
}

static int apply(struct change *change, const struct proposal *proposal, struct err *err)
{
    uint64_t before, after;

    capture_of_proposal(proposal, &before, &after);
    return use(change, proposal->person_id, before, after, err);
}

static int leave(struct change *change, const struct proposal *proposal, struct err *err)
{
    uint64_t before, after;

    capture_of_proposal(proposal, &before, &after);
    return db_run(change->db, &queries[SQL_LEAVE],
                  DB_ARGS(db_uint(after), db_uint(proposal->person_id)), NULL, err);
}

const struct proposal_kind capture_kind = {
    .name = "capture",
    .label = "身份信息采集",
    .item = ITEM_CORRECTION,
    .propose = STAFF_WINDOW,
    .decide = STAFF_WINDOW | STAFF_REVIEWER,
    .deadline = DEADLINE_CAPTURE,
    .judge = judge,
    .apply = apply,
    .leave = leave,
};
