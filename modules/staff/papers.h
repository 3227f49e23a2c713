/*
 * What the forms of the window share: the scans that they bring along, and the list of records of a kind
 * of proposal.
 *
 * Scans are checked before the transaction (route.before) and kept at once, as their owner's alone,
 * also where something else in the form is wrong; the form then carries their ids, so that nobody has
 * to choose a file again.
 */
#ifndef ECERT_MODULES_STAFF_PAPERS_H
#define ECERT_MODULES_STAFF_PAPERS_H

#include <stddef.h>
#include <stdint.h>

#include "core/matter/change.h"
#include "core/proposal/proposal.h"
#include "fcgi/request.h"

/* A scan of a form, by the indices of its fields: the file, the id of what was kept before, and the
 * tick that its original was looked at. */
struct paper_slot {
    size_t file, kept, seen;
    const char *kind, *label;
    bool required, ticked; /* ticked: there is a tick, and a scan needs it */
};
enum { PAPERS_MOST = 4 };

/* For route.before. */
enum outcome papers_scan(struct request *request, const struct paper_slot *slots, size_t count,
                         struct err *err);
/* Keeps what was scanned; ids[i] is that of slot i, 0: none. Ends with change_end. OUT_PAGE, or what is
 * wrong with them: the transaction is kept all the same. `wrong`: something else was rejected. */
enum outcome papers_keep(struct request *request, struct change *change,
                         const struct paper_slot *slots, size_t count, bool wrong, uint64_t ids[],
                         struct err *err);
/* Those that the form carries, of this member of staff; 0 for what is none. 0/-1. */
int papers_carried(struct request *request, const struct paper_slot *slots, size_t count,
                   uint64_t ids[], struct err *err);
/* A list Papers: Kind, Label, Required, Ticked, Seen; and where there is one Id, Name, Pages. 0/-1. */
int papers_page(struct request *request, const struct paper_slot *slots, size_t count,
                struct err *err);

/* A list of the proposals of these kinds ("a,b"), for a route with these fields: Rows, States, Searched,
 * Next, First; a number leads to the record. */
extern const struct field papers_list_fields[];
enum outcome papers_list(struct request *request, const char *kinds, struct err *err);

#endif
