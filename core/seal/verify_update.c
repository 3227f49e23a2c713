#include <string.h>

#include "base/date.h"
#include "base/pool.h"
#include "core/seal/verify_shape.h"

enum { WORDS_LIMIT = 4096 }; /* bytes of a reason in UTF-8 */

/* How a value of the update must read. */
enum kind {
    EXACT,   /* as the text, '#' being the number of the object `about` */
    NUMBERS, /* four of them, in an array */
    WORDS,   /* a text string in UTF-16 */
    FONTS,   /* what the lines of the box are printed in, or none */
    TIME,
    CHECKED  /* elsewhere */
};

static const struct rule {
    enum verify_object object;
    const char *key;
    enum kind kind;
    const char *text;
    enum verify_object about;
    bool optional;
} rules[] = {
    {VERIFY_CATALOG, "/Extensions", EXACT,
     "<</ESIC <</BaseVersion /1.7 /ExtensionLevel 5>>>>", 0, false},
    {VERIFY_CATALOG, "/AcroForm", EXACT, "<</Fields [# 0 R] /SigFlags 3>>", VERIFY_WIDGET, false},
    {VERIFY_CATALOG, "/Perms", EXACT, "<</DocMDP # 0 R>>", VERIFY_SIGNATURE, false},

    {VERIFY_PAGE, "/Annots", EXACT, "[ # 0 R]", VERIFY_WIDGET, false},

    {VERIFY_WIDGET, "/Type", EXACT, "/Annot", 0, false},
    {VERIFY_WIDGET, "/Subtype", EXACT, "/Widget", 0, false},
    {VERIFY_WIDGET, "/FT", EXACT, "/Sig", 0, false},
    {VERIFY_WIDGET, "/T", EXACT, "(Seal)", 0, false},
    {VERIFY_WIDGET, "/F", EXACT, "132", 0, false},
    {VERIFY_WIDGET, "/P", EXACT, "# 0 R", VERIFY_PAGE, false},
    {VERIFY_WIDGET, "/V", EXACT, "# 0 R", VERIFY_SIGNATURE, false},
    {VERIFY_WIDGET, "/AP", EXACT, "<</N # 0 R>>", VERIFY_APPEARANCE, false},
    {VERIFY_WIDGET, "/Rect", NUMBERS, NULL, 0, false},

    {VERIFY_SIGNATURE, "/Type", EXACT, "/Sig", 0, false},
    {VERIFY_SIGNATURE, "/Filter", EXACT, "/Adobe.PPKLite", 0, false},
    {VERIFY_SIGNATURE, "/SubFilter", EXACT, "/ETSI.CAdES.detached", 0, false},
    {VERIFY_SIGNATURE, "/Reference", EXACT,
     "[<</Type /SigRef /TransformMethod /DocMDP\n"
     "/TransformParams <</Type /TransformParams /P 2 /V /1.2>>>>]", 0, false},
    {VERIFY_SIGNATURE, "/Name", WORDS, NULL, 0, true},
    {VERIFY_SIGNATURE, "/Reason", WORDS, NULL, 0, true},
    {VERIFY_SIGNATURE, "/Location", WORDS, NULL, 0, true},
    {VERIFY_SIGNATURE, "/M", TIME, NULL, 0, false},
    {VERIFY_SIGNATURE, "/Contents", CHECKED, NULL, 0, false},
    {VERIFY_SIGNATURE, "/ByteRange", CHECKED, NULL, 0, false},

    {VERIFY_APPEARANCE, "/Type", EXACT, "/XObject", 0, false},
    {VERIFY_APPEARANCE, "/Subtype", EXACT, "/Form", 0, false},
    {VERIFY_APPEARANCE, "/BBox", NUMBERS, NULL, 0, false},
    {VERIFY_APPEARANCE, "/Resources", FONTS, NULL, 0, false},
    {VERIFY_APPEARANCE, "/Length", CHECKED, NULL, 0, false},
};

enum { RULES = sizeof(rules) / sizeof(*rules) };

static bool bytes_are(struct bytes value, const char *text)
{
    return value.size == strlen(text) && memcmp(value.data, text, value.size) == 0;
}

static bool are_fonts(struct bytes value)
{
    return bytes_are(value, "<<>>") ||
           bytes_are(value, "<</Font <</F1 <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>>>");
}

static bool value_is(const struct verify_shape *shape, const struct rule *rule, struct bytes value)
{
    char expected[256];
    struct text out;

    text_init_fixed(&out, expected, sizeof(expected));
    for (const char *at = rule->text; *at; at++) {
        if (*at == '#')
            text_printf(&out, "%u", shape->numbers[rule->about]);
        else
            text_char(&out, *at);
    }
    return bytes_are(value, expected);
}

static bool are_numbers(struct bytes value)
{
    struct pdftoken c = {value.data, 0, value.size};
    struct span word;

    if (!pdftoken_take(&c, "["))
        return false;
    for (int i = 0; i < 4; i++) {
        if (!pdftoken_word(&c, &word))
            return false;
        for (size_t at = word.start; at < word.end; at++)
            if (!strchr("0123456789.", c.data[at]) || c.data[at] == '\0')
                return false;
    }
    return pdftoken_take(&c, "]") && c.at == c.end;
}

/* UTF-16BE in hex with its mark (ISO 32000-1, 7.9.2.2), as UTF-8 in the pool; NULL if it is not. */
static const char *read_words(struct pool *pool, struct bytes value)
{
    size_t length = value.size > 2 ? value.size - 2 : 0;
    uint8_t *units = pool_alloc(pool, length / 2 + 1);
    char *hex = pool_text_n(pool, (const char *)value.data + 1, length);
    uint32_t high = 0;
    struct text out;
    long size;

    for (char *at = hex; *at; at++)
        if (*at >= 'A' && *at <= 'F')
            *at = (char)(*at - 'A' + 'a');
    size = value.data[0] == '<' ? hex_decode(hex, units, length / 2 + 1) : -1;

    if (size < 2 || size % 2 != 0 || units[0] != 0xFE || units[1] != 0xFF)
        return NULL;
    text_init(&out, pool, WORDS_LIMIT);
    for (long i = 2; i < size; i += 2) {
        uint32_t unit = (uint32_t)units[i] << 8 | units[i + 1];

        if ((unit & 0xFC00) == 0xD800 && !high) {
            high = unit;
            continue;
        }
        if (((unit & 0xFC00) == 0xDC00) != (high != 0) || unit == 0)
            return NULL;
        utf8_add(&out, high ? 0x10000 + ((high & 0x3FF) << 10) + (unit & 0x3FF) : unit);
        high = 0;
    }
    return high || out.overflow || utf8_has_control(out.data) ? NULL : out.data;
}

/* "(D:yyyymmddhhmmss+08'00')" in milliseconds. */
static bool read_time(struct bytes value, int64_t *ms)
{
    static const char shape[] = "(D:00000000000000+08'00')";
    const uint8_t *p = value.data + 3;
    int parts[5], seconds;
    struct date date;

    if (value.size != sizeof(shape) - 1)
        return false;
    for (size_t i = 0; i < value.size; i++)
        if (i >= 3 && i < 17 ? value.data[i] < '0' || value.data[i] > '9'
                             : value.data[i] != (uint8_t)shape[i])
            return false;
    for (int i = 0; i < 5; i++)
        parts[i] = 10 * (p[4 + 2 * i] - '0') + p[5 + 2 * i] - '0';
    date = (struct date){(int16_t)(1000 * (p[0] - '0') + 100 * (p[1] - '0') + 10 * (p[2] - '0') +
                                   p[3] - '0'),
                         (int8_t)parts[0], (int8_t)parts[1]};
    if (!date_valid(date) || parts[2] > 23 || parts[3] > 59 || parts[4] > 59)
        return false;
    seconds = parts[2] * 3600 + parts[3] * 60 + parts[4];
    *ms = date_begins_ms(date) + seconds * INT64_C(1000);
    return true;
}

static bool check_value(struct verify_shape *shape, const struct rule *rule, struct span span)
{
    struct bytes value = {shape->file.data + span.start, span.end - span.start};
    const char *words;

    switch (rule->kind) {
    case EXACT:
        return value_is(shape, rule, value);
    case NUMBERS:
        return are_numbers(value);
    case WORDS:
        words = read_words(shape->pool, value);
        if (words && strcmp(rule->key, "/Reason") == 0)
            shape->reason = words;
        else if (words && strcmp(rule->key, "/Location") == 0)
            shape->location = words;
        return words != NULL;
    case FONTS:
        return are_fonts(value);
    case TIME:
        return read_time(value, &shape->signed_ms);
    case CHECKED:
        break;
    }
    return true;
}

static size_t find_rule(const struct verify_shape *shape, enum verify_object object,
                        struct span key)
{
    size_t i = 0;

    while (i < RULES && (rules[i].object != object || !pdftoken_is(shape->file.data, key, rules[i].key)))
        i++;
    return i;
}

/* Every key has its rule, and every rule its key. */
static enum verify_verdict check_object(struct verify_shape *shape, enum verify_object object)
{
    struct pdftoken c = {shape->file.data, shape->insides[object].start,
                         shape->insides[object].end};
    bool seen[RULES] = {false};
    struct span key, value;

    for (pdftoken_blank(&c); c.at < c.end;) {
        size_t i = pdftoken_pair(&c, &key, &value) ? find_rule(shape, object, key) : RULES;

        if (i == RULES || seen[i])
            return verify_refuse(shape, VERIFY_FIELD, "object %u has a key that it should not have",
                                 shape->numbers[object]);
        if (!check_value(shape, &rules[i], value))
            return verify_refuse(shape, VERIFY_FIELD, "object %u: %s is not as it should be",
                                 shape->numbers[object], rules[i].key);
        seen[i] = true;
    }
    for (size_t i = 0; i < RULES; i++)
        if (rules[i].object == object && !seen[i] && !rules[i].optional)
            return verify_refuse(shape, VERIFY_FIELD, "object %u: %s is missing",
                                 shape->numbers[object], rules[i].key);
    return VERIFY_GENUINE;
}

/* What was written anew is the old with something behind it. */
static bool cut_old(struct verify_shape *shape, enum verify_object object)
{
    struct span *inside = &shape->insides[object], old;
    size_t length;

    if (pdfread_dictionary(&shape->first, shape->numbers[object], &old, NULL) < 0)
        return false;
    length = old.end - old.start;
    if (inside->end - inside->start < length ||
        memcmp(shape->file.data + inside->start, shape->file.data + old.start, length) != 0)
        return false;
    inside->start += length;
    return true;
}

enum verify_verdict verify_update_read(struct verify_shape *shape)
{
    for (enum verify_object object = 0; object < VERIFY_WIDGET; object++)
        if (!cut_old(shape, object))
            return verify_refuse(shape, VERIFY_OBJECTS, "the update changes object %u",
                                 shape->numbers[object]);
    for (enum verify_object object = 0; object < VERIFY_OBJECT_COUNT; object++) {
        enum verify_verdict verdict = check_object(shape, object);

        if (verdict != VERIFY_GENUINE)
            return verdict;
    }
    return VERIFY_GENUINE;
}
