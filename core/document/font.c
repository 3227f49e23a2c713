#include "core/document/font.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <hb.h>
#include <hb-ot.h>

#include "base/err.h"

static bool has_table(hb_face_t *face, hb_tag_t tag)
{
    hb_blob_t *blob = hb_face_reference_table(face, tag);
    bool has = hb_blob_get_length(blob) > 0;

    hb_blob_destroy(blob);
    return has;
}

/* A PDF name: letters, digits and '-' of the font's PostScript name. */
static void face_name(hb_face_t *face, char *name, size_t size)
{
    char raw[128] = "";
    unsigned length = sizeof raw;
    size_t n = 0;

    hb_ot_name_get_utf8(face, HB_OT_NAME_ID_POSTSCRIPT_NAME, HB_LANGUAGE_INVALID, &length, raw);
    if (raw[0] == '\0') {
        length = sizeof raw;
        hb_ot_name_get_utf8(face, HB_OT_NAME_ID_FULL_NAME, HB_LANGUAGE_INVALID, &length, raw);
    }
    for (const char *c = raw; *c != '\0' && n + 1 < size; c++)
        if (isalnum((unsigned char)*c) || *c == '-')
            name[n++] = *c;
    name[n] = '\0';
    if (n == 0)
        text_copy(name, size, "Font");
}

static int face_open(const struct font_place *place, struct font_face *open, struct err *err)
{
    hb_blob_t *file = hb_blob_create_from_file_or_fail(place->path);
    int rc = -1;

    if (file == NULL)
        return err_set(err, ERR_CONFIG, 0, "font %s: cannot be read", place->path);
    if (place->index >= hb_face_count(file)) {
        err_set(err, ERR_CONFIG, 0, "font %s: no face %u in it", place->path, place->index);
        goto out;
    }
    open->face = hb_face_create(file, place->index);
    if (!has_table(open->face, HB_TAG('g', 'l', 'y', 'f')) ||
        !has_table(open->face, HB_TAG('c', 'm', 'a', 'p'))) {
        err_set(err, ERR_CONFIG, 0, "font %s: face %u has no TrueType outlines", place->path,
                place->index);
        goto out;
    }
    open->font = hb_font_create(open->face);
    hb_font_set_scale(open->font, 1000, 1000);
    open->kept = font_kept_new();
    face_name(open->face, open->name, sizeof open->name);
    rc = 0;
out:
    hb_blob_destroy(file);
    return rc;
}

int fonts_open(const struct font_place *places, size_t count, struct fonts **fonts, struct err *err)
{
    struct fonts *made;

    if (count == 0 || count > FONTS_MAX)
        return err_set(err, ERR_CONFIG, 0, "a chain of 1 to %d fonts is needed, not %zu", FONTS_MAX,
                       count);
    made = calloc(1, sizeof *made);
    if (made == NULL)
        err_fatal("out of memory");
    for (size_t i = 0; i < count; i++) {
        made->count = i + 1;
        if (face_open(&places[i], &made->faces[i], err) < 0) {
            fonts_free(&made);
            return -1;
        }
    }
    *fonts = made;
    return 0;
}

void fonts_free(struct fonts **fonts)
{
    if (*fonts == NULL)
        return;
    for (size_t i = 0; i < (*fonts)->count; i++) {
        font_kept_free(&(*fonts)->faces[i].kept);
        hb_font_destroy((*fonts)->faces[i].font);
        hb_face_destroy((*fonts)->faces[i].face);
    }
    free(*fonts);
    *fonts = NULL;
}

static bool blank(uint32_t point)
{
    return point == 0x20 || point == 0xA0 || point == 0x3000;
}

static bool face_find(const struct font_face *open, uint32_t point, struct font_glyph *glyph)
{
    hb_glyph_extents_t extents;
    hb_codepoint_t id;

    if (!hb_font_get_nominal_glyph(open->font, point, &id) || id == 0)
        return false;
    /* Some fonts fill their gaps with empty glyphs: printed, they would look like a blank. */
    if (!blank(point) && (!hb_font_get_glyph_extents(open->font, id, &extents) ||
                          extents.width == 0 || extents.height == 0))
        return false;
    glyph->point = point;
    glyph->glyph = id;
    glyph->advance = (unsigned)hb_font_get_glyph_h_advance(open->font, id);
    return true;
}

bool font_find(const struct fonts *fonts, enum font_style style, uint32_t point,
               struct font_glyph *glyph)
{
    size_t own = style < fonts->count ? style : 0;

    glyph->face = (unsigned)own;
    if (face_find(&fonts->faces[own], point, glyph))
        return true;
    for (size_t i = 0; i < fonts->count; i++) {
        glyph->face = (unsigned)i;
        if (i != own && face_find(&fonts->faces[i], point, glyph))
            return true;
    }
    return false;
}

bool fonts_cover(const struct fonts *fonts, const char *text, uint32_t *missing)
{
    struct font_glyph glyph;
    uint32_t point;

    while ((point = utf8_next(&text)) != 0)
        if (point == UINT32_MAX || !font_find(fonts, FONT_SONG, point, &glyph)) {
            *missing = point;
            return false;
        }
    return true;
}
