/*
 * The server itself: a listener, a supervisor with workers, and a small FastCGI client of its own
 * in the place of nginx. Run it by tests/with-mariadb; without ECERT_TEST_DB_SOCKET it is skipped
 * (exit code 77).
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <fastcgi.h>

#include "base/date.h"
#include "base/err.h"
#include "fcgi/render.h"
#include "fcgi/response.h"
#include "tests/fcgi/fake.h"

enum { SLOW_MS = 800, PIECES = 64, ANSWER_SIZE = 2 * 1024 * 1024, WAIT_S = 20 };

/* The module: who serves, and how a slow handler is doing. */

/* Shared with the workers. */
static volatile struct {
    int began, go_on;
} *slow;

static enum outcome show_pid(struct request *request, struct err *err)
{
    (void)err;
    return respond_json(request, pool_printf(request->pool, "pid=%d.", (int)getpid()));
}

static void pause_10_ms(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
}

static enum outcome show_slowly(struct request *request, struct err *err)
{
    int64_t until = clock_now_ms() + SLOW_MS;

    slow->began += 1;
    while (clock_now_ms() < until)
        pause_10_ms();
    return show_pid(request, err);
}

/* Goes on when the client says so; what it makes then is more than a socket holds back. */
static int write_slowly(void *context, const struct sink *sink, struct err *err)
{
    static const char piece[16384];
    const struct request *request = context;
    int written = sink->write(sink->context, "first", 5);

    slow->began += 1;
    for (int i = 0; i < WAIT_S * 100 && !slow->go_on; i++)
        pause_10_ms();
    for (size_t i = 0; i < PIECES && written == 0; i++)
        written = sink->write(sink->context, piece, sizeof(piece));
    if (written < 0)
        return err_set(err, ERR_SYSTEM, EPIPE, "the client is gone");
    return strstr(request->path, "broken") ? err_set(err, ERR_SYSTEM, 0, "broken") : 0;
}

static enum outcome stream(struct request *request, struct err *err)
{
    (void)err;
    return respond_stream(request, "text/plain", NULL, write_slowly, request);
}

static const struct route routes[] = {
    {.path = "stream", .method = HTTP_GET, .need = NO_SESSION, .handle = stream},
    {.path = "stream/broken", .method = HTTP_GET, .need = NO_SESSION, .handle = stream},
    {.path = "pid", .method = HTTP_GET, .need = NO_SESSION, .handle = show_pid},
    {.path = "slow", .method = HTTP_GET, .need = NO_SESSION, .handle = show_slowly},
    {0},
};
static const struct module module_test = {.name = "t", .label = "试验", .routes = routes};
static const struct module *const modules[] = {&module_test, NULL};

/* The server, in a process of its own */

static char folder[64], socket_path[80], listen_value[96];
static struct supervisor supervisor;
static int listener = -1;
static pid_t server_pid;
static struct err err;

static int work(void *context, int slot, volatile sig_atomic_t *stop)
{
    (void)context;
    return server_work(&fake_application, listener, &supervisor.scores[slot], stop);
}

static int reload(void *context, struct err *cause)
{
    struct render *render;

    (void)context;
    if (server_check(&fake_application, &render, cause) < 0)
        return -1;
    render_free(&fake_application.render);
    fake_application.render = render;
    return 0;
}

static void start(int workers, int64_t requests)
{
    fake_web.requests = requests;
    slow->began = slow->go_on = 0;
    fake_render();
    listener = server_listen(&fake_web, &err);
    if (listener < 0)
        fail_msg("%s", err.text);
    supervisor = (struct supervisor){.children = workers, .grace_ms = 10000, .child = work,
                                     .reload = reload};
    server_pid = fork();
    assert_true(server_pid >= 0);
    if (server_pid == 0)
        _exit(supervisor_run(&supervisor, &err) < 0);
    close(listener);
}

/* Its exit status; the test fails when it does not end. */
static int ended(void)
{
    int status = -1;

    for (int i = 0; i < WAIT_S * 100; i++) {
        if (waitpid(server_pid, &status, WNOHANG) == server_pid) {
            server_pid = 0;
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        }
        pause_10_ms();
    }
    return -1;
}

static int tear_down(void **state)
{
    (void)state;
    if (server_pid > 0) {
        kill(server_pid, SIGTERM);
        if (ended() < 0) {
            kill(server_pid, SIGKILL);
            waitpid(server_pid, NULL, 0);
        }
        server_pid = 0;
    }
    unlink(socket_path);
    return 0;
}

/* The client: one request on one connection, as nginx does without fastcgi_keep_conn. */

static int dial(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(text_copy(address.sun_path, sizeof(address.sun_path), socket_path));
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = WAIT_S},
                                sizeof(struct timeval)), 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void put_record(struct text *out, int type, const char *content, size_t size)
{
    const FCGI_Header header = {.version = FCGI_VERSION_1,
                                .type = (unsigned char)type,
                                .requestIdB0 = 1,
                                .contentLengthB1 = (unsigned char)(size >> 8),
                                .contentLengthB0 = (unsigned char)size};

    text_add_n(out, (const char *)&header, sizeof(header));
    text_add_n(out, content, size);
}

static void put_parameter(struct text *out, const char *name, const char *value)
{
    text_char(out, (char)strlen(name));
    text_char(out, (char)strlen(value));
    text_add(out, name);
    text_add(out, value);
}

/* A GET that nginx got at this instant, as it is sent. */
static void put_get(struct text *out, const char *target, int64_t arrived_ms)
{
    const FCGI_BeginRequestBody begin = {.roleB0 = FCGI_RESPONDER};
    char parameters_room[2048], arrived[32];
    struct text parameters;

    snprintf(arrived, sizeof(arrived), "%lld.%03lld", (long long)(arrived_ms / 1000),
             (long long)(arrived_ms % 1000));
    text_init_fixed(&parameters, parameters_room, sizeof(parameters_room));
    put_parameter(&parameters, "REQUEST_METHOD", "GET");
    put_parameter(&parameters, "REQUEST_URI", target);
    put_parameter(&parameters, "ECERT_PORT", "site");
    put_parameter(&parameters, "ECERT_ARRIVED", arrived);
    put_record(out, FCGI_BEGIN_REQUEST, (const char *)&begin, sizeof(begin));
    put_record(out, FCGI_PARAMS, parameters.data, parameters.length);
    put_record(out, FCGI_PARAMS, "", 0);
    put_record(out, FCGI_STDIN, "", 0);
}

/* The connection to read the answer from. */
static int send_get(const char *target, int64_t arrived_ms)
{
    char room[4096];
    struct text out;
    int fd = dial();

    text_init_fixed(&out, room, sizeof(room));
    put_get(&out, target, arrived_ms);
    assert_int_equal(write(fd, out.data, out.length), out.length);
    return fd;
}

/* Until this many requests of the slow kind have begun. */
static void wait_for_slow(int count)
{
    for (int i = 0; i < WAIT_S * 100 && slow->began < count; i++)
        pause_10_ms();
    assert_int_equal(slow->began, count);
}

static bool read_whole(int fd, void *to, size_t size)
{
    for (size_t at = 0; at < size;) {
        ssize_t got = read(fd, (char *)to + at, size - at);
        if (got <= 0)
            return false;
        at += (size_t)got;
    }
    return true;
}

/* What FCGI_STDOUT carried, up to FCGI_END_REQUEST or the end of the connection; the status, or -1 for
 * an answer that nginx takes for broken: by a record of a request that was not made. */
static int receive(int fd, char answer[ANSWER_SIZE])
{
    size_t length = 0;
    FCGI_Header header;
    char content[65536 + 256];
    int status = -1;

    while (read_whole(fd, &header, sizeof(header)) && header.type != FCGI_END_REQUEST) {
        size_t size = (size_t)header.contentLengthB1 << 8 | header.contentLengthB0;
        bool ours = header.requestIdB0 == 1 && header.requestIdB1 == 0;
        if (!ours || !read_whole(fd, content, size + header.paddingLength)) {
            close(fd);
            return -1;
        }
        assert_true(header.type == FCGI_STDOUT && length + size < ANSWER_SIZE);
        memcpy(answer + length, content, size);
        length += size;
        answer[length] = '\0';
    }
    close(fd);
    return length && sscanf(answer, "Status: %d", &status) == 1 ? status : -1;
}

static int get(const char *target, char answer[ANSWER_SIZE])
{
    return receive(send_get(target, clock_now_ms()), answer);
}

static int pid_in(const char *answer)
{
    const char *at = strstr(answer, "pid=");

    return at ? (int)strtol(at + 4, NULL, 10) : 0;
}

/* Tests */

static void refuses_other_hosts_origins(void **state)
{
    static const struct {
        const char *origin, *login_origin;
        int result;
    } cases[] = {
        {"https://a.test:8443", "https://b.test:8444", -1},
        {"https://a.test", "https://a.test.b:8444", -1},
        {"https://a.test.b", "https://a.test:8444", -1},
        {"https://[::1]:8443", "https://[::2]:8444", -1},
        {"https://a.test", "https://a.test:8444", 0},
        {"https://[::1]:8443", "https://[::1]", 0},
    };
    struct web_settings saved = fake_web;
    struct render *render;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        fake_web.origin = cases[i].origin;
        fake_web.login_origin = cases[i].login_origin;
        assert_int_equal(server_check(&fake_application, &render, &err), cases[i].result);
        render_free(&render);
    }
    fake_web = saved;
}

static void keeps_the_socket_from_others(void **state)
{
    struct stat status;
    int second;

    (void)state;
    listener = server_listen(&fake_web, &err);
    assert_true(listener >= 0);
    assert_int_equal(stat(socket_path, &status), 0);
    assert_true(S_ISSOCK(status.st_mode));
    assert_int_equal(status.st_mode & 0777, 0660);
    /* In use: it stays. Left behind: it is replaced. No socket: it stays. */
    assert_int_equal(server_listen(&fake_web, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
    close(listener);
    second = server_listen(&fake_web, &err);
    assert_true(second >= 0);
    close(second);
    unlink(socket_path);
    FILE *file = fopen(socket_path, "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(server_listen(&fake_web, &err), -1);
    assert_int_equal(stat(socket_path, &status), 0);
}

/* A worker that outlives its killed supervisor a little. */
static void waits_for_a_predecessor(void **state)
{
    int first = server_listen(&fake_web, &err), second;

    (void)state;
    assert_true(first >= 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        usleep(300000);
        _exit(0);
    }
    close(first);
    second = server_listen(&fake_web, &err);
    assert_true(second >= 0);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(second);
}

static void serves_and_drops_what_is_late(void **state)
{
    static char answer[ANSWER_SIZE];

    (void)state;
    start(1, 0);
    assert_int_equal(get("/t/pid", answer), 200);
    assert_non_null(strstr(answer, "\r\n\r\npid="));
    assert_int_equal(get("/t/none", answer), 404);
    /* nginx has answered with 504 long ago: the handler must not run. */
    assert_int_equal(receive(send_get("/t/slow", clock_now_ms() - 30100), answer), 503);
    assert_int_equal(slow->began, 0);
    assert_int_equal(receive(send_get("/t/pid", clock_now_ms() - 15000), answer), 200);
}

/* A client that goes away, or talks nonsense, takes nothing with it. */
static void survives_broken_clients(void **state)
{
    static char answer[ANSWER_SIZE];
    int fd;

    (void)state;
    start(1, 0);
    close(dial());
    fd = dial();
    assert_int_equal(write(fd, "GET / HTTP/1.1\r\n\r\n", 18), 18);
    close(fd);
    close(send_get("/t/slow", clock_now_ms()));
    assert_int_equal(get("/t/pid", answer), 200);
}

static void streams_from_the_first_byte_on(void **state)
{
    static char answer[ANSWER_SIZE];
    FCGI_Header header;

    (void)state;
    start(1, 0);
    int fd = send_get("/t/stream", clock_now_ms());
    /* The producer waits for us. */
    assert_true(read_whole(fd, &header, sizeof(header)));
    assert_int_equal(header.type, FCGI_STDOUT);
    wait_for_slow(1);
    slow->go_on = 1;
    close(fd);
    assert_int_equal(get("/t/stream", answer), 200);
    const char *body = strstr(answer, "\r\n\r\n");
    assert_non_null(body);
    assert_memory_equal(body + 4, "first", 6);
}

static void cuts_what_breaks_off(void **state)
{
    static char answer[ANSWER_SIZE];

    (void)state;
    start(1, 0);
    slow->go_on = 1;
    assert_int_equal(get("/t/stream/broken", answer), -1);
    assert_non_null(strstr(answer, "Status: 200 "));
    assert_int_equal(get("/t/pid", answer), 200);
    /* A reader that goes away does not hold the worker. */
    slow->go_on = 0;
    int fd = send_get("/t/stream", clock_now_ms());
    wait_for_slow(2);
    close(fd);
    slow->go_on = 1;
    assert_int_equal(get("/t/pid", answer), 200);
}

static void finishes_what_is_begun(void **state)
{
    static char answer[ANSWER_SIZE];
    struct stat status;

    (void)state;
    start(1, 0);
    int fd = send_get("/t/slow", clock_now_ms());
    wait_for_slow(1);
    assert_int_equal(kill(server_pid, SIGTERM), 0);
    assert_int_equal(receive(fd, answer), 200);
    assert_true(pid_in(answer) > 0);
    assert_int_equal(ended(), 0);
    assert_int_equal(stat(socket_path, &status), 0);
}

static void finishes_what_is_only_accepted(void **state)
{
    static char answer[ANSWER_SIZE];
    char room[4096];
    struct text out;

    (void)state;
    text_init_fixed(&out, room, sizeof(room));
    put_get(&out, "/t/pid", clock_now_ms());
    start(1, 0);
    assert_int_equal(get("/t/pid", answer), 200);
    int worker = pid_in(answer);
    for (size_t told = 1; told < out.length; told += out.length / 4) {
        int fd = dial();
        assert_int_equal(write(fd, out.data, told), told);
        for (int i = 0; i < 10; i++)
            pause_10_ms();
        assert_int_equal(kill(worker, SIGTERM), 0);
        for (int i = 0; i < 10; i++)
            pause_10_ms();
        assert_int_equal(write(fd, out.data + told, out.length - told), out.length - told);
        assert_int_equal(receive(fd, answer), 200);
        assert_int_equal(get("/t/pid", answer), 200);
        worker = pid_in(answer);
    }
}

static void recycles_workers_in_mid_load(void **state)
{
    static char answer[ANSWER_SIZE];
    int pids[40], changes = 0;

    (void)state;
    start(2, 5);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(get("/t/pid", answer), 200);
        pids[i] = pid_in(answer);
        bool known = false;
        for (int j = 0; j < i; j++)
            known = known || pids[j] == pids[i];
        changes += !known;
    }
    /* Five requests each. */
    assert_true(changes >= 8);
}

static void keeps_old_workers_when_templates_break(void **state)
{
    static char answer[ANSWER_SIZE];
    int before, after;

    (void)state;
    start(1, 0);
    assert_int_equal(get("/t/pid", answer), 200);
    before = pid_in(answer);
    fake_template("refused.cs", "<?cs if:Broken ?>");
    assert_int_equal(kill(server_pid, SIGHUP), 0);
    nanosleep(&(struct timespec){.tv_nsec = 500 * 1000 * 1000}, NULL);
    assert_int_equal(get("/t/pid", answer), 200);
    assert_int_equal(pid_in(answer), before);
    fake_template("refused.cs", "refused");
    assert_int_equal(kill(server_pid, SIGHUP), 0);
    after = before;
    for (int i = 0; i < WAIT_S * 10 && after == before; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 100 * 1000 * 1000}, NULL);
        assert_int_equal(get("/t/pid", answer), 200);
        after = pid_in(answer);
    }
    assert_int_not_equal(after, before);
}

static bool open_all(void)
{
    snprintf(folder, sizeof(folder), "%s/ecert-server.XXXXXX",
             getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    slow = mmap(NULL, sizeof(*slow), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (slow == MAP_FAILED || !fake_open(modules, "ecert_server") || !mkdtemp(folder))
        return false;
    snprintf(socket_path, sizeof(socket_path), "%s/socket", folder);
    snprintf(listen_value, sizeof(listen_value), "unix:%s", socket_path);
    fake_web.listen = listen_value;
    fake_web.backlog = 64;
    fake_template("error.cs", "E<?cs var:Error.status ?>");
    fake_template("refused.cs", "refused");
    return server_prepare(&fake_application, &err) == 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(refuses_other_hosts_origins),
        TEST(keeps_the_socket_from_others),
        TEST(waits_for_a_predecessor),
        TEST(serves_and_drops_what_is_late),
        TEST(survives_broken_clients),
        TEST(streams_from_the_first_byte_on),
        TEST(cuts_what_breaks_off),
        TEST(finishes_what_is_begun),
        TEST(finishes_what_is_only_accepted),
        TEST(recycles_workers_in_mid_load),
        TEST(keeps_old_workers_when_templates_break),
    };

    if (!open_all())
        return 77;
    int result = cmocka_run_group_tests_name("server", tests, NULL, NULL);
    rmdir(folder);
    fake_close();
    return result;
}
