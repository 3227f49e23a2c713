/*
 * A person, and a hold, on the pages of staff, and whom a form names by a document.
 */
#ifndef ECERT_MODULES_STAFF_PERSON_PAGE_H
#define ECERT_MODULES_STAFF_PERSON_PAGE_H

#include "core/register/hold.h"
#include "core/register/person.h"
#include "fcgi/request.h"

/* Id, Name, IdType (its label), IdNumber (masked), Sex, Birth; Photo (the id of its capture) where
 * there is one. */
void page_person(HDF *node, const struct person *person);
/* Besides, Education, Title, Phone (1: it is known). */
void page_person_whole(HDF *node, const struct person *person);

/* The person of a document, by the request's fields of these indices: 1; 0, with *outcome what is
 * wrong with the form; -1. Where nobody is registered by it, `absent` is said, or, where that is NULL,
 * nothing: *outcome is OUT_PAGE. */
#define PERSON_UNKNOWN "没有登记过这个证件的人员，请核对证件号码"
int person_typed(struct request *request, size_t type_field, size_t number_field, const char *absent,
                 struct person *person, enum outcome *outcome, struct err *err);

/* Number, Basis, Reason, From, Until, InForce (1 on this day). */
void page_hold(HDF *node, const struct hold *hold, struct date today);

#endif
