/*
 * What the items have in common that concern one person: the person's box, the page that shows what
 * was found, confirming it, taking it back (core/item/filing.h). They know the item by the module that was
 * asked for (records_item).
 */
#ifndef ECERT_MODULES_CASE_H
#define ECERT_MODULES_CASE_H

#include "core/item/filing.h"
#include "fcgi/request.h"

/* Fields of the person's box, and the number in the path. */
enum { CASE_ID_TYPE, CASE_ID_NO, CASE_NAME, CASE_WISH };
extern const struct field case_fields[];      /* without a wish */
extern const struct field case_wish_fields[]; /* with one */
enum { CASE_NUMBER };
#define CASE_NUMBER_FIELD                                                                          \
    {                                                                                              \
        .name = "number", .kind = FIELD_CODE, .low = 1, .high = MATTER_NUMBER_SIZE - 1,            \
        .flags = FIELD_IN_PATH | FIELD_REQUIRED                                                    \
    }
#define CASE_SEEN_FIELD                                                                            \
    {                                                                                              \
        .name = "seen", .kind = FIELD_CODE, .low = SEEN_SIZE - 1, .high = SEEN_SIZE - 1,           \
        .flags = FIELD_REQUIRED, .label = "核对内容"                                               \
    }
extern const struct field case_number_fields[];

/* The change that a request is, before it has a matter. */
struct change case_change(const struct request *request, const struct actor *actor);

/* For the `ahead` of routes whose second segment is a draft's number: hints at all that it is judged
 * by. */
void case_ahead(struct request *request, bool queried);
/* The same for matters that are none: hints at the matter, and tells its id; 0: the segment is no
 * number. */
uint64_t case_ahead_matter(struct request *request);

/* GET "new": the empty box. */
enum outcome case_new(struct request *request, struct err *err);
/* For the box again after a mistake. */
int case_refill(struct request *request, struct err *err);
/* Before a query, and before it is confirmed: other offices' services are asked, if there are any. */
enum outcome case_ask_query(struct request *request, struct err *err);
enum outcome case_ask_number(struct request *request, struct err *err);
/* POST "": looks the person up; leads to /<module>/<number>, or refuses. */
enum outcome case_query(struct request *request, struct err *err);

/* The draft of the number in the path, with its page's data: 1; 0: *outcome is the answer (not
 * there, or over and shown elsewhere); -1. */
int case_find(struct request *request, struct filing *filing, enum outcome *outcome,
              struct err *err);
/* GET "{number}". */
enum outcome case_show(struct request *request, struct err *err);
/* For the page of a draft again after a mistake. */
int case_show_again(struct request *request, struct err *err);
/* POST "{number}": leads to the number between `before` and `after`, or refuses. */
enum outcome case_confirm(struct request *request, const struct filing_choice *choice,
                          const char *before, const char *after, struct err *err);
/* POST "{number}/abandon". */
enum outcome case_abandon(struct request *request, struct err *err);
/* GET "{number}/photo". */
enum outcome case_photo(struct request *request, struct err *err);

/* For an interruption page: the ticked certificates as a list Chosen (Id, Class, Number). *count of
 * them; -1 when one is not among the subjects that may. */
int case_chosen(struct request *request, const struct filing *filing,
                const uint64_t *ids, size_t count);

#endif
