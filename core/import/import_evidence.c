/* Kinds of evidence: exam results, social insurance, continuing education. */
#include "core/import/import_kind.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TWICE     "stands in the file already, on line %llu"
#define NO_PERSON "no person with this document is in the register: import people first"
#define NO_FIRM   "no enterprise with this code is in the register: import enterprises first"

#define TWICE_SAID     "与文件第 %llu 行重复"
#define NO_PERSON_SAID "登记册中没有这个证件号码的人员，请先导入人员"
#define NO_FIRM_SAID   "登记册中没有这个统一社会信用代码的企业，请先导入企业"

/* All three name a person and a firm alike. */
#define STAGE_HEAD                                                                                 \
    "CREATE TEMPORARY TABLE import_stage (line BIGINT UNSIGNED NOT NULL PRIMARY KEY,"              \
    " id_type CHAR(3) CHARACTER SET ascii COLLATE ascii_bin, id_no_hash BINARY(32),"               \
    " uscc CHAR(18) CHARACTER SET ascii COLLATE ascii_bin, "
#define STAGE_FOOT ") ENGINE = InnoDB DEFAULT CHARSET = utf8mb4"

/* Outer joins, so that the lines are read one after the other, in their order: an inner join begins
 * with the people, and collects the lines first. Who has gone since they were checked is NULL, which
 * no table takes. */
#define WHOSE                                                                                      \
    " LEFT JOIN person p ON p.id_type = s.id_type AND p.id_no_hash = s.id_no_hash"                 \
    " LEFT JOIN enterprise e ON e.uscc = s.uscc "

#define CHECK_PERSON(column)                                                                       \
    {(column), true, false, NO_PERSON, NO_PERSON_SAID,                                                    \
     {"import_evidence_person",                                                                    \
      "SELECT s.line, '', 0 FROM import_stage s LEFT JOIN person p ON p.id_type = s.id_type"       \
      " AND p.id_no_hash = s.id_no_hash WHERE p.id IS NULL AND s.id_no_hash IS NOT NULL"}}
#define CHECK_FIRM(column)                                                                         \
    {(column), true, false, NO_FIRM, NO_FIRM_SAID,                                                        \
     {"import_evidence_enterprise",                                                                \
      "SELECT s.line, s.uscc, 0 FROM import_stage s LEFT JOIN enterprise e ON e.uscc = s.uscc"     \
      " WHERE e.id IS NULL AND s.uscc IS NOT NULL"}}
#define CHECK_RECORD(column)                                                                       \
    {(column), true, true, TWICE, TWICE_SAID,                                                            \
     {"import_record_twice",                                                                       \
      "SELECT s.line, s.record_no, d.first FROM import_stage s JOIN (SELECT record_no,"            \
      " MIN(line) AS first FROM import_stage WHERE record_no IS NOT NULL GROUP BY record_no"       \
      " HAVING COUNT(*) > 1) d ON d.record_no = s.record_no WHERE s.line > d.first"}}

/* Certificates that got a version since, of people and firms of its rows: the rules may have looked
 * at them (R4 to R7). */
#define CERTIFICATES                                                                               \
    " STRAIGHT_JOIN certificate c FORCE INDEX (certificate_person)"
#define VERSION_SINCE                                                                              \
    " STRAIGHT_JOIN certificate_version v FORCE INDEX (PRIMARY)"                                   \
    "   ON v.certificate_id = c.id AND v.version = c.version AND v.made_at >= ?"                   \
    " STRAIGHT_JOIN person p ON p.id = c.person_id"

/* Exam results */

enum { X_EXAM, X_TYPE, X_NO, X_USCC, X_CLASS, X_POST, X_DATE, X_SCORE, X_PASSED };

static const struct import_column exam_columns[] = {
    [X_EXAM] = {"exam_no", "准考证号", import_record, 4, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [X_TYPE] = {"id_type", "证件类型", import_document_type, 1, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [X_NO] = {"id_no", "证件号码", import_document_no, 2, IMPORT_REQUIRED | IMPORT_SENSITIVE, 0, 0,
              NULL, X_TYPE},
    [X_USCC] = {"uscc", "统一社会信用代码", import_uscc, 3, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [X_CLASS] = {"class", "类别", import_class, 5, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [X_POST] = {"post", "职务", import_post, 6, IMPORT_REQUIRED, 0, 0, NULL, X_CLASS},
    [X_DATE] = {"exam_date", "考核日期", import_past, 7, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [X_SCORE] = {"score", "成绩", import_digit, 8, IMPORT_REQUIRED, 0, 1000, NULL, 0},
    [X_PASSED] = {"passed", "是否合格", import_digit, 9, IMPORT_REQUIRED, 0, 1, NULL, 0},
};

#define EXAM_JOIN " STRAIGHT_JOIN exam_result x ON x.exam_no = s.record_no "
#define EXAM_DIFFERS                                                                               \
    "NOT (x.person_id <=> p.id AND x.enterprise_id <=> e.id"                                       \
    " AND x.class <=> s.class AND x.post <=> s.post AND x.exam_date <=> s.exam_date"               \
    " AND x.score <=> s.score AND x.passed <=> s.passed)"

static const struct import_check exam_checks[] = {
    CHECK_RECORD(X_EXAM),
    CHECK_PERSON(X_NO),
    CHECK_FIRM(X_USCC),
    {X_EXAM, false, false,
     "made a certificate already and can't be changed",
     "已经用于办理证书，不能更改",
     {"import_exam_used", "SELECT s.line, s.record_no, 0 FROM import_stage s" EXAM_JOIN WHOSE
                          "WHERE x.certificate_id IS NOT NULL AND " EXAM_DIFFERS}},
};

static const struct import_merge exam_merges[] = {
    {IMPORT_CHANGES, 0,
     {"import_exam_mark",
      "INSERT INTO import_before (import_id, row_id) SELECT ?, x.id FROM import_stage s" EXAM_JOIN
          WHOSE "WHERE x.certificate_id IS NULL AND " EXAM_DIFFERS}},
    {IMPORT_NOTHING, 0,
     {"import_exam_change",
      "UPDATE import_before b STRAIGHT_JOIN exam_result x ON x.id = b.row_id"
      " STRAIGHT_JOIN import_stage s ON s.record_no = x.exam_no" WHOSE
      "SET b.plain = JSON_OBJECT('import_id', x.import_id, 'person_id', x.person_id,"
      " 'enterprise_id', x.enterprise_id, 'class', x.class, 'post', x.post,"
      " 'exam_date', x.exam_date, 'score', x.score, 'passed', x.passed), x.import_id = b.import_id,"
      " x.person_id = p.id, x.enterprise_id = e.id, x.class = s.class,"
      " x.post = s.post, x.exam_date = s.exam_date, x.score = s.score, x.passed = s.passed"
      " WHERE b.import_id = ? AND x.certificate_id IS NULL"}},
    {IMPORT_ADDS, 1,
     {"import_exam_add",
      "INSERT INTO exam_result (exam_no, person_id, enterprise_id, class, post, exam_date, score,"
      " passed, created_at, import_id) SELECT s.record_no, p.id, e.id, s.class, s.post,"
      " s.exam_date, s.score, s.passed, ?, ? FROM import_stage s"
      " LEFT JOIN exam_result x ON x.exam_no = s.record_no" WHOSE
      "WHERE x.id IS NULL ORDER BY s.line"}},
};

static const struct import_built exam_built[] = {
    {"已用于办理证书", 1, false,
     {"import_undo_exam_used",
      "SELECT x.exam_no, c.number FROM exam_result x STRAIGHT_JOIN certificate c ON c.id = x.certificate_id"
      " WHERE x.import_id = ? LIMIT 20"}},
    {NULL, 0, false, {NULL, NULL}},
};

static const struct import_undo exam_undo = {
    .restore = {"import_undo_exam_restore",
                "UPDATE import_before b STRAIGHT_JOIN exam_result x ON x.id = b.row_id"
                " SET x.person_id = JSON_VALUE(b.plain, '$.person_id'),"
                " x.enterprise_id = JSON_VALUE(b.plain, '$.enterprise_id'),"
                " x.class = JSON_VALUE(b.plain, '$.class'),"
                " x.post = JSON_VALUE(b.plain, '$.post'),"
                " x.exam_date = JSON_VALUE(b.plain, '$.exam_date'),"
                " x.score = JSON_VALUE(b.plain, '$.score'),"
                " x.passed = JSON_VALUE(b.plain, '$.passed'),"
                " x.import_id = JSON_VALUE(b.plain, '$.import_id')"
                " WHERE b.import_id = ? AND x.import_id = b.import_id"
                " AND x.certificate_id IS NULL"},
    .lock = {"import_undo_exam_lock",
             "SELECT COUNT(*) FROM exam_result WHERE import_id = ? FOR UPDATE"},
    .remove = {"import_undo_exam_remove", "DELETE FROM exam_result WHERE id >= ?"
                                          " AND import_id = ? AND certificate_id IS NULL"},
    .by_id = true,
    .built = exam_built,
};

const struct import_kind import_exam_results = {
    .name = "exam_results",
    .label = "考核成绩",
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
    .checks = exam_checks,
    .check_count = COUNT(exam_checks),
    .adds = {"import_exam_adds", "SELECT COUNT(*) FROM import_stage s LEFT JOIN exam_result x"
                                 " ON x.exam_no = s.record_no WHERE x.id IS NULL"},
    .changes = {"import_exam_changes",
                "SELECT COUNT(*) FROM import_stage s" EXAM_JOIN WHOSE
                "WHERE x.certificate_id IS NULL AND " EXAM_DIFFERS},
    .merges = exam_merges,
    .merge_count = COUNT(exam_merges),
    .undo = &exam_undo,
};

/* Social insurance: a month is there or not. */

enum { I_TYPE, I_NO, I_USCC, I_MONTH };

static const struct import_column insurance_columns[] = {
    [I_TYPE] = {"id_type", "证件类型", import_document_type, 1, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [I_NO] = {"id_no", "证件号码", import_document_no, 2, IMPORT_REQUIRED | IMPORT_SENSITIVE, 0, 0,
              NULL, I_TYPE},
    [I_USCC] = {"uscc", "统一社会信用代码", import_uscc, 3, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [I_MONTH] = {"month", "缴费月份", import_month, 4, IMPORT_REQUIRED, 0, 0, NULL, 0},
};

static const struct import_check insurance_checks[] = {
    {I_MONTH, true, true, TWICE, TWICE_SAID,
     {"import_insurance_twice",
      "SELECT s.line, '', d.first FROM import_stage s JOIN (SELECT id_type, id_no_hash, uscc,"
      " month, MIN(line) AS first FROM import_stage WHERE id_no_hash IS NOT NULL"
      " AND uscc IS NOT NULL AND month IS NOT NULL GROUP BY id_no_hash, uscc, month, id_type"
      " HAVING COUNT(*) > 1) d ON d.id_type = s.id_type AND d.id_no_hash = s.id_no_hash"
      " AND d.uscc = s.uscc AND d.month = s.month WHERE s.line > d.first"}},
    CHECK_PERSON(I_NO),
    CHECK_FIRM(I_USCC),
};

#define INSURANCE_NEW                                                                              \
    " FROM import_stage s" WHOSE "LEFT JOIN insurance i"                                           \
    " ON i.person_id = p.id AND i.enterprise_id = e.id AND i.month = s.month"                      \
    " WHERE i.person_id IS NULL"

static const struct import_merge insurance_merges[] = {
    {IMPORT_ADDS, 1,
     {"import_insurance_add",
      "INSERT INTO insurance (person_id, enterprise_id, month, created_at, import_id)"
      " SELECT p.id, e.id, s.month, ?, ?" INSURANCE_NEW " ORDER BY s.line"}},
};

static const struct import_built insurance_built[] = {
    {"导入之后已据此办理证书", 1, true,
     {"import_undo_insurance_built",
      "SELECT p.name, c.number FROM insurance i" CERTIFICATES " ON c.person_id = i.person_id"
      " AND c.enterprise_id = i.enterprise_id" VERSION_SINCE " WHERE i.import_id = ? LIMIT 20"}},
    {NULL, 0, false, {NULL, NULL}},
};

static const struct import_undo insurance_undo = {
    .lock = {"import_undo_insurance_lock",
             "SELECT COUNT(*) FROM insurance WHERE import_id = ? FOR UPDATE"},
    .remove = {"import_undo_insurance_remove", "DELETE FROM insurance WHERE import_id = ?"},
    .built = insurance_built,
};

const struct import_kind import_insurance = {
    .name = "insurance",
    .label = "社会保险",
    .columns = insurance_columns,
    .column_count = COUNT(insurance_columns),
    .value_count = 5,
    .stage = STAGE_HEAD "month DATE" STAGE_FOOT,
    IMPORT_INSERT("insurance", "line, id_type, id_no_hash, uscc, month", "(?,?,?,?,?)"),
    .checks = insurance_checks,
    .check_count = COUNT(insurance_checks),
    .adds = {"import_insurance_adds", "SELECT COUNT(*)" INSURANCE_NEW},
    .merges = insurance_merges,
    .merge_count = COUNT(insurance_merges),
    .undo = &insurance_undo,
};

/* Continuing education */

enum { D_RECORD, D_TYPE, D_NO, D_USCC, D_CLASS, D_HOURS, D_DATE, D_PROVIDER };

static const struct import_column education_columns[] = {
    [D_RECORD] = {"record_no", "记录编号", import_record, 4, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [D_TYPE] = {"id_type", "证件类型", import_document_type, 1, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [D_NO] = {"id_no", "证件号码", import_document_no, 2, IMPORT_REQUIRED | IMPORT_SENSITIVE, 0, 0,
              NULL, D_TYPE},
    [D_USCC] = {"uscc", "统一社会信用代码", import_uscc, 3, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [D_CLASS] = {"class", "类别", import_class, 5, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [D_HOURS] = {"hours", "学时", import_digit, 6, IMPORT_REQUIRED, 1, 1000, NULL, 0},
    [D_DATE] = {"completed_on", "完成日期", import_past, 7, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [D_PROVIDER] = {"provider", "培训机构", import_text, 8, 0, 1, 128, NULL, 0},
};

static const struct import_check education_checks[] = {
    CHECK_RECORD(D_RECORD),
    CHECK_PERSON(D_NO),
    CHECK_FIRM(D_USCC),
};

#define EDUCATION_JOIN " STRAIGHT_JOIN education d ON d.record_no = s.record_no "
#define EDUCATION_DIFFERS                                                                          \
    "NOT (d.person_id <=> p.id AND d.enterprise_id <=> e.id"                                       \
    " AND d.class <=> s.class AND d.hours <=> s.hours AND d.completed_on <=> s.completed_on"       \
    " AND d.provider <=> IFNULL(s.provider, '') COLLATE utf8mb4_bin)"

static const struct import_merge education_merges[] = {
    {IMPORT_CHANGES, 0,
     {"import_education_mark",
      "INSERT INTO import_before (import_id, row_id) SELECT ?, d.id FROM import_stage s" EDUCATION_JOIN
          WHOSE "WHERE " EDUCATION_DIFFERS}},
    {IMPORT_NOTHING, 0,
     {"import_education_change",
      "UPDATE import_before b STRAIGHT_JOIN education d ON d.id = b.row_id"
      " STRAIGHT_JOIN import_stage s ON s.record_no = d.record_no" WHOSE
      "SET b.plain = JSON_OBJECT('import_id', d.import_id, 'person_id', d.person_id,"
      " 'enterprise_id', d.enterprise_id, 'class', d.class, 'hours', d.hours,"
      " 'completed_on', d.completed_on, 'provider', d.provider), d.import_id = b.import_id,"
      " d.person_id = p.id, d.enterprise_id = e.id, d.class = s.class,"
      " d.hours = s.hours, d.completed_on = s.completed_on, d.provider = IFNULL(s.provider, '')"
      " WHERE b.import_id = ?"}},
    {IMPORT_ADDS, 1,
     {"import_education_add",
      "INSERT INTO education (record_no, person_id, enterprise_id, class, hours, completed_on,"
      " provider, created_at, import_id) SELECT s.record_no, p.id, e.id, s.class, s.hours,"
      " s.completed_on, IFNULL(s.provider, ''), ?, ? FROM import_stage s"
      " LEFT JOIN education d ON d.record_no = s.record_no" WHOSE
      "WHERE d.id IS NULL ORDER BY s.line"}},
};

static const struct import_built education_built[] = {
    {"导入之后已据此办理证书", 1, true,
     {"import_undo_education_built",
      "SELECT p.name, c.number FROM education d" CERTIFICATES " ON c.person_id = d.person_id"
      " AND c.class = d.class" VERSION_SINCE " WHERE d.import_id = ? LIMIT 20"}},
    {NULL, 0, false, {NULL, NULL}},
};

static const struct import_undo education_undo = {
    .restore = {"import_undo_education_restore",
                "UPDATE import_before b STRAIGHT_JOIN education d ON d.id = b.row_id"
                " SET d.person_id = JSON_VALUE(b.plain, '$.person_id'),"
                " d.enterprise_id = JSON_VALUE(b.plain, '$.enterprise_id'),"
                " d.class = JSON_VALUE(b.plain, '$.class'),"
                " d.hours = JSON_VALUE(b.plain, '$.hours'),"
                " d.completed_on = JSON_VALUE(b.plain, '$.completed_on'),"
                " d.provider = JSON_VALUE(b.plain, '$.provider'),"
                " d.import_id = JSON_VALUE(b.plain, '$.import_id')"
                " WHERE b.import_id = ? AND d.import_id = b.import_id"},
    .lock = {"import_undo_education_lock",
             "SELECT COUNT(*) FROM education WHERE import_id = ? FOR UPDATE"},
    .remove = {"import_undo_education_remove",
               "DELETE FROM education WHERE id >= ? AND import_id = ?"},
    .by_id = true,
    .built = education_built,
};

const struct import_kind import_education = {
    .name = "education",
    .label = "继续教育",
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
    .checks = education_checks,
    .check_count = COUNT(education_checks),
    .adds = {"import_education_adds", "SELECT COUNT(*) FROM import_stage s LEFT JOIN education d"
                                      " ON d.record_no = s.record_no WHERE d.id IS NULL"},
    .changes = {"import_education_changes",
                "SELECT COUNT(*) FROM import_stage s" EDUCATION_JOIN WHOSE
                "WHERE " EDUCATION_DIFFERS},
    .merges = education_merges,
    .merge_count = COUNT(education_merges),
    .undo = &education_undo,
};
