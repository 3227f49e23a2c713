#include "programs/agent/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include <microhttpd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/text.h"
#include "programs/agent/gate.h"
#include "programs/agent/service.h"
#include "programs/agent/trouble.h"

enum {
    CONNECTIONS = 16,
    IDLE_SECONDS = 10,
    POOL_KEEP = 64 * 1024,
    BACKLOG = 16,
    DRAIN_LIMIT = 64 * 1024 * 1024 /* of a body that is not wanted */
};

struct listener {
    struct agent *agent;
    struct MHD_Daemon *daemon;
    unsigned port;
};

/* One request, from its head to its answer. */
struct exchange {
    struct pool *pool;
    bool preflight;
    bool refused;
    struct trouble trouble;
    enum gate_action action;
    const char *origin; /* of the list; NULL: it is not told what it may read */
    struct text body;
    size_t thrown_away;
};

/* Head */

static enum MHD_Result take_header(void *context, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct gate_request *request = context;
    const struct {
        const char *name;
        const char **into;
    } wanted[] = {
        {"Host",                           &request->host          },
        {"Origin",                         &request->origin        },
        {"Content-Type",                   &request->content_type  },
        {"Sec-Fetch-Site",                 &request->fetch_site    },
        {"Sec-Fetch-Mode",                 &request->fetch_mode    },
        {"Sec-Fetch-Dest",                 &request->fetch_dest    },
        {"Access-Control-Request-Method",  &request->wanted_method },
        {"Access-Control-Request-Headers", &request->wanted_headers},
    };

    if (kind == MHD_GET_ARGUMENT_KIND)
        request->query = true;
    for (size_t i = 0; kind == MHD_HEADER_KIND && i < sizeof(wanted) / sizeof(*wanted); i++) {
        if (strcasecmp(name, wanted[i].name) != 0)
            continue;
        request->repeated = request->repeated || *wanted[i].into;
        *wanted[i].into = value ? value : "";
    }
    return MHD_YES;
}

static bool is_loopback(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;
    struct sockaddr_in inet;

    if (!address || address->sa_family != AF_INET)
        return false;
    memcpy(&inet, address, sizeof(inet));
    return ntohl(inet.sin_addr.s_addr) >> 24 == 127;
}

static struct exchange *exchange_new(struct listener *listener, struct MHD_Connection *connection,
                                     const char *method, const char *path)
{
    struct pool *pool = pool_new(POOL_KEEP, 0);
    struct exchange *exchange = POOL_NEW(pool, struct exchange);
    struct gate_request request = {
        .method = method, .path = path, .loopback = is_loopback(connection)};
    size_t limit;

    exchange->pool = pool;
    MHD_get_connection_values(connection, MHD_HEADER_KIND, take_header, &request);
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, take_header, &request);
    if (gate_judge(&request, listener->agent->settings->origins, listener->port, &exchange->action,
                   &limit, &exchange->trouble) < 0)
        exchange->refused = true;
    exchange->preflight = !exchange->refused && exchange->action == GATE_PREFLIGHT;
    /* Of a listed origin, the page may read why it is refused. */
    if (gate_asker_known(&request, listener->agent->settings->origins, listener->port))
        exchange->origin = pool_text(pool, request.origin);
    text_init(&exchange->body, pool, limit);
    return exchange;
}

/* Body */

static enum MHD_Result take_body(struct exchange *exchange, const char *data, size_t *size)
{
    size_t more = *size;

    *size = 0;
    if (!exchange->refused) {
        text_add_n(&exchange->body, data, more);
        if (!exchange->body.overflow)
            return MHD_YES;
        exchange->refused = true;
        trouble_set(&exchange->trouble, TROUBLE_REFUSED, 413, "the body is too large");
    }
    exchange->thrown_away += more;
    return exchange->thrown_away > DRAIN_LIMIT ? MHD_NO : MHD_YES;
}

/* Answer */

static bool asks_for(struct MHD_Connection *connection, const char *header)
{
    const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, header);

    return value && strcmp(value, "true") == 0;
}

static void add_preflight(struct MHD_Connection *connection, struct MHD_Response *response)
{
    MHD_add_response_header(response, "Access-Control-Allow-Methods", "GET, POST");
    MHD_add_response_header(response, "Access-Control-Allow-Headers", "content-type");
    MHD_add_response_header(response, "Access-Control-Max-Age", "600");
    if (asks_for(connection, "Access-Control-Request-Private-Network"))
        MHD_add_response_header(response, "Access-Control-Allow-Private-Network", "true");
    if (asks_for(connection, "Access-Control-Request-Local-Network"))
        MHD_add_response_header(response, "Access-Control-Allow-Local-Network", "true");
}

/* The body is malloc'd, or NULL; it is MHD's then. */
static enum MHD_Result respond(struct MHD_Connection *connection, const struct exchange *exchange,
                               int status, char *body)
{
    struct MHD_Response *response =
        body ? MHD_create_response_from_buffer(strlen(body), body, MHD_RESPMEM_MUST_FREE)
             : MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result result;

    if (!response) {
        free(body);
        return MHD_NO;
    }
    if (body)
        MHD_add_response_header(response, "Content-Type", "application/json");
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "Vary", "Origin");
    if (exchange->origin)
        MHD_add_response_header(response, "Access-Control-Allow-Origin", exchange->origin);
    if (exchange->preflight)
        add_preflight(connection, response);
    if (status == 405)
        MHD_add_response_header(response, "Allow",
                                exchange->action == GATE_STATUS ? "GET, OPTIONS" : "POST, OPTIONS");
    result = MHD_queue_response(connection, (unsigned)status, response);
    MHD_destroy_response(response);
    return result;
}

/* A clerk thinks longer than a connection may be idle. */
static void idle_limit(struct MHD_Connection *connection, unsigned seconds)
{
    MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, seconds);
}

static enum MHD_Result answer(struct listener *listener, struct MHD_Connection *connection,
                              struct exchange *exchange)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const struct call call = {
        .action = exchange->action,
        .origin = exchange->origin,
        .body = {(const uint8_t *)exchange->body.data, exchange->body.length},
        .peer = info ? info->connect_fd : -1,
    };
    char *body;
    int status;

    if (exchange->refused) {
        log_event(LOG_WARN, "refused", log_int("status", exchange->trouble.status),
                  log_text("why", exchange->trouble.text));
        return respond(connection, exchange, exchange->trouble.status,
                       service_trouble(&exchange->trouble));
    }
    if (exchange->preflight)
        return respond(connection, exchange, 204, NULL);
    idle_limit(connection, 0);
    status = service_answer(listener->agent, exchange->pool, &call, &body);
    idle_limit(connection, IDLE_SECONDS);
    return respond(connection, exchange, status, body);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *data, size_t *size, void **state)
{
    struct exchange *exchange = *state;

    (void)version;
    if (!exchange) {
        *state = exchange_new(context, connection, method, path);
        return MHD_YES;
    }
    if (*size)
        return take_body(exchange, data, size);
    return answer(context, connection, exchange);
}

static void on_end(void *context, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode code)
{
    struct exchange *exchange = *state;

    (void)context;
    (void)connection;
    (void)code;
    if (!exchange)
        return;
    struct pool *pool = exchange->pool;
    pool_free(&pool);
    *state = NULL;
}

/* Sockets */

static int bind_port(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1, code;

    if (fd < 0)
        return -1;
    /* After a restart the port may still hold connections that wait to be forgotten. */
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    code = errno;
    close(fd);
    errno = code;
    return -1;
}

static int port_of(int fd, unsigned *port)
{
    struct sockaddr_in address;
    socklen_t size = sizeof(address);

    if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        return -1;
    *port = ntohs(address.sin_port);
    return 0;
}

int listen_open(struct agent *agent, unsigned port, unsigned count, struct listener **listener,
                struct err *err)
{
    struct listener *opened;
    int fd = -1;

    for (unsigned i = 0; i < count && fd < 0; i++) {
        fd = bind_port(port + i);
        if (fd < 0 && errno != EADDRINUSE)
            break;
    }
    if (fd < 0)
        return err_set(err, ERR_SYSTEM, errno, "cannot listen on 127.0.0.1:%u%s: %s", port,
                       count > 1 ? " and the next" : "", strerror(errno));
    opened = calloc(1, sizeof(*opened));
    if (!opened || port_of(fd, &opened->port) < 0)
        err_fatal("cannot keep a socket");
    opened->agent = agent;
    opened->daemon = MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, NULL,
        NULL, on_request, opened, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_END);
    if (!opened->daemon) {
        close(fd);
        free(opened);
        return err_set(err, ERR_SYSTEM, errno, "cannot serve HTTP: %s", strerror(errno));
    }
    *listener = opened;
    return 0;
}

unsigned listen_port(const struct listener *listener)
{
    return listener->port;
}

void listen_close(struct listener **listener)
{
    if (!*listener)
        return;
    MHD_stop_daemon((*listener)->daemon);
    free(*listener);
    *listener = NULL;
}
