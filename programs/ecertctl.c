/* ecertctl: the operator's tool. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/upkeep/migrate.h"
#include "programs/ctl/ctl.h"
#include "programs/settings.h"

/* An operator's statements may run for long: checks of a million lines, DDL on large tables. */
enum { DB_TIMEOUT_MS = 6 * 3600 * 1000 };

static const struct verb *const verbs[] = {
    &verb_migrate, &verb_import,        &verb_imports, &verb_demo,  &verb_staff,  &verb_key,
    &verb_jobs,    &verb_notifications, &verb_expire,  &verb_audit, &verb_check,  &verb_crl,
    &verb_verify,  &verb_stats,         &verb_explain, &verb_person, &verb_purge,
};

static const char usage[] =
    "usage: ecertctl [-c FILE] [-t] VERB [OPTION|OPERAND]...\n"
    "\n"
    "  -c FILE     configuration (default: ecert.conf of this installation)\n"
    "  -t          test the configuration and end\n"
    "  --help      this text; after a verb, what it does\n"
    "  --version   the version\n"
    "\n"
    "verbs: migrate import imports demo staff key jobs notifications expire audit check crl\n"
    "       verify stats explain person purge\n"
    "Every verb takes --json: one JSON object a line on standard output.\n"
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 configuration.\n";

static const struct verb *verb_find(const char *name)
{
    for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
        if (strcmp(verbs[i]->name, name) == 0)
            return verbs[i];
    return NULL;
}

static void verb_help(FILE *file, const struct verb *verb)
{
    fprintf(file, "usage: ecertctl [-c FILE] %s %s [--json]\n\n%s\n", verb->name, verb->operands,
            verb->help);
    for (const struct ctl_option *option = verb->options; option->name; option++)
        fprintf(file, "  --%s%s%s\n        %s\n", option->name, option->value ? " " : "",
                option->value ? option->value : "", option->help);
}

/* Takes one --option from argv; returns how many words it used, 0 for a wrong one. */
static int option_take(struct ctl *ctl, const struct verb *verb, char **argv)
{
    const char *name = argv[0] + 2;
    size_t length = strcspn(name, "=");

    if (strcmp(name, "json") == 0) {
        ctl->json = true;
        return 1;
    }
    for (size_t i = 0; verb->options[i].name; i++) {
        const struct ctl_option *option = &verb->options[i];
        if (strlen(option->name) != length || strncmp(option->name, name, length) != 0)
            continue;
        if (!option->value) {
            ctl->given[i] = "";
            return name[length] ? 0 : 1;
        }
        ctl->given[i] = name[length] ? name + length + 1 : argv[1];
        return ctl->given[i] ? (name[length] ? 1 : 2) : 0;
    }
    return 0;
}

/* Words behind the verb. Returns -1, or the exit code to end with. */
static int words_take(struct ctl *ctl, const struct verb *verb, char **argv)
{
    bool options = true;

    while (*argv) {
        if (options && strcmp(*argv, "--help") == 0) {
            verb_help(stdout, verb);
            return EXIT_DONE;
        }
        if (options && strcmp(*argv, "--") == 0) {
            options = false;
            argv++;
        } else if (options && strncmp(*argv, "-", 1) == 0 && (*argv)[1]) {
            int used = strncmp(*argv, "--", 2) == 0 ? option_take(ctl, verb, argv) : 0;
            if (!used) {
                fprintf(stderr, "ecertctl: %s: wrong option\n", *argv);
                return EXIT_USAGE;
            }
            argv += used;
        } else if (ctl->operand_count == verb->most) {
            fprintf(stderr, "ecertctl: %s: one operand too many\n", *argv);
            return EXIT_USAGE;
        } else {
            ctl->operands[ctl->operand_count++] = *argv++;
        }
    }
    if (ctl->operand_count >= verb->least)
        return -1;
    verb_help(stderr, verb);
    return EXIT_USAGE;
}

static int prepare(struct ctl *ctl, const struct verb *verb, struct err *err)
{
    ctl->settings.db.timeout_ms = DB_TIMEOUT_MS;
    ctl->core = (struct core){.policy = &ctl->settings.policy,
                              .staff = &ctl->settings.staff,
                              .verify_origin = ctl->settings.verify_origin};
    ctl->actor = (struct actor){ACTOR_OPERATOR, (uint64_t)getuid(), ""};
    if (verb->needs & CTL_VAULT) {
        if (vault_load(ctl->settings.vault_file, &ctl->vault, err) < 0) {
            err->kind = ERR_CONFIG;
            return -1;
        }
        ctl->core.vault = ctl->vault;
    }
    if (!(verb->needs & CTL_SCHEMA))
        return 0;
    ctl->db = db_new(&ctl->settings.db);
    if (db_ready(ctl->db, err) < 0)
        return -1;
    if ((verb->needs & CTL_SCHEMA) == CTL_SCHEMA)
        return migrate_check(ctl->db, ctl->settings.schema_folder, err);
    return 0;
}

static int work(struct ctl *ctl, const struct options *options, char **argv, struct err *err)
{
    const struct verb *verb = argv[0] ? verb_find(argv[0]) : NULL;
    int code = verb ? words_take(ctl, verb, argv + 1) : -1;

    if (code >= 0)
        return code;
    if (!verb && (argv[0] || !options->test)) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (settings_load(ctl->pool, options->config, &ctl->settings, err) < 0)
        return EXIT_CONFIG;
    if (options->test) {
        puts("ecertctl: configuration is in order");
        return EXIT_DONE;
    }
    if (prepare(ctl, verb, err) < 0)
        return err->kind == ERR_CONFIG ? EXIT_CONFIG : EXIT_FAILED;
    return verb->run(ctl, err);
}

int main(int argc, char **argv)
{
    struct ctl ctl = {.pool = pool_new(0, 0)};
    struct options options;
    struct err err = {0};

    options_parse(argc, argv, usage, &options);
    log_open("ecertctl", LOG_WARN, STDERR_FILENO);
    int code = work(&ctl, &options, argv + optind, &err);
    if (err.kind != ERR_NONE && (code == EXIT_FAILED || code == EXIT_CONFIG))
        fprintf(stderr, "ecertctl: %s\n", err.text);
    if (fflush(stdout) != 0)
        code = EXIT_FAILED;
    db_free(&ctl.db);
    vault_free(&ctl.vault);
    pool_free(&ctl.pool);
    return code;
}
