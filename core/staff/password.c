#include "core/staff/password.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <argon2.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/random.h"
#include "base/text.h"

enum { SALT_SIZE = 16, HASH_SIZE = 32, DISTINCT_MIN = 5, OWN_MIN = 4, PREFIX_SIZE = 96 };

/* The list of common passwords */

/* Where the line that `at` is in begins. */
static const char *line_start(const char *text, const char *at)
{
    while (at > text && at[-1] != '\n')
        at--;
    return at;
}

static int compare(const char *line, size_t length, const char *word)
{
    size_t size = strlen(word);
    int order = memcmp(line, word, length < size ? length : size);

    return order ? order : (length > size) - (length < size);
}

/* Binary search over bytes: every step begins at the line that the middle is in. */
static bool has_line(const char *text, size_t size, const char *word)
{
    const char *low = text, *high = text + size;

    while (low < high) {
        const char *line = line_start(low, low + (high - low) / 2);
        const char *end = memchr(line, '\n', (size_t)(high - line));
        size_t length = (size_t)((end ? end : high) - line);
        int order = compare(line, length, word);

        if (order == 0)
            return true;
        if (order > 0)
            high = line;
        else
            low = end ? end + 1 : high;
    }
    return false;
}

static int is_common(const char *path, const char *word, bool *common, struct err *err)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    *common = false;
    if (fd < 0 || fstat(fd, &status) < 0) {
        err_set(err, ERR_SYSTEM, errno, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    size_t size = (size_t)status.st_size;
    char *text = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    close(fd);
    if (text == MAP_FAILED)
        return err_set(err, ERR_SYSTEM, errno, "%s: %s", path, strerror(errno));
    if (text) {
        *common = has_line(text, size, word);
        munmap(text, size);
    }
    return 0;
}

int password_settings_check(const struct password_settings *settings, struct err *err)
{
    if (*settings->common && access(settings->common, R_OK) != 0)
        return err_set(err, ERR_CONFIG, errno, "Staff.CommonPasswords: %s: %s", settings->common,
                       strerror(errno));
    return 0;
}

/* The rest of the rules */

static void lower(const char *text, char *out)
{
    for (; *text; text++)
        *out++ = *text >= 'A' && *text <= 'Z' ? (char)(*text + 'a' - 'A') : *text;
    *out = '\0';
}

/* 111111111111, ababababab12, 123456789012, zyxwvutsrqpo. */
static bool is_simple(const char *text)
{
    size_t length = strlen(text), distinct = 0, steps = 0;

    for (size_t i = 0; i < length; i++)
        distinct += strchr(text, text[i]) == text + i;
    for (size_t i = 1; i < length; i++) {
        int step = (unsigned char)text[i] - (unsigned char)text[i - 1];
        steps += step == 1 || step == -1 || (text[i - 1] == '9' && text[i] == '0') ||
                 (text[i - 1] == '0' && text[i] == '9');
    }
    return distinct < DISTINCT_MIN || steps + 2 >= length;
}

static enum password_verdict judge(const char *login, const char *small)
{
    size_t count = utf8_count(small);

    if (count < PASSWORD_MIN)
        return PASSWORD_SHORT;
    if (count > PASSWORD_MAX)
        return PASSWORD_LONG;
    if (strlen(login) >= OWN_MIN && strstr(small, login))
        return PASSWORD_OWN;
    return is_simple(small) ? PASSWORD_SIMPLE : PASSWORD_OK;
}

int password_judge(const struct password_settings *settings, const char *login,
                   const char *password, enum password_verdict *verdict, struct err *err)
{
    char small[PASSWORD_MAX * 4 + 1];
    bool common = false;
    int result = 0;

    if (strlen(password) >= sizeof(small)) {
        *verdict = PASSWORD_LONG;
        return 0;
    }
    lower(password, small);
    *verdict = judge(login, small);
    if (*verdict == PASSWORD_OK && *settings->common)
        result = is_common(settings->common, small, &common, err);
    if (common)
        *verdict = PASSWORD_COMMON;
    explicit_bzero(small, sizeof(small));
    return result;
}

/* Hashes */

static int failed(int code, struct err *err)
{
    return err_set(err, ERR_CRYPTO, code, "Argon2: %s", argon2_error_message(code));
}

int password_hash(const struct password_settings *settings, struct pool *pool,
                  const char *password, const char **hash, struct err *err)
{
    uint32_t passes = (uint32_t)settings->passes, memory = (uint32_t)settings->memory_kib;
    uint32_t lanes = (uint32_t)settings->lanes;
    size_t room = argon2_encodedlen(passes, memory, lanes, SALT_SIZE, HASH_SIZE, Argon2_id);
    uint8_t salt[SALT_SIZE];
    char *encoded = pool_alloc(pool, room);

    random_bytes(salt, sizeof(salt));
    int code = argon2id_hash_encoded(passes, memory, lanes, password, strlen(password), salt,
                                     sizeof(salt), HASH_SIZE, encoded, room);
    if (code != ARGON2_OK)
        return failed(code, err);
    *hash = encoded;
    return 0;
}

/* "$argon2id$v=19$m=65536,t=3,p=1$" of the settings. */
static void prefix_of(const struct password_settings *settings, char prefix[PREFIX_SIZE])
{
    text_format(prefix, PREFIX_SIZE, "$argon2id$v=%d$m=%lld,t=%lld,p=%lld$", ARGON2_VERSION_NUMBER,
                (long long)settings->memory_kib, (long long)settings->passes,
                (long long)settings->lanes);
}

int password_verify(const struct password_settings *settings, struct pool *pool, const char *hash,
                    const char *password, bool *stale, struct err *err)
{
    char prefix[PREFIX_SIZE];

    *stale = false;
    if (!hash)
        return password_hash(settings, pool, password, &hash, err);
    int code = argon2id_verify(hash, password, strlen(password));
    if (code == ARGON2_VERIFY_MISMATCH)
        return 0;
    if (code != ARGON2_OK)
        return failed(code, err);
    prefix_of(settings, prefix);
    *stale = strncmp(hash, prefix, strlen(prefix)) != 0;
    return 1;
}
