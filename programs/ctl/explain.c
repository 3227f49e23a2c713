#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/item/exchange.h"
#include "core/item/filing.h"
#include "core/item/rename.h"
#include "core/register/enterprise.h"
#include "core/register/paper.h"
#include "programs/ctl/ctl.h"

enum { OPTION_PERSON, OPTION_ITEM, OPTION_FIRM, OPTION_WISH };

static void tell(const struct ctl *ctl, const char *subject, const struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->count; i++) {
        const struct finding *finding = &verdict->findings[i];

        ctl_tell(ctl,
                 CTL_PAIRS(log_text("subject", subject), log_text("act", act_name(verdict->act)),
                           log_text("rule", finding->rule), log_int("passed", finding->passed),
                           log_text("demand", finding->demand), log_text("fact", finding->fact),
                           log_text("advice", finding->advice)),
                 "%s  %-4s %s  %s：%s%s%s", subject, finding->rule,
                 finding->passed ? "ok     " : "REFUSED", finding->demand, finding->fact,
                 *finding->advice ? "。" : "", finding->advice);
    }
}

/* "TYPE:NUMBER" of somebody in the register. 1/0/-1. */
static int person_find(struct ctl *ctl, uint64_t *id, struct err *err)
{
    const char *person = ctl->given[OPTION_PERSON];
    const char *colon = person ? strchr(person, ':') : NULL;

    if (!colon)
        return err_set(err, ERR_INPUT, 0, "--person must be TYPE:NUMBER, such as 111:…");
    if (facts_person(ctl->db, ctl->pool, &ctl->core,
                     pool_text_n(ctl->pool, person, (size_t)(colon - person)), colon + 1, NULL,
                     date_today(), id, err) < 0)
        return -1;
    return *id != 0;
}

static int explain_exchange(struct ctl *ctl, struct change *change, uint64_t person_id,
                            struct err *err)
{
    struct paper_page papers;
    struct verdict verdict;

    if (paper_of_person(ctl->db, ctl->pool, person_id, change->enterprise_id, &papers, err) < 0)
        return -1;
    for (size_t i = 0; i < papers.count; i++) {
        if (exchange_judge(ctl->db, ctl->pool, &ctl->core, change->enterprise_id,
                           papers.rows[i].id, change->today, &verdict, err) < 0)
            return -1;
        tell(ctl, papers.rows[i].number, &verdict);
    }
    return papers.count > 0;
}

static int explain_rename(struct ctl *ctl, struct change *change, uint64_t person_id,
                          struct err *err)
{
    struct facts facts;
    struct verdict verdict;
    int found = rename_judge(change, &facts, &verdict, err);

    (void)person_id;
    if (found == 1)
        tell(ctl, facts.firm.name, &verdict);
    return found;
}

static int explain_filing(struct ctl *ctl, struct change *change, enum item item,
                          uint64_t person_id, struct err *err)
{
    const char *wish = ctl->given[OPTION_WISH] ? ctl->given[OPTION_WISH] : "";
    struct filing filing;
    int found;

    found = filing_judge(change, item, person_id, wish, &filing, err);
    for (size_t i = 0; found == 1 && i < filing.count; i++)
        tell(ctl, subject_words(ctl->pool, &filing.subjects[i]), &filing.subjects[i].verdict);
    return found == 1 ? filing.count > 0 : found;
}

static int explain_apply(struct ctl *ctl, struct change *change, uint64_t id, struct err *err)
{
    return explain_filing(ctl, change, ITEM_APPLY, id, err);
}

static int explain_transfer(struct ctl *ctl, struct change *change, uint64_t id, struct err *err)
{
    return explain_filing(ctl, change, ITEM_TRANSFER, id, err);
}

static int explain_cancel(struct ctl *ctl, struct change *change, uint64_t id, struct err *err)
{
    return explain_filing(ctl, change, ITEM_CANCEL, id, err);
}

static int explain_departure(struct ctl *ctl, struct change *change, uint64_t id, struct err *err)
{
    return explain_filing(ctl, change, ITEM_DEPARTURE, id, err);
}

static const struct explanation {
    const char *item;
    bool of_person;
    /* 1; 0: there is nothing to judge; -1. */
    int (*explain)(struct ctl *ctl, struct change *change, uint64_t person_id, struct err *err);
} explanations[] = {
    {"exchange", true, explain_exchange}, {"apply", true, explain_apply},
    {"transfer", true, explain_transfer}, {"rename", false, explain_rename},
    {"cancel", true, explain_cancel},     {"departure", true, explain_departure},
};

static const struct explanation *explanation_find(const char *item)
{
    for (size_t i = 0; item && i < sizeof(explanations) / sizeof(explanations[0]); i++)
        if (strcmp(explanations[i].item, item) == 0)
            return &explanations[i];
    return NULL;
}

/* What is asked; NULL, and a message, when it can't be. */
static const struct explanation *explanation_asked(const struct ctl *ctl)
{
    const struct explanation *explanation = explanation_find(ctl->given[OPTION_ITEM]);
    const char *wish = ctl->given[OPTION_WISH] ? ctl->given[OPTION_WISH] : "";

    if (!explanation || !ctl->given[OPTION_FIRM]) {
        fputs("ecertctl: --firm USCC and --item exchange, apply, transfer, rename, cancel or "
              "departure are needed\n",
              stderr);
        return NULL;
    }
    if (explanation->explain == explain_apply && (strlen(wish) != 1 || !strchr("LABC", *wish))) {
        fputs("ecertctl: --wish must be L, A, B or C\n", stderr);
        return NULL;
    }
    return explanation;
}

static int run(struct ctl *ctl, struct err *err)
{
    const struct explanation *explanation = explanation_asked(ctl);
    struct change change = ctl_change(ctl);
    struct enterprise firm;
    uint64_t person_id = 0;
    int found;

    if (!explanation)
        return EXIT_USAGE;
    found = enterprise_find_uscc(ctl->db, ctl->pool, ctl->given[OPTION_FIRM], &firm, err);
    if (found == 1 && explanation->of_person)
        found = person_find(ctl, &person_id, err);
    if (found == 0)
        err_set(err, ERR_NOT_FOUND, 0, "no such firm or person is in the register");
    if (found != 1)
        return EXIT_FAILED;
    change.enterprise_id = firm.id;
    found = explanation->explain(ctl, &change, person_id, err);
    if (found == 0)
        ctl_tell(ctl, CTL_PAIRS(log_text("item", explanation->item), log_int("subjects", 0)),
                 "there is nothing that the item could act upon");
    return found < 0 ? EXIT_FAILED : EXIT_DONE;
}

const struct verb verb_explain = {
    .name = "explain",
    .operands = "--firm USCC --item ITEM [--person TYPE:NUMBER] [--wish L|A|B|C]",
    .help = "Says what the rules find, as the firm's clerk is told it: every rule of the item, the\n"
            "fact it looked at, and what to do. ITEM: exchange, apply, transfer, rename, cancel,\n"
            "departure. Nothing is changed, nothing is recorded.",
    .needs = CTL_SCHEMA | CTL_VAULT,
    .options = {[OPTION_PERSON] = {"person", "TYPE:NUMBER", "the person's document, 111:…"},
                [OPTION_ITEM] = {"item", "ITEM", "what would be done"},
                [OPTION_FIRM] = {"firm", "USCC", "the firm that would do it"},
                [OPTION_WISH] = {"wish", "L|A|B|C", "of apply: the certificate applied for"}},
    .run = run,
};
