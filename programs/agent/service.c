#include "programs/agent/service.h"

#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include <openssl/evp.h>

#include "base/date.h"
#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "programs/agent/consent.h"
#include "programs/agent/statement.h"
#include "programs/agent/token.h"
#include "programs/agent/trouble.h"
#include "programs/exit.h"

enum { STATEMENT_MAX = 16 * 1024, DOCUMENT_MAX = 2 * 1024 * 1024, TITLE_MAX = 120 };

/* What POST /v1/sign holds. */
struct order {
    const char *id, *title;
    bool form; /* else login */
    const struct algorithm *algorithm;
    struct bytes statement;
    struct statement_document document;
};

/* JSON */

static char *dump(json_t *value)
{
    char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;

    if (!text)
        err_fatal("out of memory");
    json_decref(value);
    return text;
}

char *service_trouble(const struct trouble *trouble)
{
    json_t *tries = trouble->tries_left == TROUBLE_TRIES_UNKNOWN
                        ? json_null()
                        : json_integer(trouble->tries_left);

    return dump(json_pack("{s:{s:s,s:o,s:s}}", "error", "kind", trouble_name(trouble->kind),
                          "tries_left", tries, "text", trouble->text));
}

static const char *base64(struct pool *pool, struct bytes bytes)
{
    uint8_t *out = pool_alloc(pool, 4 * ((bytes.size + 2) / 3) + 1);

    EVP_EncodeBlock(out, bytes.data, (int)bytes.size);
    return (const char *)out;
}

/* RFC 4648, 4: with padding and nothing else besides. */
static bool base64_read(struct pool *pool, const char *text, size_t most, struct bytes *out)
{
    size_t length = strlen(text);
    char *url = pool_text(pool, text);

    if (length % 4 != 0 || length / 4 * 3 > most + 2 || strpbrk(text, "-_"))
        return false;
    for (int i = 0; i < 2 && length > 0 && url[length - 1] == '='; i++)
        url[--length] = '\0';
    for (char *c = url; *c; c++)
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    uint8_t *data = pool_alloc(pool, length / 4 * 3 + 3);
    long size = base64url_decode(url, data, length / 4 * 3 + 3);
    if (size < 0 || (size_t)size > most)
        return false;
    *out = (struct bytes){data, (size_t)size};
    return true;
}

static json_t *parse(struct bytes body)
{
    json_error_t error;
    json_t *value = json_loadb((const char *)body.data, body.size, JSON_REJECT_DUPLICATES, &error);

    if (value && !json_is_object(value)) {
        json_decref(value);
        return NULL;
    }
    return value;
}

/* GET /v1/status */

static char *status(struct agent *agent)
{
    return dump(json_pack("{s:s,s:s,s:b}", "agent", "ecert-agent", "version", ECERT_VERSION,
                          "token", (int)token_present(agent->token)));
}

/* POST /v1/certificates */

static json_t *certificate_json(struct pool *pool, const struct token_certificate *certificate)
{
    json_t *chain = json_array(), *names = json_array();

    for (size_t i = 0; i < certificate->chain_count; i++)
        json_array_append_new(chain, json_string(base64(pool, certificate->chain[i])));
    for (size_t i = 0; i < certificate->algorithm_count; i++)
        json_array_append_new(names, json_string(certificate->algorithms[i]->name));
    return json_pack("{s:s,s:s,s:o,s:s,s:o}", "id", certificate->id, "certificate",
                     base64(pool, certificate->der), "chain", chain, "label", certificate->label,
                     "algorithms", names);
}

static int certificates(struct agent *agent, struct pool *pool, struct bytes body, char **answer,
                        struct trouble *trouble)
{
    json_t *question = parse(body), *list;
    bool empty = question && json_object_size(question) == 0;
    const struct token_certificate *found;
    size_t count;

    json_decref(question);
    if (!empty)
        return trouble_set(trouble, TROUBLE_REFUSED, 400, "the body must be {}");
    if (!token_present(agent->token))
        return trouble_set(trouble, TROUBLE_NO_KEY, 404, "there is no token");
    found = token_list(agent->token, pool, &count);
    list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, certificate_json(pool, &found[i]));
    *answer = dump(json_pack("{s:o}", "certificates", list));
    return 0;
}

/* POST /v1/sign */

static int take_range(json_t *range, size_t out[4], struct trouble *trouble)
{
    json_int_t numbers[4];

    if (json_unpack(range, "[I,I,I,I!]", &numbers[0], &numbers[1], &numbers[2], &numbers[3]) < 0)
        return trouble_set(trouble, TROUBLE_REFUSED, 400, "range must be four numbers");
    for (size_t i = 0; i < 4; i++) {
        if (numbers[i] < 0 || numbers[i] > DOCUMENT_MAX)
            return trouble_set(trouble, TROUBLE_REFUSED, 400, "range is out of the document");
        out[i] = (size_t)numbers[i];
    }
    return 0;
}

/* The title is the page's word, shown as such: one line, without tricks. */
static bool title_valid(const char *title)
{
    return *title && utf8_count(title) <= TITLE_MAX && !utf8_has_control(title);
}

static int take_order(struct pool *pool, json_t *json, struct order *order, struct trouble *trouble)
{
    const char *id, *purpose, *algorithm, *statement, *document = NULL, *title = NULL;
    json_t *range = NULL;

    if (!json || json_unpack(json, "{s:s,s:s,s:s,s:s,s?s,s?o,s?s!}", "id", &id, "purpose", &purpose,
                             "algorithm", &algorithm, "statement", &statement, "document",
                             &document, "range", &range, "title", &title) < 0)
        return trouble_set(trouble, TROUBLE_REFUSED, 400, "the body is not as it must be");
    order->id = pool_text(pool, id);
    order->title = pool_text(pool, title);
    order->form = strcmp(purpose, "form") == 0;
    order->algorithm = algorithm_find(algorithm);
    if (!order->form && strcmp(purpose, "login") != 0)
        return trouble_set(trouble, TROUBLE_REFUSED, 400, "purpose must be login or form");
    if (!order->algorithm)
        return trouble_set(trouble, TROUBLE_REFUSED, 400, "the algorithm is not known");
    if (!base64_read(pool, statement, STATEMENT_MAX, &order->statement))
        return trouble_set(trouble, TROUBLE_REFUSED, 400, "statement must be base64, not too long");
    if (order->form != (document && range && title) || (!order->form && (document || range)))
        return trouble_set(trouble, TROUBLE_REFUSED, 400,
                           "a form, and only a form, has document, range and title");
    if (title && !title_valid(title))
        return trouble_set(trouble, TROUBLE_REFUSED, 400, "title must be one short line");
    if (!order->form)
        return 0;
    if (!base64_read(pool, document, DOCUMENT_MAX, &order->document.pdf))
        return trouble_set(trouble, TROUBLE_REFUSED, 400, "document must be base64, up to 2 MiB");
    return take_range(range, order->document.range, trouble);
}

static int find(struct agent *agent, struct pool *pool, const struct order *order,
                const struct token_certificate **certificate, struct trouble *trouble)
{
    const struct token_certificate *found = token_find(agent->token, pool, order->id);

    if (!found)
        return trouble_set(trouble, TROUBLE_NO_KEY, 404, "there is no such certificate");
    if (found->locked) {
        trouble_set(trouble, TROUBLE_LOCKED, 423, "the token is locked");
        trouble->tries_left = 0;
        return -1;
    }
    for (size_t i = 0; i < found->algorithm_count; i++)
        if (found->algorithms[i] == order->algorithm) {
            *certificate = found;
            return 0;
        }
    return trouble_set(trouble, TROUBLE_REFUSED, 400, "this key does not do %s",
                       order->algorithm->name);
}

static int check(struct pool *pool, const struct call *call, const struct order *order,
                 const struct token_certificate *certificate, struct trouble *trouble)
{
    if (order->form)
        return statement_check_form(pool, order->statement, &order->document, order->algorithm,
                                    certificate->der, trouble);
    return statement_check_login(order->statement, call->origin, trouble);
}

static int ask_and_sign(struct agent *agent, struct pool *pool, const struct call *call,
                        const struct order *order, const struct token_certificate *certificate,
                        struct bytes *signature, struct trouble *trouble)
{
    const struct consent consent = {
        .origin = call->origin,
        .title = order->title,
        .certificate = certificate,
        .document = order->form ? &order->document : NULL,
    };
    const struct prompt_watch watch = {
        .until_ms = clock_tick_us() / 1000 + agent->settings->consent_seconds * 1000,
        .stop = agent->stop,
        .peer = call->peer,
    };
    struct pin pin;
    int result = consent_ask(&agent->prompt, &consent, &watch, pool, &pin, trouble);

    if (result == 0)
        result = token_sign(agent->token, pool, certificate, order->algorithm, order->statement,
                            pin.text, signature, trouble);
    pin_clear(&pin);
    return result;
}

/* No page may hail questions upon the clerk, nor use up the tries of the key. */
static int sign_alone(struct agent *agent, struct pool *pool, const struct call *call,
                      const struct order *order, struct bytes *signature, struct trouble *trouble)
{
    const struct token_certificate *certificate = NULL;
    int result;

    if (clock_tick_us() / 1000 < agent->pause_until_ms)
        return trouble_set(trouble, TROUBLE_REFUSED, 429, "too soon after the last question");
    if (find(agent, pool, order, &certificate, trouble) < 0 ||
        check(pool, call, order, certificate, trouble) < 0)
        return -1;
    result = ask_and_sign(agent, pool, call, order, certificate, signature, trouble);
    if (result < 0)
        agent->pause_until_ms = clock_tick_us() / 1000 + agent->settings->pause_seconds * 1000;
    return result;
}

static int sign(struct agent *agent, struct pool *pool, const struct call *call, char **answer,
                struct trouble *trouble)
{
    json_t *json = parse(call->body);
    struct order order = {0};
    struct bytes signature;
    int result = take_order(pool, json, &order, trouble);

    json_decref(json);
    if (result < 0)
        return -1;
    if (pthread_mutex_trylock(&agent->signing) != 0)
        return trouble_set(trouble, TROUBLE_REFUSED, 429, "another signature is under way");
    result = sign_alone(agent, pool, call, &order, &signature, trouble);
    pthread_mutex_unlock(&agent->signing);
    log_event(result < 0 ? LOG_WARN : LOG_INFO, "sign", log_text("origin", call->origin),
              log_text("purpose", order.form ? "form" : "login"),
              log_text("algorithm", order.algorithm->name),
              log_text("result", result < 0 ? trouble_name(trouble->kind) : "signed"),
              log_text("why", result < 0 ? trouble->text : ""));
    if (result == 0)
        *answer = dump(json_pack("{s:s}", "signature", base64(pool, signature)));
    return result;
}

int service_answer(struct agent *agent, struct pool *pool, const struct call *call, char **body)
{
    struct trouble trouble;
    int result = 0;

    switch (call->action) {
    case GATE_PREFLIGHT:
        err_fatal("a preflight has no body");
    case GATE_STATUS:
        *body = status(agent);
        break;
    case GATE_CERTIFICATES:
        result = certificates(agent, pool, call->body, body, &trouble);
        break;
    case GATE_SIGN:
        result = sign(agent, pool, call, body, &trouble);
        break;
    }
    if (result == 0)
        return 200;
    *body = service_trouble(&trouble);
    return trouble.status;
}
