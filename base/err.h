/*
 * Errors as values.
 *
 * Every function that can fail takes a `struct err *` as its last argument and
 * returns 0 on success and -1 on failure; look-ups return 1 (found), 0 (not
 * there, not an error) or -1. The struct is written only on failure. Foreign
 * errors (MariaDB, ClearSilver, libharu, OpenSSL) are converted at one door
 * each. The text is English, for the log, and holds no personal data.
 * Programming errors and exhausted memory are no errors of this kind: they
 * end the process (err_fatal), and the supervisor starts another.
 */
#ifndef ECERT_BASE_ERR_H
#define ECERT_BASE_ERR_H

enum err_kind {
    ERR_NONE = 0,
    ERR_INPUT,        /* what came from outside is wrong: a file, a field, a certificate */
    ERR_LIMIT,        /* what came from outside is larger than a bound allows */
    ERR_NOT_FOUND,    /* the object is not there, or not there for this caller */
    ERR_CONFLICT,     /* a race was lost: the facts changed since they were read */
    ERR_CONFIG,       /* configuration: text names file and line */
    ERR_SYSTEM,       /* the operating system; code is errno */
    ERR_DB,           /* MariaDB; code is its error number */
    ERR_DB_DUPLICATE, /* a unique key was violated (1062) */
    ERR_DB_RETRY,     /* deadlock or lock wait time-out (1213, 1467, 1205): repeat the transaction */
    ERR_DB_UNKNOWN,   /* connection lost at COMMIT: it may or may not have happened */
    ERR_UNAVAILABLE,  /* a service of somebody else's is away or answers nonsense: try again later */
    ERR_TEMPLATE,     /* ClearSilver */
    ERR_DOCUMENT,     /* rendering a document: missing glyph, libharu, lint */
    ERR_CRYPTO        /* OpenSSL: keys, signatures, decryption */
};

struct err {
    enum err_kind kind;
    int code;         /* the foreign number, or one of the caller's own; 0 if none */
    const char *file; /* where it was set; static strings */
    int line;
    char text[2048]; /* room for every mistake of a configuration file */
};

/* Whoever sees a call alone, a compiler or an analyzer, sees by this that it fails. */
static inline int err_failed(int result)
{
    (void)result;
    return -1;
}

/* Fills *err (err may be NULL) and yields -1, so that `return err_set(…)` reads well. */
#define err_set(err, kind, code, ...)                                                              \
    err_failed(err_set_at((err), (kind), (code), __FILE__, __LINE__, __VA_ARGS__))

int err_set_at(struct err *err, enum err_kind kind, int code, const char *file, int line,
               const char *format, ...) __attribute__((format(printf, 6, 7)));

/* Puts "context: " before the text that is there; keeps kind, code, file, line. Yields -1. */
int err_context(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Forgets an error that was handled. */
void err_clear(struct err *err);

/* "input", "db_retry" … for logs and metrics; never NULL. */
const char *err_kind_name(enum err_kind kind);

/* Writes one line to standard error and aborts: broken invariants and exhausted memory only. */
#define err_fatal(...) err_fatal_at(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void err_fatal_at(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
