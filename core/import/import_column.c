/* Checkers of columns: from the text of a CSV field to a value of the temporary table. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "base/vault.h"
#include "core/import/import_kind.h"
#include "core/places.h"
#include "core/register/identifier.h"
#include "core/register/person_data.h"

enum { RECORD_MAX = 40, PHONE_MIN = 5, PHONE_MAX = 20 };

static const struct import_column *column_of(const struct import_row *row, size_t column)
{
    return &row->run->kind->columns[column];
}

static struct db_value *value_of(struct import_row *row, size_t column)
{
    return &row->values[column_of(row, column)->value];
}

/* Values outlive the line: they wait for their block. */
static void set_text(struct import_row *row, size_t column, const char *text)
{
    *value_of(row, column) = db_text(pool_text(row->run->row_pool, text));
}

static void set_bytes(struct import_row *row, struct db_value *value, const void *data, size_t size)
{
    *value = db_bytes(pool_copy(row->run->row_pool, data, size), size);
}

/* One of them: two with the blank between are none. */
static bool is_choice(const char *choices, const char *text)
{
    size_t length = strcspn(text, " ");

    if (length == 0 || text[length])
        return false;
    for (const char *at = choices; (at = strstr(at, text)) != NULL; at += length)
        if ((at == choices || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
            return true;
    return false;
}

static void take_text(struct import_row *row, size_t column, const char *text)
{
    const struct import_column *is = column_of(row, column);
    long long length = (long long)utf8_count(text);

    if (utf8_has_control(text))
        import_wrong(row, column, "holds a control character", "含有控制字符");
    else if (length < is->low || length > is->high)
        import_wrong(row, column, "must have %lld to %lld characters",
                     "应为 %lld 至 %lld 个字", is->low, is->high);
    else
        set_text(row, column, text);
}

void import_text(struct import_row *row, size_t column)
{
    take_text(row, column, row->fields[column]);
}

void import_person(struct import_row *row, size_t column)
{
    take_text(row, column, person_name_normal(row->run->row_pool, row->fields[column]));
}

void import_choice(struct import_row *row, size_t column)
{
    const struct import_column *is = column_of(row, column);

    if (is_choice(is->choices, row->fields[column]))
        set_text(row, column, row->fields[column]);
    else
        import_wrong(row, column, "must be one of: %s", "应为以下之一：%s", is->choices);
}

void import_digit(struct import_row *row, size_t column)
{
    const struct import_column *is = column_of(row, column);
    int64_t number;

    if (parse_int(row->fields[column], is->low, is->high, &number))
        *value_of(row, column) = db_int(number);
    else
        import_wrong(row, column, "must be a whole number from %lld to %lld",
                     "应为 %lld 至 %lld 之间的整数", is->low, is->high);
}

void import_date(struct import_row *row, size_t column)
{
    struct date date;

    if (date_parse(row->fields[column], &date))
        *value_of(row, column) = db_date(date);
    else
        import_wrong(row, column, "must be a real date, yyyy-mm-dd",
                     "应为真实的日期，格式为 yyyy-mm-dd");
}

void import_past(struct import_row *row, size_t column)
{
    struct date date;

    if (!date_parse(row->fields[column], &date))
        import_wrong(row, column, "must be a real date, yyyy-mm-dd",
                     "应为真实的日期，格式为 yyyy-mm-dd");
    else if (date_compare(date, row->run->today) > 0)
        import_wrong(row, column, "is after today", "晚于今天");
    else
        *value_of(row, column) = db_date(date);
}

void import_month(struct import_row *row, size_t column)
{
    char day[11];
    struct date date;

    if (!text_format(day, sizeof(day), "%s-01", row->fields[column]) || !date_parse(day, &date))
        import_wrong(row, column, "must be a month, yyyy-mm", "应为月份，格式为 yyyy-mm");
    else if (date_compare(date, row->run->today) > 0)
        import_wrong(row, column, "is after this month", "晚于本月");
    else
        *value_of(row, column) = db_date(date);
}

void import_record(struct import_row *row, size_t column)
{
    const char *text = row->fields[column];
    size_t length = 0;

    while (text[length] > ' ' && text[length] <= '~')
        length++;
    if (text[length] || length > RECORD_MAX)
        import_wrong(row, column, "must be 1 to %d of A-Z a-z 0-9 and signs",
                     "应为 1 至 %d 个字母、数字和符号", RECORD_MAX);
    else
        set_text(row, column, text);
}

void import_uscc(struct import_row *row, size_t column)
{
    if (uscc_valid(row->fields[column]))
        set_text(row, column, row->fields[column]);
    else
        import_wrong(row, column, "is no unified social credit code (18 characters, check digit)",
                     "不是有效的统一社会信用代码（18 位，含校验位）");
}

/* Classes, posts, numbers */

void import_class(struct import_row *row, size_t column)
{
    const char *class_code = class_today(row->fields[column]);

    if (class_valid(class_code))
        set_text(row, column, class_code);
    else
        import_wrong(row, column, "must be A, B, C1, C2, C3, or C for an old paper certificate",
                     "应为 A、B、C1、C2、C3，旧纸质证书可写 C");
}

void import_post(struct import_row *row, size_t column)
{
    const char *post = row->fields[column];
    const char *class_code = class_today(row->fields[column_of(row, column)->other]);

    if (!post_label(post))
        import_wrong(row, column, "must be 01 to 08, or 99", "应为 01 至 08 或 99");
    else if (class_valid(class_code) && !post_allowed(class_code, post))
        import_wrong(row, column, "is not a post of class %s", "不是 %s 类证书的职务", class_code);
    else
        set_text(row, column, post);
}

void import_number(struct import_row *row, size_t column)
{
    char number[NUMBER_SIZE], class_code[3];
    const char *expected = class_today(row->fields[column_of(row, column)->other]);
    int year;
    uint32_t serial;

    if (!certificate_number_normalise(row->fields[column], row->run->core->policy->province,
                                      number) ||
        !certificate_number_parts(number, class_code, &year, &serial))
        import_wrong(row, column, "is no certificate's number", "不是有效的证书编号");
    else if (class_valid(expected) && strcmp(class_today(class_code), expected) != 0)
        import_wrong(row, column, "names class %s, but the column class says %s",
                     "编号中的类别是 %s，而 class 列是 %s", class_code, expected);
    else
        set_text(row, column, number);
}

/* Documents */

void import_document_type(struct import_row *row, size_t column)
{
    if (document_type_valid(row->fields[column]))
        set_text(row, column, row->fields[column]);
    else
        import_wrong(row, column, "must be 111, 114, 414, 511, 516 or 999",
                     "应为 111、114、414、511、516 或 999");
}

bool import_document_normal(const struct import_row *row, size_t column, char *out)
{
    const char *type = row->fields[column_of(row, column)->other];

    return document_type_valid(type) &&
           document_no_normalise(type, row->fields[column], row->run->today, out);
}

void import_document_no(struct import_row *row, size_t column)
{
    char number[DOCUMENT_NO_SIZE];
    uint8_t hash[VAULT_HASH_SIZE];
    const char *type = row->fields[column_of(row, column)->other];

    if (!document_type_valid(type))
        return; /* told already, or empty: nothing can be said of the number */
    if (!import_document_normal(row, column, number)) {
        import_wrong(row, column, "is no number of a document of type %s (%s)",
                     "不是有效的证件号码（类型 %s %s）", type, document_type_label(type));
        return;
    }
    vault_lookup(row->run->core->vault, PLACE_PERSON_ID_NO, number, hash);
    set_bytes(row, value_of(row, column), hash, sizeof(hash));
}

static void seal(struct import_row *row, size_t column, const char *place, const char *text)
{
    struct bytes sealed;
    struct err err = {0};

    if (vault_seal(row->run->core->vault, row->run->row_pool, place,
                   (struct bytes){(const uint8_t *)text, strlen(text)}, &sealed, &err) < 0)
        err_fatal("cannot seal: %s", err.text);
    value_of(row, column)[1] = db_bytes(sealed.data, sealed.size);
}

void import_document_no_sealed(struct import_row *row, size_t column)
{
    char number[DOCUMENT_NO_SIZE];

    const char *place = column_of(row, column)->choices;

    import_document_no(row, column);
    if (value_of(row, column)->type == DB_NULL || !import_document_normal(row, column, number))
        return;
    if (strcmp(place, PLACE_PERSON_ID_NO) == 0)
        place = place_of_hash(row->run->row_pool, place, db_as_bytes(value_of(row, column)).data);
    seal(row, column, place, number);
}

void import_phone(struct import_row *row, size_t column)
{
    const char *place = column_of(row, column)->choices;
    const char *phone = row->fields[column];
    size_t length = strspn(phone, "0123456789+- ");
    uint8_t hash[VAULT_HASH_SIZE];

    if (phone[length] || length < PHONE_MIN || length > PHONE_MAX) {
        import_wrong(row, column, "must be %d to %d digits, + and -",
                     "应为 %d 至 %d 位数字（可含 + 和 -）", PHONE_MIN, PHONE_MAX);
        return;
    }
    vault_lookup(row->run->core->vault, place, phone, hash);
    set_bytes(row, value_of(row, column), hash, sizeof(hash));
    seal(row, column, place, phone);
}
