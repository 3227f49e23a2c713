#include "base/date.h"
#include "base/err.h"
#include "core/expiry.h"
#include "programs/ctl/ctl.h"

static int run(struct ctl *ctl, struct err *err)
{
    uint64_t expired;

    if (expiry_run(ctl->db, &ctl->core, date_today(), clock_now_ms(), &expired, err) < 0)
        return EXIT_FAILED;
    ctl_tell(ctl, CTL_PAIRS(log_int("expired", (int64_t)expired)), "%llu certificates expired",
             (unsigned long long)expired);
    return EXIT_DONE;
}

const struct verb verb_expire = {
    .name = "expire",
    .operands = "",
    .help = "Writes down which certificates have expired (01 to 05), with event and audit. For the\n"
            "night; running it twice does no harm.",
    .needs = CTL_SCHEMA | CTL_VAULT,
    .run = run,
};
