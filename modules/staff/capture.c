/*
 * 照片采集: a photo of one person, from the reader, the camera or a file, taken by the clerk.
 */
#include <inttypes.h>
#include <string.h>

#include "core/proposal/capture_take.h"
#include "core/proposal/card.h"
#include "core/register/capture.h"
#include "core/register/person.h"
#include "core/staff/staff.h"
#include "modules/common.h"
#include "modules/staff/person_page.h"
#include "modules/staff/proposal_page.h"

/* Where a reader's program listens on the clerk's computer (templates/static/reader.js). */
#define READER_AGENT "http://127.0.0.1:17452"

#define FROM_FILE "file" /* the picture was chosen, not taken here and now */

enum { SIGNATURE = 1368 /* characters: base64 of what a key of 8192 bits signs */ };

enum { F_ID, F_PHOTO, F_ORIGIN, F_CARD_NO, F_CARD_NAME, F_CARD_CHALLENGE, F_CARD_SIGNATURE };
static const struct field id_fields[] = {
    [F_ID] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0},
};
static const struct field photo_fields[] = {
    [F_ID] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    [F_PHOTO] = {.name = "photo", .kind = FIELD_UPLOAD, .low = 1, .high = SCAN_PHOTO_BYTES,
                 .flags = FIELD_REQUIRED, .label = "照片"},
    [F_ORIGIN] = {.name = "origin", .kind = FIELD_CODE, .high = 8, .label = "照片来源"},
    [F_CARD_NO] = {.name = "card_no", .kind = FIELD_TEXT, .high = DOCUMENT_NO_SIZE - 1,
                   .label = "读出的证件号码"},
    [F_CARD_NAME] = {.name = "card_name", .kind = FIELD_TEXT, .high = 64, .label = "读出的姓名"},
    [F_CARD_CHALLENGE] = {.name = "card_challenge", .kind = FIELD_TEXT, .high = CARD_CHALLENGE,
                          .label = "读卡的编号"},
    [F_CARD_SIGNATURE] = {.name = "card_signature", .kind = FIELD_TEXT, .high = SIGNATURE,
                          .label = "读卡器的签名"},
    {0},
};

static void page_whom(struct request *request, const struct person *person)
{
    const struct core *core = core_of(request);
    HDF *node = page_node(request->hdf, "Person");
    char challenge[CARD_CHALLENGE];

    page_person(node, person);
    if (strcmp(person->id_type, "111") == 0)
        page_int(node, "Resident", 1);
    card_challenge(core, request->who.id, person->id, request->now_ms, challenge);
    page_text(request->hdf, "Reader.Challenge", challenge);
    if (!core->policy->demo)
        return;
    page_int(request->hdf, "Reader.Demo", 1);
    if (core->readers)
        page_text(request->hdf, "Reader.DemoKey", core->readers->demo);
}

static enum outcome capture_page(struct request *request, struct err *err)
{
    struct person person;
    int found = person_find(request->db, request->pool, core_of(request), request_id(request, F_ID),
                            &person, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    page_whom(request, &person);
    return OUT_PAGE;
}

static int capture_again(struct request *request, struct err *err)
{
    struct person person;
    int found = person_find(request->db, request->pool, core_of(request), request_id(request, F_ID),
                            &person, err);

    if (found == 1)
        page_whom(request, &person);
    return found < 0 ? -1 : 0;
}

/* The decoder takes its time, so it runs before the transaction. */
static enum outcome capture_scan(struct request *request, struct err *err)
{
    struct scan *scan = POOL_NEW(request->pool, struct scan);
    enum scan_fault fault;

    if (scan_ask(core_of(request), request->pool, SCAN_PHOTO, request_upload(request, F_PHOTO)->bytes,
                 scan, &fault, err) < 0)
        return outcome_of(err);
    if (fault != SCAN_GOOD)
        return request_reject(request, F_PHOTO, "%s", scan_fault_text(SCAN_PHOTO, fault));
    request->asked = scan;
    return OUT_PAGE;
}

static const char *text_of(const struct request *request, size_t field)
{
    const char *text = request_text(request, field);

    return text ? text : "";
}

/* Did a reader of ours read this card for this page? 1/0, or -1; *outcome where its answer can't be. */
static int card_signed(struct request *request, const struct person_data *person, uint64_t person_id,
                       enum outcome *outcome, struct err *err)
{
    const struct card card = {
        .id_type = person->id_type,
        .id_no = text_of(request, F_CARD_NO),
        .name = text_of(request, F_CARD_NAME),
        .challenge = text_of(request, F_CARD_CHALLENGE),
        .signature = text_of(request, F_CARD_SIGNATURE),
    };
    enum card_answer answer;

    if (card_judge(core_of(request), request->who.id, person_id, request->now_ms, &card, &answer, err) < 0)
        return -1;
    if (answer == CARD_LATE)
        *outcome = request_reject(request, F_CARD_NO, "打开页面已超过 10 分钟，请重新读取证件");
    if (answer == CARD_FALSE)
        *outcome = request_reject(request, F_CARD_NO,
                                  "读卡器的应答没有通过核验，请重新读取证件；仍不通过的，请联系运维人员");
    return answer == CARD_READ;
}

/* Was the person's own card read, and the picture taken here? 1/0, or -1; *outcome where another card
 * was read, or no reader of ours has signed what was. */
static int card_read(struct request *request, const struct person *person, enum outcome *outcome,
                     struct err *err)
{
    const char *number = request_text(request, F_CARD_NO), *name = request_text(request, F_CARD_NAME);
    const char *origin = request_text(request, F_ORIGIN);
    char normal[DOCUMENT_NO_SIZE];
    struct person_data data;

    if (!number || !*number)
        return 0;
    if (person_data_open(request->db, request->pool, core_of(request), person->id, &data, err) < 0)
        return -1;
    if (!document_no_normalise(data.id_type, number, request->today, normal) ||
        strcmp(normal, data.id_no) != 0 || !name || strcmp(name, data.name) != 0) {
        *outcome = request_reject(request, F_CARD_NO,
                                  "读出的证件与该人员登记的姓名或证件号码不一致，请核对证件");
        return 0;
    }
    int read = card_signed(request, &data, person->id, outcome, err);
    return read == 1 ? origin && *origin && strcmp(origin, FROM_FILE) != 0 : read;
}

static enum outcome answer_of(struct request *request, const struct person *person,
                              const struct proposal *proposal, enum capture_end end)
{
    const char *path = pool_printf(request->pool, "/staff/people/%" PRIu64, person->id);

    switch (end) {
    case CAPTURE_USED:
        return respond_redirect(request, "%s?done=used", path);
    case CAPTURE_SAME:
        return respond_redirect(request, "%s?done=same", path);
    case CAPTURE_PROPOSED:
        return respond_redirect(request, "/staff/proposals/%s", proposal->number);
    case CAPTURE_REFUSED:
        break;
    }
    return request_conflict(request,
                            proposal->refusal_count > 0
                                ? pool_printf(request->pool, "照片没有采集：%s。", proposal->refusals[0])
                                : "照片没有采集。",
                            path);
}

static enum outcome capture_send(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);
    const struct scan *scan = request->asked;
    enum outcome outcome = OUT_PAGE;
    struct proposal proposal = {0};
    enum capture_end end;
    struct person person;
    int read, found = person_lock(request->db, request->pool, change.core, request_id(request, F_ID),
                                  &person, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    read = card_read(request, &person, &outcome, err);
    if (read < 0)
        return outcome_of(err);
    if (outcome != OUT_PAGE)
        return outcome;
    if (capture_take(&change, request->who.roles, &person, read ? CAPTURE_READER : CAPTURE_WINDOW,
                     scan, &proposal, &end, err) < 0)
        return outcome_of(err);
    return answer_of(request, &person, &proposal, end);
}

static const struct route capture_routes[] = {
    {"{id}", HTTP_GET, NEED_STAFF, .roles = STAFF_WINDOW, .fields = id_fields, .page = "show",
     .handle = capture_page, .connect = READER_AGENT, .camera = true},
    {"{id}", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_KEY, .roles = STAFF_WINDOW,
     .fields = photo_fields, .before = capture_scan, .handle = capture_send, .form = "show",
     .refill = capture_again, .connect = READER_AGENT, .camera = true},
    {0},
};

const struct module module_staff_capture = {
    .name = "staff/capture", .label = "照片采集", .routes = capture_routes};
