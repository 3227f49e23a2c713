#include "core/register/identifier.h"

#include <ctype.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"

#define IDENTIFIER_ROOT "1.2.156.3005.2."
#define IDENTIFIER_TYPE "11100000000013338W011" /* who set the type of document, and its number */
#define NUMBER_MARK     "建安"
#define BRACKET_OPEN    "（"
#define BRACKET_CLOSE   "）"
#define ORDINAL_MARK    "字第"
#define ORDINAL_END     "号"

enum {
    IDEOGRAPHIC_SPACE = 0x3000,
    NO_BREAK_SPACE = 0xA0,
    FULL_WIDTH_FIRST = 0xFF01, /* ！ to ～ stand for ! to ~ */
    FULL_WIDTH_LAST = 0xFF5E,
    FULL_WIDTH_OFFSET = 0xFEE0,
    SERIAL_MAX = 9999999
};

static const struct class_row {
    const char *code;
    const char *label;
    const char *line;
    const char *posts; /* two-digit codes, blanks between */
} class_rows[] = {
    {"A", "企业主要负责人（A证）", "建筑施工企业主要负责人", "01 02 03 04 05 06 99"},
    {"B", "项目负责人（B证）", "建筑施工企业项目负责人", "07"},
    {"C1", "专职安全员（C1证，机械类）", "建筑施工企业机械类专职安全生产管理人员", "08"},
    {"C2", "专职安全员（C2证，土建类）", "建筑施工企业土建类专职安全生产管理人员", "08"},
    {"C3", "专职安全员（C3证，综合类）", "建筑施工企业综合类专职安全生产管理人员", "08"},
};

static const struct label_row {
    const char *code;
    const char *label;
} post_rows[] = {
    {"01", "法定代表人"},
    {"02", "总经理（总裁）"},
    {"03", "分管安全生产的副总经理（副总裁）"},
    {"04", "分管生产经营的副总经理（副总裁）"},
    {"05", "技术负责人"},
    {"06", "安全总监"},
    {"07", "项目负责人（项目经理）"},
    {"08", "专职安全生产管理人员"},
    {"99", "其他"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool digits(const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

static int digits_value(const char *text, size_t count)
{
    int value = 0;

    for (size_t i = 0; i < count; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

static bool upper_or_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

/* Drops `prefix` from the front of *text. */
static bool skip(const char **text, const char *prefix)
{
    size_t length = strlen(prefix);

    if (strncmp(*text, prefix, length) != 0)
        return false;
    *text += length;
    return true;
}

bool uscc_valid(const char *code)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    static const int weights[17] = {1,  3,  9,  27, 19, 26, 16, 17, 20,
                                    29, 25, 13, 8,  24, 10, 30, 28};
    int sum = 0;

    if (code == NULL || strlen(code) != USCC_SIZE - 1)
        return false;
    for (size_t i = 0; i < COUNT(weights); i++) {
        const char *at = strchr(alphabet, code[i]);

        if (at == NULL)
            return false;
        sum += weights[i] * (int)(at - alphabet);
    }
    return code[17] == alphabet[(31 - sum % 31) % 31];
}

bool resident_id_valid(const char *number, struct date today, struct date *birth, int *sex)
{
    static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    struct date born;
    int sum = 0;

    if (number == NULL || strlen(number) != 18 || !digits(number, 17))
        return false;
    for (size_t i = 0; i < COUNT(weights); i++)
        sum += weights[i] * (number[i] - '0');
    if (number[17] != "10X98765432"[sum % 11])
        return false;
    born = (struct date){(int16_t)digits_value(number + 6, 4), (int8_t)digits_value(number + 10, 2),
                         (int8_t)digits_value(number + 12, 2)};
    if (!date_valid(born) || date_compare(born, today) > 0)
        return false;
    if (birth != NULL)
        *birth = born;
    if (sex != NULL)
        *sex = (number[16] - '0') % 2 == 1 ? 1 : 2;
    return true;
}

/*
 * Documents of people. The input is first brought to one spelling (blanks gone, half-width, upper
 * case); then each type completes and checks it in place.
 */

static uint32_t half_width(uint32_t point)
{
    return point >= FULL_WIDTH_FIRST && point <= FULL_WIDTH_LAST ? point - FULL_WIDTH_OFFSET
                                                                 : point;
}

static bool blank(uint32_t point)
{
    return point == ' ' || point == '\t' || point == NO_BREAK_SPACE || point == IDEOGRAPHIC_SPACE;
}

/* Copies without blanks, half-width and upper case. False: broken, with controls, or too long. */
static bool squeeze(const char *input, char *out, size_t size)
{
    size_t length = 0;

    out[0] = '\0';
    if (input == NULL || !utf8_valid(input, strlen(input)))
        return false;
    while (*input != '\0') {
        const char *start = input;
        uint32_t point = half_width(utf8_next(&input));
        size_t bytes = point < 0x80 ? 1 : (size_t)(input - start);

        if (blank(point))
            continue;
        if (length + bytes >= size)
            return false;
        if (point < 0x80)
            out[length] = (char)toupper((int)point);
        else
            memcpy(out + length, start, bytes);
        length += bytes;
    }
    out[length] = '\0';
    return length > 0 && !utf8_has_control(out);
}

static bool normal_resident(char *number, struct date today)
{
    return resident_id_valid(number, today, NULL, NULL);
}

/* 军官证: X字第 + 4 to 8 letters or digits; 号 at the end is optional when given, always kept. */
static bool normal_officer(char *number, struct date today)
{
    const char *text = number;
    size_t length;

    (void)today;
    if (utf8_next(&text) < 0x80 || !skip(&text, ORDINAL_MARK))
        return false;
    for (length = 0; upper_or_digit(text[length]); length++)
        ;
    if (length < 4 || length > 8)
        return false;
    if (strcmp(text + length, ORDINAL_END) == 0)
        return true;
    if (text[length] != '\0')
        return false;
    return text_copy(number + (text - number) + length,
                     DOCUMENT_NO_SIZE - (size_t)(text - number) - length, ORDINAL_END);
}

static bool normal_passport(char *number, struct date today)
{
    size_t length = strlen(number);

    (void)today;
    for (size_t i = 0; i < length; i++)
        if (!upper_or_digit(number[i]))
            return false;
    return length >= 5 && length <= 17;
}

static bool normal_taiwan(char *number, struct date today)
{
    (void)today;
    return strlen(number) == 8 && digits(number, 8);
}

/* 回乡证: the two digits that count renewals are no part of the identity. */
static bool normal_hongkong_macao(char *number, struct date today)
{
    size_t length = strlen(number);

    (void)today;
    if ((length != 9 && length != 11) || (number[0] != 'H' && number[0] != 'M') ||
        !digits(number + 1, length - 1))
        return false;
    number[9] = '\0';
    return true;
}

static bool normal_other(char *number, struct date today)
{
    (void)today;
    return utf8_count(number) >= 4;
}

static const struct document_row {
    const char *type;
    const char *label;
    bool (*normal)(char *number, struct date today);
} document_rows[] = {
    {"111", "居民身份证", normal_resident},
    {"516", "回乡证", normal_hongkong_macao},
    {"511", "台胞证", normal_taiwan},
    {"414", "护照", normal_passport},
    {"114", "军官证", normal_officer},
    {"999", "其他", normal_other},
};

static const struct document_row *document_row(const char *type)
{
    for (size_t i = 0; type != NULL && i < COUNT(document_rows); i++)
        if (strcmp(type, document_rows[i].type) == 0)
            return &document_rows[i];
    return NULL;
}

const char *document_type_code(size_t n)
{
    return n < COUNT(document_rows) ? document_rows[n].type : NULL;
}

bool document_type_valid(const char *type)
{
    return document_row(type) != NULL;
}

const char *document_type_label(const char *type)
{
    const struct document_row *row = document_row(type);

    return row != NULL ? row->label : NULL;
}

bool document_no_normalise(const char *type, const char *input, struct date today,
                           char out[DOCUMENT_NO_SIZE])
{
    const struct document_row *row = document_row(type);

    if (row != NULL && squeeze(input, out, DOCUMENT_NO_SIZE) && row->normal(out, today))
        return true;
    out[0] = '\0';
    return false;
}

/* Keeps `front` and `back` characters of valid UTF-8 and puts a star for each one between. */
static void mask(const char *text, size_t count, size_t front, size_t back, char *out, size_t size)
{
    size_t length = 0;

    for (size_t i = 0; i < count; i++) {
        const char *start = text;
        size_t bytes;

        utf8_next(&text);
        if (i >= front && i < count - back)
            start = "*";
        bytes = *start == '*' ? 1 : (size_t)(text - start);
        if (length + bytes >= size) {
            out[0] = '\0';
            return;
        }
        memcpy(out + length, start, bytes);
        length += bytes;
    }
    out[length] = '\0';
}

void document_no_mask(const char *number, char out[DOCUMENT_NO_SIZE])
{
    size_t count, front, back;

    out[0] = '\0';
    if (number == NULL || !utf8_valid(number, strlen(number)))
        return;
    count = utf8_count(number);
    /* 6 and 4 of 18, and in the same proportion of less. */
    front = count >= 18 ? 6 : count / 3;
    back = count >= 18 ? 4 : count * 2 / 9;
    mask(number, count, front, back, out, DOCUMENT_NO_SIZE);
}

void name_mask(const char *name, char *out, size_t size)
{
    size_t count;

    if (size == 0)
        return;
    out[0] = '\0';
    if (name == NULL || !utf8_valid(name, strlen(name)))
        return;
    count = utf8_count(name);
    mask(name, count, count >= 2 ? 1 : 0, count >= 3 ? 1 : 0, out, size);
}

/*
 * Certificate numbers: province 建安 class （year） serial.
 */

/* The class at the front of *text, as long as can be; advances. */
static bool class_take(const char **text, char class_code[3])
{
    size_t length = 1;

    if (**text < 'A' || **text > 'C')
        return false;
    if (**text == 'C' && (*text)[1] >= '1' && (*text)[1] <= '3')
        length = 2;
    memcpy(class_code, *text, length);
    class_code[length] = '\0';
    *text += length;
    return true;
}

/* What stands behind 建安. Brackets of either width: squeeze() has made them half-width. */
static bool number_tail(const char *text, char class_code[3], int *year, uint32_t *serial)
{
    if (!class_take(&text, class_code) || (!skip(&text, BRACKET_OPEN) && !skip(&text, "(")))
        return false;
    if (!digits(text, 4))
        return false;
    *year = digits_value(text, 4);
    text += 4;
    if ((!skip(&text, BRACKET_CLOSE) && !skip(&text, ")")) || strlen(text) != 7 || !digits(text, 7))
        return false;
    *serial = (uint32_t)digits_value(text, 7);
    return true;
}

static bool number_write(const char *province, const char *class_code, int year, uint32_t serial,
                         char out[NUMBER_SIZE])
{
    return text_format(out, NUMBER_SIZE,
                       "%s" NUMBER_MARK "%s" BRACKET_OPEN "%04d" BRACKET_CLOSE "%07u", province,
                       class_code, year, serial);
}

bool certificate_number_normalise(const char *input, const char *province, char out[NUMBER_SIZE])
{
    char plain[NUMBER_SIZE], class_code[3];
    const char *text = plain;
    int year;
    uint32_t serial;

    out[0] = '\0';
    return squeeze(input, plain, sizeof plain) && skip(&text, province) &&
           skip(&text, NUMBER_MARK) && number_tail(text, class_code, &year, &serial) &&
           number_write(province, class_code, year, serial, out);
}

void certificate_number_make(const char *province, const char *class_code, int year,
                             uint32_t serial, char out[NUMBER_SIZE])
{
    if (year < 1 || year > 9999 || serial > SERIAL_MAX ||
        !number_write(province, class_code, year, serial, out))
        err_fatal("no certificate number can be made of year %d, serial %u", year, serial);
}

bool certificate_number_parts(const char *number, char class_code[3], int *year, uint32_t *serial)
{
    const char *mark = number != NULL ? strstr(number, NUMBER_MARK) : NULL;

    return mark != NULL && mark > number && strchr(mark, '(') == NULL &&
           strchr(mark, ')') == NULL &&
           number_tail(mark + strlen(NUMBER_MARK), class_code, year, serial);
}

/*
 * 电子证照标识.
 */

static const char check_alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

char mod37_36(const char *text)
{
    unsigned p = 36;

    for (; *text != '\0'; text++) {
        const char *at;

        if (*text == '.')
            continue;
        at = strchr(check_alphabet, *text);
        if (at == NULL)
            return 0;
        p = (p + (unsigned)(at - check_alphabet)) % 36;
        p = (p == 0 ? 36 : p) * 2 % 37;
    }
    return check_alphabet[(37 - p) % 36];
}

void identifier_make(const char *issuer_uscc, int year, uint32_t serial, unsigned version,
                     char out[IDENTIFIER_SIZE])
{
    char body[IDENTIFIER_SIZE];

    if (!uscc_valid(issuer_uscc) || year < 1 || year > 9999 || serial > SERIAL_MAX ||
        version < 1 || version > IDENTIFIER_VERSION_MAX ||
        !text_format(body, sizeof body, IDENTIFIER_TYPE ".%s.%04d%07u.%03u", issuer_uscc, year,
                     serial, version) ||
        !text_format(out, IDENTIFIER_SIZE, IDENTIFIER_ROOT "%s.%c", body, mod37_36(body)))
        err_fatal("no identifier can be made of year %d, serial %u, version %u", year, serial,
                  version);
}

bool identifier_valid(const char *identifier)
{
    char issuer[USCC_SIZE], body[IDENTIFIER_SIZE];
    const char *text = identifier, *start;

    if (text == NULL || !skip(&text, IDENTIFIER_ROOT))
        return false;
    start = text;
    /* type . issuer(18) . year and serial(11) . version(3) . check */
    if (!skip(&text, IDENTIFIER_TYPE ".") || strlen(text) != 18 + 1 + 11 + 1 + 3 + 1 + 1)
        return false;
    text_format(issuer, sizeof issuer, "%.18s", text);
    if (!uscc_valid(issuer) || text[18] != '.' || !digits(text + 19, 11) || text[30] != '.' ||
        !digits(text + 31, 3) || strncmp(text + 31, "000", 3) == 0 || text[34] != '.')
        return false;
    text_format(body, sizeof body, "%.*s", (int)(text + 34 - start), start);
    return text[35] == mod37_36(body);
}

/*
 * Classes and posts.
 */

static const struct class_row *class_row(const char *class_code)
{
    for (size_t i = 0; class_code != NULL && i < COUNT(class_rows); i++)
        if (strcmp(class_code, class_rows[i].code) == 0)
            return &class_rows[i];
    return NULL;
}

bool class_valid(const char *class_code)
{
    return class_row(class_code) != NULL;
}

const char *class_today(const char *class_code)
{
    return class_code != NULL && strcmp(class_code, "C") == 0 ? "C3" : class_code;
}

const char *class_label(const char *class_code)
{
    const struct class_row *row = class_row(class_code);

    return row != NULL ? row->label : NULL;
}

const char *class_line(const char *class_code)
{
    const struct class_row *row = class_row(class_code);

    return row != NULL ? row->line : NULL;
}

const char *post_label(const char *post)
{
    for (size_t i = 0; post != NULL && i < COUNT(post_rows); i++)
        if (strcmp(post, post_rows[i].code) == 0)
            return post_rows[i].label;
    return NULL;
}

bool post_allowed(const char *class_code, const char *post)
{
    const struct class_row *row = class_row(class_code);

    return row != NULL && post_label(post) != NULL && strstr(row->posts, post) != NULL;
}
