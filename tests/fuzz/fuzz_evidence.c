/* What a service of another office answers: whatever the bytes, records that are taken keep to
 * their bounds, and what is refused is refused with a reason. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/evidence/evidence_json.h"
#include "tests/fuzz/seed.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Good answers, by kind. */
static const char *const seeds[EVIDENCE_KINDS] = {
    [EVIDENCE_EXAM] = "{\"records\":[{\"exam_no\":\"K-1\",\"uscc\":\"11310000MB00000009\","
                      "\"class\":\"B\",\"post\":\"07\",\"exam_date\":\"2026-01-15\","
                      "\"score\":86,\"passed\":true}]}",
    [EVIDENCE_INSURANCE] =
        "{\"records\":[{\"uscc\":\"11310000MB00000009\",\"month\":\"2026-02\"}]}",
    [EVIDENCE_EDUCATION] =
        "{\"records\":[{\"record_no\":\"J-1\",\"uscc\":\"11310000MB00000009\",\"class\":\"C1\","
        "\"hours\":12,\"completed_on\":\"2026-02-01\",\"provider\":\"培训学校\"}]}",
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *folder = seed_folder(*argc, *argv);

    for (int kind = 0; folder && kind < EVIDENCE_KINDS; kind++)
        seed_write(folder, evidence_kind_name((enum evidence_kind)kind), seeds[kind],
                   strlen(seeds[kind]));
    return 0;
}

static void check_records(const struct evidence_records *records, struct date today)
{
    if (records->count > EVIDENCE_RECORDS)
        abort();
    for (size_t i = 0; i < records->count; i++) {
        const struct evidence_record *record = &records->items[i];
        if (strlen(record->uscc) != 18 || strlen(record->number) > 40 ||
            date_compare(record->date, today) > 0)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct date today = {2026, 3, 1};
    struct pool *pool = pool_new(0, 0);

    for (int kind = 0; kind < EVIDENCE_KINDS; kind++) {
        struct evidence_records records = {.count = 0};
        struct err err = {.kind = ERR_NONE};

        if (evidence_json_read((enum evidence_kind)kind, pool, (struct bytes){data, size}, &records,
                               &err) == 0 &&
            evidence_check((enum evidence_kind)kind, today, &records, &err) == 0)
            check_records(&records, today);
        else if (err.kind != ERR_UNAVAILABLE)
            abort();
    }
    pool_free(&pool);
    return 0;
}
