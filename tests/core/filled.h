/* Tables as full as those of a register, for tests that ask how a statement is carried out. */
#ifndef ECERT_TESTS_CORE_FILLED_H
#define ECERT_TESTS_CORE_FILLED_H

#include "tests/core/testdb.h"

enum { FILLED_ROWS = 6000 /* of each */ };

/* Fills the empty tables, and lets the server count them. */
void filled(struct testdb *testdb);

#endif
