/*
 * Memory with the lifetime of one piece of work (a request, a job, an import line).
 *
 * Everything allocated from a pool is zeroed, aligned to 16 bytes, and ends
 * together at pool_reset or pool_free. Allocation never returns NULL: a pool
 * that is out of memory, or over its limit, ends the process. Under
 * AddressSanitizer released memory is poisoned. Foreign handles are tied to the
 * pool by pool_on_reset; they are released in reverse order.
 */
#ifndef ECERT_BASE_POOL_H
#define ECERT_BASE_POOL_H

#include <stdarg.h>
#include <stddef.h>

struct pool;

/* A pool that keeps `keep` bytes mapped between resets and never holds more than `limit`
 * bytes (0: no bound). Free with pool_free. */
struct pool *pool_new(size_t keep, size_t limit);

/* Runs the callbacks, forgets all memory, keeps the first `keep` bytes for the next round. */
void pool_reset(struct pool *pool);

/* Resets, releases everything and sets *pool to NULL. NULL is accepted. */
void pool_free(struct pool **pool);

void *pool_alloc(struct pool *pool, size_t size);
/* count * size, checked for overflow. */
void *pool_array(struct pool *pool, size_t count, size_t size);
void *pool_copy(struct pool *pool, const void *data, size_t size);
/* NUL-terminated copies; pool_text of NULL is NULL. */
char *pool_text(struct pool *pool, const char *text);
char *pool_text_n(struct pool *pool, const char *text, size_t length);
char *pool_printf(struct pool *pool, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *pool_vprintf(struct pool *pool, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* From now until its next reset the pool holds a secret: the reset overwrites all that was handed
 * out, before and after this. */
void pool_secret(struct pool *pool);

/* Calls release(handle) when the pool is next reset or freed. */
void pool_on_reset(struct pool *pool, void (*release)(void *handle), void *handle);

/* Bytes handed out since the last reset. */
size_t pool_used(const struct pool *pool);

#define POOL_NEW(pool, type) ((type *)pool_alloc((pool), sizeof(type)))

#endif
