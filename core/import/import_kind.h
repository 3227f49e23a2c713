/*
 * What a kind of file is, as data: shared by the engine (import.c), the checkers of columns
 * (import_column.c) and the tables of kinds (import_register.c, import_evidence.c).
 */
#ifndef ECERT_CORE_IMPORT_IMPORT_KIND_H
#define ECERT_CORE_IMPORT_IMPORT_KIND_H

#include "base/date.h"
#include "base/db.h"
#include "core/import/import.h"

enum { IMPORT_COLUMNS = 16, IMPORT_VALUES = 16, IMPORT_BLOCK = 100 };

/* A file under way. */
struct import_run {
    struct db *db;
    struct pool *pool;      /* of the caller: problems live here */
    struct pool *row_pool;  /* of the present block */
    const struct core *core;
    const struct import_kind *kind;
    struct import_result *result;
    const struct import *import;
    struct import_problem *problems; /* IMPORT_PROBLEMS of them */
    struct date today;
    int64_t now_ms;
    FILE *file;
    int folder;  /* descriptor of the file's folder; -1: the file came alone */
    uint64_t id; /* import_run.id, while it is merged */
    uint64_t first_id;
    bool overtaken; /* somebody else changed what was looked for: it is to be done anew */
    bool doubled;   /* a key was there already: of the file, or of somebody else */
};

/* The line under way. Values go into the temporary table, NULL where a column is wrong. */
struct import_row {
    struct import_run *run;
    size_t line;
    const char *const *fields;
    struct db_value values[IMPORT_VALUES];
    bool wrong[IMPORT_COLUMNS];
};

enum import_flag { IMPORT_REQUIRED = 1, IMPORT_SENSITIVE = 2 };

struct import_column {
    const char *name;
    const char *label; /* in Chinese */
    /* Checks fields[column] (not empty) and sets values[value] and what follows it. */
    void (*take)(struct import_row *row, size_t column);
    unsigned value;       /* index of the (first) value it fills */
    unsigned flags;
    long long low, high;  /* characters of a text, bounds of a number */
    const char *choices;  /* "local outside" */
    unsigned other;       /* another column it is read with */
};

/* A check over the whole file: rows of line, value, and another line or 0. */
struct import_check {
    unsigned column;
    bool steady;            /* nobody else can change what it finds */
    bool twice;             /* a key twice in the file: the merge would stumble over it, too */
    const char *text;       /* with %llu for the other line, or none */
    const char *said;       /* the same in Chinese */
    struct db_query query;
};

/* A statement of the merge. Its placeholders: the instant `times` times, then the run's id. */
enum import_effect { IMPORT_NOTHING, IMPORT_ADDS, IMPORT_CHANGES };
struct import_merge {
    enum import_effect effect; /* what its rows count as */
    unsigned times;
    struct db_query query;
};

/* What was built on the rows of an import: two texts each, the first IMPORT_BUILT of them. */
enum { IMPORT_BUILT = 20 };
struct import_built {
    const char *said; /* in Chinese: what is wrong with them */
    unsigned ids;     /* how many placeholders take the run's id */
    bool since;       /* the first placeholder takes the run's instant */
    struct db_query query;
};

/* Statements that take an import back, in one transaction. All take the run's id, and `remove` the
 * first id before it, where rows have ids. */
struct import_undo {
    struct db_query lock;    /* counts its rows, and holds them */
    struct db_query restore; /* from import_before; no name: no row is ever changed */
    struct db_query remove;  /* rows that were added */
    bool by_id;
    const struct import_built *built; /* ends with no text */
};

struct import_kind {
    const char *name;
    const char *label; /* in Chinese */
    const struct import_column *columns;
    size_t column_count;
    size_t value_count;  /* of a line in the temporary table, the line's number included */
    void (*check)(struct import_row *row); /* what columns say together, or NULL */
    const char *stage;   /* CREATE TEMPORARY TABLE import_stage … */
    struct db_query block, single; /* INSERT of IMPORT_BLOCK rows, of one */
    const struct db_query *resolve; /* ends with no name: look-ups by statement before the checks */
    /* Look-ups that need keys, before the checks, and their statements, ending with no name; or NULL. */
    int (*compare)(struct import_run *run, struct err *err);
    const struct db_query *compared;
    const struct import_check *checks;
    size_t check_count;
    /* How many rows the merges would add and change: one number each; `changes` may have no name. */
    struct db_query adds, changes;
    const struct import_merge *merges;
    size_t merge_count;
    /* After the merges, in the same transaction, and before anything in a dry run; or NULL. */
    int (*finish)(struct import_run *run, struct err *err);
    int (*foresee)(struct import_run *run, struct err *err);
    const struct db_query *finishes; /* the statements of both, ending with no name; or NULL */
    const struct import_undo *undo;
};

extern const struct import_kind import_enterprises, import_people, import_paper_certificates,
    import_exam_results, import_insurance, import_education;

/* Notes a mistake in a column of the row, in English and in Chinese, with the same arguments;
 * column_count and beyond: of the line as a whole. */
void import_wrong(struct import_row *row, size_t column, const char *text, const char *said, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));

/* Checkers. Each fills one value but where it says otherwise. */
void import_text(struct import_row *row, size_t column);   /* low to high characters */
void import_person(struct import_row *row, size_t column); /* the same, a name in its normal form */
void import_choice(struct import_row *row, size_t column); /* one of choices, as text */
void import_digit(struct import_row *row, size_t column);  /* low to high, as number */
void import_date(struct import_row *row, size_t column);   /* yyyy-mm-dd */
void import_past(struct import_row *row, size_t column);   /* the same, not after today */
void import_month(struct import_row *row, size_t column);  /* yyyy-mm, its first day */
void import_record(struct import_row *row, size_t column); /* a record's number: printable ASCII */
void import_uscc(struct import_row *row, size_t column);
void import_class(struct import_row *row, size_t column);  /* a legacy C becomes C3 */
void import_post(struct import_row *row, size_t column);   /* by the class in `other` */
void import_number(struct import_row *row, size_t column); /* 证书编号; by the class in `other` */
void import_document_type(struct import_row *row, size_t column);
void import_document_no(struct import_row *row, size_t column); /* hash; by the type in `other` */
/* hash and sealed number; the place is the one of `choices` */
void import_document_no_sealed(struct import_row *row, size_t column);
/* hash and sealed number */
void import_phone(struct import_row *row, size_t column);
/* file name and SHA-256 of the cleaned photo */
void import_photo(struct import_row *row, size_t column);

/* Brings a document number as the file has it to its normal form; false: it is none. */
bool import_document_normal(const struct import_row *row, size_t column, char *out);

/* Stores the new photos of the people in the temporary table, or counts them: for import_people. */
int import_photos_store(struct import_run *run, struct err *err);
int import_photos_count(struct import_run *run, struct err *err);
extern const struct db_query import_photo_queries[];

/* A group of placeholders, IMPORT_BLOCK times. */
#define IMPORT_GROUPS_10(g) g "," g "," g "," g "," g "," g "," g "," g "," g "," g
#define IMPORT_GROUPS(g)                                                                           \
    IMPORT_GROUPS_10(g) "," IMPORT_GROUPS_10(g) "," IMPORT_GROUPS_10(g) "," IMPORT_GROUPS_10(      \
        g) "," IMPORT_GROUPS_10(g) "," IMPORT_GROUPS_10(g) "," IMPORT_GROUPS_10(g) ","             \
        IMPORT_GROUPS_10(g) "," IMPORT_GROUPS_10(g) "," IMPORT_GROUPS_10(g)
#define IMPORT_INSERT(named, columns, group)                                                       \
    .block = {"import_block_" named,                                                               \
              "INSERT INTO import_stage (" columns ") VALUES " IMPORT_GROUPS(group)},              \
    .single = {"import_single_" named, "INSERT INTO import_stage (" columns ") VALUES " group}

#endif
