/*
 * A service that is asked for evidence by HTTP: one POST of
 *
 *     {"id_type": "111", "id_no": "…", "uscc": "…"}
 *
 * to its URL, `Authorization: Bearer` and the token; one answer 200, application/json, of at most
 * 1 MiB (core/evidence_json.h). A number never stands in a URL, and no redirect is followed.
 *
 * The question changes nothing there, so it may be repeated: after a network error, 429 or 5xx,
 * with a random pause that grows, as long as there are attempts and time. All attempts share one
 * time-out; connecting may take half of what is left. A breaker (base/breaker.h) leaves a service
 * alone that gave no answer of this shape time after time; a record out of bounds is found later,
 * and concerns one person only. A trial has one attempt.
 *
 * Only https, or http to this host itself; TLS 1.2 or newer, certificate and name verified; no
 * proxy of the environment. The connection is kept for the next question. Each process has its
 * own connection and breaker, made when the first question is asked.
 */
#ifndef ECERT_CORE_EVIDENCE_SERVICE_H
#define ECERT_CORE_EVIDENCE_SERVICE_H

#include "core/evidence.h"

/* Fills *source for settings->url[kind]; its `release` frees it. Where it is first called a
 * process must have one thread. 0/-1 (ERR_CONFIG, ERR_SYSTEM: URL, token or authorities). */
int evidence_service_open(enum evidence_kind kind, const struct evidence_settings *settings,
                          struct evidence_source *source, struct err *err);

#endif
