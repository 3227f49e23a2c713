#include "base/date.h"

#include <time.h>

enum { YEAR_MIN = 1, YEAR_MAX = 9999, DAY_SECONDS = 86400, SHANGHAI_SECONDS = 8 * 3600 };
enum { ERA_YEARS = 400, ERA_DAYS = 146097, EPOCH_DAYS = 719468 /* 0000-03-01 to 1970-01-01 */ };

static struct date fixed_today;

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
    static const int days[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap(year) ? 29 : days[month];
}

bool date_valid(struct date date)
{
    return date.year >= YEAR_MIN && date.year <= YEAR_MAX && date.month >= 1 && date.month <= 12 &&
           date.day >= 1 && date.day <= month_days(date.year, date.month);
}

bool date_is_none(struct date date)
{
    return date.year == 0 && date.month == 0 && date.day == 0;
}

int date_compare(struct date a, struct date b)
{
    if (a.year != b.year)
        return a.year - b.year;
    return a.month != b.month ? a.month - b.month : a.day - b.day;
}

/* Both ways count years from 1 March, so that the leap day is the last of its year. */
int32_t date_days(struct date date)
{
    int year = date.year - (date.month <= 2);
    int era = year / ERA_YEARS;
    int year_of_era = year % ERA_YEARS;
    int month = (date.month + 9) % 12;
    int day_of_year = (153 * month + 2) / 5 + date.day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * ERA_DAYS + day_of_era - EPOCH_DAYS;
}

struct date date_from_days(int32_t days)
{
    const struct date none = {0, 0, 0};
    int64_t count = (int64_t)days + EPOCH_DAYS;

    if (count < 0)
        return none;
    int64_t era = count / ERA_DAYS;
    int day_of_era = (int)(count % ERA_DAYS);
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month = (5 * day_of_year + 2) / 153;
    int day = day_of_year - (153 * month + 2) / 5 + 1;
    int64_t year = era * ERA_YEARS + year_of_era + (month >= 10);

    if (year < YEAR_MIN || year > YEAR_MAX)
        return none;
    return (struct date){(int16_t)year, (int8_t)(month < 10 ? month + 3 : month - 9), (int8_t)day};
}

struct date date_add_days(struct date date, int days)
{
    int32_t sum;

    if (__builtin_add_overflow(date_days(date), days, &sum))
        return (struct date){0, 0, 0};
    return date_from_days(sum);
}

struct date date_add_months(struct date date, int months)
{
    int64_t count = (int64_t)date.year * 12 + date.month - 1 + months;
    int64_t year = count / 12;

    if (count < 0 || year < YEAR_MIN || year > YEAR_MAX)
        return (struct date){0, 0, 0};
    int month = (int)(count % 12) + 1;
    int last = month_days((int)year, month);
    return (struct date){(int16_t)year, (int8_t)month, (int8_t)(date.day < last ? date.day : last)};
}

struct date date_add_years(struct date date, int years)
{
    int months;

    if (__builtin_mul_overflow(years, 12, &months))
        return (struct date){0, 0, 0};
    return date_add_months(date, months);
}

struct date date_term_end(struct date first, int years)
{
    struct date again = date_add_years(first, years);

    /* A year without this day has not reached it on the day before: it ends with that. */
    return date_is_none(again) || again.day != first.day ? again : date_add_days(again, -1);
}

int date_age(struct date birth, struct date on)
{
    bool before = on.month < birth.month || (on.month == birth.month && on.day < birth.day);

    return on.year - birth.year - before;
}

static bool take_digits(const char *text, int count, int *value)
{
    *value = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *value = *value * 10 + (text[i] - '0');
    }
    return true;
}

bool date_parse(const char *text, struct date *date)
{
    int year, month, day;

    if (!take_digits(text, 4, &year) || text[4] != '-' || !take_digits(text + 5, 2, &month) ||
        text[7] != '-' || !take_digits(text + 8, 2, &day) || text[10])
        return false;
    struct date result = {(int16_t)year, (int8_t)month, (int8_t)day};
    if (!date_valid(result))
        return false;
    *date = result;
    return true;
}

/* `count` digits of value; returns the place behind them. */
static char *put_digits(char *out, int count, int64_t value)
{
    for (int i = count - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + count;
}

static char *put_text(char *out, const char *text)
{
    while (*text)
        *out++ = *text++;
    return out;
}

static char *put_date(char *out, struct date date)
{
    out = put_digits(out, 4, date.year);
    *out++ = '-';
    out = put_digits(out, 2, date.month);
    *out++ = '-';
    return put_digits(out, 2, date.day);
}

static char *put_time(char *out, int64_t second_of_day)
{
    out = put_digits(out, 2, second_of_day / 3600);
    *out++ = ':';
    out = put_digits(out, 2, second_of_day / 60 % 60);
    *out++ = ':';
    return put_digits(out, 2, second_of_day % 60);
}

void date_format(struct date date, char out[11])
{
    if (date_valid(date))
        out = put_date(out, date);
    *out = '\0';
}

void date_chinese(struct date date, char out[24])
{
    if (date_valid(date)) {
        out = put_digits(out, 4, date.year);
        out = put_text(out, "年");
        out = put_digits(out, date.month < 10 ? 1 : 2, date.month);
        out = put_text(out, "月");
        out = put_digits(out, date.day < 10 ? 1 : 2, date.day);
        out = put_text(out, "日");
    }
    *out = '\0';
}

/* Splits so that the rest is never negative. */
static int64_t floor_divide(int64_t value, int64_t by, int64_t *rest)
{
    int64_t quotient = value / by;

    *rest = value % by;
    if (*rest < 0) {
        *rest += by;
        quotient--;
    }
    return quotient;
}

static struct date split_seconds(int64_t seconds, int64_t *second_of_day)
{
    int64_t days = floor_divide(seconds, DAY_SECONDS, second_of_day);

    return days < INT32_MIN || days > INT32_MAX ? (struct date){0, 0, 0}
                                                : date_from_days((int32_t)days);
}

struct date date_at(int64_t ms)
{
    int64_t rest;

    return split_seconds(floor_divide(ms, 1000, &rest) + SHANGHAI_SECONDS, &rest);
}

int64_t date_begins_ms(struct date date)
{
    return (int64_t)date_days(date) * DAY_MS - (int64_t)SHANGHAI_SECONDS * 1000;
}

struct date date_today(void)
{
    return date_is_none(fixed_today) ? date_at(clock_now_ms()) : fixed_today;
}

void clock_fix(struct date today)
{
    fixed_today = today;
}

int64_t clock_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_tick_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void clock_iso(int64_t ms, char out[25])
{
    int64_t milli, second_of_day;
    int64_t seconds = floor_divide(ms, 1000, &milli);

    out = put_date(out, split_seconds(seconds, &second_of_day));
    *out++ = 'T';
    out = put_time(out, second_of_day);
    *out++ = '.';
    out = put_digits(out, 3, milli);
    *out++ = 'Z';
    *out = '\0';
}

void clock_shanghai(int64_t ms, char out[20])
{
    int64_t milli, second_of_day;
    int64_t seconds = floor_divide(ms, 1000, &milli);

    out = put_date(out, split_seconds(seconds + SHANGHAI_SECONDS, &second_of_day));
    *out++ = ' ';
    out = put_time(out, second_of_day);
    *out = '\0';
}
