/*
 * What the operations socket answers: /healthz (the process is up), /readyz (it can serve),
 * /metrics (Prometheus text).
 */
#ifndef ECERT_FCGI_OPERATIONS_H
#define ECERT_FCGI_OPERATIONS_H

#include "fcgi/route.h"

extern const struct module module_operations;

#endif
