/*
 * All that is kept about one person, for that person: a ZIP with one JSON, the photos, the
 * scans that were handed in, and every document.
 *
 * person.json has a member for each kind of record, a list of objects with the columns' names; dates
 * are yyyy-mm-dd, instants ISO 8601 in UTC. photo-7.jpg is that of the photo with the id 7, paper-7.pdf
 * (or .jpg) of the attachment, document-7.pdf of the document or proof. What is sealed is opened, the
 * document's number among it, so whoever hands it out notes that in the audit.
 */
#ifndef ECERT_CORE_REGISTER_PERSON_EXPORT_H
#define ECERT_CORE_REGISTER_PERSON_EXPORT_H

#include <stdint.h>

struct core;
struct db;
struct err;
struct sink;

/* Writes the ZIP, a file in memory at a time. 0/-1 (ERR_NOT_FOUND: no such person; ERR_LIMIT: more than
 * a JSON of 32 MiB can hold). */
int person_export(struct db *db, const struct core *core, uint64_t person_id, int64_t now_ms,
                  const struct sink *sink, struct err *err);

#endif
