/*
 * A service that is asked for evidence by HTTP: one POST of
 *
 *     {"id_type": "111", "id_no": "…", "uscc": "…"}
 *
 * to its URL, `Authorization: Bearer` and the token; one answer 200, application/json, of at most
 * 1 MiB (core/evidence/evidence_json.h). A number never stands in a URL, and no redirect is followed.
 *
 * base/fetch.h says how it is asked: repeated, bounded, behind a breaker that also counts answers
 * of another shape; a record out of bounds is found later, and concerns one person only. Only
 * https, or http to this host itself.
 */
#ifndef ECERT_CORE_EVIDENCE_EVIDENCE_SERVICE_H
#define ECERT_CORE_EVIDENCE_EVIDENCE_SERVICE_H

#include "core/evidence/evidence.h"

/* Fills *source for settings->url[kind]; its `release` frees it. Where it is first called a
 * process must have one thread. 0/-1 (ERR_CONFIG, ERR_SYSTEM: URL, token or authorities). */
int evidence_service_open(enum evidence_kind kind, const struct evidence_settings *settings,
                          struct evidence_source *source, struct err *err);

#endif
