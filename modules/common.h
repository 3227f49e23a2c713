/*
 * What several modules share: the domain's context, refusals, rows and addresses on the page.
 */
#ifndef ECERT_MODULES_COMMON_H
#define ECERT_MODULES_COMMON_H

#include <stdint.h>

#include "core/core.h"
#include "core/register/certificate.h"
#include "core/register/identifier.h"
#include "core/rules/rules.h"
#include "fcgi/request.h"

/* The domain's context, which the program gave the runtime. */
static inline const struct core *core_of(const struct request *request)
{
    return request->context;
}

/* Who acts, for events, matters and the audit. */
struct actor actor_of(const struct request *request);

/* A path of this site that a login may lead to; NULL for anything else. It travels in addresses, so one
 * that is too long for them is none; fields read it all the same, since the visitor has not typed it. */
enum { LOGIN_NEXT_MAX = 512, LOGIN_NEXT_READ = 4096 };
#define LOGIN_NEXT_FIELD                                                                           \
    {                                                                                              \
        .name = "next", .kind = FIELD_TEXT, .low = 0, .high = LOGIN_NEXT_READ, .label = "返回页面" \
    }
/* The session had ended when a form was sent (fcgi/gate.h). */
#define LOGIN_LOST_FIELD                                                                           \
    {                                                                                              \
        .name = "lost", .kind = FIELD_FLAG, .label = "返回页面"                                    \
    }
const char *login_next(const char *next);
/* "?next=…", or "" where there is nowhere to go on to. */
const char *login_query(struct request *request, const char *next);

/* Ends with the page of a refusal (refused.cs): every finding, those that failed first. `subject`
 * says what was refused (a name and a number), or is NULL; `number` is of the matter that records it,
 * or NULL. Yields OUT_REFUSED. */
enum outcome refuse(struct request *request, const char *subject, const char *number,
                    const struct verdict *verdict);

/* Adds the findings of a verdict: a list Findings of those that failed, a list Passed of the rest;
 * each with Rule, Demand, Fact, Advice. */
void page_findings(HDF *node, const struct verdict *verdict);

/* The same from a matter's record, by certificate: a list Subjects of Words, Findings, Passed. 0/-1. */
int page_recorded(struct request *request, HDF *node, uint64_t matter_id, struct err *err);

/* Appends name=value& to a query, the value escaped; nothing where it is NULL. */
void query_add(struct text *query, const char *name, const char *value);

/* A list of codes to choose from: Code, Label, and Here (1) for the one that was chosen (NULL: none).
 * `code` yields the n-th, NULL behind the last. */
void page_options(HDF *node, const char *list, const char *(*code)(size_t n),
                  const char *(*label)(const char *code), const char *chosen);

/* A certificate in a list: Id, Number, Name, Class (its code), Until, State (its code on this day),
 * Label, Generation (its code), Document (words), Ready (1 where it can be downloaded). */
void page_certificate_row(struct request *request, HDF *item, const struct certificate *row);
/* Adds certificates as a list Rows of such. */
void page_certificates(struct request *request, const struct certificate_page *page);

/* Sets Next to the address of the list's next page, "?" and `query` (escaped, each pair ending in
 * '&', or "") and the key; nothing when `next` is 0. */
void page_next(struct request *request, const char *query, uint64_t next);

/* A photo of this person, as the answer to a request: capture 0 is not found. */
enum outcome respond_photo(struct request *request, uint64_t person_id, uint64_t capture_id,
                           struct err *err);

#endif
