/*
 * A daemon that takes work from the database: what ecert-issuerd and ecert-notifyd are alike in.
 *
 * The parent reads the configuration, drops root, opens what all children share and keeps them at
 * work (base/supervisor.h); SIGHUP replaces all of it as a whole, or, where the new configuration is
 * wrong, nothing. A child works in rounds until it is told to stop; while the database is away, or
 * another trouble concerns no single piece of work, it waits and tries again.
 */
#ifndef ECERT_PROGRAMS_DAEMON_H
#define ECERT_PROGRAMS_DAEMON_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/supervisor.h"
#include "core/core.h"
#include "programs/settings.h"

struct db;
struct err;
struct fonts;
struct pool;
struct vault;

/* What a configuration opens. */
struct setup {
    struct pool *pool;
    struct settings settings;
    struct vault *vault;
    struct fonts *fonts; /* NULL where nothing is printed */
    struct core core;
};

/* What one of them is. */
struct daemon {
    const char *name;
    const char *usage;
    const char *opens; /* "keys, fonts": beside configuration and database, for -t to say */
    /* Opens what this daemon needs: `settings` are read. Becomes the daemon's user before any key is
     * read: who runs must be able to read them, not who starts. 0/-1; what is open is freed. */
    int (*open)(struct setup *setup, struct err *err);
    /* How many children, and how long they may take to finish. */
    void (*plan)(const struct settings *settings, struct supervisor *supervisor);
    /* A child's life; returns its exit status. */
    int (*child)(const struct daemon *daemon, int slot, volatile sig_atomic_t *stop);
    /* -t: opens whatever a child would open beside the database. 0/-1. */
    int (*test)(const struct setup *setup, struct db *db, struct err *err);
    /* Set by daemon_main. */
    const char *config;
    struct setup *setup;
    struct supervisor supervisor;
};

/* The whole of main(): options, then test or work. Returns the exit status. */
int daemon_main(struct daemon *daemon, int argc, char **argv);

/* A child at work. */
struct worker {
    const struct setup *setup;
    struct score *score;
    volatile sig_atomic_t *stop;
    struct db *db;
    struct pool *pool;   /* of a round */
    char owner[64];      /* of this child's leases */
    int64_t poll_ms;     /* between two rounds, when there is nothing to do */
    const char *trouble; /* the event under which trouble is logged */
    /* Gives back the leases of a predecessor in this place, or of our own that a lost connection left
     * behind. 0/-1. */
    int (*release)(struct db *db, const char *owner, int64_t now_ms, struct err *err);
    /* A round of work. Returns how much was done, 0 when there was nothing to do, or -1. */
    long (*round)(struct worker *worker, struct err *err);
    void *context; /* for `round` */
    bool attached; /* the database answered, and what a predecessor held was given back */
    bool told;     /* that there is trouble */
};

/* Tells the supervisor that the child is ready, and works until *stop. */
void worker_run(struct worker *worker);

#endif
