/* ecert-scan: decodes one file that somebody handed in (core/scan/scan.h), and ends. Run by ecertd. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/scan/scan.h"
#include "programs/exit.h"
#include "programs/scan/cage.h"

static const char usage[] = "usage: ecert-scan photo|paper <FILE >ANSWER\n"
                            "\n"
                            "Reads a file from standard input, in a cage, and writes what is kept of it\n"
                            "behind a line that says what is wrong. ecertd runs it.\n"
                            "Exit codes: 0 answered, 1 failed, 2 wrong usage.\n";

/* All of it, or one byte more than is taken. 0/-1. */
static int read_all(struct pool *pool, size_t most, struct bytes *in)
{
    uint8_t *data = pool_alloc(pool, most + 1);
    size_t size = 0;

    while (size <= most) {
        ssize_t got = read(STDIN_FILENO, data + size, most + 1 - size);
        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            return -1;
        size += got > 0 ? (size_t)got : 0;
    }
    *in = (struct bytes){data, size};
    return 0;
}

static int write_all(const void *data, size_t size)
{
    const char *at = data;

    while (size > 0) {
        ssize_t sent = write(STDOUT_FILENO, at, size);
        if (sent < 0 && errno != EINTR)
            return -1;
        at += sent > 0 ? sent : 0;
        size -= sent > 0 ? (size_t)sent : 0;
    }
    return 0;
}

static int answer(enum scan_kind kind)
{
    struct pool *pool = pool_new(0, 0);
    enum scan_fault fault = SCAN_BYTES;
    struct scan scan = {0};
    size_t most = kind == SCAN_PHOTO ? SCAN_PHOTO_BYTES : SCAN_PAPER_BYTES;
    char head[SCAN_HEAD];
    struct bytes in;

    if (read_all(pool, most, &in) < 0)
        return -1;
    if (in.size == 0)
        fault = SCAN_EMPTY;
    else if (in.size <= most)
        (kind == SCAN_PHOTO ? scan_photo : scan_paper)(pool, in, &scan, &fault);
    scan_write_head(&scan, fault, head);
    if (write_all(head, sizeof(head)) < 0)
        return -1;
    return fault == SCAN_GOOD ? write_all(scan.body.data, scan.body.size) : 0;
}

int main(int argc, char **argv)
{
    struct err err;

    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("ecert %s\n", ECERT_VERSION);
        return EXIT_DONE;
    }
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return EXIT_DONE;
    }
    if (argc != 2 || (strcmp(argv[1], "photo") != 0 && strcmp(argv[1], "paper") != 0)) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (cage_enter(&err) < 0) {
        fprintf(stderr, "ecert-scan: %s\n", err.text);
        _exit(EXIT_FAILED);
    }
    /* Nothing is tidied up: the system does that, and asks for no further calls. */
    _exit(answer(strcmp(argv[1], "photo") == 0 ? SCAN_PHOTO : SCAN_PAPER) < 0 ? EXIT_FAILED
                                                                               : EXIT_DONE);
}
