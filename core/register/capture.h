/*
 * Photos of people, as they were captured 个人身份信息采集. All that a person ever had are kept; one is in
 * use. How one is taken: core/proposal/capture_take.h.
 */
#ifndef ECERT_CORE_REGISTER_CAPTURE_H
#define ECERT_CORE_REGISTER_CAPTURE_H

#include <stddef.h>
#include <stdint.h>

struct bytes;
struct core;
struct db;
struct err;
struct pool;

/* Photo of this person, whatever became of it: JPEG. 1/0/-1. */
int capture_photo(struct db *db, struct pool *pool, const struct core *core, uint64_t person_id,
                  uint64_t capture_id, struct bytes *jpeg, struct err *err);

/* How it was taken, as stored: "reader" with the card read, "window" by the clerk, "import". */
#define CAPTURE_READER "reader"
#define CAPTURE_WINDOW "window"
/* 读卡器采集, 窗口采集, 批量导入; NULL for an unknown one. */
const char *capture_source_label(const char *source);

struct capture {
    uint64_t id;
    const char *source;
    const char *state;     /* taken waiting refused */
    unsigned width, height;
    int64_t captured_ms;
    const char *taken_by;  /* name of the clerk; "" */
};
/* Of a person, newest first, 100 at most. 0/-1. */
int capture_list(struct db *db, struct pool *pool, uint64_t person_id, const struct capture **rows,
                 size_t *count, struct err *err);

#endif
