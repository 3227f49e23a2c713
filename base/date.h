/*
 * Calendar dates (proleptic Gregorian, years 1 to 9999), and the clock.
 *
 * Business dates are days in Shanghai (UTC+8, no daylight saving since 1991). Instants are
 * milliseconds since 1970-01-01 UTC. A zero struct date is "no date".
 */
#ifndef ECERT_BASE_DATE_H
#define ECERT_BASE_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DAY_MS INT64_C(86400000)

struct date {
    int16_t year;
    int8_t month; /* 1 to 12 */
    int8_t day;   /* 1 to 31 */
};

bool date_valid(struct date date);
bool date_is_none(struct date date);
/* <0, 0, >0. No date sorts before all. */
int date_compare(struct date a, struct date b);
/* Days from 1970-01-01; date must be valid. */
int32_t date_days(struct date date);
struct date date_from_days(int32_t days);
struct date date_add_days(struct date date, int days);
/* Same day of a later (or earlier) month; the last day of that month where it has no such day. */
struct date date_add_months(struct date date, int months);
struct date date_add_years(struct date date, int years);
/* The last of `years` full years that begin with this day, which counts: from 1 March to the end of
 * February, and from 29 February, too. */
struct date date_term_end(struct date first, int years);
/* Full years from `birth` to `on`; someone born on 29 February is a year older on 1 March. */
int date_age(struct date birth, struct date on);

/* Exactly yyyy-mm-dd, a real date. */
bool date_parse(const char *text, struct date *date);
/* yyyy-mm-dd; out holds 11 bytes. "" for no date. */
void date_format(struct date date, char out[11]);
/* yyyy年M月d日, as on the certificate's face; out holds 24 bytes. */
void date_chinese(struct date date, char out[24]);

/* The day in Shanghai at an instant, and the instant at which a day begins there. */
struct date date_at(int64_t ms);
int64_t date_begins_ms(struct date date);

/* The business date now: the fixed one if clock_fix was called, else today in Shanghai. */
struct date date_today(void);
/* Fixes the business date (tests and demonstrations only; Clock.Today). */
void clock_fix(struct date today);

/* The wall clock. */
int64_t clock_now_ms(void);
/* Monotonic microseconds, for durations. */
int64_t clock_tick_us(void);
/* yyyy-mm-ddThh:mm:ss.mmmZ; out holds 25 bytes. */
void clock_iso(int64_t ms, char out[25]);
/* yyyy-mm-dd hh:mm:ss of Shanghai, for screens; out holds 20 bytes. */
void clock_shanghai(int64_t ms, char out[20]);

#endif
