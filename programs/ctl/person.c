#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/sink.h"
#include "core/register/identifier.h"
#include "core/register/person.h"
#include "core/register/person_export.h"
#include "programs/ctl/ctl.h"

enum { EXPORT_PERSON = 1, EXPORT_FILE };

static int write_file(void *context, const void *data, size_t size)
{
    const int file = *(const int *)context;
    const char *at = data;

    while (size > 0) {
        ssize_t put = write(file, at, size);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return -1;
        at += put;
        size -= (size_t)put;
    }
    return 0;
}

/* TYPE:NUMBER. 1; 0: there is no such person, or it is no document; -1. */
static int find(struct ctl *ctl, const char *document, struct person *person, struct err *err)
{
    const char *colon = strchr(document, ':');
    char number[DOCUMENT_NO_SIZE];

    if (!colon || colon - document != 3)
        return 0;
    const char *type = pool_text_n(ctl->pool, document, 3);
    if (!document_type_valid(type) ||
        !document_no_normalise(type, colon + 1, date_today(), number))
        return 0;
    return person_find_document(ctl->db, ctl->pool, &ctl->core, type, number, person, err);
}

/* Nobody else may read it, and no file that is there is written over. */
static int export_to(struct ctl *ctl, uint64_t id, const char *path, struct err *err)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    const struct sink sink = {write_file, &file};

    if (file < 0)
        return err_set(err, ERR_SYSTEM, errno, "%s: %s", path, strerror(errno));
    int result = person_export(ctl->db, &ctl->core, id, clock_now_ms(), &sink, err);
    if (result == 0 && fsync(file) != 0)
        result = err_set(err, ERR_SYSTEM, errno, "%s: %s", path, strerror(errno));
    close(file);
    if (result < 0)
        unlink(path);
    return result;
}

static int export(struct ctl *ctl, struct err *err)
{
    const char *path = ctl->operands[EXPORT_FILE];
    struct person person;
    int found = find(ctl, ctl->operands[EXPORT_PERSON], &person, err);

    if (found == 0)
        err_set(err, ERR_NOT_FOUND, 0, "nobody has this document");
    /* It is in the audit before it is outside. */
    if (found <= 0 || ctl_audit(ctl, "person.export", "person", person.id, NULL, err) < 0 ||
        export_to(ctl, person.id, path, err) < 0)
        return EXIT_FAILED;
    ctl_tell(ctl, CTL_PAIRS(log_int("person", (int64_t)person.id), log_text("file", path)),
             "%s: all that is kept about person %llu", path, (unsigned long long)person.id);
    return EXIT_DONE;
}

static int run(struct ctl *ctl, struct err *err)
{
    static const struct ctl_action actions[] = {{"export", 2, export}};

    return ctl_choose(ctl, actions, sizeof(actions) / sizeof(*actions), err);
}

const struct verb verb_person = {
    .name = "person",
    .operands = "export TYPE:NUMBER FILE",
    .help = "export: all that is kept about a person, into a new ZIP: one JSON, the photos,\n"
            "scans and documents. For the person who asks for it; it is in the audit.",
    .needs = CTL_SCHEMA | CTL_VAULT,
    .least = 1,
    .most = 3,
    .run = run,
};
