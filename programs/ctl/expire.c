#include "base/date.h"
#include "base/err.h"
#include "core/item/filing.h"
#include "core/upkeep/expiry.h"
#include "core/message/outbox.h"
#include "programs/ctl/ctl.h"

static int run(struct ctl *ctl, struct err *err)
{
    uint64_t expired, abandoned, messages;

    if (expiry_run(ctl->db, &ctl->core, date_today(), clock_now_ms(), &expired, err) < 0 ||
        filing_sweep(ctl->db, &ctl->core, date_today(), clock_now_ms(), &abandoned, err) < 0 ||
        outbox_add_expiring(ctl->db, &ctl->core, date_today(), clock_now_ms(), &messages, err) < 0)
        return EXIT_FAILED;
    ctl_tell(ctl,
             CTL_PAIRS(log_int("expired", (int64_t)expired),
                       log_int("abandoned", (int64_t)abandoned),
                       log_int("messages", (int64_t)messages)),
             "%llu certificates expired, %llu matters taken back, %llu messages to firms ordered",
             (unsigned long long)expired, (unsigned long long)abandoned,
             (unsigned long long)messages);
    return EXIT_DONE;
}

const struct verb verb_expire = {
    .name = "expire",
    .operands = "",
    .help = "Writes down which certificates have expired (01 to 05), with event and audit, and takes\n"
            "back filings that nobody confirmed (Policy.DraftDays) and forms that nobody signed\n"
            "(Policy.SigningDays), and orders the messages to firms whose certificates end within 90, 30\n"
            "and 7 days (section Notify). For the night; running it twice does no harm.",
    .needs = CTL_SCHEMA | CTL_VAULT,
    .run = run,
};
