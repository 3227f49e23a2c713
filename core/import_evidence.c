/* Kinds of evidence: exam results, social insurance, continuing education. */
#include "core/import_kind.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TWICE     "stands in the file already, on line %llu"
#define NO_PERSON "no person with this document is in the register: import people first"
#define NO_FIRM   "no enterprise with this code is in the register: import enterprises first"

/* All three name a person and a firm alike. */
#define STAGE_HEAD                                                                                 \
    "CREATE TEMPORARY TABLE import_stage (line BIGINT UNSIGNED NOT NULL PRIMARY KEY,"              \
    " id_type CHAR(3) CHARACTER SET ascii COLLATE ascii_bin, id_no_hash BINARY(32),"               \
    " uscc CHAR(18) CHARACTER SET ascii COLLATE ascii_bin, person_id BIGINT UNSIGNED,"             \
    " enterprise_id BIGINT UNSIGNED, "
#define STAGE_FOOT ") ENGINE = InnoDB DEFAULT CHARSET = utf8mb4"

/* Outer joins, so that the lines are changed one after the other while they are read: an inner join
 * begins with the people, and collects the lines first. */
static const struct db_query resolve[] = {
    {"import_evidence_resolve",
     "UPDATE import_stage s LEFT JOIN person p ON p.id_type = s.id_type"
     " AND p.id_no_hash = s.id_no_hash LEFT JOIN enterprise e ON e.uscc = s.uscc"
     " SET s.person_id = p.id, s.enterprise_id = e.id"},
    {NULL, NULL},
};

#define CHECK_PERSON(column)                                                                       \
    {(column), NO_PERSON,                                                                          \
     {"import_evidence_person", "SELECT s.line, '', 0 FROM import_stage s"                         \
                                " WHERE s.person_id IS NULL AND s.id_no_hash IS NOT NULL"}}
#define CHECK_FIRM(column)                                                                         \
    {(column), NO_FIRM,                                                                            \
     {"import_evidence_enterprise", "SELECT s.line, s.uscc, 0 FROM import_stage s"                 \
                                    " WHERE s.enterprise_id IS NULL AND s.uscc IS NOT NULL"}}
#define CHECK_RECORD(column)                                                                       \
    {(column), TWICE,                                                                              \
     {"import_record_twice",                                                                       \
      "SELECT s.line, s.record_no, d.first FROM import_stage s JOIN (SELECT record_no,"            \
      " MIN(line) AS first FROM import_stage WHERE record_no IS NOT NULL GROUP BY record_no"       \
      " HAVING COUNT(*) > 1) d ON d.record_no = s.record_no WHERE s.line > d.first"}}

/* Exam results */

enum { X_EXAM, X_TYPE, X_NO, X_USCC, X_CLASS, X_POST, X_DATE, X_SCORE, X_PASSED };

static const struct import_column exam_columns[] = {
    [X_EXAM] = {"exam_no", import_record, 4, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [X_TYPE] = {"id_type", import_document_type, 1, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [X_NO] = {"id_no", import_document_no, 2, IMPORT_REQUIRED | IMPORT_SENSITIVE, 0, 0, NULL,
              X_TYPE},
    [X_USCC] = {"uscc", import_uscc, 3, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [X_CLASS] = {"class", import_class, 5, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [X_POST] = {"post", import_post, 6, IMPORT_REQUIRED, 0, 0, NULL, X_CLASS},
    [X_DATE] = {"exam_date", import_past, 7, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [X_SCORE] = {"score", import_digit, 8, IMPORT_REQUIRED, 0, 1000, NULL, 0},
    [X_PASSED] = {"passed", import_digit, 9, IMPORT_REQUIRED, 0, 1, NULL, 0},
};

#define EXAM_JOIN " JOIN exam_result x ON x.exam_no = s.record_no "
#define EXAM_DIFFERS                                                                               \
    "NOT (x.person_id <=> s.person_id AND x.enterprise_id <=> s.enterprise_id"                     \
    " AND x.class <=> s.class AND x.post <=> s.post AND x.exam_date <=> s.exam_date"               \
    " AND x.score <=> s.score AND x.passed <=> s.passed)"

static const struct import_check exam_checks[] = {
    CHECK_RECORD(X_EXAM),
    CHECK_PERSON(X_NO),
    CHECK_FIRM(X_USCC),
    {X_EXAM,
     "made a certificate already and can't be changed",
     {"import_exam_used", "SELECT s.line, s.record_no, 0 FROM import_stage s" EXAM_JOIN
                          "WHERE x.certificate_id IS NOT NULL AND " EXAM_DIFFERS}},
};

static const struct import_merge exam_merges[] = {
    {IMPORT_CHANGES, 0,
     {"import_exam_change",
      "UPDATE import_stage s" EXAM_JOIN
      "SET x.person_id = s.person_id, x.enterprise_id = s.enterprise_id, x.class = s.class,"
      " x.post = s.post, x.exam_date = s.exam_date, x.score = s.score, x.passed = s.passed"
      " WHERE x.certificate_id IS NULL AND " EXAM_DIFFERS}},
    {IMPORT_ADDS, 1,
     {"import_exam_add",
      "INSERT INTO exam_result (exam_no, person_id, enterprise_id, class, post, exam_date, score,"
      " passed, created_at) SELECT s.record_no, s.person_id, s.enterprise_id, s.class, s.post,"
      " s.exam_date, s.score, s.passed, ? FROM import_stage s"
      " LEFT JOIN exam_result x ON x.exam_no = s.record_no WHERE x.id IS NULL ORDER BY s.line"}},
};

const struct import_kind import_exam_results = {
    .name = "exam_results",
    .columns = exam_columns,
    .column_count = COUNT(exam_columns),
    .value_count = 10,
    .stage = STAGE_HEAD "record_no VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin,"
                        " class CHAR(2) CHARACTER SET ascii COLLATE ascii_bin,"
                        " post CHAR(2) CHARACTER SET ascii COLLATE ascii_bin, exam_date DATE,"
                        " score SMALLINT UNSIGNED, passed TINYINT, KEY (record_no)" STAGE_FOOT,
    IMPORT_INSERT("exam_results",
                  "line, id_type, id_no_hash, uscc, record_no, class, post, exam_date, score,"
                  " passed",
                  "(?,?,?,?,?,?,?,?,?,?)"),
    .resolve = resolve,
    .checks = exam_checks,
    .check_count = COUNT(exam_checks),
    .merges = exam_merges,
    .merge_count = COUNT(exam_merges),
};

/* Social insurance */

enum { I_TYPE, I_NO, I_USCC, I_MONTH };

static const struct import_column insurance_columns[] = {
    [I_TYPE] = {"id_type", import_document_type, 1, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [I_NO] = {"id_no", import_document_no, 2, IMPORT_REQUIRED | IMPORT_SENSITIVE, 0, 0, NULL,
              I_TYPE},
    [I_USCC] = {"uscc", import_uscc, 3, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [I_MONTH] = {"month", import_month, 4, IMPORT_REQUIRED, 0, 0, NULL, 0},
};

static const struct import_check insurance_checks[] = {
    {I_MONTH, TWICE,
     {"import_insurance_twice",
      "SELECT s.line, '', d.first FROM import_stage s JOIN (SELECT id_type, id_no_hash, uscc,"
      " month, MIN(line) AS first FROM import_stage WHERE id_no_hash IS NOT NULL"
      " AND uscc IS NOT NULL AND month IS NOT NULL GROUP BY id_no_hash, uscc, month, id_type"
      " HAVING COUNT(*) > 1) d ON d.id_type = s.id_type AND d.id_no_hash = s.id_no_hash"
      " AND d.uscc = s.uscc AND d.month = s.month WHERE s.line > d.first"}},
    CHECK_PERSON(I_NO),
    CHECK_FIRM(I_USCC),
};

static const struct import_merge insurance_merges[] = {
    {IMPORT_ADDS, 1,
     {"import_insurance_add",
      "INSERT INTO insurance (person_id, enterprise_id, month, created_at)"
      " SELECT s.person_id, s.enterprise_id, s.month, ? FROM import_stage s LEFT JOIN insurance i"
      " ON i.person_id = s.person_id AND i.enterprise_id = s.enterprise_id AND i.month = s.month"
      " WHERE i.person_id IS NULL ORDER BY s.line"}},
};

const struct import_kind import_insurance = {
    .name = "insurance",
    .columns = insurance_columns,
    .column_count = COUNT(insurance_columns),
    .value_count = 5,
    .stage = STAGE_HEAD "month DATE, KEY (id_no_hash, uscc, month, id_type)" STAGE_FOOT,
    IMPORT_INSERT("insurance", "line, id_type, id_no_hash, uscc, month", "(?,?,?,?,?)"),
    .resolve = resolve,
    .checks = insurance_checks,
    .check_count = COUNT(insurance_checks),
    .merges = insurance_merges,
    .merge_count = COUNT(insurance_merges),
};

/* Continuing education */

enum { D_RECORD, D_TYPE, D_NO, D_USCC, D_CLASS, D_HOURS, D_DATE, D_PROVIDER };

static const struct import_column education_columns[] = {
    [D_RECORD] = {"record_no", import_record, 4, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [D_TYPE] = {"id_type", import_document_type, 1, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [D_NO] = {"id_no", import_document_no, 2, IMPORT_REQUIRED | IMPORT_SENSITIVE, 0, 0, NULL,
              D_TYPE},
    [D_USCC] = {"uscc", import_uscc, 3, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [D_CLASS] = {"class", import_class, 5, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [D_HOURS] = {"hours", import_digit, 6, IMPORT_REQUIRED, 1, 1000, NULL, 0},
    [D_DATE] = {"completed_on", import_past, 7, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [D_PROVIDER] = {"provider", import_text, 8, 0, 1, 128, NULL, 0},
};

static const struct import_check education_checks[] = {
    CHECK_RECORD(D_RECORD),
    CHECK_PERSON(D_NO),
    CHECK_FIRM(D_USCC),
};

static const struct import_merge education_merges[] = {
    {IMPORT_CHANGES, 0,
     {"import_education_change",
      "UPDATE import_stage s JOIN education d ON d.record_no = s.record_no"
      " SET d.person_id = s.person_id, d.enterprise_id = s.enterprise_id, d.class = s.class,"
      " d.hours = s.hours, d.completed_on = s.completed_on, d.provider = IFNULL(s.provider, '')"
      " WHERE NOT (d.person_id <=> s.person_id AND d.enterprise_id <=> s.enterprise_id"
      " AND d.class <=> s.class AND d.hours <=> s.hours AND d.completed_on <=> s.completed_on"
      " AND d.provider <=> IFNULL(s.provider, '') COLLATE utf8mb4_bin)"}},
    {IMPORT_ADDS, 1,
     {"import_education_add",
      "INSERT INTO education (record_no, person_id, enterprise_id, class, hours, completed_on,"
      " provider, created_at) SELECT s.record_no, s.person_id, s.enterprise_id, s.class, s.hours,"
      " s.completed_on, IFNULL(s.provider, ''), ? FROM import_stage s"
      " LEFT JOIN education d ON d.record_no = s.record_no WHERE d.id IS NULL ORDER BY s.line"}},
};

const struct import_kind import_education = {
    .name = "education",
    .columns = education_columns,
    .column_count = COUNT(education_columns),
    .value_count = 9,
    .stage = STAGE_HEAD "record_no VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin,"
                        " class CHAR(2) CHARACTER SET ascii COLLATE ascii_bin,"
                        " hours SMALLINT UNSIGNED, completed_on DATE, provider VARCHAR(128),"
                        " KEY (record_no)" STAGE_FOOT,
    IMPORT_INSERT("education",
                  "line, id_type, id_no_hash, uscc, record_no, class, hours, completed_on,"
                  " provider",
                  "(?,?,?,?,?,?,?,?,?)"),
    .resolve = resolve,
    .checks = education_checks,
    .check_count = COUNT(education_checks),
    .merges = education_merges,
    .merge_count = COUNT(education_merges),
};
