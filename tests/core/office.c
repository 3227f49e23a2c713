#include "tests/core/office.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <cmocka.h>

enum { REQUEST_MAX = 8192, HEAD_MAX = 512, MADE_MAX = 16384, LOOK_US = 20000, DRIP_US = 20000 };

struct office {
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    const struct office_answer *answers;
    size_t count, requests, connections;
    char last[REQUEST_MAX];
    SSL_CTX *tls;
    int listener;
    int port;
    atomic_bool stop;
};

/* A connection under way. */
struct caller {
    struct office *office;
    int socket;
    SSL *tls;
};

/* Bytes; 0 at the end or when the office closes. Sockets time out, so that this is seen. */
static size_t receive(struct caller *caller, char *to, size_t room)
{
    while (!caller->office->stop) {
        if (caller->tls) {
            int got = SSL_read(caller->tls, to, (int)room);
            if (got > 0)
                return (size_t)got;
            if (SSL_get_error(caller->tls, got) != SSL_ERROR_WANT_READ)
                return 0;
        } else {
            ssize_t got = recv(caller->socket, to, room, 0);
            if (got >= 0)
                return (size_t)got;
            if (errno != EAGAIN && errno != EINTR)
                return 0;
        }
    }
    return 0;
}

static bool deliver(struct caller *caller, const char *data, size_t size)
{
    while (size > 0 && !caller->office->stop) {
        ssize_t put = caller->tls ? SSL_write(caller->tls, data, (int)size)
                                  : send(caller->socket, data, size, MSG_NOSIGNAL);
        if (put <= 0)
            return false;
        data += put;
        size -= (size_t)put;
    }
    return size == 0;
}

/* A whole request into `request`; its bytes, or 0. */
static size_t listen_to(struct caller *caller, char request[REQUEST_MAX])
{
    size_t used = 0, whole = 0;

    while (whole == 0 || used < whole) {
        size_t got = receive(caller, request + used, REQUEST_MAX - 1 - used);
        if (got == 0)
            return 0;
        used += got;
        request[used] = '\0';
        const char *end = strstr(request, "\r\n\r\n");
        const char *length = strcasestr(request, "\r\ncontent-length:");
        if (end)
            whole = (size_t)(end + 4 - request) +
                    (length && length < end ? strtoul(length + 17, NULL, 10) : 0);
    }
    return used;
}

static void drip(struct caller *caller, const char *body, size_t size)
{
    while (size-- > 0 && deliver(caller, body++, 1))
        usleep(DRIP_US);
}

static size_t make(const struct office_answer *answer, const char *request, size_t size, char **body)
{
    const char *end = strstr(request, "\r\n\r\n") + 4;
    size_t head = (size_t)(end - request), length = answer->make ? 0 : strlen(answer->body);
    size_t most = answer->size > length ? answer->size : length;

    *body = malloc(most + MADE_MAX);
    if (!*body)
        return 0;
    if (answer->make)
        return answer->make(answer->context, end, size - head, *body, MADE_MAX);
    memset(*body, ' ', most);
    memcpy(*body, answer->body, length);
    return most;
}

/* Whether the connection goes on. */
static bool answer(struct caller *caller, const struct office_answer *answer, const char *request,
                   size_t request_size)
{
    char head[HEAD_MAX], rest[1], *body;
    size_t size = make(answer, request, request_size, &body);
    bool goes_on = false;

    if (!body)
        return false;
    snprintf(
        head, sizeof(head), "HTTP/1.1 %d Said\r\nContent-Type: %s\r\n%sContent-Length: %zu\r\n\r\n",
        answer->status ? answer->status : 200, answer->type ? answer->type : "application/json",
        answer->header ? answer->header : "", size);
    if (answer->manner == OFFICE_SILENT) {
        receive(caller, rest, sizeof(rest));
    } else if (answer->manner == OFFICE_RAW) {
        deliver(caller, body, size);
    } else if (answer->manner != OFFICE_SHUTS && deliver(caller, head, strlen(head))) {
        if (answer->manner == OFFICE_DRIPS)
            drip(caller, body, size);
        else if (answer->manner == OFFICE_CUTS)
            deliver(caller, body, size / 2);
        else
            goes_on = deliver(caller, body, size);
    }
    free(body);
    return goes_on;
}

static const struct office_answer *next_answer(struct office *office, const char *request)
{
    pthread_mutex_lock(&office->lock);
    size_t place = office->requests < office->count ? office->requests : office->count - 1;
    const struct office_answer *answer = &office->answers[place];
    office->requests++;
    memcpy(office->last, request, sizeof(office->last));
    pthread_mutex_unlock(&office->lock);
    return answer;
}

static void serve(struct office *office, int socket)
{
    struct caller caller = {.office = office, .socket = socket};
    const struct timeval look = {.tv_usec = LOOK_US};
    char request[REQUEST_MAX];
    size_t size;

    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &look, sizeof(look));
    pthread_mutex_lock(&office->lock);
    office->connections++;
    pthread_mutex_unlock(&office->lock);
    if (office->tls) {
        int taken;
        caller.tls = SSL_new(office->tls);
        SSL_set_fd(caller.tls, socket);
        while ((taken = SSL_accept(caller.tls)) < 0 &&
               SSL_get_error(caller.tls, taken) == SSL_ERROR_WANT_READ && !office->stop)
            continue;
        if (taken != 1)
            goto out;
    }
    while ((size = listen_to(&caller, request)) > 0 &&
           answer(&caller, next_answer(office, request), request, size))
        continue;
out:
    SSL_free(caller.tls);
    close(socket);
}

static void *work(void *context)
{
    struct office *office = context;

    while (!office->stop) {
        int socket = accept(office->listener, NULL, NULL);
        if (socket >= 0)
            serve(office, socket);
    }
    return NULL;
}

struct office *office_open(SSL_CTX *tls)
{
    static const struct office_answer nothing = {.body = "{\"records\":[]}"};
    const struct timeval look = {.tv_usec = LOOK_US};
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    struct office *office = calloc(1, sizeof(*office));

    assert_non_null(office);
    office->tls = tls;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    office->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(office->listener, SOL_SOCKET, SO_RCVTIMEO, &look, sizeof(look));
    if (bind(office->listener, (struct sockaddr *)&address, size) != 0 ||
        listen(office->listener, 8) != 0 ||
        getsockname(office->listener, (struct sockaddr *)&address, &size) != 0)
        fail_msg("no listener");
    office->port = ntohs(address.sin_port);
    pthread_mutex_init(&office->lock, NULL);
    office_script(office, &nothing, 1);
    assert_int_equal(pthread_create(&office->thread, NULL, work, office), 0);
    return office;
}

void office_close(struct office **office)
{
    if (!*office)
        return;
    (*office)->stop = true;
    pthread_join((*office)->thread, NULL);
    pthread_mutex_destroy(&(*office)->lock);
    close((*office)->listener);
    free(*office);
    *office = NULL;
}

int office_port(const struct office *office)
{
    return office->port;
}

void office_script(struct office *office, const struct office_answer *answers, size_t count)
{
    pthread_mutex_lock(&office->lock);
    office->answers = answers;
    office->count = count;
    office->requests = office->connections = 0;
    pthread_mutex_unlock(&office->lock);
}

size_t office_requests(struct office *office)
{
    pthread_mutex_lock(&office->lock);
    size_t requests = office->requests;
    pthread_mutex_unlock(&office->lock);
    return requests;
}

size_t office_connections(struct office *office)
{
    pthread_mutex_lock(&office->lock);
    size_t connections = office->connections;
    pthread_mutex_unlock(&office->lock);
    return connections;
}

const char *office_last(struct office *office)
{
    return office->last;
}
