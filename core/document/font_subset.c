#include <stdlib.h>
#include <string.h>

#include <hb-subset.h>
#include <zlib.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "core/document/font.h"

enum {
    /* Subsets of one face: the form's is one for each class and each kind of proof, and a character
     * that only it has makes another. */
    KEPT = 16,
    DEFLATE_FORM = 9,   /* the form's subset is made once */
    DEFLATE_FACTS = 5,  /* the facts' for each document: 9 takes twice as long for 1 % less */
    DEFLATE_MEMORY = 9 /* large blocks: tables of outlines are much alike from one to the next */
};

struct kept_subset {
    uint32_t *points; /* the characters it was made for */
    size_t count;
    uint16_t *glyphs;
    uint8_t *deflated;
    size_t deflated_size, size;
};

struct font_kept {
    struct kept_subset subsets[KEPT];
    size_t next; /* to be replaced */
};

/* A subset in a PDF needs outlines and metrics alone: encoding, names and layout are the PDF's. */
static hb_subset_input_t *subset_input(const struct font_use *use)
{
    static const hb_tag_t kept[] = {HB_TAG('g', 'l', 'y', 'f'), HB_TAG('l', 'o', 'c', 'a'),
                                    HB_TAG('h', 'e', 'a', 'd'), HB_TAG('h', 'h', 'e', 'a'),
                                    HB_TAG('h', 'm', 't', 'x'), HB_TAG('m', 'a', 'x', 'p')};
    hb_subset_input_t *input = hb_subset_input_create_or_fail();
    hb_set_t *drop, *unicodes;

    if (input == NULL)
        return NULL;
    drop = hb_subset_input_set(input, HB_SUBSET_SETS_DROP_TABLE_TAG);
    hb_set_clear(drop);
    hb_set_invert(drop);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        hb_set_del(drop, kept[i]);
    hb_subset_input_set_flags(input, HB_SUBSET_FLAGS_NO_HINTING);
    unicodes = hb_subset_input_unicode_set(input);
    for (size_t i = 0; i < use->count; i++)
        hb_set_add(unicodes, use->codes[i].point);
    return input;
}

/* A tag that is the same for the same characters, and hardly ever for others (ISO 32000, 9.6.4). */
static void subset_name(const char *face, const uint32_t *points, size_t count,
                        char name[FONT_NAME_SIZE])
{
    uint8_t hash[32];

    sha256(points, count * sizeof *points, hash);
    for (size_t i = 0; i < 6; i++)
        name[i] = (char)('A' + hash[i] % 26);
    name[6] = '+';
    text_copy(name + 7, FONT_NAME_SIZE - 7, face);
}

static void subset_metrics(hb_face_t *face, struct font_subset *subset)
{
    hb_blob_t *head = hb_face_reference_table(face, HB_TAG('h', 'e', 'a', 'd'));
    hb_blob_t *hhea = hb_face_reference_table(face, HB_TAG('h', 'h', 'e', 'a'));
    const uint8_t *h = (const uint8_t *)hb_blob_get_data(head, NULL);
    const uint8_t *v = (const uint8_t *)hb_blob_get_data(hhea, NULL);
    int em = (int)hb_face_get_upem(face);

    if (hb_blob_get_length(head) >= 54 && hb_blob_get_length(hhea) >= 36 && em > 0) {
        for (int i = 0; i < 4; i++)
            subset->box[i] = (int16_t)(h[36 + 2 * i] << 8 | h[37 + 2 * i]) * 1000 / em;
        subset->ascent = (int16_t)(v[4] << 8 | v[5]) * 1000 / em;
        subset->descent = (int16_t)(v[6] << 8 | v[7]) * 1000 / em;
    }
    hb_blob_destroy(head);
    hb_blob_destroy(hhea);
}

static int subset_cut(const struct font_face *open, const struct font_use *use, struct pool *pool,
                      uint16_t *glyphs, struct bytes *file, struct err *err)
{
    hb_subset_input_t *input = subset_input(use);
    hb_subset_plan_t *plan = NULL;
    hb_face_t *cut = NULL;
    hb_blob_t *blob = NULL;
    const hb_map_t *map;
    const char *data;
    unsigned length;
    int rc = -1;

    if (input == NULL || (plan = hb_subset_plan_create_or_fail(open->face, input)) == NULL ||
        (cut = hb_subset_plan_execute_or_fail(plan)) == NULL) {
        err_set(err, ERR_DOCUMENT, 0, "cannot cut a subset of %s", open->name);
        goto out;
    }
    map = hb_subset_plan_old_to_new_glyph_mapping(plan);
    for (size_t i = 0; i < use->count; i++) {
        hb_codepoint_t id = hb_map_get(map, use->codes[i].glyph);

        if (id == 0 || id > UINT16_MAX) {
            err_set(err, ERR_DOCUMENT, 0, "the subset of %s lost U+%04X", open->name,
                    use->codes[i].point);
            goto out;
        }
        glyphs[i] = (uint16_t)id;
    }
    blob = hb_face_reference_blob(cut);
    data = hb_blob_get_data(blob, &length);
    *file = (struct bytes){pool_copy(pool, data, length), length};
    rc = length > 0 ? 0 : err_set(err, ERR_DOCUMENT, 0, "the subset of %s is empty", open->name);
out:
    hb_blob_destroy(blob);
    hb_face_destroy(cut);
    hb_subset_plan_destroy(plan);
    hb_subset_input_destroy(input);
    return rc;
}

struct font_kept *font_kept_new(void)
{
    struct font_kept *kept = calloc(1, sizeof *kept);

    if (kept == NULL)
        err_fatal("out of memory");
    return kept;
}

static void kept_clear(struct kept_subset *kept)
{
    free(kept->points);
    free(kept->glyphs);
    free(kept->deflated);
    *kept = (struct kept_subset){0};
}

void font_kept_free(struct font_kept **kept)
{
    if (*kept == NULL)
        return;
    for (size_t i = 0; i < KEPT; i++)
        kept_clear(&(*kept)->subsets[i]);
    free(*kept);
    *kept = NULL;
}

static const struct kept_subset *kept_find(const struct font_kept *kept, const uint32_t *points,
                                           size_t count)
{
    for (size_t i = 0; i < KEPT; i++)
        if (kept->subsets[i].count == count &&
            memcmp(kept->subsets[i].points, points, count * sizeof *points) == 0)
            return &kept->subsets[i];
    return NULL;
}

static void *heap_copy(const void *data, size_t size)
{
    void *copy = malloc(size);

    if (copy == NULL)
        err_fatal("out of memory");
    return memcpy(copy, data, size);
}

static void kept_store(struct font_kept *all, const uint32_t *points, size_t count,
                       const struct font_subset *subset)
{
    struct kept_subset *kept = &all->subsets[all->next];

    all->next = (all->next + 1) % KEPT;
    kept_clear(kept);
    kept->points = heap_copy(points, count * sizeof *points);
    kept->glyphs = heap_copy(subset->glyphs, count * sizeof *subset->glyphs);
    kept->deflated = heap_copy(subset->deflated.data, subset->deflated.size);
    kept->deflated_size = subset->deflated.size;
    kept->size = subset->size;
    kept->count = count;
}

static int deflate_whole(struct pool *pool, int level, struct bytes in, struct bytes *out)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)in.data, .avail_in = (uInt)in.size};
    uLong room;
    int rc;

    if (deflateInit2(&z, level, Z_DEFLATED, MAX_WBITS, DEFLATE_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        return -1;
    room = deflateBound(&z, (uLong)in.size);
    z.next_out = pool_alloc(pool, room);
    z.avail_out = (uInt)room;
    *out = (struct bytes){z.next_out, 0};
    rc = deflate(&z, Z_FINISH);
    out->size = z.total_out;
    return deflateEnd(&z) == Z_OK && rc == Z_STREAM_END ? 0 : -1;
}

static int subset_fill(const struct font_face *open, int level, const struct font_use *use,
                       struct pool *pool, struct font_subset *subset, struct err *err)
{
    struct bytes file;

    if (subset_cut(open, use, pool, subset->glyphs, &file, err) < 0)
        return -1;
    if (deflate_whole(pool, level, file, &subset->deflated) < 0)
        return err_set(err, ERR_DOCUMENT, 0, "cannot deflate the subset of %s", open->name);
    subset->size = file.size;
    return 0;
}

int font_subset_make(const struct fonts *fonts, unsigned face, const struct font_use *use,
                     struct pool *pool, struct font_subset *subset, struct err *err)
{
    const struct font_face *open = &fonts->faces[face];
    uint32_t *points = pool_array(pool, use->count, sizeof *points);
    const struct kept_subset *kept;

    for (size_t i = 0; i < use->count; i++)
        points[i] = use->codes[i].point;
    subset->glyphs = pool_array(pool, use->count, sizeof *subset->glyphs);
    kept = kept_find(open->kept, points, use->count);
    if (kept != NULL) {
        memcpy(subset->glyphs, kept->glyphs, use->count * sizeof *subset->glyphs);
        subset->deflated = (struct bytes){pool_copy(pool, kept->deflated, kept->deflated_size),
                                          kept->deflated_size};
        subset->size = kept->size;
    } else {
        bool form = face == FONT_SONG;

        if (subset_fill(open, form ? DEFLATE_FORM : DEFLATE_FACTS, use, pool, subset, err) < 0)
            return -1;
        if (form)
            kept_store(open->kept, points, use->count, subset);
    }
    subset_metrics(open->face, subset);
    subset_name(open->name, points, use->count, subset->name);
    return 0;
}
