#include "core/document/jpeg.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "base/err.h"
#include "base/pool.h"

enum {
    SCANS_MAX = 64, /* a progressive file of thousands of scans is an attack */
    FIRST_ROOM = 16 * 1024
};

struct failure {
    struct jpeg_error_mgr manager; /* first: libjpeg hands this pointer back */
    jmp_buf back;
    char text[JMSG_LENGTH_MAX];
    int code;
};

static void on_error(j_common_ptr info)
{
    struct failure *failure = (struct failure *)info->err;

    info->err->format_message(info, failure->text);
    failure->code = info->err->msg_code;
    longjmp(failure->back, 1);
}

/* A warning means that data is missing or wrong. */
static void on_message(j_common_ptr info, int level)
{
    if (level < 0)
        on_error(info);
}

static void on_output(j_common_ptr info)
{
    (void)info;
}

static void on_progress(j_common_ptr info)
{
    if (info->is_decompressor && ((j_decompress_ptr)info)->input_scan_number > SCANS_MAX)
        ERREXIT(info, JERR_BAD_PROGRESSION);
}

static void failure_init(struct failure *failure)
{
    memset(failure, 0, sizeof *failure);
    jpeg_std_error(&failure->manager);
    failure->manager.error_exit = on_error;
    failure->manager.emit_message = on_message;
    failure->manager.output_message = on_output;
}

static int failure_report(const struct failure *failure, struct err *err)
{
    if (failure->code == JWRN_JPEG_EOF || failure->code == JERR_INPUT_EOF)
        return err_set(err, ERR_INPUT, JPEG_TRUNCATED, "truncated");
    return err_set(err, ERR_INPUT, JPEG_DAMAGED, "damaged JPEG (%s)", failure->text);
}

/* What a file really is, when it is no JPEG. */
static const char *true_type(struct bytes in)
{
    static const struct {
        size_t offset;
        const char *magic;
        size_t length;
        const char *name;
    } types[] = {
        {0, "\x89PNG\r\n\x1a\n", 8, "PNG"             },
        {0, "GIF8",              4, "GIF"             },
        {0, "BM",                2, "BMP"             },
        {8, "WEBP",              4, "WebP"            },
        {0, "II*\0",             4, "TIFF"            },
        {0, "MM\0*",             4, "TIFF"            },
        {4, "ftyp",              4, "HEIF or video"   },
        {4, "jP  ",              4, "JPEG 2000"       },
        {0, "\xff\x0a",          2, "JPEG XL"         },
        {0, "%PDF",              4, "PDF"             },
        {0, "PK\x03\x04",        4, "ZIP"             },
        {0, "\xd0\xcf\x11\xe0",  4, "Microsoft Office"},
        {0, "<",                 1, "HTML or SVG"     },
    };

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (in.size >= types[i].offset + types[i].length &&
            memcmp(in.data + types[i].offset, types[i].magic, types[i].length) == 0)
            return types[i].name;
    return "unknown type";
}

/* How a camera was held (Exif 2.3, 4.6.4 A, tag 0112): 1 to 8; 1 where nothing says otherwise. */

struct tiff {
    struct bytes data;
    bool little;
};

static unsigned tiff_number(const struct tiff *tiff, size_t at, size_t size)
{
    unsigned number = 0;

    if (at > tiff->data.size || size > tiff->data.size - at)
        return 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | tiff->data.data[tiff->little ? at + size - 1 - i : at + i];
    return number;
}

static unsigned tiff_orientation(const struct tiff *tiff)
{
    enum { ENTRY = 12, TAG = 0x0112, TYPE_SHORT = 3 };
    size_t at = tiff_number(tiff, 4, 4);
    unsigned count = tiff_number(tiff, at, 2);

    for (unsigned i = 0; i < count; i++) {
        size_t entry = at + 2 + (size_t)i * ENTRY;

        if (tiff_number(tiff, entry, 2) == TAG && tiff_number(tiff, entry + 2, 2) == TYPE_SHORT)
            return tiff_number(tiff, entry + 8, 2);
        if (entry > tiff->data.size)
            break;
    }
    return 1;
}

static unsigned orientation_of(const struct jpeg_decompress_struct *from)
{
    static const char mark[] = "Exif\0"; /* and a NUL */
    unsigned found = 1;

    for (jpeg_saved_marker_ptr at = from->marker_list; at && found == 1; at = at->next) {
        struct tiff tiff;

        if (at->data_length < sizeof(mark) + 8 || memcmp(at->data, mark, sizeof(mark)) != 0)
            continue;
        tiff.data = (struct bytes){at->data + sizeof(mark), at->data_length - sizeof(mark)};
        tiff.little = tiff.data.data[0] == 'I';
        found = tiff_orientation(&tiff);
    }
    return found >= 1 && found <= 8 ? found : 1;
}

/* Called before anything is decoded: a few bytes can claim any size. */
static int header_check(const struct jpeg_decompress_struct *from, const struct jpeg_wish *wish,
                        struct jpeg_size seen, struct err *err)
{
    unsigned width = seen.width, height = seen.height;

    if (from->num_components == 4)
        return err_set(err, ERR_INPUT, JPEG_COLOURS, "CMYK JPEG");
    if (from->jpeg_color_space != JCS_GRAYSCALE && from->jpeg_color_space != JCS_YCbCr &&
        from->jpeg_color_space != JCS_RGB)
        return err_set(err, ERR_INPUT, JPEG_COLOURS, "neither grey nor YCbCr");
    if (width > wish->side_max || height > wish->side_max ||
        (uint64_t)width * height > wish->pixels_max)
        return err_set(err, ERR_LIMIT, JPEG_LARGE, "%u×%u pixels, at most %u a side", width, height,
                       wish->side_max);
    if (width < wish->least.width || height < wish->least.height)
        return err_set(err, ERR_INPUT, JPEG_SMALL, "%u×%u pixels, at least %u×%u", width, height,
                       wish->least.width, wish->least.height);
    return 0;
}

static int type_check(struct bytes in, struct err *err)
{
    if (in.size == 0)
        return err_set(err, ERR_INPUT, JPEG_EMPTY, "empty");
    if (in.size < 3 || memcmp(in.data, "\xff\xd8\xff", 3) != 0)
        return err_set(err, ERR_INPUT, JPEG_FOREIGN, "not a JPEG (%s)", true_type(in));
    return 0;
}

/* Where the result grows. jpeg_mem_dest would leave a freed buffer behind when decoding fails half-way. */
struct growing {
    struct jpeg_destination_mgr manager; /* first, as above */
    struct pool *pool;
    uint8_t *data;
    size_t room, size;
};

static void growing_start(j_compress_ptr info)
{
    struct growing *out = (struct growing *)info->dest;

    out->data = pool_alloc(out->pool, FIRST_ROOM);
    out->room = FIRST_ROOM;
    out->manager.next_output_byte = out->data;
    out->manager.free_in_buffer = out->room;
}

/* The buffer is full, whatever free_in_buffer says. */
static boolean growing_more(j_compress_ptr info)
{
    struct growing *out = (struct growing *)info->dest;
    uint8_t *more = pool_alloc(out->pool, out->room * 2);

    memcpy(more, out->data, out->room);
    out->data = more;
    out->manager.next_output_byte = more + out->room;
    out->manager.free_in_buffer = out->room;
    out->room *= 2;
    return TRUE;
}

static void growing_end(j_compress_ptr info)
{
    struct growing *out = (struct growing *)info->dest;

    out->size = out->room - out->manager.free_in_buffer;
}

struct conversion {
    const struct jpeg_wish *wish;
    struct jpeg_decompress_struct from;
    struct jpeg_compress_struct to;
    struct jpeg_progress_mgr progress;
    struct failure failure;
    struct growing out;
    unsigned orientation; /* see orientation_of */
};

static bool is_turned(const struct conversion *c)
{
    return c->orientation >= 5; /* columns are rows */
}

/* As it was seen. */
static struct jpeg_size size_seen(const struct conversion *c, unsigned width, unsigned height)
{
    return is_turned(c) ? (struct jpeg_size){height, width} : (struct jpeg_size){width, height};
}

/* Eighths of the width that are enough. */
static unsigned scale_of(unsigned width, unsigned aim)
{
    unsigned eighths = 8;

    while (aim > 0 && eighths > 1 && width * (eighths - 1) / 8 >= aim)
        eighths--;
    return eighths;
}

static void compress_start(struct conversion *c, struct jpeg_size size)
{
    c->to.image_width = size.width;
    c->to.image_height = size.height;
    c->to.input_components = c->from.output_components;
    c->to.in_color_space = c->from.out_color_space;
    jpeg_set_defaults(&c->to);
    jpeg_set_quality(&c->to, c->wish->quality, TRUE);
    if (c->wish->progressive)
        jpeg_simple_progression(&c->to); /* a twentieth smaller */
    jpeg_start_compress(&c->to, TRUE);
}

static void row_write(struct conversion *c, unsigned y, struct jpeg_size size, JSAMPROW row)
{
    if (c->wish->row)
        c->wish->row(c->wish->context, y, size, row, (unsigned)c->from.output_components);
    jpeg_write_scanlines(&c->to, &row, 1);
}

static void rows_copy(struct conversion *c, struct pool *pool, struct jpeg_size size)
{
    JSAMPROW row = pool_alloc(pool, (size_t)c->from.output_width * 3);

    while (c->from.output_scanline < c->from.output_height) {
        unsigned y = c->from.output_scanline;

        jpeg_read_scanlines(&c->from, &row, 1);
        row_write(c, y, size, row);
    }
}

/* The picture as it was seen: all of it is read, then written in another order. */
static void rows_turn(struct conversion *c, struct pool *pool, struct jpeg_size size)
{
    const size_t parts = (size_t)c->from.output_components, wide = c->from.output_width;
    const size_t high = c->from.output_height;
    const bool right = c->orientation == 2 || c->orientation == 3 || c->orientation == 7 ||
                       c->orientation == 8; /* it begins at the right, */
    const bool below = c->orientation == 3 || c->orientation == 4 || c->orientation == 6 ||
                       c->orientation == 7; /* or below */
    uint8_t *all = pool_array(pool, high, wide * parts);
    JSAMPROW row = pool_alloc(pool, (size_t)size.width * parts);

    while (c->from.output_scanline < high) {
        JSAMPROW next = all + c->from.output_scanline * wide * parts;
        jpeg_read_scanlines(&c->from, &next, 1);
    }
    for (unsigned y = 0; y < size.height; y++) {
        for (unsigned x = 0; x < size.width; x++) {
            size_t column = is_turned(c) ? y : x, line = is_turned(c) ? x : y;

            column = right ? wide - 1 - column : column;
            line = below ? high - 1 - line : line;
            memcpy(row + x * parts, all + (line * wide + column) * parts, parts);
        }
        row_write(c, y, size, row);
    }
}

/* Up to the header, which is checked. */
static int open_header(struct conversion *c, struct bytes in, struct err *err)
{
    jpeg_create_decompress(&c->from);
    c->progress.progress_monitor = on_progress;
    c->from.progress = &c->progress;
    jpeg_mem_src(&c->from, in.data, in.size);
    jpeg_save_markers(&c->from, JPEG_APP0 + 1, UINT16_MAX);
    jpeg_read_header(&c->from, TRUE);
    c->orientation = orientation_of(&c->from);
    return header_check(&c->from, c->wish,
                        size_seen(c, c->from.image_width, c->from.image_height), err);
}

/* The caller frees what is left in `c`. */
static int convert(struct conversion *c, struct pool *pool, struct bytes in,
                   struct jpeg_size *size, struct err *err)
{
    if (setjmp(c->failure.back) != 0)
        return failure_report(&c->failure, err);
    if (open_header(c, in, err) < 0)
        return -1;
    jpeg_create_compress(&c->to);
    c->to.dest = &c->out.manager;
    c->from.out_color_space = c->from.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    c->from.scale_num = scale_of(size_seen(c, c->from.image_width, c->from.image_height).width,
                                 c->wish->width_aim);
    c->from.scale_denom = 8;
    jpeg_start_decompress(&c->from);
    *size = size_seen(c, c->from.output_width, c->from.output_height);
    compress_start(c, *size);
    if (c->orientation == 1)
        rows_copy(c, pool, *size);
    else
        rows_turn(c, pool, *size);
    jpeg_finish_compress(&c->to);
    jpeg_finish_decompress(&c->from);
    return 0;
}

static void conversion_init(struct conversion *c, struct pool *pool, const struct jpeg_wish *wish)
{
    c->out.manager.init_destination = growing_start;
    c->out.manager.empty_output_buffer = growing_more;
    c->out.manager.term_destination = growing_end;
    c->out.pool = pool;
    failure_init(&c->failure);
    c->wish = wish;
    c->from.err = c->to.err = &c->failure.manager;
}

int jpeg_rewrite(struct pool *pool, struct bytes in, const struct jpeg_wish *wish,
                 struct bytes *out, struct jpeg_size *size, struct err *err)
{
    struct conversion c = {0};
    int result;

    if (type_check(in, err) < 0)
        return -1;
    conversion_init(&c, pool, wish);
    result = convert(&c, pool, in, size, err);
    if (result == 0)
        *out = (struct bytes){c.out.data, c.out.size};
    jpeg_destroy_compress(&c.to);
    jpeg_destroy_decompress(&c.from);
    return result;
}

static int measure(struct conversion *c, struct bytes in, struct err *err)
{
    if (setjmp(c->failure.back) != 0)
        return failure_report(&c->failure, err);
    return open_header(c, in, err);
}

int jpeg_measure(struct bytes in, const struct jpeg_wish *wish, struct jpeg_size *size,
                 struct err *err)
{
    struct conversion c = {0};
    int result;

    if (type_check(in, err) < 0)
        return -1;
    conversion_init(&c, NULL, wish);
    result = measure(&c, in, err);
    *size = size_seen(&c, c.from.image_width, c.from.image_height);
    jpeg_destroy_decompress(&c.from);
    return result;
}
