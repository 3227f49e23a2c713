/*
 * A person's data export, as an answer: for /staff/people/.
 */
#ifndef ECERT_MODULES_STAFF_PERSON_EXPORT_H
#define ECERT_MODULES_STAFF_PERSON_EXPORT_H

#include "fcgi/request.h"

/* All that is kept about the person, as a ZIP that is streamed; noted in the audit, in the request's
 * transaction. */
enum outcome person_export_send(struct request *request, uint64_t person_id, struct err *err);

#endif
