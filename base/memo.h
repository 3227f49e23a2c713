/*
 * A memo: what processes tell each other, a number by a number, in memory that they share since
 * before they were forked. A hint, for what never changes and is checked where it is used: it
 * forgets, since of two keys that fall on one place the later stays. Nobody waits for anybody, and
 * any process may be killed at any time.
 */
#ifndef ECERT_BASE_MEMO_H
#define ECERT_BASE_MEMO_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct memo;

/* Empty, for so many keys at most, 16 bytes each; `places` is a power of two. 0/-1 (ERR_SYSTEM). */
int memo_new(size_t places, struct memo **memo, struct err *err);
void memo_free(struct memo **memo);
/* Without a memo (NULL) nothing is put, and nothing is known. */
void memo_put(struct memo *memo, uint64_t key, uint64_t value);
/* 0: not known. */
uint64_t memo_get(const struct memo *memo, uint64_t key);

#endif
