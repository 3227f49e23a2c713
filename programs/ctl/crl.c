#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/err.h"
#include "base/fetch.h"
#include "base/pool.h"
#include "core/seal/crl.h"
#include "programs/ctl/ctl.h"
#include "programs/ctl/shelves.h"

enum { ATTEMPTS = 3, TIMEOUT_MS = 30 * 1000, BREAKER_MS = 1000, URLS_MOST = 64 };
enum { LIST_MAX = 64 << 20 }; /* bytes of a list: millions of certificates */

/* Those of the configuration; without any, those that the certificates name. */
static size_t urls_of(struct ctl *ctl, const struct shelf *shelf, const struct crl_book *book,
                      const char ***urls)
{
    char *state = NULL;
    size_t count = 0;

    if (!*shelf->urls)
        return crl_urls(book, ctl->pool, urls);
    *urls = pool_array(ctl->pool, URLS_MOST, sizeof(**urls));
    for (char *word = strtok_r(pool_text(ctl->pool, shelf->urls), " ", &state);
         word && count < URLS_MOST; word = strtok_r(NULL, " ", &state))
        (*urls)[count++] = word;
    return count;
}

/* A list vouches for itself by its signature: http is as good as https. */
static int fetch_list(struct ctl *ctl, const char *url, struct bytes *list, struct err *err)
{
    const struct fetch_settings settings = {
        .name = "crl",
        .url = url,
        .plain = true,
        .content_type = "text/plain",
        .accept = NULL,
        .token_file = "",
        .authority_file = "",
        .answer_max = LIST_MAX,
        .timeout_ms = TIMEOUT_MS,
        .attempts = ATTEMPTS,
        .breaker_failures = ATTEMPTS,
        .breaker_ms = BREAKER_MS,
    };
    const struct bytes nothing = {NULL, 0};
    struct fetch *fetch;
    int result;

    if (fetch_open(&settings, &fetch, err) < 0)
        return -1;
    result = fetch_ask(fetch, ctl->pool, nothing, list, err);
    fetch_free(&fetch);
    return result;
}

static const char *iso(struct ctl *ctl, int64_t ms)
{
    char text[25];

    clock_iso(ms, text);
    return ms ? pool_text(ctl->pool, text) : "";
}

static void tell(struct ctl *ctl, const struct shelf *shelf, const char *url, const char *state,
                 const struct crl_line *line, const char *cause)
{
    ctl_tell(ctl,
             CTL_PAIRS(log_text("file", shelf->key), log_text("url", url), log_text("state", state),
                       log_text("issuer", line->issuer), log_text("number", line->number),
                       log_text("this_update", iso(ctl, line->this_ms)),
                       log_text("next_update", iso(ctl, line->next_ms)), log_text("cause", cause)),
             "%-11s %s%s%s%s%s%s%s", state, url, *url && *line->issuer ? "  " : "", line->issuer,
             line->next_ms ? "  until " : "", iso(ctl, line->next_ms), *cause ? "  " : "", cause);
}

static bool update_one(struct ctl *ctl, const struct shelf *shelf, struct crl_book *book,
                       const char *url)
{
    struct crl_line line = {.issuer = "", .number = ""};
    struct err err = {0};
    enum crl_verdict verdict;
    struct bytes list;

    if (fetch_list(ctl, url, &list, &err) < 0) {
        tell(ctl, shelf, url, "unreachable", &line, err.text);
        return false;
    }
    verdict = crl_take(book, ctl->pool, list, clock_now_ms(), &line);
    tell(ctl, shelf, url, crl_verdict_name(verdict), &line, "");
    return verdict == CRL_NEW || verdict == CRL_SAME;
}

/* The lists that nobody brought anew stay in force until they run out. */
static void tell_kept(struct ctl *ctl, const struct shelf *shelf, const struct crl_book *book)
{
    int64_t now_ms = clock_now_ms();
    struct crl_line line;

    for (size_t i = 0; i < crl_count(book); i++) {
        crl_look(book, ctl->pool, i, &line);
        if (!line.fresh)
            tell(ctl, shelf, "", line.next_ms < now_ms ? "overdue" : "kept", &line, "");
    }
}

static void tell_without(struct ctl *ctl, const struct shelf *shelf, const struct crl_book *book)
{
    const char **names;
    size_t count = crl_without(book, ctl->pool, &names);

    for (size_t i = 0; i < count; i++)
        tell(ctl, shelf, "", "none", &(struct crl_line){.issuer = names[i], .number = ""}, "");
}

static int update_shelf(struct ctl *ctl, const struct shelf *shelf, struct err *err)
{
    struct crl_book *book = NULL;
    int code = EXIT_DONE;
    const char **urls;
    bool damaged;
    size_t count;

    if (crl_salvage(&shelf->authorities, shelf->file, &book, &damaged, err) < 0)
        return EXIT_CONFIG;
    if (damaged)
        tell(ctl, shelf, shelf->file, "damaged", &(struct crl_line){.issuer = "", .number = ""},
             "what can be read of it is kept");
    count = urls_of(ctl, shelf, book, &urls);
    if (count == 0) {
        err_set(err, ERR_CONFIG, 0, "no address of a list: set %sUrls",
                pool_text_n(ctl->pool, shelf->key, strlen(shelf->key) - 1));
        code = EXIT_CONFIG;
    }
    for (size_t i = 0; i < count; i++)
        if (!update_one(ctl, shelf, book, urls[i]))
            code = EXIT_FAILED;
    if (count > 0) {
        tell_kept(ctl, shelf, book);
        tell_without(ctl, shelf, book);
    }
    if (crl_write(book, shelf->file, err) < 0)
        code = EXIT_FAILED;
    crl_free(&book);
    return code;
}

static int list_shelf(struct ctl *ctl, const struct shelf *shelf, struct err *err)
{
    int64_t now_ms = clock_now_ms();
    struct crl_book *book = NULL;
    struct crl_line line;

    if (crl_open(&shelf->authorities, shelf->file, &book, err) < 0)
        return EXIT_CONFIG;
    for (size_t i = 0; i < crl_count(book); i++) {
        crl_look(book, ctl->pool, i, &line);
        tell(ctl, shelf, "", line.next_ms < now_ms ? "overdue" : "current", &line, "");
    }
    tell_without(ctl, shelf, book);
    crl_free(&book);
    return EXIT_DONE;
}

/* What is wrong with one file does not keep the other from being seen to. */
static int each_shelf(struct ctl *ctl,
                      int (*see_to)(struct ctl *ctl, const struct shelf *shelf, struct err *err),
                      struct err *err)
{
    struct shelf shelves[SHELVES];
    size_t count = shelves_find(&ctl->settings, shelves);
    int code = EXIT_DONE;

    if (count == 0) {
        err_set(err, ERR_CONFIG, 0, "neither Login.Revocations nor Seal.Revocations names a file");
        return EXIT_CONFIG;
    }
    for (size_t i = 0; i < count; i++) {
        struct err cause = {0};
        int one = see_to(ctl, &shelves[i], &cause);

        if (cause.kind != ERR_NONE)
            err_set(err, cause.kind, cause.code, "%s: %s", shelves[i].key, cause.text);
        if (one == EXIT_CONFIG || code == EXIT_DONE)
            code = one;
    }
    return code;
}

static int update(struct ctl *ctl, struct err *err)
{
    return each_shelf(ctl, update_shelf, err);
}

static int list(struct ctl *ctl, struct err *err)
{
    return each_shelf(ctl, list_shelf, err);
}

static int run(struct ctl *ctl, struct err *err)
{
    static const struct ctl_action actions[] = {{"update", 0, update}, {"list", 0, list}};

    return ctl_choose(ctl, actions, sizeof(actions) / sizeof(*actions), err);
}

const struct verb verb_crl = {
    .name = "crl",
    .operands = "update|list",
    .help = "update: fetches the revocation lists of Login.RevocationUrls, or, without any, those that\n"
            "the authorities of Login.Authorities name, and writes Login.Revocations; then those of\n"
            "Seal.RevocationUrls, or that the certificates of the seal and of the timestamp authorities\n"
            "name, and writes Seal.Revocations. Running programs read both anew by themselves. A file that\n"
            "is not named in the configuration is left out. A list counts if one of these authorities\n"
            "signed it, if it is in its dates, and if its number does not go back. One that does not, or\n"
            "that could not be fetched, is named, the old one is kept, and the exit code is 1.\n"
            "list: the lists that are there, until when they count, and who has none.",
    .needs = CTL_NOTHING,
    .least = 1,
    .most = 1,
    .run = run,
};
