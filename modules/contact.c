/*
 * 联系方式: where the firm wants to be told what happens to its certificates. An address counts when the
 * code that was sent to it has come back.
 */
#include "core/message/contact.h"

#include <string.h>

#include "modules/case.h"
#include "modules/common.h"

enum { C_CHANNEL, C_ADDRESS, C_CODE, C_FIRST_EVENT };

#define CHANNEL                                                                                    \
    [C_CHANNEL] = {.name = "channel",                                                              \
                   .kind = FIELD_CODE,                                                             \
                   .low = 3,                                                                       \
                   .high = 4,                                                                      \
                   .flags = FIELD_IN_PATH | FIELD_REQUIRED}
static const struct field channel_fields[] = {CHANNEL, {0}};
static const struct field want_fields[] = {
    CHANNEL,
    [C_ADDRESS] = {.name = "address",
                   .kind = FIELD_TEXT,
                   .low = 1,
                   .high = CONTACT_ADDRESS_SIZE - 1,
                   .flags = FIELD_REQUIRED,
                   .label = "邮箱地址或手机号码"},
    {0},
};
/* Their indexes are those of the whole table. */
static const struct field code_fields[] = {
    CHANNEL,
    [C_ADDRESS] = {.name = "address", .kind = FIELD_TEXT, .high = 1, .label = "地址"},
    [C_CODE] = {.name = "code",
                .kind = FIELD_TEXT,
                .low = 1,
                .high = 16,
                .flags = FIELD_REQUIRED,
                .label = "验证码"},
    {0},
};
enum { E_READY = 1, E_CHANGED, E_REFUSED, E_LEFT, E_SANCTION, E_RENAMED, E_EXPIRING };
#define EVENT(event) {.name = (event), .kind = FIELD_FLAG, .label = "通知内容"}
static const struct field event_fields[] = {
    CHANNEL,
    [E_READY] = EVENT("ready"),
    [E_CHANGED] = EVENT("changed"),
    [E_REFUSED] = EVENT("refused"),
    [E_LEFT] = EVENT("left"),
    [E_SANCTION] = EVENT("sanction"),
    [E_RENAMED] = EVENT("renamed"),
    [E_EXPIRING] = EVENT("expiring"),
    {0},
};

static const char *const labels[CONTACT_CHANNELS] = {"电子邮件", "手机短信"};

static void page_contact(HDF *node, enum contact_channel channel, const struct contact *contact)
{
    page_text(node, "Channel", contact_channel_name(channel));
    page_text(node, "Label", labels[channel]);
    page_text(node, "Address", contact->address);
    page_text(node, "Wanted", contact->wanted);
    page_int(node, "Over", contact->code_over);
    for (int i = OUTBOX_CONFIRM + 1; i < OUTBOX_EVENTS; i++) {
        HDF *item = page_item(node, "Events", (size_t)i - 1);

        page_text(item, "Name", outbox_event_name((enum outbox_event)i));
        page_text(item, "Label", outbox_event_label((enum outbox_event)i));
        page_int(item, "Chosen", (contact->events >> i & 1) != 0);
    }
}

static int contacts_of(struct request *request, struct contact contacts[CONTACT_CHANNELS],
                       struct err *err)
{
    return contact_list(request->db, request->pool, core_of(request), request->who.id,
                        request->now_ms, contacts, err);
}

static enum outcome contact_index(struct request *request, struct err *err)
{
    struct contact contacts[CONTACT_CHANNELS];
    size_t open = 0;

    if (contacts_of(request, contacts, err) < 0)
        return outcome_of(err);
    for (int i = 0; i < CONTACT_CHANNELS; i++)
        if (contact_channel_open(core_of(request), (enum contact_channel)i))
            page_contact(page_item(request->hdf, "Contacts", open++), (enum contact_channel)i,
                         &contacts[i]);
    return OUT_PAGE;
}

/* The channel of the path; CONTACT_CHANNELS where there is none, or nobody sends by it. */
static enum contact_channel channel_of(const struct request *request)
{
    const char *name = request_text(request, C_CHANNEL);

    for (int i = 0; i < CONTACT_CHANNELS; i++)
        if (strcmp(contact_channel_name((enum contact_channel)i), name) == 0 &&
            contact_channel_open(core_of(request), (enum contact_channel)i))
            return (enum contact_channel)i;
    return CONTACT_CHANNELS;
}

static int contact_refill(struct request *request, struct err *err)
{
    const enum contact_channel channel = channel_of(request);
    struct contact contacts[CONTACT_CHANNELS];

    if (channel == CONTACT_CHANNELS)
        return err_set(err, ERR_NOT_FOUND, 0, "no such channel");
    if (contacts_of(request, contacts, err) < 0)
        return -1;
    page_contact(page_node(request->hdf, "Contact"), channel, &contacts[channel]);
    return 0;
}

static enum outcome contact_show(struct request *request, struct err *err)
{
    return contact_refill(request, err) < 0 ? outcome_of(err) : OUT_PAGE;
}

/* What a change came to: 1: it is done, and audited. */
static enum outcome finish(struct request *request, struct change *change, int done, struct err *err)
{
    if (done < 0 || (done == 1 && change_end(change, err) < 0))
        return outcome_of(err);
    return done == 0 ? OUT_NOT_FOUND
                     : respond_redirect(request, "/contact/%s", request_text(request, C_CHANNEL));
}

static enum outcome contact_ask(struct request *request, struct err *err)
{
    static const char *const wrong[CONTACT_CHANNELS] = {
        "请输入一个完整的邮箱地址，例如 name@example.com", "请输入11位手机号码"};
    const enum contact_channel channel = channel_of(request);
    struct actor actor = actor_of(request);
    struct change change = case_change(request, &actor);
    char address[CONTACT_ADDRESS_SIZE];
    int done;

    if (channel == CONTACT_CHANNELS)
        return OUT_NOT_FOUND;
    if (!contact_normalise(channel, request_text(request, C_ADDRESS), address))
        return request_reject(request, C_ADDRESS, "%s", wrong[channel]);
    done = contact_want(&change, channel, address, err);
    if (done == 0)
        return request_reject(request, C_ADDRESS, "今天发送验证码的次数已用完，请24小时之后再试");
    return finish(request, &change, done, err);
}

static enum outcome contact_prove(struct request *request, struct err *err)
{
    const enum contact_channel channel = channel_of(request);
    struct actor actor = actor_of(request);
    struct change change = case_change(request, &actor);
    int done;

    if (channel == CONTACT_CHANNELS)
        return OUT_NOT_FOUND;
    done = contact_confirm(&change, channel, request_text(request, C_CODE), err);
    if (done != 0)
        return finish(request, &change, done, err);
    /* The try counts. */
    if (change_end(&change, err) < 0)
        return outcome_of(err);
    request_keep(request, pool_printf(request->pool, "/contact/%s", contact_channel_name(channel)));
    return request_reject(request, C_CODE, "验证码不对，或者已过期。错%d次或满一小时后，请重新发送",
                          CONTACT_TRIES);
}

static enum outcome contact_events(struct request *request, struct err *err)
{
    const enum contact_channel channel = channel_of(request);
    struct actor actor = actor_of(request);
    struct change change = case_change(request, &actor);
    unsigned events = 0;

    if (channel == CONTACT_CHANNELS)
        return OUT_NOT_FOUND;
    for (size_t i = E_READY; i <= E_EXPIRING; i++)
        if (request_flag(request, i))
            events |= 1U << outbox_event_by_name(event_fields[i].name);
    return finish(request, &change, contact_choose(&change, channel, events, err), err);
}

static enum outcome contact_forget(struct request *request, struct err *err)
{
    const enum contact_channel channel = channel_of(request);
    struct actor actor = actor_of(request);
    struct change change = case_change(request, &actor);

    if (channel == CONTACT_CHANNELS)
        return OUT_NOT_FOUND;
    return finish(request, &change, contact_remove(&change, channel, err), err);
}

#define CHANGES (NEED_FIRM | NEED_CSRF | NEED_KEY)

static const struct route contact_routes[] = {
    {"", HTTP_GET, NEED_FIRM, .page = "list", .handle = contact_index},
    {"{channel}", HTTP_GET, NEED_FIRM, .fields = channel_fields, .page = "show",
     .handle = contact_show},
    {"{channel}", HTTP_POST, CHANGES, .fields = want_fields, .handle = contact_ask, .form = "show",
     .refill = contact_refill},
    {"{channel}/code", HTTP_POST, CHANGES, .fields = code_fields, .handle = contact_prove,
     .form = "show", .refill = contact_refill},
    {"{channel}/events", HTTP_POST, CHANGES, .fields = event_fields, .handle = contact_events},
    {"{channel}/remove", HTTP_POST, CHANGES, .fields = channel_fields, .handle = contact_forget},
    {0},
};

const struct module module_contact = {
    .name = "contact", .label = "联系方式", .routes = contact_routes};
