/*
 * Unicode normalization form C (UAX #15), by the character data that HarfBuzz carries: names that
 * look alike are the same bytes, whatever keyboard or register they came from.
 */
#ifndef ECERT_CORE_REGISTER_NFC_H
#define ECERT_CORE_REGISTER_NFC_H

struct pool;

/* Of valid UTF-8; in the pool. */
const char *nfc(struct pool *pool, const char *text);

#endif
