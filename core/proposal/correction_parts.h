/*
 * What the corrections of a certificate, a person and an enterprise are alike in: a record of fields,
 * each a text as the rows of a proposal keep it.
 */
#ifndef ECERT_CORE_PROPOSAL_CORRECTION_PARTS_H
#define ECERT_CORE_PROPOSAL_CORRECTION_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/proposal/proposal.h"

struct pool;

struct correction_field {
    const char *key, *label;
    bool printed; /* on certificates */
    bool told;    /* to firms: values before and after */
};

struct correction_form {
    const char *whose; /* 该证书 */
    const struct correction_field *fields;
    size_t count;
    const char *(*value)(struct pool *pool, const void *record, size_t field);
    /* As a page may show it; NULL: as it is kept. */
    const char *(*shown)(struct pool *pool, const void *record, size_t field);
    bool (*set)(void *record, size_t field, const char *value); /* false: it is no value of this field */
};

/* The rows of what differs: where it is shown otherwise than it is kept, a second row with the label.
 * `rows` has room for twice the fields; yields how many there are. */
size_t correction_rows(const struct correction_form *form, struct pool *pool, const void *before,
                       const void *after, struct proposal_row *rows);

/* For judges: there is a reason, and something to correct. */
void correction_judge_whole(struct proposal *proposal);

/* What the rows make of `after`, which is a copy of the record as it is now. NULL; or the words why they
 * can't, because the record is not as they say any more. */
const char *correction_after(const struct correction_form *form, struct pool *pool,
                             const struct proposal *proposal, const void *now, void *after);

/* Does any of these rows stand on certificates? */
bool correction_printed(const struct correction_form *form, const struct proposal_row *rows,
                        size_t count);

/* What firms are told: 更正：职务由“…”改为“…”；…。原因：…. */
const char *correction_words(const struct correction_form *form, struct pool *pool,
                             const struct proposal *proposal);

#endif
