/* What the tests of documents share: fonts, a certificate, and photos drawn on the spot. */
#ifndef ECERT_TESTS_CORE_DOCUMENT_FIXTURE_H
#define ECERT_TESTS_CORE_DOCUMENT_FIXTURE_H

#include "core/document/page.h"
#include "core/document/proof.h"

/* The chain of Debian's packages fonts-arphic-uming, fonts-arphic-ukai and fonts-hanazono; NULL
 * when they are not installed. */
struct fonts *fixture_fonts(void);

enum fixture_colour { FIXTURE_GREY = 1, FIXTURE_COLOUR = 3, FIXTURE_CMYK = 4 };

struct fixture_photo {
    unsigned width, height;
    enum fixture_colour colour;
    int quality;
    bool progressive;
    bool metadata; /* with a comment and an EXIF block that says "secret" */
};

/* A head and shoulders before white ground, as a JPEG in the pool. */
struct bytes fixture_photo(struct pool *pool, const struct fixture_photo *kind);

/* The certificate of nobody, with a photo, whole in every field. */
struct face fixture_face(struct pool *pool);

/* A matter of the same firm and person, with `count` certificates, whole in every field. */
struct proof fixture_proof(struct pool *pool, enum proof_kind kind, size_t count);

struct fixture_area {
    double left, bottom, right, top;
};

/* Says what is wrong when a text that is not mute lies over another, over one of the areas, or
 * nearer than `edge` to the edge of the paper; else NULL. */
const char *fixture_clash(const struct page *page, double edge, const struct fixture_area *areas,
                          size_t count);

#endif
