#include <stdio.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/upkeep/migrate.h"
#include "core/upkeep/reseal.h"
#include "programs/ctl/ctl.h"

enum { OPTION_NOW };

static int make(struct ctl *ctl, struct err *err)
{
    if (vault_create(ctl->settings.vault_file, err) < 0)
        return EXIT_FAILED;
    ctl_tell(ctl, CTL_PAIRS(log_text("made", ctl->settings.vault_file)),
             "%s: made. Keep a copy apart from the backups of the database:\n"
             "without it no document number, phone or photo can be read.",
             ctl->settings.vault_file);
    return EXIT_DONE;
}

/* The vault and the database; `make` needs neither. */
static int open_all(struct ctl *ctl, struct err *err)
{
    if (vault_load(ctl->settings.vault_file, &ctl->vault, err) < 0)
        return -1;
    ctl->core.vault = ctl->vault;
    ctl->db = db_new(&ctl->settings.db);
    return migrate_check(ctl->db, ctl->settings.schema_folder, err);
}

static int list(struct ctl *ctl, struct err *err)
{
    struct reseal_count counts[RESEAL_KEYS];
    size_t count;

    if (open_all(ctl, err) < 0 ||
        reseal_count(ctl->db, ctl->pool, counts, RESEAL_KEYS, &count, err) < 0)
        return EXIT_FAILED;
    uint32_t newest = vault_key_id(ctl->vault);
    for (size_t i = 0; i < count; i++)
        ctl_tell(ctl,
                 CTL_PAIRS(log_int("key", counts[i].key), log_text("place", counts[i].place),
                           log_int("values", (int64_t)counts[i].values)),
                 "key %u sealed %llu values of %s%s", counts[i].key,
                 (unsigned long long)counts[i].values, counts[i].place,
                 counts[i].key == newest ? "" : " (not the newest key)");
    ctl_tell(ctl, CTL_PAIRS(log_int("newest", newest)), "key %u seals now", newest);
    return EXIT_DONE;
}

static bool any_older(const struct reseal_count *counts, size_t count, uint32_t newest)
{
    for (size_t i = 0; i < count; i++)
        if (counts[i].key != newest && counts[i].values > 0)
            return true;
    return false;
}

/* Adds a key to the file and takes the vault anew. */
static int add_key(struct ctl *ctl, struct err *err)
{
    uint32_t id;

    if (vault_add_key(ctl->settings.vault_file, &id, err) < 0)
        return -1;
    vault_free(&ctl->vault);
    if (vault_load(ctl->settings.vault_file, &ctl->vault, err) < 0)
        return -1;
    ctl->core.vault = ctl->vault;
    return ctl_audit(ctl, "key.add", "vault", id, NULL, err);
}

static void tell_progress(void *context, const char *place, uint64_t done, uint64_t all)
{
    (void)context;
    ctl_progress(place, done, all);
}

static int reseal(struct ctl *ctl, struct err *err)
{
    uint64_t changed = 0;
    uint32_t newest = vault_key_id(ctl->vault);

    if (reseal_run(ctl->db, &ctl->core, tell_progress, NULL, &changed, err) < 0 ||
        ctl_audit(ctl, "key.rotate", "vault", newest,
                  pool_printf(ctl->pool, "{\"values\":%llu}", (unsigned long long)changed),
                  err) < 0)
        return EXIT_FAILED;
    ctl_tell(ctl, CTL_PAIRS(log_int("key", newest), log_int("resealed", (int64_t)changed)),
             "%llu values sealed anew by key %u", (unsigned long long)changed, newest);
    return EXIT_DONE;
}

/* Programs that run know only the keys they started with: a new key must have reached them all
 * before the first value is sealed by it. So the first run adds the key, the next one uses it. */
static int rotate(struct ctl *ctl, struct err *err)
{
    struct reseal_count counts[RESEAL_KEYS];
    size_t count;

    if (open_all(ctl, err) < 0 ||
        reseal_count(ctl->db, ctl->pool, counts, RESEAL_KEYS, &count, err) < 0)
        return EXIT_FAILED;
    if (any_older(counts, count, vault_key_id(ctl->vault)))
        return reseal(ctl, err);
    if (add_key(ctl, err) < 0)
        return EXIT_FAILED;
    uint32_t newest = vault_key_id(ctl->vault);
    if (ctl->given[OPTION_NOW])
        return reseal(ctl, err);
    ctl_tell(ctl, CTL_PAIRS(log_int("added", newest)),
             "key %u added to %s.\nNow copy the file to every host, reload ecertd and "
             "ecert-issuerd everywhere (SIGHUP),\nand run this again: it seals all values anew.",
             newest, ctl->settings.vault_file);
    return EXIT_DONE;
}

static int run(struct ctl *ctl, struct err *err)
{
    static const struct ctl_action actions[] = {
        {"make", 0, make}, {"list", 0, list}, {"rotate", 0, rotate}};

    return ctl_choose(ctl, actions, sizeof(actions) / sizeof(*actions), err);
}

const struct verb verb_key = {
    .name = "key",
    .operands = "make|list|rotate [--now]",
    .help = "make: writes Vault.File with fresh keys; refuses to replace one.\n"
            "list: how many values each key sealed.\n"
            "rotate: adds a key; run again, seals all values anew by it, in batches. It may be\n"
            "interrupted and goes on where it was.",
    .needs = CTL_NOTHING,
    .least = 1,
    .most = 1,
    .options = {[OPTION_NOW] = {"now", NULL,
                                "adds the key and seals anew at once: only while no other "
                                "program runs"}},
    .run = run,
};
