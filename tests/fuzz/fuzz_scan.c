/*
 * What is handed in at the window: bytes as a photo and as a paper, in the decoders themselves, without
 * their cage. What is taken must be within its bounds, of the type it says, and be taken again.
 *
 * Seeds are written into the first corpus folder on the command line.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "core/scan/scan.h"
#include "tests/core/document/fixture.h"
#include "tests/core/scan/paper_pdf.h"
#include "tests/fuzz/seed.h"

static struct pool *pool;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void seed_photo(const char *folder, const char *name, const struct fixture_photo *kind)
{
    struct bytes photo = fixture_photo(pool, kind);

    seed_write(folder, name, photo.data, photo.size);
}

static void seed_page(const char *folder, const char *name, const char *catalog, const char *more)
{
    const char *const objects[] = {more, NULL};
    struct bytes page = paper_page(pool, catalog, "/Resources << /XObject << /X 5 0 R >> >>", objects);

    seed_write(folder, name, page.data, page.size);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *folder = seed_folder(*argc, *argv);

    pool = pool_new(1 << 20, 0);
    if (!folder)
        return 0;
    seed_photo(folder, "grey", &(struct fixture_photo){240, 336, FIXTURE_GREY, 30, false, true});
    seed_photo(folder, "colour", &(struct fixture_photo){240, 336, FIXTURE_COLOUR, 30, false, false});
    seed_photo(folder, "progressive", &(struct fixture_photo){240, 336, FIXTURE_COLOUR, 30, true, true});
    seed_photo(folder, "page", &(struct fixture_photo){300, 420, FIXTURE_GREY, 20, false, false});
    seed_page(folder, "pdf", "/Lang (zh)", "<< /Length 1 >>\nstream\nx\nendstream");
    seed_page(folder, "script", "/OpenAction << /S /JavaScript /JS (1) >>", "<< /A 1 >>");
    seed_page(folder, "picture", "", "<< /Subtype /Image /Width 9 /Height 9 /Filter /DCTDecode"
                                     " /Length 4 >>\nstream\nxxxx\nendstream");
    seed_page(folder, "packed", "", "<< /Filter [/ASCIIHexDecode /FlateDecode] /Length 27 >>\nstream\n"
                                    "789c4b4c4a06000 24d0127>\nendstream");
    return 0;
}

static void must(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "fuzz_scan: %s\n", what);
    abort();
}

static bool starts(struct bytes body, const char *with)
{
    return body.size > strlen(with) && memcmp(body.data, with, strlen(with)) == 0;
}

static void look(void (*scan)(struct pool *, struct bytes, struct scan *, enum scan_fault *),
                 struct bytes in)
{
    struct scan out = {0}, again = {0};
    enum scan_fault fault = SCAN_FAULTS;
    bool pdf;

    scan(pool, in, &out, &fault);
    must(fault < SCAN_FAULTS, "no answer");
    if (fault != SCAN_GOOD)
        return;
    pdf = strcmp(out.type, "application/pdf") == 0;
    must(out.body.size <= SCAN_PAPER_BYTES && out.pages >= 1 && out.pages <= SCAN_PAGES_MAX,
         "out of bounds");
    must(starts(out.body, pdf ? "%PDF-" : "\xff\xd8\xff"), "another type than it says");
    fault = SCAN_FAULTS;
    scan(pool, out.body, &again, &fault);
    /* A photo's ground may look a little different when it is written a second time. */
    must(fault == SCAN_GOOD || fault == SCAN_DARK || fault == SCAN_UNEVEN || fault == SCAN_TINTED,
         "what is kept is not taken");
    must(!pdf || (again.body.size == out.body.size &&
                  memcmp(again.body.data, out.body.data, out.body.size) == 0),
         "what is kept changes when it is kept again");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes in = {data, size};
    struct scan scan;
    enum scan_fault fault;

    look(scan_photo, in);
    pool_reset(pool);
    look(scan_paper, in);
    pool_reset(pool);
    scan_read(in, &scan, &fault);
    return 0;
}
