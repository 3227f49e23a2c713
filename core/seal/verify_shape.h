/*
 * The shape of a signed file of ours, inside core/seal: two revisions, and what the second one
 * says.
 */
#ifndef ECERT_CORE_SEAL_VERIFY_SHAPE_H
#define ECERT_CORE_SEAL_VERIFY_SHAPE_H

#include "core/seal/pdfread.h"
#include "core/seal/verify.h"

/* The objects of the update: two written anew, three that are new (pdfupdate.h). */
enum verify_object {
    VERIFY_CATALOG,
    VERIFY_PAGE,
    VERIFY_WIDGET,
    VERIFY_SIGNATURE,
    VERIFY_APPEARANCE,
    VERIFY_OBJECT_COUNT
};

struct verify_shape {
    struct pool *pool;
    struct bytes file;
    struct pdfread first;   /* the first revision */
    uint32_t numbers[VERIFY_OBJECT_COUNT];
    struct span insides[VERIFY_OBJECT_COUNT]; /* of their dictionaries */
    struct span hole;       /* the string of /Contents, brackets included */
    struct bytes der;       /* what is in it, without the zeros behind; in the pool */
    const char *reason, *location;
    int64_t signed_ms;
    const char *cause;      /* of a refusal */
};

/* Reads the file, its content too. VERIFY_GENUINE where it is as it should be, else the first thing that is not.
 * *shape is filled as far as that went. */
enum verify_verdict verify_shape_read(struct pool *pool, struct bytes file,
                                      struct verify_shape *shape);

/* Walks through all objects of the first revision: they fill it, each is used, and none has a key
 * that our renderer does not write. VERIFY_GENUINE, VERIFY_STRUCTURE, VERIFY_CONTENT. */
enum verify_verdict verify_content_read(struct verify_shape *shape);

/* The values of the update's dictionaries; cuts from the insides what was there before. What stands in
 * /Contents and /ByteRange is not looked at. VERIFY_GENUINE, VERIFY_OBJECTS, VERIFY_FIELD. */
enum verify_verdict verify_update_read(struct verify_shape *shape);

/* Notes the cause and yields the verdict. */
enum verify_verdict verify_refuse(struct verify_shape *shape, enum verify_verdict verdict,
                                  const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
