#include "core/message/contact.h"

#include <inttypes.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/mail.h"
#include "base/pool.h"
#include "base/random.h"
#include "base/vault.h"
#include "core/places.h"
#include "core/queries.h"

#define PLACE_CODE "contact.code"

enum { SALT_SIZE = 16, DIGITS_OF_CODE = 1000000, EVENTS_SIZE = 128, MOBILE_DIGITS = 11 };

enum {
    SQL_LIST,
    SQL_LOCK,
    SQL_ADD,
    SQL_WANT,
    SQL_CODES_FIRM,
    SQL_CODES_ADDRESS,
    SQL_TRY,
    SQL_CONFIRM,
    SQL_CHOOSE,
    SQL_REMOVE,
    SQL_STILL,
    SQL_SALT
};

#define COLUMNS                                                                                    \
    "id, channel, address_sealed, wanted_sealed, wanted_hash, code_salt, code_until, code_tries,"  \
    " CAST(events AS CHAR)"

static const struct db_query queries[] = {
    [SQL_LIST] = {"contact_list", "SELECT " COLUMNS " FROM contact WHERE enterprise_id = ?"},
    [SQL_LOCK] = {"contact_lock", "SELECT " COLUMNS " FROM contact WHERE enterprise_id = ?"
                                  " AND channel = ? FOR UPDATE"},
    [SQL_ADD] = {"contact_add", "INSERT INTO contact (enterprise_id, channel, events, created_at,"
                                " updated_at) VALUES (?, ?, ?, ?, ?)"
                                " ON DUPLICATE KEY UPDATE updated_at = ?"},
    [SQL_WANT] = {"contact_want", "UPDATE contact SET wanted_sealed = ?, wanted_hash = ?,"
                                  " code_salt = ?, code_until = ?, code_tries = 0, updated_at = ?"
                                  " WHERE enterprise_id = ? AND channel = ?"},
    [SQL_CODES_FIRM] = {"contact_codes_firm",
                        "SELECT COUNT(*) FROM outbox FORCE INDEX (outbox_enterprise)"
                        " WHERE enterprise_id = ? AND event = 'confirm' AND created_at > ?"
                        " AND channel = ?"},
    [SQL_CODES_ADDRESS] = {"contact_codes_address",
                           "SELECT COUNT(*) FROM outbox FORCE INDEX (outbox_address)"
                           " WHERE address_hash = ? AND event = 'confirm' AND created_at > ?"},
    [SQL_TRY] = {"contact_try", "UPDATE contact SET code_tries = code_tries + 1, updated_at = ?"
                                " WHERE id = ?"},
    [SQL_CONFIRM] = {"contact_confirm",
                     "UPDATE contact SET address_sealed = wanted_sealed, address_hash = wanted_hash,"
                     " confirmed_at = ?, wanted_sealed = NULL, wanted_hash = NULL,"
                     " code_salt = NULL, code_until = NULL, code_tries = 0, updated_at = ?"
                     " WHERE id = ? AND wanted_hash IS NOT NULL"},
    [SQL_CHOOSE] = {"contact_choose", "UPDATE contact SET events = ?, updated_at = ?"
                                      " WHERE enterprise_id = ? AND channel = ?"},
    [SQL_REMOVE] = {"contact_remove", "DELETE FROM contact WHERE enterprise_id = ? AND channel = ?"},
    [SQL_STILL] = {"contact_still",
                   "SELECT 1 FROM contact WHERE id = ? AND address_hash = ? AND confirmed_at IS NOT NULL"},
    [SQL_SALT] = {"contact_salt", "SELECT code_salt FROM contact WHERE id = ? AND wanted_hash = ?"
                                  " AND code_until > ?"
                                  " AND ? = CONCAT_WS(':', 'confirm', id, LOWER(HEX(code_salt)))"},
};

const struct db_area contact_area = DB_AREA("contact", queries);

static const char *const channels[CONTACT_CHANNELS] = {"mail", "sms"};

const char *contact_channel_name(enum contact_channel channel)
{
    return channels[channel];
}

bool contact_channel_open(const struct core *core, enum contact_channel channel)
{
    return core->policy->notify && strstr(core->policy->notify, channels[channel]) != NULL;
}

/* Addresses */

static bool mail_normalise(const char *input, char out[CONTACT_ADDRESS_SIZE])
{
    if (!mail_address_valid(input) || !text_copy(out, CONTACT_ADDRESS_SIZE, input))
        return false;
    for (char *at = strchr(out, '@'); *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return true;
}

static bool mobile_normalise(const char *input, char out[CONTACT_ADDRESS_SIZE])
{
    size_t digits = 0;

    if (strncmp(input, "+86", 3) == 0)
        input += 3;
    for (; *input; input++) {
        if (*input == ' ' || *input == '-')
            continue;
        if (*input < '0' || *input > '9' || digits == MOBILE_DIGITS)
            return false;
        out[digits++] = *input;
    }
    out[digits] = '\0';
    return digits == MOBILE_DIGITS && out[0] == '1' && out[1] >= '3';
}

bool contact_normalise(enum contact_channel channel, const char *input,
                       char out[CONTACT_ADDRESS_SIZE])
{
    return channel == CONTACT_MAIL ? mail_normalise(input, out) : mobile_normalise(input, out);
}

/* Reading */

static unsigned events_read(const char *names)
{
    unsigned events = 0;

    for (int i = 0; i < OUTBOX_EVENTS; i++) {
        const char *name = outbox_event_name((enum outbox_event)i);
        size_t length = strlen(name);

        for (const char *at = names; (at = strstr(at, name)) != NULL; at += length)
            if ((at == names || at[-1] == ',') && (at[length] == ',' || at[length] == '\0'))
                events |= 1U << i;
    }
    return events;
}

/* "ready,left": as the column takes it, without what can't be chosen. */
static const char *events_write(struct pool *pool, unsigned events)
{
    struct text names;

    text_init(&names, pool, EVENTS_SIZE);
    for (int i = OUTBOX_CONFIRM + 1; i < OUTBOX_EVENTS; i++)
        if (events & 1U << i)
            text_printf(&names, "%s%s", names.length > 0 ? "," : "",
                        outbox_event_name((enum outbox_event)i));
    return names.data;
}

static int open_address(struct pool *pool, const struct core *core, uint64_t enterprise_id,
                        struct bytes sealed, const char **address, struct err *err)
{
    struct bytes plain;

    *address = "";
    if (sealed.size == 0)
        return 0;
    if (vault_open(core->vault, pool, place_of(pool, PLACE_CONTACT_ADDRESS, enterprise_id), sealed,
                   &plain, err) < 0)
        return -1;
    *address = pool_text_n(pool, (const char *)plain.data, plain.size);
    return 0;
}

static bool code_over(const struct db_value *row, int64_t now_ms)
{
    return db_as_time(&row[6]) <= now_ms || db_as_uint(&row[7]) >= CONTACT_TRIES;
}

int contact_list(struct db *db, struct pool *pool, const struct core *core, uint64_t enterprise_id,
                 int64_t now_ms, struct contact out[CONTACT_CHANNELS], struct err *err)
{
    struct db_rows rows;

    for (int i = 0; i < CONTACT_CHANNELS; i++)
        out[i] = (struct contact){.address = "", .wanted = ""};
    if (db_select(db, pool, &queries[SQL_LIST], DB_ARGS(db_uint(enterprise_id)), &rows, err) < 0)
        return -1;
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);
        struct contact *one = &out[strcmp(db_as_text(&row[1]), channels[CONTACT_SMS]) == 0];

        one->id = db_as_uint(&row[0]);
        one->events = events_read(db_as_text(&row[8]));
        one->code_over = code_over(row, now_ms);
        if (open_address(pool, core, enterprise_id, db_as_bytes(&row[2]), &one->address, err) < 0 ||
            open_address(pool, core, enterprise_id, db_as_bytes(&row[3]), &one->wanted, err) < 0)
            return -1;
    }
    return 0;
}

/* Changing */

static void note(struct change *change, enum contact_channel channel, const char *action)
{
    change_note(change, change->enterprise_id, action, "enterprise", change->enterprise_id,
                pool_printf(change->pool, "{\"channel\":\"%s\"}", channels[channel]));
}

/* The firm's row of this channel, locked. 1/0/-1. */
static int lock(struct change *change, enum contact_channel channel, const struct db_value **row,
                struct err *err)
{
    return db_find(change->db, change->pool, &queries[SQL_LOCK],
                   DB_ARGS(db_uint(change->enterprise_id), db_text(channels[channel])), row, err);
}

/* May one more code be sent? 1/0/-1. */
static int codes_left(struct change *change, enum contact_channel channel, const uint8_t *hash,
                      struct err *err)
{
    const struct db_value since = db_time(change->now_ms - DAY_MS), *row;

    if (db_one(change->db, change->pool, &queries[SQL_CODES_FIRM],
               DB_ARGS(db_uint(change->enterprise_id), since, db_text(channels[channel])), &row,
               err) < 0)
        return -1;
    if (db_as_uint(&row[0]) >= CONTACT_CODES)
        return 0;
    if (db_one(change->db, change->pool, &queries[SQL_CODES_ADDRESS],
               DB_ARGS(db_bytes(hash, VAULT_HASH_SIZE), since), &row, err) < 0)
        return -1;
    return db_as_uint(&row[0]) < CONTACT_CODES;
}

int contact_want(struct change *change, enum contact_channel channel, const char *address,
                 struct err *err)
{
    const struct db_value firm = db_uint(change->enterprise_id), now = db_time(change->now_ms);
    const struct db_value name = db_text(channels[channel]), *row;
    const struct vault *vault = change->core->vault;
    uint8_t hash[VAULT_HASH_SIZE], salt[SALT_SIZE];
    struct bytes sealed;
    int left;

    vault_lookup(vault, PLACE_CONTACT_ADDRESS, address, hash);
    random_bytes(salt, sizeof(salt));
    if (vault_seal(vault, change->pool,
                   place_of(change->pool, PLACE_CONTACT_ADDRESS, change->enterprise_id),
                   (struct bytes){(const uint8_t *)address, strlen(address)}, &sealed, err) < 0 ||
        db_run(change->db, &queries[SQL_ADD],
               DB_ARGS(firm, name, db_text(events_write(change->pool, ~0U)), now, now, now), NULL,
               err) < 0)
        return -1;
    /* Behind the row's lock: codes of one firm are counted one after the other. */
    if (lock(change, channel, &row, err) < 0 || (left = codes_left(change, channel, hash, err)) < 0)
        return -1;
    if (left == 0)
        return 0;
    if (db_run(change->db, &queries[SQL_WANT],
               DB_ARGS(db_bytes(sealed.data, sealed.size), db_bytes(hash, sizeof(hash)),
                       db_bytes(salt, sizeof(salt)), db_time(change->now_ms + CONTACT_CODE_MS), now,
                       firm, name),
               NULL, err) < 0 ||
        outbox_add_code(change, db_as_uint(&row[0]), err) < 0)
        return -1;
    note(change, channel, "contact.want");
    return 1;
}

void contact_code(const struct core *core, uint64_t contact_id, struct bytes salt,
                  char out[CONTACT_CODE_SIZE])
{
    char source[64 + 2 * SALT_SIZE], hex[2 * SALT_SIZE + 1];
    uint8_t hash[VAULT_HASH_SIZE];
    uint64_t number = 0;

    hex_encode(salt.data, salt.size < SALT_SIZE ? salt.size : SALT_SIZE, hex);
    text_format(source, sizeof(source), "%" PRIu64 ":%s", contact_id, hex);
    vault_lookup(core->vault, PLACE_CODE, source, hash);
    for (size_t i = 0; i < sizeof(number); i++)
        number = number << 8 | hash[i];
    text_format(out, CONTACT_CODE_SIZE, "%06d", (int)(number % DIGITS_OF_CODE));
}

int contact_confirm(struct change *change, enum contact_channel channel, const char *code,
                    struct err *err)
{
    const struct db_value now = db_time(change->now_ms), *row;
    char right[CONTACT_CODE_SIZE];
    int found = lock(change, channel, &row, err);

    if (found != 1 || db_as_bytes(&row[4]).size == 0)
        return found < 0 ? -1 : err_set(err, ERR_NOT_FOUND, 0, "no address waits for a code");
    if (code_over(row, change->now_ms))
        return 0;
    contact_code(change->core, db_as_uint(&row[0]), db_as_bytes(&row[5]), right);
    if (strlen(code) != strlen(right) || !bytes_equal_secret(code, right, strlen(right))) {
        note(change, channel, "contact.refused");
        return db_run(change->db, &queries[SQL_TRY], DB_ARGS(now, row[0]), NULL, err) < 0 ? -1 : 0;
    }
    if (db_run(change->db, &queries[SQL_CONFIRM], DB_ARGS(now, now, row[0]), NULL, err) < 0)
        return -1;
    note(change, channel, "contact.confirm");
    return 1;
}

int contact_choose(struct change *change, enum contact_channel channel, unsigned events,
                   struct err *err)
{
    const char *names = events_write(change->pool, events);
    int changed = db_change(change->db, &queries[SQL_CHOOSE],
                            DB_ARGS(db_text(names), db_time(change->now_ms),
                                    db_uint(change->enterprise_id), db_text(channels[channel])),
                            err);

    if (changed <= 0)
        return changed;
    change_note(change, change->enterprise_id, "contact.choose", "enterprise",
                change->enterprise_id,
                pool_printf(change->pool, "{\"channel\":\"%s\",\"events\":\"%s\"}",
                            channels[channel], names));
    return 1;
}

int contact_remove(struct change *change, enum contact_channel channel, struct err *err)
{
    int removed =
        db_change(change->db, &queries[SQL_REMOVE],
                  DB_ARGS(db_uint(change->enterprise_id), db_text(channels[channel])), err);

    if (removed == 1)
        note(change, channel, "contact.remove");
    return removed;
}

/* For who delivers */

int contact_still(struct db *db, struct pool *pool, const struct outbox *row, struct err *err)
{
    const struct db_value *found;

    return db_find(db, pool, &queries[SQL_STILL],
                   DB_ARGS(db_uint(row->contact_id),
                           db_bytes(row->address_hash.data, row->address_hash.size)),
                   &found, err);
}

int contact_salt(struct db *db, struct pool *pool, const struct outbox *row, int64_t now_ms,
                 struct bytes *salt, struct err *err)
{
    const struct db_value *found;
    int result = db_find(db, pool, &queries[SQL_SALT],
                         DB_ARGS(db_uint(row->contact_id),
                                 db_bytes(row->address_hash.data, row->address_hash.size),
                                 db_time(now_ms), db_text(row->key)),
                         &found, err);

    if (result == 1)
        *salt = db_as_bytes(&found[0]);
    return result;
}
