/*
 * Numbers and identifiers: checks, normal forms, making.
 */
#ifndef ECERT_CORE_REGISTER_IDENTIFIER_H
#define ECERT_CORE_REGISTER_IDENTIFIER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/date.h"

enum { USCC_SIZE = 19, NUMBER_SIZE = 64, IDENTIFIER_SIZE = 96, DOCUMENT_NO_SIZE = 40 };

/* 统一社会信用代码, GB 32100-2015: 18 characters, alphabet and check digit. */
bool uscc_valid(const char *code);

/* 居民身份证, GB 11643-1999: 18 characters, a real date of birth not after `today`, check digit.
 * birth and sex (1 男, 2 女) may be NULL. */
bool resident_id_valid(const char *number, struct date today, struct date *birth, int *sex);

/* Type codes of a person's document: 111 居民身份证, 114 军官证, 414 护照, 511 台胞证,
 * 516 回乡证, 999 其他. */
const char *document_type_code(size_t n); /* as lists offer them; NULL behind the last */
bool document_type_valid(const char *type);
/* Chinese name of the type; NULL for an unknown one. */
const char *document_type_label(const char *type);
/* Brings a number to its normal form (trimmed, upper case, half-width, 回乡证 cut to its nine
 * lifelong characters) and checks it by its type. False: not a number of this type. */
bool document_no_normalise(const char *type, const char *input, struct date today,
                           char out[DOCUMENT_NO_SIZE]);
/* First 6 and last 4 characters, stars between; shorter numbers show less. */
void document_no_mask(const char *number, char out[DOCUMENT_NO_SIZE]);
/* 张三 → 张*, 欧阳修远 → 欧**远 : first and, from three characters on, last; UTF-8. `out` of `size` bytes. */
void name_mask(const char *name, char *out, size_t size);

/* 证书编号 (^沪建安(A|B|C1|C2|C3|C)（yyyy）nnnnnnn$ with the province of the policy). Accepts
 * half-width brackets and stray blanks; writes the normal form. */
bool certificate_number_normalise(const char *input, const char *province, char out[NUMBER_SIZE]);
/* Writes province 建安 class （year） serial, e.g. 沪建安C3（2026）0000001. */
void certificate_number_make(const char *province, const char *class_code, int year,
                             uint32_t serial, char out[NUMBER_SIZE]);
/* Parts of a normal-form number: class (up to 2 characters), year, serial. */
bool certificate_number_parts(const char *number, char class_code[3], int *year, uint32_t *serial);

/* 电子证照标识: 1.2.156.3005.2.11100000000013338W011.<issuer>.<year4+serial7>.<version3>.<check>,
 * check by ISO/IEC 7064 MOD 37,36 over everything after the root, dots removed. */
enum { IDENTIFIER_VERSION_MAX = 999 };
void identifier_make(const char *issuer_uscc, int year, uint32_t serial, unsigned version,
                     char out[IDENTIFIER_SIZE]);
bool identifier_valid(const char *identifier);
/* The check character over the characters of `text` (dots are skipped); 0 on a foreign one. */
char mod37_36(const char *text);

/* Classes and posts (domain 1). */
#define POST_LEGAL "01" /* 法定代表人 */
bool class_valid(const char *class_code);             /* A B C1 C2 C3 */
/* The class that one is today: an old C became C3; every other is itself. */
const char *class_today(const char *class_code);
const char *class_label(const char *class_code);      /* 项目负责人（B证） … as on the screens; NULL */
const char *class_line(const char *class_code);       /* 建筑施工企业项目负责人 … as on the face; NULL */
const char *post_label(const char *post);             /* "07" → 项目负责人（项目经理）; NULL */
bool post_allowed(const char *class_code, const char *post);

#endif
