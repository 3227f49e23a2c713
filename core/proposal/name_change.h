/*
 * Change of a name 姓名变更 (the manual's item 8), at the window: the papers are looked at and scanned,
 * one clerk proposes, a reviewer decides.
 *
 * The decision changes the person's name and, in the same transaction, gives each certificate that is
 * in force or suspended a new version with the new name, in whatever firm (core/proposal/restate.h); a firm
 * whose legal representative is known by the same document under the old name has the new one too.
 * What left (离沪) or was cancelled stays as it is; should it come back, it does under the new name.
 * The old name stays in the versions before, in the proposal and in person_change.
 *
 * Imports: person_change says what was decided here. A file of people that has another name for such a
 * person is wrong in that line, and so is a file of enterprises that has a former name for a legal
 * representative with this document: no old register turns the name back (core/import/import_register.c).
 */
#ifndef ECERT_CORE_PROPOSAL_NAME_CHANGE_H
#define ECERT_CORE_PROPOSAL_NAME_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/proposal/proposal.h"

extern const struct proposal_kind name_change_kind;

/* What has to be brought, in the manual's words; the kind is that of the attachment. */
struct material {
    const char *kind;  /* "statement" */
    const char *label; /* 企业情况说明（加盖公章） */
    bool required;
};
enum { NAME_CHANGE_MATERIALS = 4 };
extern const struct material name_change_materials[NAME_CHANGE_MATERIALS];
/* The label of an attachment's kind; NULL for one of another item. */
const char *name_change_material_label(const char *kind);

/* What is wrong with a name as it was typed, in a Chinese sentence; NULL: nothing. *normal is its normal
 * form: NFC, trimmed, blanks single, the dot of names one dot. A character that no font of the
 * certificates has is wrong too, where core->fonts is there. */
const char *name_change_fault(const struct core *core, struct pool *pool, const char *typed,
                              const char **normal);

/* The change of a person's name that is to be proposed: all of it but the reason is filled, in the
 * pool. `name` is in its normal form. 1; 0: there is no such person; -1. */
int name_change_new(struct change *change, uint64_t person_id, const char *name,
                    struct proposal_new *out, struct err *err);

/* Opens it as proposal_open does, with these attachments of the same member of staff, one for each
 * material, by its place in the table; 0: none. What is required must be there (ERR_INPUT). */
int name_change_open(struct change *change, unsigned roles, const struct proposal_new *what,
                     const uint64_t attachments[NAME_CHANGE_MATERIALS], struct proposal *out,
                     enum proposal_answer *answer, struct err *err);

/* Notes in person_change what the matter of the change decided. A text that is personal is NULL. 0/-1. */
int person_change_add(struct change *change, uint64_t person_id, const char *field,
                      const char *before, const char *after, struct err *err);
/* Notes that the person's document is corrected; called before it is, since the wrong one is kept, as a
 * hash, for imports to be held against. 0/-1. */
int person_change_add_document(struct change *change, uint64_t person_id, struct err *err);

#endif
