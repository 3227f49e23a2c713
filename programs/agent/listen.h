/*
 * The agent's door: HTTP on 127.0.0.1, parsed by libmicrohttpd.
 *
 * What the gate refuses is answered all the same, after its body was thrown away, so that the page
 * reads why; only a body beyond all bounds ends the connection.
 */
#ifndef ECERT_PROGRAMS_AGENT_LISTEN_H
#define ECERT_PROGRAMS_AGENT_LISTEN_H

struct agent;
struct err;
struct listener;

enum { LISTEN_PORTS = 4 /* that are tried, one after the other */ };

/* Listens on the first free of `count` ports from `port` on (port 0: any) and serves until
 * listen_close. 0/-1 (ERR_SYSTEM). */
int listen_open(struct agent *agent, unsigned port, unsigned count, struct listener **listener,
                struct err *err);
unsigned listen_port(const struct listener *listener);
/* Whoever is being asked must have been told to stop (agent->stop) before. */
void listen_close(struct listener **listener);

#endif
