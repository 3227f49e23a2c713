/* CSV: whatever the bytes, every record ends, every field is valid UTF-8 within its bound. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/err.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const columns[] = {"a", "b", "名"};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static void check_fields(const char *const *fields)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        size_t length = strlen(fields[i]);
        if (length > CSV_FIELD_LIMIT * 2 || !utf8_valid(fields[i], length))
            abort();
    }
}

static void read_all(const uint8_t *data, size_t size)
{
    struct csv *csv = NULL;
    struct err err = {0};
    const char *fields[COLUMNS];
    size_t line = 0, records = 0;
    int more;

    if (csv_open_memory(data, size, columns, COLUMNS, &csv, &err) < 0) {
        if (err.kind == ERR_NONE || csv)
            abort();
        return;
    }
    while ((more = csv_next(csv, fields, &err)) != 0) {
        if (more > 0)
            check_fields(fields);
        if (csv_line(csv) < line || ++records > size + 1)
            abort();
        line = csv_line(csv);
    }
    csv_close(&csv);
    if (csv)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char header[] = "a,b,名\n";
    uint8_t *text;

    read_all(data, size);
    /* And behind a right header, so that the fuzzer need not find one first. */
    text = malloc(sizeof(header) - 1 + size);
    if (!text)
        abort();
    memcpy(text, header, sizeof(header) - 1);
    if (size)
        memcpy(text + sizeof(header) - 1, data, size);
    read_all(text, sizeof(header) - 1 + size);
    free(text);
    return 0;
}
