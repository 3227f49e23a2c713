#include "base/pool.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POOL_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define POOL_ASAN 1
#endif

#ifdef POOL_ASAN
#include <sanitizer/asan_interface.h>
/* Poisoned bytes behind every piece, so that running over its end is seen. */
enum { REDZONE = 16 };
#else
#define ASAN_POISON_MEMORY_REGION(address, size)   ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
enum { REDZONE = 0 };
#endif

enum { ALIGN = 16, BLOCK_SIZE = 16 * 1024, APART = BLOCK_SIZE / 4 };

struct block {
    struct block *next;
    size_t size;
    size_t used;
    _Alignas(ALIGN) char data[];
};

struct hook {
    struct hook *next;
    void (*release)(void *handle);
    void *handle;
};

struct pool {
    struct block *first;  /* `keep` bytes, made on first use, lives as long as the pool */
    struct block *blocks; /* small pieces, newest first */
    struct block *large;  /* pieces that would waste a block */
    struct hook *hooks;
    size_t keep;
    size_t limit;
    size_t held; /* in all blocks */
    size_t used;
    bool secret;
};

struct pool *pool_new(size_t keep, size_t limit)
{
    struct pool *pool = calloc(1, sizeof(*pool));

    if (!pool)
        err_fatal("out of memory");
    if (limit && keep > limit)
        err_fatal("pool keeps %zu bytes of %zu", keep, limit);
    pool->keep = keep & ~(size_t)(ALIGN - 1);
    pool->limit = limit;
    return pool;
}

static struct block *block_new(struct pool *pool, size_t size)
{
    if (pool->limit && size > pool->limit - pool->held)
        err_fatal("pool is over its limit of %zu bytes", pool->limit);
    struct block *block = malloc(sizeof(*block) + size);
    if (!block)
        err_fatal("out of memory: %zu bytes", size);
    block->next = NULL;
    block->size = size;
    block->used = 0;
    pool->held += size;
    ASAN_POISON_MEMORY_REGION(block->data, block->size);
    return block;
}

static void block_clear(const struct pool *pool, struct block *block)
{
    if (pool->secret)
        explicit_bzero(block->data, block->used);
}

static void block_free_list(struct pool *pool, struct block **list)
{
    while (*list) {
        struct block *block = *list;
        *list = block->next;
        pool->held -= block->size;
        ASAN_UNPOISON_MEMORY_REGION(block->data, block->size);
        block_clear(pool, block);
        free(block);
    }
}

static void *block_take(struct block *block, size_t room, size_t size)
{
    char *piece = block->data + block->used;

    block->used += room;
    ASAN_UNPOISON_MEMORY_REGION(piece, size);
    memset(piece, 0, size);
    return piece;
}

static struct block *block_push(struct pool *pool, struct block **list, size_t size)
{
    struct block *block = block_new(pool, size);

    block->next = *list;
    *list = block;
    return block;
}

/* The block that serves `room` bytes. */
static struct block *block_for(struct pool *pool, size_t room)
{
    if (!pool->first && pool->keep)
        pool->first = block_new(pool, pool->keep);
    if (pool->first && room <= pool->first->size - pool->first->used)
        return pool->first;
    if (pool->blocks && room <= pool->blocks->size - pool->blocks->used)
        return pool->blocks;
    if (room > APART)
        return block_push(pool, &pool->large, room);

    size_t size = BLOCK_SIZE;
    if (pool->limit && size > pool->limit - pool->held)
        size = room;
    return block_push(pool, &pool->blocks, size);
}

void *pool_alloc(struct pool *pool, size_t size)
{
    if (size > SIZE_MAX / 2)
        err_fatal("allocation of %zu bytes", size);
    size_t room = ((size ? size : 1) + REDZONE + ALIGN - 1) & ~(size_t)(ALIGN - 1);

    pool->used += room;
    return block_take(block_for(pool, room), room, size);
}

void *pool_array(struct pool *pool, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes))
        err_fatal("array of %zu times %zu bytes", count, size);
    return pool_alloc(pool, bytes);
}

void *pool_copy(struct pool *pool, const void *data, size_t size)
{
    void *copy = pool_alloc(pool, size);

    if (size)
        memcpy(copy, data, size);
    return copy;
}

char *pool_text(struct pool *pool, const char *text)
{
    return text ? pool_copy(pool, text, strlen(text) + 1) : NULL;
}

char *pool_text_n(struct pool *pool, const char *text, size_t length)
{
    char *copy = pool_alloc(pool, length + 1);

    if (length)
        memcpy(copy, text, length);
    return copy;
}

char *pool_vprintf(struct pool *pool, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0)
        err_fatal("format \"%s\"", format);

    char *text = pool_alloc(pool, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, args);
    return text;
}

char *pool_printf(struct pool *pool, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = pool_vprintf(pool, format, args);
    va_end(args);
    return text;
}

void pool_secret(struct pool *pool)
{
    pool->secret = true;
}

void pool_on_reset(struct pool *pool, void (*release)(void *handle), void *handle)
{
    struct hook *hook = POOL_NEW(pool, struct hook);

    hook->release = release;
    hook->handle = handle;
    hook->next = pool->hooks;
    pool->hooks = hook;
}

void pool_reset(struct pool *pool)
{
    while (pool->hooks) {
        struct hook *hook = pool->hooks;
        pool->hooks = hook->next;
        hook->release(hook->handle);
    }
    block_free_list(pool, &pool->blocks);
    block_free_list(pool, &pool->large);
    if (pool->first) {
        ASAN_UNPOISON_MEMORY_REGION(pool->first->data, pool->first->size);
        block_clear(pool, pool->first);
        pool->first->used = 0;
        ASAN_POISON_MEMORY_REGION(pool->first->data, pool->first->size);
    }
    pool->used = 0;
    pool->secret = false;
}

void pool_free(struct pool **pool)
{
    if (!*pool)
        return;
    pool_reset(*pool);
    block_free_list(*pool, &(*pool)->first);
    free(*pool);
    *pool = NULL;
}

size_t pool_used(const struct pool *pool)
{
    return pool->used;
}
