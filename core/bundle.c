#include "core/bundle.h"

#include <errno.h>
#include <locale.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/sink.h"

enum { BLOCK_SIZE = 16 * 1024, POINT_SIZE = 5, TAIL = 32, MODE = 0644 };

struct bundle {
    const struct sink *sink;
    struct archive *archive;
    struct archive_entry *entry;
    locale_t utf8;
    bool dropped; /* nobody reads any more, or shall */
    size_t count;
    uint64_t names[BUNDLE_FILES]; /* hashes */
};

/* Never a failure to libarchive: an archive that has failed is not closed when it is freed, and its
 * buffer is lost (3.6.2). */
static la_ssize_t pass_on(struct archive *archive, void *context, const void *data, size_t size)
{
    struct bundle *bundle = context;
    const struct sink *sink = bundle->sink;

    (void)archive;
    if (!bundle->dropped)
        bundle->dropped = sink->write(sink->context, data, size) < 0;
    return (la_ssize_t)size;
}

/* What libarchive made of it. Its own text may quote a name. */
static int check(const struct bundle *bundle, bool good, struct err *err)
{
    if (bundle->dropped)
        return err_set(err, ERR_SYSTEM, EPIPE, "zip: the reader is gone");
    if (good)
        return 0;
    int code = archive_errno(bundle->archive);
    return err_set(err, ERR_SYSTEM, code, "zip: %s",
                   code > 0 ? strerror(code) : "libarchive does not say why");
}

static void release(void *handle)
{
    struct bundle *bundle = handle;

    /* Freeing it writes the directory, which would make a part look whole. */
    bundle->dropped = true;
    archive_write_free(bundle->archive);
    archive_entry_free(bundle->entry);
    freelocale(bundle->utf8);
}

struct bundle *bundle_new(struct pool *pool, const struct sink *sink)
{
    struct bundle *bundle = POOL_NEW(pool, struct bundle);

    bundle->sink = sink;
    bundle->archive = archive_write_new();
    bundle->entry = archive_entry_new();
    bundle->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (!bundle->archive || !bundle->entry || !bundle->utf8)
        err_fatal("zip: out of memory, or no locale C.UTF-8");
    pool_on_reset(pool, release, bundle);
    if (archive_write_set_format_zip(bundle->archive) != ARCHIVE_OK ||
        archive_write_zip_set_compression_store(bundle->archive) != ARCHIVE_OK ||
        archive_write_set_bytes_per_block(bundle->archive, BLOCK_SIZE) != ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(bundle->archive, 1) != ARCHIVE_OK ||
        archive_write_open(bundle->archive, bundle, NULL, pass_on, NULL) != ARCHIVE_OK)
        err_fatal("zip: %s", archive_error_string(bundle->archive));
    return bundle;
}

/* Names */

/* A file system, an archive program or a shell would trip over it. */
static bool is_good(const char *character)
{
    return !utf8_has_control(character) &&
           !(character[1] == '\0' && strchr("\"*/:<>?\\|", *character));
}

static void put_stem(struct text *out, const char *stem)
{
    char array[POINT_SIZE];
    struct text character;
    uint32_t point;

    while ((point = utf8_next(&stem)) != 0 && out->length < BUNDLE_NAME - TAIL) {
        text_init_fixed(&character, array, sizeof(array));
        if (point != UINT32_MAX)
            utf8_add(&character, point);
        text_add(out, point != UINT32_MAX && is_good(array) ? array : "_");
    }
    if (out->length == 0)
        text_char(out, '_');
    else if (out->data[0] == '.') /* hidden */
        out->data[0] = '_';
}

/* FNV-1a, without a difference between small letters and capitals: two names of one hash are taken
 * for the same, which costs one of them a number. */
static uint64_t hash_of(const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (; *name; name++) {
        uint8_t byte = (uint8_t)(*name >= 'A' && *name <= 'Z' ? *name + ('a' - 'A') : *name);
        hash = (hash ^ byte) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static bool is_taken(const struct bundle *bundle, uint64_t hash)
{
    for (size_t i = 0; i < bundle->count; i++)
        if (bundle->names[i] == hash)
            return true;
    return false;
}

static void choose_name(struct bundle *bundle, const struct bundle_file *file, struct text *name)
{
    uint64_t hash;

    put_stem(name, file->stem);
    size_t stem = name->length;
    for (int copy = 1;; copy++) {
        name->length = stem;
        name->data[stem] = '\0';
        if (copy > 1)
            text_printf(name, " (%d)", copy);
        text_add(name, file->ending);
        hash = hash_of(name->data);
        if (!is_taken(bundle, hash))
            break;
    }
    bundle->names[bundle->count++] = hash;
}

/* Files */

static int write_entry(struct bundle *bundle, const struct bundle_file *file, const char *name,
                       struct err *err)
{
    struct archive *archive = bundle->archive;
    struct archive_entry *entry = archive_entry_clear(bundle->entry);
    size_t size = file->body.size;

    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, MODE);
    archive_entry_set_size(entry, (la_int64_t)size);
    archive_entry_set_mtime(entry, file->made_ms / 1000, 0);
    bool good = archive_write_header(archive, entry) == ARCHIVE_OK &&
                archive_write_data(archive, file->body.data, size) == (la_ssize_t)size &&
                archive_write_finish_entry(archive) == ARCHIVE_OK;
    return check(bundle, good, err);
}

int bundle_add(struct bundle *bundle, const struct bundle_file *file, struct err *err)
{
    char array[BUNDLE_NAME + 1];
    struct text name;

    if (bundle->count == BUNDLE_FILES)
        return err_set(err, ERR_LIMIT, 0, "zip: more than %d files", BUNDLE_FILES);
    text_init_fixed(&name, array, sizeof(array));
    choose_name(bundle, file, &name);
    /* Names are taken as they are, and called UTF-8, where the locale is: the daemon's is C. */
    locale_t before = uselocale(bundle->utf8);
    int result = write_entry(bundle, file, array, err);
    uselocale(before);
    return result;
}

int bundle_end(struct bundle *bundle, struct err *err)
{
    return check(bundle, archive_write_close(bundle->archive) == ARCHIVE_OK, err);
}
