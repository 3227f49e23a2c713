/* PDF files, by libqpdf: everything that hangs on the trailer is looked at; what is written again is
 * that and nothing else. */
#include <stdlib.h>
#include <string.h>

#include <qpdf/qpdf-c.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/document/jpeg.h"
#include "core/scan/scan.h"

enum {
    DEPTH_MAX = 60,                       /* of direct objects in each other */
    ITEMS_MAX = 400 * 1000,               /* of all arrays and dictionaries */
    OBJECT_ID_MAX = 1 << 22,
    STREAM_MAX = 64 * 1024 * 1024,        /* bytes of one stream, unpacked */
    STREAMS_MAX = 512 * 1024 * 1024,      /* and of all of them */
    PICTURE_SIDE_MAX = 20000,
    PICTURE_PIXELS_MAX = 100 * 1000 * 1000,
    END_SLACK = 16                        /* line ends behind the end */
};

struct walk {
    qpdf_data qpdf;
    struct pool *pool;
    uint8_t *seen;   /* a bit for each object id */
    int *queue;      /* ids and generations still to be looked at */
    size_t from, to; /* in pairs */
    size_t items;
    size_t unpacked;
    enum scan_fault fault;
};

static bool is_one_of(const char *const *names, const char *name)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

/* Keys under which something acts, computes, or carries files. */
static const char *const active_keys[] = {"/JS",        "/JavaScript",   "/OpenAction",
                                          "/AA",        "/Launch",       "/EF",
                                          "/RF",        "/EmbeddedFile", "/EmbeddedFiles",
                                          "/AF",        "/RichMedia",    "/RichMediaContent",
                                          "/XFA",       "/Collection",   "/Renditions",
                                          "/IDS",       "/URLS",         "/AlternatePresentations",
                                          "/FFilter",   "/FDecodeParms", NULL};
/* Names that say what an action, annotation or object is. */
static const char *const active_kinds[] = {"/JavaScript",  "/Launch",     "/SubmitForm",
                                           "/ImportData",  "/GoToE",      "/GoToR",
                                           "/Rendition",   "/Movie",      "/Sound",
                                           "/RichMediaExecute", "/GoTo3DView", "/RichMedia",
                                           "/3D",          "/Screen",     "/FileAttachment",
                                           "/EmbeddedFile", "/Filespec",  NULL};

static void look(struct walk *walk, qpdf_oh object, int depth);

static void fail(struct walk *walk, enum scan_fault fault)
{
    if (walk->fault == SCAN_GOOD)
        walk->fault = fault;
}

/* An indirect object is queued, once. */
static void queue(struct walk *walk, int id, int generation)
{
    if (id <= 0 || id >= OBJECT_ID_MAX) {
        fail(walk, SCAN_DAMAGED);
        return;
    }
    if (walk->seen[id / 8] & 1 << id % 8)
        return;
    walk->seen[id / 8] |= (uint8_t)(1 << id % 8);
    if (walk->to == SCAN_OBJECTS_MAX) {
        fail(walk, SCAN_COMPLEX);
        return;
    }
    walk->queue[2 * walk->to] = id;
    walk->queue[2 * walk->to + 1] = generation;
    walk->to++;
}

/* A value of a dictionary or array: queued where it is indirect, else looked at now. */
static void visit(struct walk *walk, qpdf_oh value, int depth)
{
    int id = qpdf_oh_get_object_id(walk->qpdf, value);

    if (++walk->items > ITEMS_MAX)
        fail(walk, SCAN_COMPLEX);
    else if (id != 0)
        queue(walk, id, qpdf_oh_get_generation(walk->qpdf, value));
    else
        look(walk, value, depth + 1);
    qpdf_oh_release(walk->qpdf, value);
}

static bool is_kind(const char *key)
{
    return strcmp(key, "/S") == 0 || strcmp(key, "/Subtype") == 0 || strcmp(key, "/Type") == 0;
}

static void look_entry(struct walk *walk, qpdf_oh dict, const char *key, int depth)
{
    qpdf_oh value = qpdf_oh_get_key(walk->qpdf, dict, key);

    if (is_one_of(active_keys, key) && !qpdf_oh_is_null(walk->qpdf, value))
        fail(walk, SCAN_ACTIVE);
    if (is_kind(key) && qpdf_oh_is_name(walk->qpdf, value) &&
        is_one_of(active_kinds, qpdf_oh_get_name(walk->qpdf, value)))
        fail(walk, SCAN_ACTIVE);
    visit(walk, value, depth);
}

/* qpdf iterates over one dictionary at a time, so the keys are gathered first. */
static void look_dictionary(struct walk *walk, qpdf_oh dict, int depth)
{
    struct key {
        const char *name;
        struct key *next;
    } *keys = NULL;

    qpdf_oh_begin_dict_key_iter(walk->qpdf, dict);
    while (qpdf_oh_dict_more_keys(walk->qpdf) && walk->fault == SCAN_GOOD) {
        struct key *key = POOL_NEW(walk->pool, struct key);

        if (++walk->items > ITEMS_MAX)
            fail(walk, SCAN_COMPLEX);
        key->name = pool_text(walk->pool, qpdf_oh_dict_next_key(walk->qpdf));
        key->next = keys;
        keys = key;
    }
    for (; keys && walk->fault == SCAN_GOOD; keys = keys->next)
        look_entry(walk, dict, keys->name, depth);
}

static long long number_of(struct walk *walk, qpdf_oh dict, const char *key)
{
    qpdf_oh value = qpdf_oh_get_key(walk->qpdf, dict, key);
    long long number = 0;

    if (!qpdf_oh_get_value_as_longlong(walk->qpdf, value, &number))
        number = 0;
    qpdf_oh_release(walk->qpdf, value);
    return number;
}

static bool has_filter(struct walk *walk, qpdf_oh dict, const char *name)
{
    qpdf_oh filter = qpdf_oh_get_key(walk->qpdf, dict, "/Filter");
    bool found = qpdf_oh_is_name_and_equals(walk->qpdf, filter, name);
    int count = qpdf_oh_is_array(walk->qpdf, filter) /* else it warns */
                    ? qpdf_oh_get_array_n_items(walk->qpdf, filter)
                    : 0;

    for (int i = 0; !found && i < count; i++) {
        qpdf_oh item = qpdf_oh_get_array_item(walk->qpdf, filter, i);

        found = qpdf_oh_is_name_and_equals(walk->qpdf, item, name);
        qpdf_oh_release(walk->qpdf, item);
    }
    qpdf_oh_release(walk->qpdf, filter);
    return found;
}

/* A picture in it may not be a bomb either. */
static void picture_check(struct walk *walk, qpdf_oh dict, struct bytes data)
{
    static const struct jpeg_wish wish = {
        .side_max = PICTURE_SIDE_MAX,
        .pixels_max = PICTURE_PIXELS_MAX,
        .least = {1, 1},
    };
    long long width = number_of(walk, dict, "/Width"), height = number_of(walk, dict, "/Height");
    struct jpeg_size size;
    struct err err = {0};

    if (width < 0 || height < 0 || width > PICTURE_SIDE_MAX || height > PICTURE_SIDE_MAX ||
        width * height > PICTURE_PIXELS_MAX)
        fail(walk, SCAN_LARGE);
    if (has_filter(walk, dict, "/DCTDecode") && jpeg_measure(data, &wish, &size, &err) < 0 &&
        err.code != JPEG_COLOURS)
        fail(walk, err.code == JPEG_LARGE ? SCAN_LARGE : SCAN_DAMAGED);
}

static void look_stream(struct walk *walk, qpdf_oh stream, int depth)
{
    qpdf_oh dict = qpdf_oh_get_dict(walk->qpdf, stream);
    unsigned char *data = NULL;
    size_t size = 0;
    QPDF_BOOL filtered = QPDF_FALSE;

    /* Its data may stand in another file. */
    if (qpdf_oh_has_key(walk->qpdf, dict, "/F"))
        fail(walk, SCAN_ACTIVE);
    look_dictionary(walk, dict, depth);
    if (walk->fault == SCAN_GOOD &&
        qpdf_oh_get_stream_data(walk->qpdf, stream, qpdf_dl_generalized, &filtered, &data, &size) &
            QPDF_ERRORS)
        fail(walk, SCAN_COMPLEX);
    walk->unpacked += size;
    if (size > STREAM_MAX || walk->unpacked > STREAMS_MAX)
        fail(walk, SCAN_COMPLEX);
    if (walk->fault == SCAN_GOOD)
        picture_check(walk, dict, (struct bytes){data, size});
    free(data);
    qpdf_oh_release(walk->qpdf, dict);
}

static void look(struct walk *walk, qpdf_oh object, int depth)
{
    if (walk->fault != SCAN_GOOD)
        return;
    if (depth > DEPTH_MAX) {
        fail(walk, SCAN_COMPLEX);
    } else if (qpdf_oh_is_stream(walk->qpdf, object)) {
        look_stream(walk, object, depth);
    } else if (qpdf_oh_is_dictionary(walk->qpdf, object)) {
        look_dictionary(walk, object, depth);
    } else if (qpdf_oh_is_array(walk->qpdf, object)) {
        int count = qpdf_oh_get_array_n_items(walk->qpdf, object);

        for (int i = 0; i < count && walk->fault == SCAN_GOOD; i++)
            visit(walk, qpdf_oh_get_array_item(walk->qpdf, object, i), depth);
    }
}

/* What says nothing of the paper but who made it and how, and where a reader opens it. */
static void strip(struct walk *walk, qpdf_oh trailer, qpdf_oh root)
{
    qpdf_oh action = qpdf_oh_get_key(walk->qpdf, root, "/OpenAction");

    qpdf_oh_remove_key(walk->qpdf, trailer, "/Info");
    qpdf_oh_remove_key(walk->qpdf, root, "/Metadata");
    qpdf_oh_remove_key(walk->qpdf, root, "/PieceInfo");
    if (!qpdf_oh_is_dictionary(walk->qpdf, action))
        qpdf_oh_remove_key(walk->qpdf, root, "/OpenAction");
    qpdf_oh_release(walk->qpdf, action);
}

static void look_everywhere(struct walk *walk)
{
    qpdf_oh trailer = qpdf_get_trailer(walk->qpdf), root = qpdf_get_root(walk->qpdf);

    strip(walk, trailer, root);
    look(walk, trailer, 0);
    while (walk->from < walk->to && walk->fault == SCAN_GOOD) {
        const int *at = &walk->queue[2 * walk->from++];
        qpdf_oh object = qpdf_get_object_by_id(walk->qpdf, at[0], at[1]);

        look(walk, object, 0);
        qpdf_oh_release(walk->qpdf, object);
    }
}

/* What an error of qpdf means; a warning is one, too: the file is not whole. */
static enum scan_fault trouble(qpdf_data qpdf)
{
    enum qpdf_error_code_e code;

    if (!qpdf_has_error(qpdf))
        return qpdf_more_warnings(qpdf) ? SCAN_DAMAGED : SCAN_GOOD;
    code = qpdf_get_error_code(qpdf, qpdf_get_error(qpdf));
    if (code == qpdf_e_password)
        return SCAN_ENCRYPTED;
    return code == qpdf_e_internal || code == qpdf_e_system ? SCAN_COMPLEX : SCAN_DAMAGED;
}

/* Behind the last "%%EOF" stand line ends, few. */
static bool ends_well(struct bytes in)
{
    static const char mark[] = "%%EOF";
    size_t end = in.size, slack = 0;

    while (end > 0 && slack < END_SLACK && strchr(" \r\n", in.data[end - 1]) &&
           in.data[end - 1] != '\0') {
        end--;
        slack++;
    }
    return end >= strlen(mark) &&
           memcmp(in.data + end - strlen(mark), mark, strlen(mark)) == 0;
}

/* The file ends where a file of its own does, or something follows it. */
static enum scan_fault frame_fault(struct bytes in)
{
    if (ends_well(in))
        return SCAN_GOOD;
    return memmem(in.data, in.size, "%%EOF", 5) ? SCAN_WRAPPED : SCAN_TRUNCATED;
}

static enum scan_fault write_again(struct walk *walk, struct bytes *out)
{
    qpdf_data qpdf = walk->qpdf;

    if (qpdf_init_write_memory(qpdf) & QPDF_ERRORS)
        return trouble(qpdf);
    qpdf_set_object_stream_mode(qpdf, qpdf_o_preserve);
    qpdf_set_stream_data_mode(qpdf, qpdf_s_preserve);
    qpdf_set_preserve_unreferenced_objects(qpdf, QPDF_FALSE);
    qpdf_set_deterministic_ID(qpdf, QPDF_TRUE);
    if (qpdf_write(qpdf) & QPDF_ERRORS || trouble(qpdf) != SCAN_GOOD)
        return trouble(qpdf) != SCAN_GOOD ? trouble(qpdf) : SCAN_COMPLEX;
    out->size = qpdf_get_buffer_length(qpdf);
    if (out->size > SCAN_PAPER_BYTES)
        return SCAN_BYTES;
    out->data = pool_copy(walk->pool, qpdf_get_buffer(qpdf), out->size);
    return SCAN_GOOD;
}

static enum scan_fault examine(struct walk *walk, struct bytes in, struct scan *out)
{
    qpdf_data qpdf = walk->qpdf;
    enum scan_fault fault = frame_fault(in);
    int pages;

    qpdf_set_suppress_warnings(qpdf, QPDF_TRUE);
    qpdf_silence_errors(qpdf);
    qpdf_set_attempt_recovery(qpdf, QPDF_FALSE);
    if (fault != SCAN_GOOD)
        return fault;
    if (qpdf_read_memory(qpdf, "paper", (const char *)in.data, in.size, NULL) & QPDF_ERRORS)
        return trouble(qpdf);
    if (qpdf_is_encrypted(qpdf))
        return SCAN_ENCRYPTED;
    look_everywhere(walk);
    if (walk->fault != SCAN_GOOD)
        return walk->fault;
    fault = trouble(qpdf);
    if (fault != SCAN_GOOD)
        return fault;
    pages = qpdf_get_num_pages(qpdf);
    if (pages < 1 || pages > SCAN_PAGES_MAX)
        return SCAN_PAGES;
    *out = (struct scan){.type = "application/pdf", .pages = (unsigned)pages};
    return write_again(walk, &out->body);
}

void scan_pdf(struct pool *pool, struct bytes in, struct scan *out, enum scan_fault *fault)
{
    struct walk walk = {
        .qpdf = qpdf_init(),
        .pool = pool,
        .seen = pool_alloc(pool, OBJECT_ID_MAX / 8),
        .queue = pool_array(pool, SCAN_OBJECTS_MAX * 2, sizeof(int)),
    };

    *fault = examine(&walk, in, out);
    qpdf_cleanup(&walk.qpdf);
}
