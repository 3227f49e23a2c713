/*
 * What a clerk types of a person, checked whole, with a sentence for each field that is wrong.
 */
#ifndef ECERT_CORE_REGISTER_PERSON_DATA_H
#define ECERT_CORE_REGISTER_PERSON_DATA_H

#include <stddef.h>

#include "base/date.h"

struct pool;

/* All that is known of a person, the number in full. Texts are "" where nothing is known. */
struct person_data {
    const char *id_type; /* 111 … */
    const char *id_no;   /* normal form */
    const char *name;
    unsigned sex;        /* 1 男, 2 女; 0 is for person_judge to find out */
    struct date birth;   /* none likewise */
    const char *education; /* 01 … 07, 99 */
    const char *title;   /* technical title 01 … 05, or "" */
    const char *phone;
};

enum person_field {
    PERSON_ID_TYPE,
    PERSON_ID_NO,
    PERSON_NAME,
    PERSON_SEX,
    PERSON_BIRTH,
    PERSON_EDUCATION,
    PERSON_TITLE,
    PERSON_PHONE,
    PERSON_FIELDS
};

/* Checks what was typed (domain 2) and brings it to its normal form. Sex and birth of a resident come
 * from the number, and must not contradict it where they are given. faults[] gets a Chinese sentence for
 * each wrong field, NULL for a right one. Yields how many are wrong. */
unsigned person_judge(struct pool *pool, const struct person_data *typed, struct date today,
                      struct person_data *normal, const char *faults[PERSON_FIELDS]);
/* A name in its normal form (NFC, trimmed, blanks single, the dot of names one dot), and what is wrong
 * with one, in a Chinese sentence; NULL: nothing. */
const char *person_name_normal(struct pool *pool, const char *typed);
const char *person_name_fault(const char *name);
/* What is wrong with a number of this type, in a Chinese sentence; NULL: nothing. */
const char *document_no_fault(const char *id_type, const char *number, struct date today);

/* Labels: 本科, 工程师, 男; NULL for an unknown code. person_education_code(n) and person_title_code(n)
 * are the codes in their order, NULL behind the last. */
const char *person_education_label(const char *code);
const char *person_title_label(const char *code);
const char *person_sex_label(unsigned sex);
const char *person_education_code(size_t n);
const char *person_title_code(size_t n);

#endif
