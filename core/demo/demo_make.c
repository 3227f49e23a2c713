#include "core/demo/demo_make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "base/pool.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { BIRTH_FIRST = 0 /* 1970-01-01 */, BIRTH_DAYS = 11600, SEQUENCES = 1000 };
enum { WIDTH = 295, HEIGHT = 413, QUALITY = 80 };

uint64_t demo_mix(uint64_t n)
{
    n += UINT64_C(0x9e3779b97f4a7c15);
    n = (n ^ (n >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    n = (n ^ (n >> 27)) * UINT64_C(0x94d049bb133111eb);
    return n ^ (n >> 31);
}

/* People */

static const char *const surnames[] = {
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "周", "吴", "徐", "孙", "马", "朱", "胡",
    "郭", "何", "林", "高", "罗", "郑", "梁", "谢", "宋", "唐", "许", "韩", "冯", "邓", "曹",
    "彭", "曾", "萧", "田", "董", "潘", "袁", "蔡", "欧阳", "上官", "诸葛", "司马",
};
static const char *const given[] = {
    "示", "范", "演", "样", "例", "安", "建", "华", "国", "平", "志", "文", "明", "德", "海",
    "宇", "涛", "磊", "静", "敏", "丽", "芳", "婷", "雪", "晨", "宁", "佳", "欣", "悦", "萍",
};
static const char *const rare_names[] = {
    "王䶮",     "李㛃",       "陈𬭚",
    "张𠮷",     "赵䶮示",     "周㛃范",
    "吴𬭚演",   "孙𠮷例",     "古丽示范·演示江·样例别克",
    "扎西示范·次仁演示", "阿依演示·买买提示范·吐尔逊样例", "欧阳示范演示",
};
static const char *const areas[] = {
    "310101", "310104", "310105", "310107", "310110", "310112", "310115", "310117",
    "320102", "320505", "330106", "330203", "340104", "350203", "360102", "370102",
    "410105", "420106", "430102", "510107",
};

static void resident_number(const char *area, struct date birth, unsigned sequence,
                            char out[DOCUMENT_NO_SIZE])
{
    static const int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;

    text_format(out, DOCUMENT_NO_SIZE, "%s%04d%02d%02d%03u", area, birth.year, birth.month,
                birth.day, sequence);
    for (size_t i = 0; i < COUNT(weights); i++)
        sum += (out[i] - '0') * weights[i];
    out[17] = "10X98765432"[sum % 11];
    out[18] = '\0';
}

void demo_person(uint64_t n, struct demo_person *person)
{
    uint64_t mixed = demo_mix(n);
    unsigned sequence = (unsigned)(n % SEQUENCES);
    uint64_t day = n / SEQUENCES;
    const char *area = areas[day / BIRTH_DAYS % COUNT(areas)];

    /* Multiplied by a number without a common divisor, days are spread and still all differ. */
    person->birth = date_from_days(BIRTH_FIRST + (int32_t)((day * 7919 + sequence * 11) % BIRTH_DAYS));
    person->sex = sequence % 2 ? 1 : 2;
    person->id_type = "111";
    resident_number(area, person->birth, sequence, person->id_no);
    text_format(person->name, sizeof(person->name), "%s%s%s", surnames[mixed % COUNT(surnames)],
                given[mixed / 64 % COUNT(given)],
                mixed / 4096 % 4 ? given[mixed / 65536 % COUNT(given)] : "");
}

void demo_person_foreign(uint64_t n, unsigned which, struct demo_person *person)
{
    static const struct {
        const char *type, *before, *after, *name;
    } kinds[] = {
        {"516", "H", "", "陈示范港"},     {"511", "", "", "林演示台"},
        {"414", "E", "", "SHIFAN ALEX"},  {"114", "演字第", "号", "军示范"},
        {"516", "M", "", "何样例澳"},     {"414", "P", "", "YANSHI MARIA"},
    };
    unsigned kind = which % COUNT(kinds);

    demo_person(n, person);
    person->id_type = kinds[kind].type;
    text_format(person->id_no, sizeof(person->id_no), "%s%08u%s", kinds[kind].before,
                (unsigned)(n % 10000000), kinds[kind].after);
    text_copy(person->name, sizeof(person->name), kinds[kind].name);
}

void demo_person_rare(uint64_t n, unsigned which, struct demo_person *person)
{
    demo_person(n, person);
    text_copy(person->name, sizeof(person->name), rare_names[which % COUNT(rare_names)]);
}

void demo_uscc(uint64_t n, char uscc[USCC_SIZE])
{
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    static const int weights[] = {1,  3,  9,  27, 19, 26, 16, 17, 20,
                                  29, 25, 13, 8,  24, 10, 30, 28};
    int sum = 0;

    text_format(uscc, USCC_SIZE, "91310000MA%07u", (unsigned)(n % 10000000));
    for (size_t i = 0; i < COUNT(weights); i++)
        sum += (int)(strchr(alphabet, uscc[i]) - alphabet) * weights[i];
    uscc[17] = alphabet[(31 - sum % 31) % 31];
    uscc[18] = '\0';
}

struct demo_dates demo_dates(struct date until, int terms)
{
    struct date from = date_add_days(date_add_years(until, -3), 1);

    return (struct demo_dates){.first_issued = date_add_years(from, -3 * (terms - 1)),
                               .valid_from = from,
                               .valid_until = until};
}

const char *demo_class(uint64_t n, const char **post)
{
    static const struct {
        const char *class_code, *post;
    } spread[] = {{"A", "03"},  {"B", "07"},  {"C3", "08"}, {"C2", "08"}, {"B", "07"},
                  {"C3", "08"}, {"C1", "08"}, {"B", "07"},  {"C3", "08"}, {"C", "08"}};

    *post = spread[n % COUNT(spread)].post;
    return spread[n % COUNT(spread)].class_code;
}

/* Photos */

static bool inside(double x, double y, double cx, double cy, double rx, double ry)
{
    double dx = (x - cx) / rx, dy = (y - cy) / ry;

    return dx * dx + dy * dy <= 1;
}

/* A silhouette: hair, face, neck, shoulders, on white. Returns 0xRRGGBB. */
static uint32_t pixel(int x, int y, unsigned which)
{
    static const uint32_t clothes[] = {0x2c3e64, 0x5b2333, 0x2f5d50, 0x3a3a3a, 0x6b4f2a, 0x4a4e8c};
    static const uint32_t hair[] = {0x1c1a19, 0x2e2420, 0x4a3a30, 0x6d6a68};
    bool is_long = which % 2;

    if (inside(x, y, 147, 185, 62, 80))
        return inside(x, y, 147, 120, 66, 42) ? hair[which / 6 % COUNT(hair)] : 0xe8c3a0;
    if (inside(x, y, 147, 160, 74, is_long ? 110 : 78) && (is_long || y < 190))
        return hair[which / 6 % COUNT(hair)];
    if (x > 120 && x < 175 && y > 240 && y < 300)
        return 0xdcb48f;
    if (inside(x, y, 147, 420, 135, 135))
        return x > 135 && x < 160 && y < 340 ? 0xf4f4f4 : clothes[which % COUNT(clothes)];
    return 0xffffff;
}

struct bytes demo_photo(struct pool *pool, unsigned which)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char line[WIDTH * 3], *lines[] = {line}, *data = NULL;
    unsigned long size = 0;

    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &data, &size);
    jpeg.image_width = WIDTH;
    jpeg.image_height = HEIGHT;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, QUALITY, TRUE);
    jpeg_start_compress(&jpeg, TRUE);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            uint32_t colour = pixel(x, y, which);
            line[x * 3] = (unsigned char)(colour >> 16);
            line[x * 3 + 1] = (unsigned char)(colour >> 8);
            line[x * 3 + 2] = (unsigned char)colour;
        }
        jpeg_write_scanlines(&jpeg, lines, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    struct bytes photo = {pool_copy(pool, data, size), size};
    free(data);
    return photo;
}
