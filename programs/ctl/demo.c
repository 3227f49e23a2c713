#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/demo/demo.h"
#include "programs/ctl/ctl.h"

enum { OPTION_CERTIFICATES, OPTION_PAPERS, OPTION_FOLDER, OPTION_FIRMS, OPTION_PEOPLE, OPTION_STAFF };
enum { BULK_MAX = 10000000 };

static int write_firms(const char *path, const struct demo_firm *firms, size_t count,
                       struct err *err)
{
    FILE *file = fopen(path, "w");

    if (!file)
        return err_set(err, ERR_SYSTEM, errno, "%s: %s", path, strerror(errno));
    fputs("uscc\tname\tregion\tsee\n", file);
    for (size_t i = 0; i < count; i++)
        fprintf(file, "%s\t%s\t%s\t%s\n", firms[i].uscc, firms[i].name, firms[i].region,
                firms[i].see);
    if (ferror(file) + (fclose(file) != 0) > 0)
        return err_set(err, ERR_SYSTEM, errno, "%s: cannot write", path);
    return 0;
}

/* Everything in a folder of ours, and the folder. */
static void folder_remove(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;

    if (!folder)
        return;
    while ((entry = readdir(folder)) != NULL)
        if (*entry->d_name != '.')
            unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
    rmdir(path);
}

static int load(struct ctl *ctl, FILE *cast, struct demo_result *result, struct err *err)
{
    const char *temporary = getenv("TMPDIR");
    const char *folder = ctl->given[OPTION_FOLDER];

    if (folder) {
        if (mkdir(folder, 0755) != 0 && errno != EEXIST)
            return err_set(err, ERR_SYSTEM, errno, "%s: %s", folder, strerror(errno));
        return demo_load(ctl->db, ctl->pool, &ctl->core, folder, cast, result, err);
    }
    char *made = pool_printf(ctl->pool, "%s/ecert-demo.XXXXXX", temporary ? temporary : "/tmp");
    if (!mkdtemp(made))
        return err_set(err, ERR_SYSTEM, errno, "%s: %s", made, strerror(errno));
    int loaded = demo_load(ctl->db, ctl->pool, &ctl->core, made, cast, result, err);
    folder_remove(made);
    return loaded;
}

/* The same with the list of people, where it is wanted. */
static int load_cast(struct ctl *ctl, struct demo_result *result, struct err *err)
{
    const char *path = ctl->given[OPTION_PEOPLE];
    FILE *cast = path ? fopen(path, "w") : NULL;
    int loaded;

    if (path && !cast)
        return err_set(err, ERR_SYSTEM, errno, "%s: %s", path, strerror(errno));
    if (cast)
        fputs("uscc\tfirm\tname\tid_type\tid_no\twhat\n", cast);
    loaded = load(ctl, cast, result, err);
    if (cast && ferror(cast) + (fclose(cast) != 0) > 0 && loaded == 0)
        return err_set(err, ERR_SYSTEM, errno, "%s: cannot write", path);
    return loaded;
}

/* Passwords stand in the file: nobody else may read it. */
static int write_staff(struct ctl *ctl, struct err *err)
{
    const char *path = ctl->given[OPTION_STAFF];
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

    if (!path)
        return 0;
    if (!file)
        return err_set(err, ERR_SYSTEM, errno, "%s: %s", path, strerror(errno));
    int result = demo_staff(ctl->db, ctl->pool, &ctl->core, file, err);
    if (ferror(file) + (fclose(file) != 0) > 0 && result == 0)
        return err_set(err, ERR_SYSTEM, errno, "%s: cannot write", path);
    return result;
}

static int demonstration(struct ctl *ctl, struct err *err)
{
    struct demo_result result;
    size_t count;
    const struct demo_firm *firms = demo_firms(ctl->pool, &count);
    const char *path = ctl->given[OPTION_FIRMS];

    if (load_cast(ctl, &result, err) < 0 || (path && write_firms(path, firms, count, err) < 0) ||
        write_staff(ctl, err) < 0)
        return err->kind == ERR_CONFIG ? EXIT_CONFIG : EXIT_FAILED;
    for (size_t i = 0; i < count; i++)
        ctl_tell(ctl,
                 CTL_PAIRS(log_text("uscc", firms[i].uscc), log_text("name", firms[i].name),
                           log_text("region", firms[i].region), log_text("see", firms[i].see)),
                 "%s  %s（%s）：%s", firms[i].uscc, firms[i].name, firms[i].region, firms[i].see);
    ctl_tell(ctl,
             CTL_PAIRS(log_int("enterprises", (int64_t)result.enterprises),
                       log_int("people", (int64_t)result.people),
                       log_int("papers", (int64_t)result.papers),
                       log_int("changed", (int64_t)result.changed),
                       log_int("exchanged", (int64_t)result.exchanged)),
             "%llu firms, %llu people, %llu paper certificates; %llu rows new or changed, "
             "%llu certificates for the issuer to make",
             (unsigned long long)result.enterprises, (unsigned long long)result.people,
             (unsigned long long)result.papers, (unsigned long long)result.changed,
             (unsigned long long)result.exchanged);
    return EXIT_DONE;
}

static void tell_progress(void *context, uint64_t done, uint64_t all)
{
    (void)context;
    ctl_progress("load-test data", done, all);
}

static int bulk(struct ctl *ctl, enum demo_bulk what, uint64_t count, struct err *err)
{
    static const char *const names[] = {"certificates", "papers"};

    if (count == 0)
        return EXIT_DONE;
    if (demo_bulk(ctl->db, &ctl->core, what, count, tell_progress, NULL, err) < 0)
        return err->kind == ERR_CONFIG ? EXIT_CONFIG : EXIT_FAILED;
    ctl_tell(ctl, CTL_PAIRS(log_int(names[what], (int64_t)count)), "%llu more %s",
             (unsigned long long)count, names[what]);
    return EXIT_DONE;
}

static int run(struct ctl *ctl, struct err *err)
{
    uint64_t certificates, papers;

    if (!ctl_number(ctl, OPTION_CERTIFICATES, "certificates", BULK_MAX, 0, &certificates) ||
        !ctl_number(ctl, OPTION_PAPERS, "papers", BULK_MAX, 0, &papers))
        return EXIT_USAGE;
    if (certificates == 0 && papers == 0)
        return demonstration(ctl, err);
    int code = bulk(ctl, DEMO_CERTIFICATES, certificates, err);
    return code == EXIT_DONE ? bulk(ctl, DEMO_PAPERS, papers, err) : code;
}

const struct verb verb_demo = {
    .name = "demo",
    .operands = "[--folder DIR] [--firms FILE] [--people FILE] [--staff FILE] | [--certificates N] [--papers N]",
    .help = "Loads fictional firms, people with portraits, and paper certificates dated relative to\n"
            "today, and says which firm to log in as to see what. Running it again changes nothing.\n"
            "Refused unless Issuer.Demo is 1.\n"
            "With --certificates or --papers: load-test data in bulk, on top of what is there, on a\n"
            "database on which nobody works. Certificates in bulk have no documents.",
    .needs = CTL_SCHEMA | CTL_VAULT,
    .options = {[OPTION_CERTIFICATES] = {"certificates", "N", "N more electronic certificates"},
                [OPTION_PAPERS] = {"papers", "N", "N more paper certificates, with photos"},
                [OPTION_FOLDER] = {"folder", "DIR", "keeps the CSV files and photos there"},
                [OPTION_FIRMS] = {"firms", "FILE", "writes the firms as a table (TSV)"},
                [OPTION_PEOPLE] = {"people", "FILE",
                                   "writes people to try the items with, by firm (TSV)"},
                [OPTION_STAFF] = {"staff", "FILE",
                                  "makes accounts of staff, or gives them new passwords, and writes\n"
                                  "        them (TSV)"}},
    .run = run,
};
