#include "fcgi/server.h"

#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/text.h"
#include "fcgi/metrics.h"
#include "fcgi/operations.h"
#include "fcgi/render.h"
#include "fcgi/route.h"

enum { SOCKET_MODE = 0660, HOST_SIZE = 256, PREDECESSOR_MS = 3000, LOOK_EVERY_MS = 50 };

static int listen_close(int fd)
{
    int saved = errno;

    if (fd >= 0)
        close(fd);
    errno = saved;
    return -1;
}

/* A socket that nobody listens on is what a crash left behind. Anything else stays. */
static int remove_stale(const struct sockaddr_un *address, struct err *err)
{
    struct stat status;

    if (lstat(address->sun_path, &status) < 0)
        return errno == ENOENT ? 0 : err_set(err, ERR_SYSTEM, errno, "%s", address->sun_path);
    if (!S_ISSOCK(status.st_mode))
        return err_set(err, ERR_CONFIG, 0, "%s is there and no socket", address->sun_path);
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool answers = connect(probe, (const struct sockaddr *)address, sizeof(*address)) == 0;
    close(probe);
    if (answers)
        return err_set(err, ERR_CONFIG, EADDRINUSE, "%s: another process listens there",
                       address->sun_path);
    if (unlink(address->sun_path) < 0)
        return err_set(err, ERR_SYSTEM, errno, "%s", address->sun_path);
    return 0;
}

static int give_to_group(const char *path, const char *name, struct err *err)
{
    if (!*name)
        return 0;
    errno = 0;
    const struct group *group = getgrnam(name);
    if (!group)
        return err_set(err, ERR_CONFIG, errno, "no group %s for the socket", name);
    if (chown(path, (uid_t)-1, group->gr_gid) < 0)
        return err_set(err, ERR_SYSTEM, errno, "%s: group %s", path, name);
    return 0;
}

static int listen_unix(const char *path, const struct web_settings *settings, struct err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (!text_copy(address.sun_path, sizeof(address.sun_path), path))
        return err_set(err, ERR_CONFIG, 0, "Web.Listen: the path is too long for a socket");
    if (remove_stale(&address, err) < 0)
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* Never open to others, not even between bind and chmod. */
    mode_t mask = umask(0777 & ~SOCKET_MODE);
    int bound = fd < 0 ? -1 : bind(fd, (const struct sockaddr *)&address, sizeof(address));
    umask(mask);
    if (bound < 0 || listen(fd, (int)settings->backlog) < 0)
        return listen_close(fd), err_set(err, ERR_SYSTEM, errno, "%s", path);
    if (give_to_group(path, settings->socket_group, err) < 0)
        return listen_close(fd);
    return fd;
}

static int listen_on(const struct addrinfo *address, int backlog)
{
    int yes = 1;
    int fd = socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->ai_protocol);

    if (fd < 0)
        return -1;
    /* The connections have the second option from the listener. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) < 0 ||
        bind(fd, address->ai_addr, address->ai_addrlen) < 0 || listen(fd, backlog) < 0)
        return listen_close(fd);
    return fd;
}

static int listen_tcp(const struct web_settings *settings, struct err *err)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    const char *colon = strrchr(settings->listen, ':');
    struct addrinfo *addresses;
    char host[HOST_SIZE];

    if (!colon || !text_format(host, sizeof(host), "%.*s", (int)(colon - settings->listen),
                               settings->listen))
        return err_set(err, ERR_CONFIG, 0, "Web.Listen is neither unix:/path nor host:port");
    int code = getaddrinfo(*host ? host : NULL, colon + 1, &hints, &addresses);
    if (code)
        return err_set(err, ERR_CONFIG, code, "Web.Listen %s: %s", settings->listen,
                       gai_strerror(code));
    int fd = listen_on(addresses, (int)settings->backlog);
    freeaddrinfo(addresses);
    if (fd < 0)
        return err_set(err, ERR_SYSTEM, errno, "Web.Listen %s", settings->listen);
    return fd;
}

static int listen_now(const struct web_settings *settings, struct err *err)
{
    static const char unix_prefix[] = "unix:";
    size_t length = sizeof(unix_prefix) - 1;

    if (strncmp(settings->listen, unix_prefix, length) == 0)
        return listen_unix(settings->listen + length, settings, err);
    return listen_tcp(settings, err);
}

/* Workers of a predecessor that was killed hold its socket until they notice. */
int server_listen(const struct web_settings *settings, struct err *err)
{
    const struct timespec look = {.tv_nsec = LOOK_EVERY_MS * 1000000L};
    int fd = listen_now(settings, err);

    for (int waited = 0; fd < 0 && err->code == EADDRINUSE && waited < PREDECESSOR_MS;
         waited += LOOK_EVERY_MS) {
        nanosleep(&look, NULL);
        fd = listen_now(settings, err);
    }
    if (fd >= 0)
        err_clear(err);
    return fd;
}

/* Length of "https://host" or "https://[host", without the port. */
static size_t host_end(const char *origin)
{
    size_t scheme = strlen("https://");

    return scheme + strcspn(origin + scheme, origin[scheme] == '[' ? "]" : ":");
}

/* A ticket's cookie is set by the login port, and returns to the site. */
static int check_origins(const struct web_settings *web, struct err *err)
{
    size_t length = host_end(web->origin);

    if (length != host_end(web->login_origin) ||
        strncmp(web->origin, web->login_origin, length) != 0)
        return err_set(err, ERR_CONFIG, 0, "Web.LoginOrigin must name the host of Web.Origin");
    return 0;
}

int server_check(const struct application *application, struct render **render, struct err *err)
{
    const struct module *const operations[] = {&module_operations, NULL};
    *render = NULL;
    if (check_origins(application->web, err) < 0 ||
        route_table_check(application->modules, err) < 0 ||
        route_table_check(operations, err) < 0)
        return -1;
    return render_new(application->web->templates, application->modules, render, err);
}

int server_prepare(const struct application *application, struct err *err)
{
    size_t count = 0;

    while (application->modules[count])
        count++;
    /* Lives as long as the process: the counters are named by it. */
    const struct module **all = calloc(count + 2, sizeof(const struct module *));
    if (!all)
        err_fatal("out of memory");
    memcpy(all, application->modules, count * sizeof(*all));
    all[count] = &module_operations;
    if (metrics_open(all, err) == 0)
        return 0;
    free(all);
    return -1;
}
