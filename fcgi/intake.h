/*
 * What a worker takes its connections from: the listener that all workers share.
 *
 * SIGTERM is shut out of the process from intake_open on and heard between two connections only:
 * it cuts no connection short that was accepted, and is heard however busy the listener is.
 */
#ifndef ECERT_FCGI_INTAKE_H
#define ECERT_FCGI_INTAKE_H

struct err;

struct intake {
    int listener; /* the caller's */
    int signals;  /* signalfd(2) */
    int wait;     /* epoll(7) of both */
};

/* The listener does not block (server_listen). 0, or -1 (system); either way intake_close follows. */
int intake_open(struct intake *intake, int listener, struct err *err);

/* The next connection, once its peer has begun to speak: 1 with its descriptor, which blocks and is
 * the caller's to close; 0 when told to end; -1 (system) when the listener is broken. */
int intake_next(const struct intake *intake, int *connection, struct err *err);

void intake_close(struct intake *intake);

#endif
