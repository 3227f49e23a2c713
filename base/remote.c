#include "base/remote.h"

#include <string.h>

#include "base/config.h"
#include "base/date.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

enum { AUTHORITIES_MAX = 4 << 20, SCHEME_SIZE = 16 };

void remote_begin(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        err_fatal("out of memory");
}

int remote_authorities(struct pool *pool, const char *authority_file, struct err *err)
{
    struct bytes content;

    return *authority_file ? file_read(pool, authority_file, AUTHORITIES_MAX, &content, err) : 0;
}

/* Signals stay curl's, for it to ignore SIGPIPE. */
CURL *remote_easy(const char *url, const char *authority_file)
{
    CURL *easy = curl_easy_init();
    char scheme[SCHEME_SIZE];

    if (!easy)
        err_fatal("out of memory");
    text_format(scheme, sizeof(scheme), "%.*s", (int)strcspn(url, ":"), url);
    REMOTE_SET(easy, CURLOPT_URL, url);
    REMOTE_SET(easy, CURLOPT_PROTOCOLS_STR, scheme);
    REMOTE_SET(easy, CURLOPT_PROXY, "");
    REMOTE_SET(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    REMOTE_SET(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    REMOTE_SET(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    /* The folder of the system's would be believed besides the file. */
    if (*authority_file) {
        REMOTE_SET(easy, CURLOPT_CAINFO, authority_file);
        REMOTE_SET(easy, CURLOPT_CAPATH, NULL);
    }
    return easy;
}

int64_t remote_now_ms(void)
{
    return clock_tick_us() / 1000;
}

void remote_note(struct breaker *breaker, const char *service, enum breaker_state before, bool good)
{
    breaker_note(breaker, good, remote_now_ms());
    bool closed = breaker_state(breaker, remote_now_ms()) == BREAKER_CLOSED;

    if (closed != (before == BREAKER_CLOSED))
        log_event(LOG_WARN, "breaker", log_text("service", service),
                  log_text("state", closed ? "closed" : "open"));
}
