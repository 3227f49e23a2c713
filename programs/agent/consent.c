#include "programs/agent/consent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "programs/agent/algorithm.h"
#include "programs/agent/statement.h"
#include "programs/agent/token.h"
#include "programs/agent/trouble.h"

enum { TEXT_LIMIT = 4096 };

/* A private copy of the document for the clerk's own viewer. NULL where there is no place. */
static const char *document_show(struct bytes document, struct pool *pool)
{
    const char *folder = getenv("XDG_RUNTIME_DIR");
    char *path;
    size_t done = 0;
    int fd;

    if (!folder || *folder != '/')
        folder = getenv("TMPDIR");
    path = pool_printf(pool, "%s/ecert-XXXXXX.pdf", folder && *folder == '/' ? folder : "/tmp");
    fd = mkostemps(path, 4, O_CLOEXEC); /* mode 0600 */
    if (fd < 0)
        return NULL;
    while (done < document.size) {
        ssize_t written = write(fd, document.data + done, document.size - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            break;
        done += (size_t)written;
    }
    close(fd);
    if (done == document.size)
        return path;
    unlink(path);
    return NULL;
}

/* The one that the page can show, too: over the ranges, by SHA-256 whatever is signed with. */
static void add_digest(struct text *text, const struct statement_document *document)
{
    const struct bytes parts[] = {
        {document->pdf.data,                      document->range[1]},
        {document->pdf.data + document->range[2], document->range[3]}
    };
    uint8_t digest[ALGORITHM_DIGEST_MAX];
    char hex[65];

    if (algorithm_digest(algorithm_find("RS256"), parts, 2, digest) < 0)
        return;
    hex_encode(digest, 32, hex);
    text_printf(text, "文件摘要（SHA-256）：%.32s\n%s\n", hex, hex + 32);
}

/* The question; `file` is where the document can be looked at, or NULL. */
static const char *text_of(const struct consent *consent, const char *file, struct pool *pool)
{
    const struct token_certificate *certificate = consent->certificate;
    struct text text;

    text_init(&text, pool, TEXT_LIMIT);
    text_printf(&text, "网站 %s\n请求使用您的法人一证通", consent->origin);
    if (consent->document)
        text_printf(&text, "签署文件。\n\n文件：%s\n", consent->title);
    else
        text_add(&text, "登录。\n\n");
    text_printf(&text, "证书：%s（%s）\n", *certificate->name ? certificate->name : "（无名称）",
                certificate->label);
    if (consent->document)
        add_digest(&text, consent->document);
    if (file)
        text_printf(&text, "可打开核对：%s\n", file);
    text_add(&text, "\n如果不是您本人正在操作，请取消。\n");
    return text.data;
}

static const char *warning_of(const struct token_certificate *certificate)
{
    if (certificate->last_try)
        return "注意：只剩最后一次机会，再输错密码，法人一证通将被锁定。\n";
    return certificate->tried ? "注意：此前输错过密码，多次输错将被锁定。\n" : NULL;
}

static int tell(enum prompt_answer answer, const struct err *err, struct trouble *trouble)
{
    switch (answer) {
    case PROMPT_GIVEN:
        return 0;
    case PROMPT_REFUSED:
        return trouble_set(trouble, TROUBLE_CANCELLED, 409, "the clerk said no");
    case PROMPT_LATE:
        return trouble_set(trouble, TROUBLE_CANCELLED, 409, "nobody answered in time");
    case PROMPT_GONE:
        return trouble_set(trouble, TROUBLE_CANCELLED, 409, "nobody waits for the answer");
    case PROMPT_FAILED:
        break;
    }
    log_err("prompt", NULL, err);
    return trouble_set(trouble, TROUBLE_FAILED, 500, "the agent can't ask the clerk");
}

int consent_ask(const struct prompt *prompt, const struct consent *consent,
                const struct prompt_watch *watch, struct pool *pool, struct pin *pin,
                struct trouble *trouble)
{
    const char *file = consent->document ? document_show(consent->document->pdf, pool) : NULL;
    const struct prompt_question question = {
        .text = text_of(consent, file, pool),
        .warning = warning_of(consent->certificate),
        .consent_only = consent->certificate->keypad,
    };
    struct err err = {.kind = ERR_SYSTEM, .file = __FILE__, .line = __LINE__, .text = "poll"};
    enum prompt_answer answer = prompt_ask(prompt, &question, watch, pin, &err);

    if (file)
        unlink(file);
    return tell(answer, &err, trouble);
}
