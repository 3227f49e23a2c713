/* Photos: decoded and written again row by row, so that neither metadata nor a damaged or
 * hostile file goes any further. */
#include "core/document/document.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "base/err.h"
#include "base/pool.h"

enum {
    WIDTH_LEAST = 60,
    HEIGHT_LEAST = 80,
    SCANS_MAX = 64,           /* a progressive file of thousands of scans is an attack */
    PRINT_WIDTH = 300,        /* pixels: 280 dpi on the 77 pt of the certificate's face */
    COMFORT_BYTES = 10 * 1024 /* is aimed at, as long as quality allows */
};

/* Tried in turn; down to `COMFORT_LEAST` for comfort, below that only to fit at all. */
static const int qualities[] = {90, 85, 80, 75, 70, 65, 60, 50, 40};
enum { COMFORT_LEAST = 60 };

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
        return err_set(err, ERR_INPUT, failure->code, "photo: truncated");
    return err_set(err, ERR_INPUT, failure->code, "photo: damaged JPEG (%s)", failure->text);
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

/* Called before anything is decoded: a few bytes can claim any size. */
static int header_check(const struct jpeg_decompress_struct *from, struct err *err)
{
    if (from->num_components == 4)
        return err_set(err, ERR_INPUT, 0, "photo: CMYK JPEG");
    if (from->jpeg_color_space != JCS_GRAYSCALE && from->jpeg_color_space != JCS_YCbCr &&
        from->jpeg_color_space != JCS_RGB)
        return err_set(err, ERR_INPUT, 0, "photo: neither grey nor YCbCr");
    if (from->image_width > PHOTO_SIDE || from->image_height > PHOTO_SIDE)
        return err_set(err, ERR_LIMIT, 0, "photo: %u×%u pixels, at most %d a side",
                       from->image_width, from->image_height, PHOTO_SIDE);
    if (from->image_width < WIDTH_LEAST || from->image_height < HEIGHT_LEAST)
        return err_set(err, ERR_INPUT, 0, "photo: %u×%u pixels, at least %d×%d", from->image_width,
                       from->image_height, WIDTH_LEAST, HEIGHT_LEAST);
    return 0;
}

struct conversion {
    struct jpeg_decompress_struct from;
    struct jpeg_compress_struct to;
    struct jpeg_progress_mgr progress;
    struct failure failure;
    unsigned char *out; /* grown by libjpeg */
    unsigned long size;
};

/* Eighths of the width that print still needs. */
static unsigned print_scale(unsigned width)
{
    unsigned eighths = 8;

    while (eighths > 1 && width * (eighths - 1) / 8 >= PRINT_WIDTH)
        eighths--;
    return eighths;
}

static void compress_start(struct conversion *c, int quality)
{
    c->to.image_width = c->from.output_width;
    c->to.image_height = c->from.output_height;
    c->to.input_components = c->from.output_components;
    c->to.in_color_space = c->from.out_color_space;
    jpeg_set_defaults(&c->to);
    jpeg_set_quality(&c->to, quality, TRUE);
    jpeg_simple_progression(&c->to); /* a twentieth smaller */
    jpeg_start_compress(&c->to, TRUE);
}

static void rows_copy(struct conversion *c, struct pool *pool)
{
    JSAMPROW row = pool_alloc(pool, (size_t)c->from.output_width * 3);

    while (c->from.output_scanline < c->from.output_height) {
        jpeg_read_scanlines(&c->from, &row, 1);
        jpeg_write_scanlines(&c->to, &row, 1);
    }
}

/* One way through, at one quality. The caller frees what is left in `c`. */
static int convert(struct conversion *c, struct pool *pool, struct bytes in, int quality,
                   struct photo_size *size, struct err *err)
{
    failure_init(&c->failure);
    c->from.err = c->to.err = &c->failure.manager;
    if (setjmp(c->failure.back) != 0)
        return failure_report(&c->failure, err);
    jpeg_create_decompress(&c->from);
    jpeg_create_compress(&c->to);
    c->progress.progress_monitor = on_progress;
    c->from.progress = &c->progress;
    jpeg_mem_src(&c->from, in.data, in.size);
    jpeg_mem_dest(&c->to, &c->out, &c->size);
    jpeg_read_header(&c->from, TRUE);
    if (header_check(&c->from, err) < 0)
        return -1;
    c->from.out_color_space = c->from.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    c->from.scale_num = print_scale(c->from.image_width);
    c->from.scale_denom = 8;
    jpeg_start_decompress(&c->from);
    *size = (struct photo_size){c->from.output_width, c->from.output_height};
    compress_start(c, quality);
    rows_copy(c, pool);
    jpeg_finish_compress(&c->to);
    jpeg_finish_decompress(&c->from);
    return 0;
}

static bool good_enough(size_t size, int quality)
{
    return size <= COMFORT_BYTES || (size <= PHOTO_BYTES && quality <= COMFORT_LEAST);
}

int photo_check(struct pool *pool, struct bytes in, struct bytes *out, struct photo_size *size,
                struct err *err)
{
    if (in.size == 0)
        return err_set(err, ERR_INPUT, 0, "photo: empty");
    if (in.size < 3 || memcmp(in.data, "\xff\xd8\xff", 3) != 0)
        return err_set(err, ERR_INPUT, 0, "photo: not a JPEG (%s)", true_type(in));
    if (in.size > PHOTO_BYTES)
        return err_set(err, ERR_LIMIT, 0, "photo: %zu bytes, at most %d", in.size, PHOTO_BYTES);
    for (size_t i = 0; i < sizeof qualities / sizeof qualities[0]; i++) {
        struct conversion c = {0};
        bool done = false;
        int rc = convert(&c, pool, in, qualities[i], size, err);

        if (rc == 0 && good_enough(c.size, qualities[i])) {
            *out = (struct bytes){pool_copy(pool, c.out, c.size), c.size};
            done = true;
        }
        jpeg_destroy_compress(&c.to);
        jpeg_destroy_decompress(&c.from);
        free(c.out);
        if (rc < 0 || done)
            return rc;
    }
    return err_set(err, ERR_LIMIT, 0, "photo: cannot be brought below %d bytes", PHOTO_BYTES);
}
