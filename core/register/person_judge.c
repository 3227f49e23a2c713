/* What a clerk types of a person: checked field by field. */
#include "core/register/person_data.h"

#include <string.h>

#include "base/pool.h"
#include "base/text.h"
#include "core/register/identifier.h"
#include "core/register/nfc.h"

enum { NAME_MAX_POINTS = 64, PHONE_MIN = 5, PHONE_MAX = 20, RESIDENT_SIZE = 18, AGE_MOST = 120 };
#define RESIDENT "111"

static const struct label {
    const char *code, *label;
} educations[] = {{"01", "博士"}, {"02", "硕士"}, {"03", "本科"},       {"04", "专科"},
                  {"05", "中专"}, {"06", "高中"}, {"07", "初中及以下"}, {"99", "其他"}},
  titles[] = {{"01", "正高级工程师"},
              {"02", "高级工程师"},
              {"03", "工程师"},
              {"04", "助理工程师"},
              {"05", "技术员"}};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *label_of(const struct label *labels, size_t count, const char *code)
{
    for (size_t i = 0; code && i < count; i++)
        if (strcmp(labels[i].code, code) == 0)
            return labels[i].label;
    return NULL;
}

const char *person_education_label(const char *code)
{
    return label_of(educations, COUNT(educations), code);
}

const char *person_title_label(const char *code)
{
    return label_of(titles, COUNT(titles), code);
}

const char *person_sex_label(unsigned sex)
{
    return sex == 1 ? "男" : sex == 2 ? "女" : NULL;
}

const char *person_education_code(size_t n)
{
    return n < COUNT(educations) ? educations[n].code : NULL;
}

const char *person_title_code(size_t n)
{
    return n < COUNT(titles) ? titles[n].code : NULL;
}

/* Blanks are nothing; the rest says which rule of GB 11643 is broken. */
static const char *resident_fault(const char *number, struct date today)
{
    char digits[DOCUMENT_NO_SIZE];
    struct date birth;
    size_t count = 0;

    for (const char *c = number; *c && count < sizeof(digits) - 1; c++)
        if (*c != ' ')
            digits[count++] = *c;
    digits[count] = '\0';
    if (count != RESIDENT_SIZE)
        return "居民身份证号码应为 18 位，请核对位数";
    if (strspn(digits, "0123456789") < RESIDENT_SIZE - 1)
        return "居民身份证号码的前 17 位应为数字";
    if (!date_parse((char[]){digits[6], digits[7], digits[8], digits[9], '-', digits[10],
                             digits[11], '-', digits[12], digits[13], '\0'},
                    &birth))
        return "居民身份证号码中的出生日期不存在，请核对第 7 至 14 位";
    if (date_compare(birth, today) > 0)
        return "居民身份证号码中的出生日期在今天之后，请核对第 7 至 14 位";
    return "居民身份证号码的校验码不对，请逐位核对";
}

const char *document_no_fault(const char *id_type, const char *number, struct date today)
{
    static const struct label shapes[] = {
        {"114", "军官证号码应为“某字第”加 4 至 8 位数字或字母，例如“军字第1234567号”"},
        {"414", "护照号码应为 5 至 17 位字母和数字"},
        {"511", "台胞证号码应为 8 位数字"},
        {"516", "回乡证号码应为 H 或 M 加 8 位数字（可加 2 位换证次数）"},
        {"999", "证件号码至少 4 个字符，最多 39 个字节，不能有特殊字符"},
    };
    char normal[DOCUMENT_NO_SIZE];
    const char *shape;

    if (document_no_normalise(id_type, number, today, normal))
        return NULL;
    if (*number == '\0')
        return "请填写证件号码";
    if (strcmp(id_type, RESIDENT) == 0)
        return resident_fault(number, today);
    shape = label_of(shapes, COUNT(shapes), id_type);
    return shape ? shape : "请先选择证件类型";
}

/* What is typed for the dot of a name; a full stop only between characters that no initial is of. */
static bool is_dot(uint32_t before, uint32_t point, const char *after)
{
    enum { CJK = 0x2E80 };

    if (point == '.')
        return before >= CJK && *after && utf8_next(&after) >= CJK;
    return point == 0x2022 || point == 0x2027 || point == 0x30FB || point == 0x2219 ||
           point == 0xFF0E;
}

/* Most names are of characters alone that have one form, and files have millions of them. */
static bool is_plain(const char *name)
{
    while (*name) {
        uint32_t point = utf8_next(&name);

        if (point < 0x4E00 || point > 0x9FFF)
            return false;
    }
    return true;
}

/* The dots of names that are written with one are one: ·. */
const char *person_name_normal(struct pool *pool, const char *typed)
{
    struct text text;
    const char *at;
    uint32_t before = 0;
    bool blank = false;

    if (is_plain(typed))
        return pool_text(pool, typed);
    at = nfc(pool, typed);
    text_init(&text, pool, SIZE_MAX / 2);
    while (*at) {
        uint32_t point = utf8_next(&at);

        if (point == ' ' || point == 0x3000 || point == 0xA0) {
            blank = text.length > 0;
            continue;
        }
        if (blank)
            text_char(&text, ' ');
        blank = false;
        if (is_dot(before, point, at))
            point = 0xB7;
        utf8_add(&text, point);
        before = point;
    }
    return text.length > 0 ? text.data : "";
}

const char *person_name_fault(const char *name)
{
    if (*name == '\0')
        return "请填写姓名";
    if (utf8_count(name) > NAME_MAX_POINTS)
        return "姓名最多 64 个字";
    if (utf8_has_control(name) || strpbrk(name, "0123456789<>&\"/\\@#$%^*=+|{}[]~`!?;:_"))
        return "姓名中有不能使用的字符，请核对";
    return NULL;
}

static const char *phone_fault(const char *phone)
{
    size_t length = strspn(phone, "0123456789+- ");

    if (*phone == '\0')
        return NULL;
    return phone[length] || length < PHONE_MIN || length > PHONE_MAX
               ? "电话应为 5 至 20 位数字，可以有加号和短横"
               : NULL;
}

/* Sex and birth: from the number of a resident, else from what was typed. */
static void judge_facts(const struct person_data *typed, struct date today,
                        struct person_data *normal, const char *faults[PERSON_FIELDS])
{
    struct date birth;
    int sex;

    if (!faults[PERSON_ID_NO] && strcmp(normal->id_type, RESIDENT) == 0 &&
        resident_id_valid(normal->id_no, today, &birth, &sex)) {
        if (typed->sex != 0 && typed->sex != (unsigned)sex)
            faults[PERSON_SEX] = "性别与居民身份证号码不一致，请核对";
        if (!date_is_none(typed->birth) && date_compare(typed->birth, birth) != 0)
            faults[PERSON_BIRTH] = "出生日期与居民身份证号码不一致，请核对";
        normal->sex = (unsigned)sex;
        normal->birth = birth;
    } else if (strcmp(typed->id_type, RESIDENT) != 0) {
        if (typed->sex != 1 && typed->sex != 2)
            faults[PERSON_SEX] = "请选择性别";
        if (date_is_none(typed->birth))
            faults[PERSON_BIRTH] = "请填写出生日期";
    }
    if (!faults[PERSON_BIRTH] && !date_is_none(normal->birth) &&
        (date_compare(normal->birth, today) > 0 || date_age(normal->birth, today) > AGE_MOST))
        faults[PERSON_BIRTH] = "出生日期不可能，请核对";
}

unsigned person_judge(struct pool *pool, const struct person_data *typed, struct date today,
                      struct person_data *normal, const char *faults[PERSON_FIELDS])
{
    char *number = pool_alloc(pool, DOCUMENT_NO_SIZE);
    unsigned wrong = 0;

    for (size_t i = 0; i < PERSON_FIELDS; i++)
        faults[i] = NULL;
    *normal = *typed;
    if (!document_type_valid(typed->id_type))
        faults[PERSON_ID_TYPE] = "请选择证件类型";
    else
        faults[PERSON_ID_NO] = document_no_fault(typed->id_type, typed->id_no, today);
    if (document_no_normalise(typed->id_type, typed->id_no, today, number))
        normal->id_no = number;
    normal->name = person_name_normal(pool, typed->name);
    faults[PERSON_NAME] = person_name_fault(normal->name);
    judge_facts(typed, today, normal, faults);
    if (*typed->education == '\0')
        normal->education = "99";
    else if (!person_education_label(typed->education))
        faults[PERSON_EDUCATION] = "请选择文化程度";
    if (*typed->title && !person_title_label(typed->title))
        faults[PERSON_TITLE] = "请选择技术职称";
    faults[PERSON_PHONE] = phone_fault(typed->phone);
    for (size_t i = 0; i < PERSON_FIELDS; i++)
        wrong += faults[i] != NULL;
    return wrong;
}
