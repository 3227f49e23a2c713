#include "base/file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"

enum { WRITERS = 8 };

static struct pool *pool;
static char folder[] = "/tmp/ecert-file-XXXXXX";
static char path[64];

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static const char *content_of(const char *file)
{
    struct bytes content;
    struct err err;

    assert_int_equal(file_read(pool, file, 4096, &content, &err), 0);
    return (const char *)content.data;
}

static mode_t mode_of(const char *file)
{
    struct stat info;

    assert_int_equal(stat(file, &info), 0);
    return info.st_mode & 07777;
}

static void test_read(void **state)
{
    char name[] = "/tmp/ecert-read-XXXXXX";
    char content[10000];
    struct bytes out;
    struct err err;
    int fd = mkstemp(name);

    (void)state;
    memset(content, 'c', sizeof(content));
    assert_int_equal(write(fd, content, sizeof(content)), sizeof(content));
    close(fd);
    assert_int_equal(file_read(pool, "/nonexistent", 10, &out, &err), -1);
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_int_equal(file_read(pool, "/tmp", 10, &out, &err), -1);
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_int_equal(file_read(pool, name, sizeof(content) - 1, &out, &err), -1);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_int_equal(file_read(pool, "/dev/zero", 20000, &out, &err), -1);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_int_equal(file_read(pool, name, sizeof(content), &out, &err), 0);
    assert_int_equal(out.size, sizeof(content));
    assert_memory_equal(out.data, content, sizeof(content));
    assert_int_equal(out.data[out.size], 0);
    assert_int_equal(file_read(pool, "/dev/null", 0, &out, &err), 0);
    assert_int_equal(out.size, 0);
    /* A file of unknown size. */
    assert_int_equal(file_read(pool, "/proc/self/status", 100000, &out, &err), 0);
    assert_true(out.size > 100);
    unlink(name);
}

static void test_read_secret(void **state)
{
    static const struct {
        mode_t mode;
        int result;
    } cases[] = {
        {0644, -1},
        {0604, -1},
        {0602, -1},
        {0601, -1},
        {0660, -1},
        {0640, 0 },
        {0600, 0 },
        {0400, 0 }
    };
    char name[] = "/tmp/ecert-read-XXXXXX";
    struct bytes out;
    struct err err;
    int fd = mkstemp(name);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(fchmod(fd, cases[i].mode), 0);
        assert_int_equal(file_read_secret(pool, name, 100, &out, &err), cases[i].result);
        if (cases[i].result < 0)
            assert_int_equal(err.kind, ERR_CONFIG);
    }
    assert_int_equal(file_read_secret(pool, "/dev/null", 100, &out, &err), -1);
    close(fd);
    unlink(name);
}

static void test_replace(void **state)
{
    char stale[80];
    struct err err;

    (void)state;
    assert_int_equal(file_replace(path, bytes_of("first"), &err), 0);
    assert_string_equal(content_of(path), "first");
    assert_int_equal(mode_of(path), 0644);
    assert_int_equal(chmod(path, 0640), 0);
    /* What a writer left that died. */
    snprintf(stale, sizeof(stale), "%s.new", path);
    assert_int_equal(symlink("/nonexistent", stale), 0);
    assert_int_equal(file_replace(path, bytes_of("second"), &err), 0);
    assert_string_equal(content_of(path), "second");
    assert_int_equal(mode_of(path), 0640);
    assert_int_equal(access(stale, F_OK), -1);
    unlink(path);
}

static void test_refused(void **state)
{
    char longest[5000];
    struct err err;

    (void)state;
    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_int_equal(file_replace(longest, bytes_of("x"), &err), -1);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_int_equal(file_replace("/nonexistent/file", bytes_of("x"), &err), -1);
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_int_equal(file_lock("/nonexistent/file", &err), -1);
    assert_int_equal(err.kind, ERR_SYSTEM);
}

static void test_create(void **state)
{
    struct err err;
    int lock = file_lock(path, &err);

    (void)state;
    assert_true(lock >= 0);
    assert_int_equal(file_rewrite(lock, path, bytes_of("nothing is there"), &err), -1);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(file_create(lock, path, bytes_of("mine"), &err), 0);
    assert_int_equal(mode_of(path), 0600);
    assert_int_equal(file_create(lock, path, bytes_of("again"), &err), -1);
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_int_equal(err.code, EEXIST);
    assert_string_equal(content_of(path), "mine");
    assert_int_equal(chmod(path, 0440), 0);
    assert_int_equal(file_rewrite(lock, path, bytes_of("longer"), &err), 0);
    assert_string_equal(content_of(path), "longer");
    assert_int_equal(mode_of(path), 0440);
    close(lock);
    unlink(path);
}

/* One more letter, by a process of its own. */
static void write_longer(void)
{
    struct bytes old;
    struct err err;
    int lock = file_lock(path, &err);

    if (lock < 0 || file_read(pool, path, 4096, &old, &err) < 0)
        _exit(1);
    const char *longer = pool_printf(pool, "%sx", (const char *)old.data);
    _exit(file_rewrite(lock, path, bytes_of(longer), &err) < 0);
}

static void test_writers_wait(void **state)
{
    struct err err;
    int status;

    (void)state;
    assert_int_equal(file_replace(path, bytes_of(""), &err), 0);
    for (int i = 0; i < WRITERS; i++) {
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0)
            write_longer();
    }
    for (int i = 0; i < WRITERS; i++) {
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    assert_int_equal(strlen(content_of(path)), WRITERS);
    unlink(path);
}

static int setup(void **state)
{
    (void)state;
    pool = pool_new(4096, 0);
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/file", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pool_free(&pool);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_read_secret),
        cmocka_unit_test(test_replace),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_create),
        cmocka_unit_test(test_writers_wait),
    };

    return cmocka_run_group_tests(tests, setup, teardown) ? 1 : 0;
}
