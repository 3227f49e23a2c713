/*
 * ecert.conf as all programs read it: one table of keys, one struct.
 */
#ifndef ECERT_PROGRAMS_SETTINGS_H
#define ECERT_PROGRAMS_SETTINGS_H

#include "base/config.h"
#include "base/db.h"
#include "base/log.h"
#include "core/core.h"
#include "core/document/document.h"
#include "core/evidence/evidence.h"
#include "core/message/notify.h"
#include "core/seal/seal.h"
#include "core/seal/stamper.h"
#include "core/seal/trust.h"
#include "core/staff/staff_login.h"
#include "core/upkeep/retention.h"
#include "fcgi/server.h"
#include "programs/exit.h"

struct err;
struct pool;

/* Section IssuerDaemon: ecert-issuerd. */
struct issuer_settings {
    int64_t workers;
    int64_t batch;
    int64_t lease_ms;
    int64_t poll_ms;
    int64_t grace_ms;
    const char *owner; /* name of this host in leases: the host name unless given */
};

struct settings {
    struct db_settings db;
    const char *db_password_file;
    struct web_settings web;
    struct policy policy;
    struct trust_settings trust;
    struct staff_settings staff;
    const char *ocsp_name;
    const char *revocation_urls;      /* blanks between; "": those that the authorities name */
    struct evidence_settings evidence;
    struct seal_settings seal;        /* without its PIN: only who uses the key reads it */
    const char *seal_pin_file;
    const char *former_seals;         /* "" for none */
    const char *seal_revocations;     /* of the CAs of seals and time-stamp authorities; "" for none */
    const char *seal_revocation_urls; /* as revocation_urls */
    struct stamper_settings stamper;
    struct issuer_settings issuer;
    struct notify_settings notify;
    const char *notify_owner;
    struct retention_settings retention;
    const char *vault_file;
    const struct config_entry *fonts; /* Fonts.Chain: "<n>.Path", "<n>.Face" … in order */
    const char *schema_folder;
    const char *reader_keys, *reader_demo; /* of card readers */
    const char *scanner;              /* ecert-scan */
    const char *verify_origin;        /* default: Web.Origin */
    enum log_level log_level;
    const char *log_level_name;
    const char *user;                 /* to become when started as root: Web.User, IssuerDaemon.User, Notify.User */
    const char *issuer_user;
    const char *notify_user;
    const char *path;                 /* of the file that was read */
};

/* Reads the file (NULL: sysconfdir/ecert/ecert.conf), reads the database's password, applies
 * Clock.Today (refused unless Issuer.Demo is 1). All strings live in the pool. 0/-1 (ERR_CONFIG). */
int settings_load(struct pool *pool, const char *path, struct settings *settings, struct err *err);

/* Fonts of Fonts.Chain, opened; the caller frees them. 0/-1. */
int settings_fonts(struct pool *pool, const struct settings *settings, struct fonts **fonts,
                   struct err *err);

/* The table of keys, for the test that compares it with conf/ecert.conf. */
const struct config_key *settings_keys(size_t *count);

/* Common command line: -c FILE, -t, --help, --version. Leaves argv at the first operand (optind);
 * ends the process for --help and --version (0) and wrong usage (2). *test is set by -t. */
struct options {
    const char *config;
    int test;
};
void options_parse(int argc, char **argv, const char *usage, struct options *options);
/* The same where there are no operands: any is wrong usage. */
void options_only(int argc, char **argv, const char *usage, struct options *options);

/* Drops from root to this user (and its groups), if started as root and `user` is not "". 0/-1. */
int become_user(const char *user, struct err *err);

#endif
