#include "core/document/pdf_font.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/pool.h"

enum {
    SYMBOLIC = 4,     /* FontDescriptor /Flags: characters outside the standard Latin set */
    STEM_V = 60,      /* of no effect on an embedded font, but required */
    WIDTH = 1000,     /* of a Chinese character: what /W need not say */
    BFCHAR_MAX = 100, /* entries of one block (Adobe TN 5014) */
    TO_UNICODE_MAX = 64 * 1024
};

static HPDF_STATUS write_filter(HPDF_Dict dict, HPDF_Stream stream)
{
    (void)dict;
    return HPDF_Stream_WriteStr(stream, "/Filter /FlateDecode\n");
}

HPDF_Dict pdf_stream_new(HPDF_Doc doc, struct bytes data, bool deflated)
{
    HPDF_Dict dict = HPDF_DictStream_New(doc->mmgr, doc->xref);

    if (dict == NULL || HPDF_Stream_Write(dict->stream, data.data, (HPDF_UINT)data.size) != HPDF_OK)
        return NULL;
    /* libharu would deflate it again if it knew of the filter. */
    if (deflated)
        dict->write_fn = write_filter;
    return dict;
}

static HPDF_Dict dict_new(HPDF_Doc doc, const char *type)
{
    HPDF_Dict dict = HPDF_Dict_New(doc->mmgr);

    if (dict == NULL || HPDF_Xref_Add(doc->xref, dict) != HPDF_OK ||
        HPDF_Dict_AddName(dict, "Type", type) != HPDF_OK)
        return NULL;
    return dict;
}

static HPDF_Array array_new(HPDF_Doc doc, HPDF_Dict dict, const char *key)
{
    HPDF_Array array = HPDF_Array_New(doc->mmgr);

    return array != NULL && HPDF_Dict_Add(dict, key, array) == HPDF_OK ? array : NULL;
}

static HPDF_Dict descriptor_new(HPDF_Doc doc, const struct font_subset *subset)
{
    HPDF_Dict file = pdf_stream_new(doc, subset->deflated, true);
    HPDF_Dict dict = dict_new(doc, "FontDescriptor");
    HPDF_Array box = dict != NULL ? array_new(doc, dict, "FontBBox") : NULL;
    HPDF_STATUS bad = 0;

    if (file == NULL || box == NULL)
        return NULL;
    bad |= HPDF_Dict_AddNumber(file, "Length1", (HPDF_INT32)subset->size);
    for (int i = 0; i < 4; i++)
        bad |= HPDF_Array_AddNumber(box, subset->box[i]);
    bad |= HPDF_Dict_AddName(dict, "FontName", subset->name);
    bad |= HPDF_Dict_AddNumber(dict, "Flags", SYMBOLIC);
    bad |= HPDF_Dict_AddNumber(dict, "ItalicAngle", 0);
    bad |= HPDF_Dict_AddNumber(dict, "Ascent", subset->ascent);
    bad |= HPDF_Dict_AddNumber(dict, "Descent", subset->descent);
    bad |= HPDF_Dict_AddNumber(dict, "CapHeight", subset->ascent);
    bad |= HPDF_Dict_AddNumber(dict, "StemV", STEM_V);
    bad |= HPDF_Dict_Add(dict, "FontFile2", file);
    return bad == 0 ? dict : NULL;
}

/* Code → glyph, two bytes each; code 0 is .notdef. */
static HPDF_Dict glyph_map_new(HPDF_Doc doc, struct pool *pool, const struct font_use *use,
                               const struct font_subset *subset)
{
    size_t size = 2 * (use->count + 1);
    uint8_t *map = pool_alloc(pool, size);

    for (size_t i = 0; i < use->count; i++) {
        map[2 * i + 2] = (uint8_t)(subset->glyphs[i] >> 8);
        map[2 * i + 3] = (uint8_t)subset->glyphs[i];
    }
    return pdf_stream_new(doc, (struct bytes){map, size}, false);
}

/* Code → code point in UTF-16BE (ISO 32000-1, 9.10.3). */
static HPDF_Dict to_unicode_new(HPDF_Doc doc, struct pool *pool, const struct font_use *use)
{
    HPDF_Dict dict;
    struct text map;

    text_init(&map, pool, TO_UNICODE_MAX);
    text_add(&map, "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
                   "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
                   "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
                   "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n");
    for (size_t i = 0; i < use->count; i++) {
        uint32_t point = use->codes[i].point;
        size_t rest = use->count - i;

        if (i % BFCHAR_MAX == 0)
            text_printf(&map, "%zu beginbfchar\n", rest < BFCHAR_MAX ? rest : BFCHAR_MAX);
        if (point < 0x10000)
            text_printf(&map, "<%04zX> <%04X>\n", i + 1, point);
        else
            text_printf(&map, "<%04zX> <%04X%04X>\n", i + 1, 0xD800 + ((point - 0x10000) >> 10),
                        0xDC00 + ((point - 0x10000) & 0x3FF));
        if (rest == 1 || i % BFCHAR_MAX == BFCHAR_MAX - 1)
            text_add(&map, "endbfchar\n");
    }
    text_add(&map, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    dict = pdf_stream_new(doc, (struct bytes){(const uint8_t *)map.data, map.length}, false);
    if (dict != NULL)
        dict->filter = HPDF_STREAM_FILTER_FLATE_DECODE;
    return dict;
}

/* Only what differs from /DW, as "code [ width … ]" (ISO 32000-1, 9.7.4.3). */
static HPDF_STATUS widths_add(HPDF_Doc doc, HPDF_Dict cid_font, const struct font_use *use)
{
    HPDF_Array outer = array_new(doc, cid_font, "W"), inner = NULL;
    HPDF_STATUS bad = outer == NULL ? HPDF_FAILD_TO_ALLOC_MEM : 0;

    for (size_t i = 0; bad == 0 && i < use->count; i++) {
        if (use->codes[i].advance == WIDTH) {
            inner = NULL;
            continue;
        }
        if (inner == NULL) {
            inner = HPDF_Array_New(doc->mmgr);
            if (inner == NULL)
                return HPDF_FAILD_TO_ALLOC_MEM;
            bad |= HPDF_Array_AddNumber(outer, (HPDF_INT32)i + 1);
            bad |= HPDF_Array_Add(outer, inner);
        }
        bad |= HPDF_Array_AddNumber(inner, (HPDF_INT32)use->codes[i].advance);
    }
    return bad;
}

static HPDF_Dict cid_font_new(HPDF_Doc doc, struct pool *pool, const struct font_use *use,
                              const struct font_subset *subset)
{
    HPDF_Dict descriptor = descriptor_new(doc, subset);
    HPDF_Dict map = glyph_map_new(doc, pool, use, subset);
    HPDF_Dict dict = dict_new(doc, "Font");
    HPDF_Dict system = HPDF_Dict_New(doc->mmgr);
    HPDF_STATUS bad = 0;

    if (descriptor == NULL || map == NULL || dict == NULL || system == NULL)
        return NULL;
    bad |= HPDF_Dict_AddName(dict, "Subtype", "CIDFontType2");
    bad |= HPDF_Dict_AddName(dict, "BaseFont", subset->name);
    bad |= HPDF_Dict_Add(dict, "CIDSystemInfo", system);
    bad |= HPDF_Dict_Add(system, "Registry", HPDF_String_New(doc->mmgr, "Adobe", NULL));
    bad |= HPDF_Dict_Add(system, "Ordering", HPDF_String_New(doc->mmgr, "Identity", NULL));
    bad |= HPDF_Dict_AddNumber(system, "Supplement", 0);
    bad |= HPDF_Dict_AddNumber(dict, "DW", WIDTH);
    bad |= widths_add(doc, dict, use);
    bad |= HPDF_Dict_Add(dict, "FontDescriptor", descriptor);
    bad |= HPDF_Dict_Add(dict, "CIDToGIDMap", map);
    return bad == 0 ? dict : NULL;
}

/* libharu keeps its own account of where the text ends; nobody asks it here. */
static HPDF_TextWidth text_width(HPDF_Font font, const HPDF_BYTE *text, HPDF_UINT length)
{
    (void)font;
    (void)text;
    return (HPDF_TextWidth){.numchars = length, .width = 1000 * length};
}

/* UTF-8 of codes → two bytes each. libharu frees the result by free(). */
static char *encode_text(HPDF_Encoder encoder, const char *text, HPDF_UINT length,
                         HPDF_UINT *encoded)
{
    char *out = malloc(2 * (size_t)length + 1);
    HPDF_UINT n = 0;
    uint32_t code;

    (void)encoder;
    if (out == NULL)
        err_fatal("out of memory");
    while ((code = utf8_next(&text)) != 0 && code <= UINT16_MAX) {
        out[n++] = (char)(code >> 8);
        out[n++] = (char)code;
    }
    *encoded = n;
    return out;
}

static HPDF_Encoder_Rec code_encoder = {
    .sig_bytes = HPDF_ENCODER_SIG_BYTES,
    .name = "Identity-H",
    .type = HPDF_ENCODER_TYPE_DOUBLE_BYTE,
    .encode_text_fn = encode_text,
};

static void font_free(HPDF_Dict font)
{
    HPDF_FreeMem(font->mmgr, font->attr);
}

HPDF_Font pdf_font_new(HPDF_Doc doc, struct pool *pool, const struct font_use *use,
                       const struct font_subset *subset)
{
    HPDF_Dict descendant = cid_font_new(doc, pool, use, subset);
    HPDF_Dict to_unicode = to_unicode_new(doc, pool, use);
    HPDF_Dict font = dict_new(doc, "Font");
    HPDF_Array array = font != NULL ? array_new(doc, font, "DescendantFonts") : NULL;
    HPDF_FontAttr attr;
    HPDF_STATUS bad = 0;

    if (descendant == NULL || to_unicode == NULL || array == NULL)
        return NULL;
    bad |= HPDF_Array_Add(array, descendant);
    bad |= HPDF_Dict_AddName(font, "Subtype", "Type0");
    bad |= HPDF_Dict_AddName(font, "BaseFont", subset->name);
    bad |= HPDF_Dict_AddName(font, "Encoding", "Identity-H");
    bad |= HPDF_Dict_Add(font, "ToUnicode", to_unicode);
    attr = HPDF_GetMem(doc->mmgr, sizeof *attr);
    if (bad != 0 || attr == NULL)
        return NULL;
    memset(attr, 0, sizeof *attr);
    attr->type = HPDF_FONT_TYPE0_TT;
    attr->writing_mode = HPDF_WMODE_HORIZONTAL;
    attr->text_width_fn = text_width;
    attr->encoder = &code_encoder;
    font->header.obj_class |= HPDF_OSUBCLASS_FONT;
    font->attr = attr;
    font->free_fn = font_free;
    return font;
}
