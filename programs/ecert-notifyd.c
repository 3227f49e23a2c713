/*
 * ecert-notifyd: delivers the messages that wait in the outbox, by a mail relay and an SMS gateway.
 *
 * It holds no key of the seal, and nothing else talks to relay and gateway. The parent has the
 * configuration and the vault, which opens addresses; each child a database connection and a way to
 * relay and gateway of its own.
 */
#include "base/date.h"
#include "base/db.h"
#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/text.h"
#include "base/vault.h"
#include "core/message/notify.h"
#include "core/message/outbox.h"
#include "programs/daemon.h"

#define PROGRAM "ecert-notifyd"

enum { POOL_KEEP = 256 * 1024 };

static const char usage[] =
    "usage: " PROGRAM " [-c FILE] [-t]\n"
    "\n"
    "Delivers messages to firms that wait in the database, by e-mail and SMS.\n"
    "\n"
    "  -c FILE     configuration (default: ecert.conf of this installation)\n"
    "  -t          test configuration, keys, mail relay and database, and end\n"
    "  --help      this text\n"
    "  --version   the version\n"
    "\n"
    "SIGHUP: read the configuration anew. SIGTERM: finish the message and end.\n"
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 configuration.\n";

static int open_setup(struct setup *setup, struct err *err)
{
    const struct settings *settings = &setup->settings;

    if (!*settings->policy.notify)
        return err_set(err, ERR_CONFIG, 0, "%s: Notify: neither Mail.Url nor Sms.Url is given",
                       settings->path);
    if (become_user(settings->notify_user, err) < 0 ||
        vault_load(settings->vault_file, &setup->vault, err) < 0)
        return -1;
    /* Messages lead to the site, where clerks log in. */
    setup->core = (struct core){.policy = &settings->policy,
                                .vault = setup->vault,
                                .verify_origin = settings->web.origin};
    return 0;
}

static void plan(const struct settings *settings, struct supervisor *supervisor)
{
    supervisor->children = (int)settings->notify.workers;
    supervisor->grace_ms = settings->notify.grace_ms;
}

/* One batch. */
static long deliver(struct worker *worker, struct err *err)
{
    size_t sent, unsent;

    worker->score->busy_since_ms = clock_now_ms();
    int result = notifier_batch(worker->context, worker->pool, worker->stop, &sent, &unsent, err);
    worker->score->busy_since_ms = 0;
    if (result < 0)
        return -1;
    worker->score->served += sent;
    worker->score->failed += unsent;
    return (long)(sent + unsent);
}

static int child(const struct daemon *daemon, int slot, volatile sig_atomic_t *stop)
{
    const struct setup *setup = daemon->setup;
    const struct notify_settings *notify = &setup->settings.notify;
    struct worker worker = {
        .setup = setup,
        .score = &daemon->supervisor.scores[slot],
        .stop = stop,
        .db = db_new(&setup->settings.db),
        .pool = pool_new(POOL_KEEP, 0),
        .poll_ms = notify->poll_ms,
        .trouble = "trouble",
        .release = outbox_release,
        .round = deliver,
    };
    struct notifier *notifier;
    struct err err;
    int result = EXIT_FAILED;

    text_format(worker.owner, sizeof(worker.owner), "%.48s:n%d", setup->settings.notify_owner, slot);
    if (notifier_open(notify, &setup->core, worker.db, worker.owner, &notifier, &err) < 0) {
        log_err("notify", NULL, &err);
        goto out;
    }
    worker.context = notifier;
    worker_run(&worker);
    result = EXIT_DONE;
out:
    notifier_free(&notifier);
    db_free(&worker.db);
    pool_free(&worker.pool);
    return result;
}

static int test(const struct setup *setup, struct db *db, struct err *err)
{
    struct notifier *notifier;
    int result = -1;

    if (notifier_open(&setup->settings.notify, &setup->core, db, "test", &notifier, err) == 0)
        result = notifier_try(notifier, err);
    notifier_free(&notifier);
    return result;
}

int main(int argc, char **argv)
{
    struct daemon daemon = {
        .name = PROGRAM,
        .usage = usage,
        .opens = "keys, mail relay",
        .open = open_setup,
        .plan = plan,
        .child = child,
        .test = test,
    };

    return daemon_main(&daemon, argc, argv);
}
