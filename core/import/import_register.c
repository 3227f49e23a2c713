/* Kinds of the register: enterprises, people, paper certificates. */
#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/import/import_kind.h"
#include "core/places.h"
#include "core/register/identifier.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TWICE      "stands in the file already, on line %llu"
#define TWICE_SAID "与文件第 %llu 行重复"

/* Phones are sealed with a fresh nonce each time, so only their plain text can be compared. Each
 * statement reads line, hash of the file's phone, sealed phone of the register. */
struct phones {
    const struct db_query *queries; /* read and differs, ending with no name */
    const char *place;
};

enum { PHONES_READ, PHONES_DIFFERS, PHONE_BATCH = 500, PHONE_KEEP = 512 * 1024 };

static int phones_compare(struct import_run *run, const struct phones *phones, struct err *err)
{
    struct pool *pool = pool_new(PHONE_KEEP, 0);
    struct db_rows rows;
    uint64_t after = 0;
    int result = -1;

    do {
        pool_reset(pool);
        if (db_select(run->db, pool, &phones->queries[PHONES_READ], DB_ARGS(db_uint(after)), &rows, err) < 0)
            goto out;
        for (size_t i = 0; i < rows.count; i++) {
            const struct db_value *row = db_row(&rows, i);
            struct bytes plain;
            uint8_t hash[VAULT_HASH_SIZE];
            if (vault_open(run->core->vault, pool, phones->place, db_as_bytes(&row[2]), &plain,
                           err) < 0)
                goto out;
            vault_lookup(run->core->vault, phones->place,
                         pool_text_n(pool, (const char *)plain.data, plain.size), hash);
            if (memcmp(hash, db_as_bytes(&row[1]).data, sizeof(hash)) != 0 &&
                db_run(run->db, &phones->queries[PHONES_DIFFERS], DB_ARGS(row[0]), NULL, err) < 0)
                goto out;
            after = db_as_uint(&row[0]);
        }
    } while (rows.count == PHONE_BATCH);
    result = 0;
out:
    pool_free(&pool);
    return result;
}

/* Enterprises */

enum { E_USCC, E_NAME, E_REGION, E_PROVINCE, E_REP_NAME, E_REP_TYPE, E_REP_NO, E_PHONE };

static const struct import_column enterprise_columns[] = {
    [E_USCC] = {"uscc", "统一社会信用代码", import_uscc, 1, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [E_NAME] = {"name", "企业名称", import_text, 2, IMPORT_REQUIRED, 2, 128, NULL, 0},
    [E_REGION] = {"region", "属地", import_choice, 3, IMPORT_REQUIRED, 0, 0, "local outside", 0},
    [E_PROVINCE] = {"province", "省份", import_text, 4, 0, 1, 16, NULL, 0},
    [E_REP_NAME] = {"legal_rep_name", "法定代表人姓名", import_person, 5, 0, 1, 64, NULL, 0},
    [E_REP_TYPE] = {"legal_rep_id_type", "法定代表人证件类型", import_document_type, 6, 0, 0, 0, NULL, 0},
    [E_REP_NO] = {"legal_rep_id_no", "法定代表人证件号码", import_document_no_sealed, 7, IMPORT_SENSITIVE, 0, 0,
                  PLACE_LEGAL_REP_ID, E_REP_TYPE},
    [E_PHONE] = {"phone", "联系电话", import_phone, 9, IMPORT_SENSITIVE, 0, 0, PLACE_ENTERPRISE_PHONE, 0},
};

static void enterprise_check(struct import_row *row)
{
    const char *const *fields = row->fields;

    if (!*fields[E_REP_TYPE] != !*fields[E_REP_NO])
        import_wrong(row, *fields[E_REP_TYPE] ? E_REP_NO : E_REP_TYPE,
                     "legal_rep_id_type and legal_rep_id_no go together",
                     "legal_rep_id_type 和 legal_rep_id_no 应同时填写");
    if (*fields[E_REP_NO] && !*fields[E_REP_NAME])
        import_wrong(row, E_REP_NAME, "must not be empty beside a document number",
                     "填写了证件号码时不能为空");
}

#define ENTERPRISE_JOIN  " JOIN enterprise e ON e.uscc = s.uscc "
#define ENTERPRISE_DIFFERS                                                                         \
    "(s.phone_differs = 1 OR (s.phone_hash IS NULL) <> (e.phone_sealed IS NULL)"                   \
    " OR NOT (e.name <=> s.name COLLATE utf8mb4_bin AND e.region <=> s.region"                     \
    " AND e.province <=> IFNULL(s.province, '') COLLATE utf8mb4_bin"                               \
    " AND e.legal_rep_name <=> IFNULL(s.rep_name, '') COLLATE utf8mb4_bin"                         \
    " AND e.legal_rep_id_type <=> s.rep_type AND e.legal_rep_id_hash <=> s.rep_hash))"

static const struct db_query enterprise_phone_queries[] = {
    [PHONES_READ] = {"import_enterprise_phones",
             "SELECT STRAIGHT_JOIN s.line, s.phone_hash, e.phone_sealed FROM import_stage s" ENTERPRISE_JOIN
             "WHERE s.line > ? AND s.phone_hash IS NOT NULL AND e.phone_sealed IS NOT NULL"
             " ORDER BY s.line LIMIT 500"},
    [PHONES_DIFFERS] = {"import_enterprise_phone_differs",
                "UPDATE import_stage SET phone_differs = 1 WHERE line = ?"},
    {NULL, NULL},
};
static const struct phones enterprise_phones = {enterprise_phone_queries, PLACE_ENTERPRISE_PHONE};

static int enterprise_compare(struct import_run *run, struct err *err)
{
    return phones_compare(run, &enterprise_phones, err);
}

static const struct import_check enterprise_checks[] = {
    {E_USCC, true, true, TWICE, TWICE_SAID,
     {"import_enterprise_twice",
      "SELECT s.line, s.uscc, d.first FROM import_stage s JOIN (SELECT uscc, MIN(line) AS first"
      " FROM import_stage WHERE uscc IS NOT NULL GROUP BY uscc HAVING COUNT(*) > 1) d"
      " ON d.uscc = s.uscc WHERE s.line > d.first"}},
    {E_REP_NAME, false, false, "was changed at the window, and this file has the former name",
     "该法定代表人的姓名已由受理窗口变更，文件中是原来的姓名；请更正文件",
     {"import_enterprise_decided_rep",
      "SELECT STRAIGHT_JOIN DISTINCT s.line, '', 0 FROM person_change d"
      " JOIN person p ON p.id = d.person_id"
      " JOIN import_stage s ON s.rep_hash = p.id_no_hash AND s.rep_type = p.id_type"
      " LEFT JOIN enterprise e ON e.uscc = s.uscc AND e.legal_rep_id_hash = s.rep_hash"
      "   AND e.legal_rep_name = s.rep_name COLLATE utf8mb4_bin"
      " WHERE d.field = 'name' AND s.rep_name = d.before_text COLLATE utf8mb4_bin"
      " AND s.rep_name <> p.name COLLATE utf8mb4_bin AND e.id IS NULL"}},
};

#define IF_PHONE(table)                                                                            \
    "IF(s.phone_differs = 1 OR s.phone_hash IS NULL OR " table ".phone_sealed IS NULL,"            \
    " s.phone_sealed, " table ".phone_sealed)"

static const struct import_merge enterprise_merges[] = {
    {IMPORT_CHANGES, 0,
     {"import_enterprise_mark",
      "INSERT INTO import_before (import_id, row_id) SELECT ?, e.id FROM import_stage s" ENTERPRISE_JOIN
      "WHERE " ENTERPRISE_DIFFERS}},
    {IMPORT_NOTHING, 1,
     {"import_enterprise_change",
      "UPDATE import_before b STRAIGHT_JOIN enterprise e ON e.id = b.row_id"
      " STRAIGHT_JOIN import_stage s ON s.uscc = e.uscc"
      " SET b.plain = JSON_OBJECT('import_id', e.import_id, 'name', e.name, 'region', e.region,"
      " 'province', e.province, 'legal_rep_name', e.legal_rep_name,"
      " 'legal_rep_id_type', e.legal_rep_id_type), b.legal_rep_id_hash = e.legal_rep_id_hash,"
      " b.legal_rep_id_sealed = e.legal_rep_id_sealed, b.enterprise_phone_sealed = e.phone_sealed,"
      " e.legal_rep_id_sealed = IF(e.legal_rep_id_hash <=> s.rep_hash, e.legal_rep_id_sealed,"
      " s.rep_sealed), e.phone_sealed = " IF_PHONE("e") ", e.updated_at = ?,"
      " e.import_id = b.import_id, e.name = s.name, e.region = s.region,"
      " e.province = IFNULL(s.province, ''), e.legal_rep_name = IFNULL(s.rep_name, ''),"
      " e.legal_rep_id_type = s.rep_type, e.legal_rep_id_hash = s.rep_hash"
      " WHERE b.import_id = ?"}},
    {IMPORT_ADDS, 2,
     {"import_enterprise_add",
      "INSERT INTO enterprise (uscc, name, region, province, legal_rep_name, legal_rep_id_type,"
      " legal_rep_id_sealed, legal_rep_id_hash, phone_sealed, created_at, updated_at, import_id)"
      " SELECT s.uscc, s.name, s.region, IFNULL(s.province, ''), IFNULL(s.rep_name, ''),"
      " s.rep_type, s.rep_sealed, s.rep_hash, s.phone_sealed, ?, ?, ? FROM import_stage s"
      " LEFT JOIN enterprise e ON e.uscc = s.uscc WHERE e.id IS NULL ORDER BY s.line"}},
};

/* Rows that the run added, from the first of them on, and of each whether the other table knows it. */
#define ADDED(register)                                                                            \
    " FROM import_run r STRAIGHT_JOIN " register " a ON a.id >= r.first_id AND a.import_id = r.id" \
    " LEFT JOIN import_before b ON b.import_id = r.id AND b.row_id = a.id"                         \
    " WHERE r.id = ? AND b.id IS NULL AND "
#define FIRM_ADDED_USED(said, table)                                                               \
    {(said), 1, false,                                                                             \
     {"import_undo_firm_" table,                                                                   \
      "SELECT a.uscc, a.name" ADDED("enterprise")                                                  \
      "(SELECT 1 FROM " table " x WHERE x.enterprise_id = a.id LIMIT 1) = 1 LIMIT 20"}}
/* The same of a table that no index finds a firm in: one look through it, not one for each firm. */
#define FIRM_ADDED_NAMED(said, table)                                                              \
    {(said), 1, false,                                                                             \
     {"import_undo_firm_" table,                                                                   \
      "SELECT STRAIGHT_JOIN DISTINCT a.uscc, a.name FROM import_run r JOIN " table " x"            \
      " JOIN enterprise a FORCE INDEX (PRIMARY) ON a.id = x.enterprise_id AND a.id >= r.first_id"  \
      "   AND a.import_id = r.id LEFT JOIN import_before b ON b.import_id = r.id"                  \
      "   AND b.row_id = a.id WHERE r.id = ? AND b.id IS NULL LIMIT 20"}}

static const struct import_built enterprise_built[] = {
    {"导入之后办理过证书", 1, true,
     {"import_undo_firm_versions",
      "SELECT e.name, c.number FROM enterprise e STRAIGHT_JOIN certificate c"
      " FORCE INDEX (certificate_list) ON c.enterprise_id = e.id"
      " STRAIGHT_JOIN certificate_version v FORCE INDEX (PRIMARY)"
      "   ON v.certificate_id = c.id AND v.version = c.version"
      " AND v.made_at >= ? WHERE e.import_id = ? LIMIT 20"}},
    {"导入之后另有更正", 1, true,
     {"import_undo_firm_edited", "SELECT e.uscc, e.name FROM enterprise e"
                                 " WHERE e.updated_at <> ? AND e.import_id = ? LIMIT 20"}},
    FIRM_ADDED_USED("新增的企业已有纸质证书", "paper_certificate"),
    FIRM_ADDED_USED("新增的企业已有办理事项", "matter"),
    FIRM_ADDED_NAMED("新增的企业已有考核成绩", "exam_result"),
    FIRM_ADDED_NAMED("新增的企业已有社会保险记录", "insurance"),
    FIRM_ADDED_NAMED("新增的企业已有继续教育记录", "education"),
    FIRM_ADDED_USED("新增的企业已有提请事项", "proposal"),
    FIRM_ADDED_USED("新增的企业已登记联系方式", "contact"),
    {NULL, 0, false, {NULL, NULL}},
};

/* What a run's rows carry while nobody else has changed them. */
#define UNTOUCHED(table)                                                                           \
    " STRAIGHT_JOIN import_run r ON r.id = " table ".import_id AND r.taken_at = " table ".updated_at"

static const struct import_undo enterprise_undo = {
    .lock = {"import_undo_firm_lock",
             "SELECT COUNT(*) FROM enterprise WHERE import_id = ? FOR UPDATE"},
    .restore = {"import_undo_firm_restore",
                "UPDATE import_before b STRAIGHT_JOIN enterprise e ON e.id = b.row_id"
                " AND e.import_id = b.import_id" UNTOUCHED("e")
                " SET e.name = JSON_VALUE(b.plain, '$.name'),"
                " e.region = JSON_VALUE(b.plain, '$.region'),"
                " e.province = JSON_VALUE(b.plain, '$.province'),"
                " e.legal_rep_name = JSON_VALUE(b.plain, '$.legal_rep_name'),"
                " e.legal_rep_id_type = JSON_VALUE(b.plain, '$.legal_rep_id_type'),"
                " e.legal_rep_id_hash = b.legal_rep_id_hash,"
                " e.legal_rep_id_sealed = b.legal_rep_id_sealed,"
                " e.phone_sealed = b.enterprise_phone_sealed, e.updated_at = r.undone_at,"
                " e.import_id = JSON_VALUE(b.plain, '$.import_id') WHERE b.import_id = ?"},
    .remove = {"import_undo_firm_remove",
               "DELETE e FROM enterprise e" UNTOUCHED("e") " WHERE e.id >= ? AND e.import_id = ?"},
    .by_id = true,
    .built = enterprise_built,
};

const struct import_kind import_enterprises = {
    .name = "enterprises",
    .label = "企业",
    .columns = enterprise_columns,
    .column_count = COUNT(enterprise_columns),
    .value_count = 11,
    .check = enterprise_check,
    .stage = "CREATE TEMPORARY TABLE import_stage (line BIGINT UNSIGNED NOT NULL PRIMARY KEY,"
             " uscc CHAR(18) CHARACTER SET ascii COLLATE ascii_bin, name VARCHAR(128),"
             " region CHAR(8) CHARACTER SET ascii COLLATE ascii_bin, province VARCHAR(16),"
             " rep_name VARCHAR(64), rep_type CHAR(3) CHARACTER SET ascii COLLATE ascii_bin,"
             " rep_hash BINARY(32), rep_sealed VARBINARY(256), phone_hash BINARY(32),"
             " phone_sealed VARBINARY(256), phone_differs TINYINT NOT NULL DEFAULT 0,"
             " KEY (uscc), KEY (rep_hash)) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4",
    IMPORT_INSERT("enterprises",
                  "line, uscc, name, region, province, rep_name, rep_type, rep_hash, rep_sealed,"
                  " phone_hash, phone_sealed",
                  "(?,?,?,?,?,?,?,?,?,?,?)"),
    .compare = enterprise_compare,
    .compared = enterprise_phone_queries,
    .checks = enterprise_checks,
    .check_count = COUNT(enterprise_checks),
    .adds = {"import_enterprise_adds", "SELECT COUNT(*) FROM import_stage s LEFT JOIN enterprise e"
                                       " ON e.uscc = s.uscc WHERE e.id IS NULL"},
    .changes = {"import_enterprise_changes",
                "SELECT COUNT(*) FROM import_stage s" ENTERPRISE_JOIN "WHERE " ENTERPRISE_DIFFERS},
    .merges = enterprise_merges,
    .merge_count = COUNT(enterprise_merges),
    .undo = &enterprise_undo,
};

/* People */

enum { P_TYPE, P_NO, P_NAME, P_SEX, P_BIRTH, P_EDUCATION, P_TITLE, P_PHONE, P_PHOTO };
enum { V_PERSON_HASH = 2, V_PERSON_SEX = 5, V_PERSON_BIRTH = 6 };

static const struct import_column people_columns[] = {
    [P_TYPE] = {"id_type", "证件类型", import_document_type, 1, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [P_NO] = {"id_no", "证件号码", import_document_no_sealed, V_PERSON_HASH, IMPORT_REQUIRED | IMPORT_SENSITIVE,
              0, 0, PLACE_PERSON_ID_NO, P_TYPE},
    [P_NAME] = {"name", "姓名", import_person, 4, IMPORT_REQUIRED, 1, 64, NULL, 0},
    [P_SEX] = {"sex", "性别", import_digit, V_PERSON_SEX, IMPORT_REQUIRED, 1, 2, NULL, 0},
    [P_BIRTH] = {"birth", "出生日期", import_past, V_PERSON_BIRTH, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [P_EDUCATION] = {"education", "文化程度", import_choice, 7, 0, 0, 0, "01 02 03 04 05 06 07 99", 0},
    [P_TITLE] = {"technical_title", "技术职称", import_choice, 8, 0, 0, 0, "01 02 03 04 05", 0},
    [P_PHONE] = {"phone", "联系电话", import_phone, 9, IMPORT_SENSITIVE, 0, 0, PLACE_PERSON_PHONE, 0},
    [P_PHOTO] = {"photo", "照片", import_photo, 11, 0, 0, 0, NULL, 0},
};

/* A resident's number says birth and sex itself. */
static void person_check(struct import_row *row)
{
    char number[DOCUMENT_NO_SIZE];
    struct date birth;
    int sex;

    if (strcmp(row->fields[P_TYPE], "111") != 0 || row->wrong[P_NO] ||
        !import_document_normal(row, P_NO, number) ||
        !resident_id_valid(number, row->run->today, &birth, &sex))
        return;
    if (row->values[V_PERSON_BIRTH].type == DB_DATE &&
        date_compare(birth, row->values[V_PERSON_BIRTH].date) != 0)
        import_wrong(row, P_BIRTH, "is not the date of birth in id_no", "与身份证号码中的出生日期不一致");
    if (row->values[V_PERSON_SEX].type == DB_INT && row->values[V_PERSON_SEX].integer != sex)
        import_wrong(row, P_SEX, "is not the sex in id_no", "与身份证号码中的性别不一致");
}

#define PERSON_ON      " person p ON p.id_type = s.id_type AND p.id_no_hash = s.id_no_hash "
#define PERSON_DIFFERS                                                                             \
    "(s.phone_differs = 1 OR (s.phone_hash IS NULL) <> (p.phone_sealed IS NULL)"                   \
    " OR NOT (p.name <=> s.name COLLATE utf8mb4_bin AND p.sex <=> s.sex AND p.birth <=> s.birth"   \
    " AND p.education <=> IFNULL(s.education, '99')"                                               \
    " AND p.technical_title <=> s.technical_title))"

static const struct db_query person_phone_queries[] = {
    [PHONES_READ] = {"import_person_phones",
             "SELECT STRAIGHT_JOIN s.line, s.phone_hash, p.phone_sealed FROM import_stage s JOIN" PERSON_ON
             "WHERE s.line > ? AND s.phone_hash IS NOT NULL AND p.phone_sealed IS NOT NULL"
             " ORDER BY s.line LIMIT 500"},
    [PHONES_DIFFERS] = {"import_person_phone_differs",
                "UPDATE import_stage SET phone_differs = 1 WHERE line = ?"},
    {NULL, NULL},
};
static const struct phones person_phones = {person_phone_queries, PLACE_PERSON_PHONE};

static int person_compare(struct import_run *run, struct err *err)
{
    return phones_compare(run, &person_phones, err);
}

/* What two people of staff decided about a person stays: an old register does not turn it back. */
#define DECIDED(column, said, field)                                                               \
    {(column), false, false, "was changed at the window, and this file has another",               \
     "该人员的" said "已由受理窗口变更，与文件不同；请更正文件",                                   \
     {"import_person_decided_" field,                                                              \
      "SELECT STRAIGHT_JOIN s.line, '', 0 FROM (SELECT DISTINCT person_id FROM person_change"      \
      "   WHERE field = '" field "') d JOIN person p ON p.id = d.person_id"                        \
      " JOIN import_stage s ON s.id_no_hash = p.id_no_hash AND s.id_type = p.id_type"              \
      " WHERE NOT (p." field " <=> s." field PERSON_TEXT_##column ")"}}
#define PERSON_TEXT_P_NAME  " COLLATE utf8mb4_bin"
#define PERSON_TEXT_P_SEX   ""
#define PERSON_TEXT_P_BIRTH ""

static const struct import_check people_checks[] = {
    DECIDED(P_NAME, "姓名", "name"),
    DECIDED(P_SEX, "性别", "sex"),
    DECIDED(P_BIRTH, "出生日期", "birth"),
    {P_NO, false, false, "was corrected at the window: this person has another number by now",
     "该证件号码已作为错误号码更正，人员已登记在更正后的号码下；请更正文件",
     {"import_person_corrected",
      "SELECT STRAIGHT_JOIN DISTINCT s.line, '', 0 FROM person_change d"
      " JOIN import_stage s ON s.id_no_hash = d.before_id_hash AND s.id_type = d.before_id_type"
      " LEFT JOIN person p ON p.id_type = s.id_type AND p.id_no_hash = s.id_no_hash"
      " WHERE d.field = 'document' AND p.id IS NULL"}},
    {P_NO, true, true, TWICE, TWICE_SAID,
     {"import_person_twice",
      "SELECT s.line, '', d.first FROM import_stage s JOIN (SELECT id_type, id_no_hash,"
      " MIN(line) AS first FROM import_stage WHERE id_no_hash IS NOT NULL"
      " GROUP BY id_type, id_no_hash HAVING COUNT(*) > 1) d"
      " ON d.id_type = s.id_type AND d.id_no_hash = s.id_no_hash WHERE s.line > d.first"}},
};

static const struct import_merge people_merges[] = {
    {IMPORT_CHANGES, 0,
     {"import_person_mark",
      "INSERT INTO import_before (import_id, row_id) SELECT ?, p.id FROM import_stage s JOIN" PERSON_ON
      "WHERE " PERSON_DIFFERS}},
    {IMPORT_NOTHING, 1,
     {"import_person_change",
      "UPDATE import_before b STRAIGHT_JOIN person p ON p.id = b.row_id"
      " STRAIGHT_JOIN import_stage s ON s.id_no_hash = p.id_no_hash AND s.id_type = p.id_type"
      " SET b.plain = JSON_OBJECT('import_id', p.import_id, 'name', p.name, 'sex', p.sex,"
      " 'birth', p.birth, 'education', p.education, 'technical_title', p.technical_title),"
      " b.person_phone_sealed = p.phone_sealed, p.phone_sealed = " IF_PHONE("p") ","
      " p.updated_at = ?, p.import_id = b.import_id,"
      " p.name = s.name, p.sex = s.sex, p.birth = s.birth,"
      " p.education = IFNULL(s.education, '99'), p.technical_title = s.technical_title"
      " WHERE b.import_id = ?"}},
    {IMPORT_ADDS, 2,
     {"import_person_add",
      "INSERT INTO person (id_type, id_no_hash, id_no_sealed, name, sex, birth, education,"
      " technical_title, phone_sealed, created_at, updated_at, import_id)"
      " SELECT s.id_type, s.id_no_hash, s.id_no_sealed, s.name, s.sex, s.birth,"
      " IFNULL(s.education, '99'), s.technical_title, s.phone_sealed, ?, ?, ? FROM import_stage s"
      " LEFT JOIN" PERSON_ON "WHERE p.id IS NULL ORDER BY s.line"}},
};

#define PERSON_ADDED_USED(said, table)                                                             \
    {(said), 1, false,                                                                             \
     {"import_undo_person_" table,                                                                 \
      "SELECT a.name, ''" ADDED("person")                                                          \
      "(SELECT 1 FROM " table " x WHERE x.person_id = a.id LIMIT 1) = 1 LIMIT 20"}}

static const struct import_built people_built[] = {
    {"导入之后办理过证书", 1, true,
     {"import_undo_person_versions",
      "SELECT p.name, c.number FROM person p STRAIGHT_JOIN certificate c"
      " FORCE INDEX (certificate_person) ON c.person_id = p.id"
      " STRAIGHT_JOIN certificate_version v FORCE INDEX (PRIMARY)"
      "   ON v.certificate_id = c.id AND v.version = c.version"
      " AND v.made_at >= ? WHERE p.import_id = ? LIMIT 20"}},
    {"导入之后另有采集或更正", 1, true,
     {"import_undo_person_edited", "SELECT p.name, '' FROM person p"
                                   " WHERE p.updated_at <> ? AND p.import_id = ? LIMIT 20"}},
    PERSON_ADDED_USED("新增的人员已有纸质证书", "paper_certificate"),
    PERSON_ADDED_USED("新增的人员已有办理事项", "matter"),
    PERSON_ADDED_USED("新增的人员已有考核成绩", "exam_result"),
    PERSON_ADDED_USED("新增的人员已有社会保险记录", "insurance"),
    PERSON_ADDED_USED("新增的人员已有继续教育记录", "education"),
    PERSON_ADDED_USED("新增的人员已采集照片", "identity_capture"),
    {NULL, 0, false, {NULL, NULL}},
};

static const struct import_undo people_undo = {
    .lock = {"import_undo_person_lock",
             "SELECT COUNT(*) FROM person WHERE import_id = ? FOR UPDATE"},
    .restore = {"import_undo_person_restore",
                "UPDATE import_before b STRAIGHT_JOIN person p ON p.id = b.row_id"
                " AND p.import_id = b.import_id" UNTOUCHED("p")
                " SET p.name = JSON_VALUE(b.plain, '$.name'),"
                " p.sex = JSON_VALUE(b.plain, '$.sex'), p.birth = JSON_VALUE(b.plain, '$.birth'),"
                " p.education = JSON_VALUE(b.plain, '$.education'),"
                " p.technical_title = JSON_VALUE(b.plain, '$.technical_title'),"
                " p.phone_sealed = b.person_phone_sealed, p.updated_at = r.undone_at,"
                " p.import_id = JSON_VALUE(b.plain, '$.import_id') WHERE b.import_id = ?"},
    .remove = {"import_undo_person_remove",
               "DELETE p FROM person p" UNTOUCHED("p") " WHERE p.id >= ? AND p.import_id = ?"},
    .by_id = true,
    .built = people_built,
};

const struct import_kind import_people = {
    .name = "people",
    .label = "人员",
    .columns = people_columns,
    .column_count = COUNT(people_columns),
    .value_count = 13,
    .check = person_check,
    .stage = "CREATE TEMPORARY TABLE import_stage (line BIGINT UNSIGNED NOT NULL PRIMARY KEY,"
             " id_type CHAR(3) CHARACTER SET ascii COLLATE ascii_bin, id_no_hash BINARY(32),"
             " id_no_sealed VARBINARY(256), name VARCHAR(64), sex TINYINT UNSIGNED, birth DATE,"
             " education CHAR(2) CHARACTER SET ascii COLLATE ascii_bin,"
             " technical_title CHAR(2) CHARACTER SET ascii COLLATE ascii_bin,"
             " phone_hash BINARY(32), phone_sealed VARBINARY(256), photo VARCHAR(128),"
             " photo_sha256 BINARY(32), phone_differs TINYINT NOT NULL DEFAULT 0,"
             " KEY (id_no_hash)) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4",
    IMPORT_INSERT("people",
                  "line, id_type, id_no_hash, id_no_sealed, name, sex, birth, education,"
                  " technical_title, phone_hash, phone_sealed, photo, photo_sha256",
                  "(?,?,?,?,?,?,?,?,?,?,?,?,?)"),
    .compare = person_compare,
    .compared = person_phone_queries,
    .checks = people_checks,
    .check_count = COUNT(people_checks),
    .adds = {"import_person_adds", "SELECT COUNT(*) FROM import_stage s LEFT JOIN" PERSON_ON
                                   "WHERE p.id IS NULL"},
    .changes = {"import_person_changes",
                "SELECT COUNT(*) FROM import_stage s JOIN" PERSON_ON "WHERE " PERSON_DIFFERS},
    .merges = people_merges,
    .merge_count = COUNT(people_merges),
    .finish = import_photos_store,
    .foresee = import_photos_count,
    .finishes = import_photo_queries,
    .undo = &people_undo,
};

/* Paper certificates */

enum { C_NUMBER, C_CLASS, C_TYPE, C_NO, C_USCC, C_ENTERPRISE, C_POST, C_FIRST, C_FROM, C_UNTIL,
       C_SINCE };
enum { V_FIRST = 8, V_FROM, V_UNTIL, V_SINCE };

static const struct import_column paper_columns[] = {
    [C_NUMBER] = {"number", "证书编号", import_number, 1, IMPORT_REQUIRED, 0, 0, NULL, C_CLASS},
    [C_CLASS] = {"class", "类别", import_class, 2, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [C_TYPE] = {"id_type", "证件类型", import_document_type, 3, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [C_NO] = {"id_no", "证件号码", import_document_no, 4, IMPORT_REQUIRED | IMPORT_SENSITIVE, 0, 0, NULL,
              C_TYPE},
    [C_USCC] = {"uscc", "统一社会信用代码", import_uscc, 5, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [C_ENTERPRISE] = {"enterprise_name", "企业名称", import_text, 6, IMPORT_REQUIRED, 2, 128, NULL, 0},
    [C_POST] = {"post", "职务", import_post, 7, IMPORT_REQUIRED, 0, 0, NULL, C_CLASS},
    [C_FIRST] = {"first_issued", "初次领证日期", import_past, V_FIRST, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [C_FROM] = {"valid_from", "有效期起", import_date, V_FROM, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [C_UNTIL] = {"valid_until", "有效期止", import_date, V_UNTIL, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [C_SINCE] = {"held_since", "到本单位日期", import_past, V_SINCE, IMPORT_REQUIRED, 0, 0, NULL, 0},
};

static bool after(const struct import_row *row, unsigned a, unsigned b)
{
    return row->values[a].type == DB_DATE && row->values[b].type == DB_DATE &&
           date_compare(row->values[a].date, row->values[b].date) > 0;
}

static void paper_check(struct import_row *row)
{
    bool both = row->values[V_FROM].type == DB_DATE && row->values[V_UNTIL].type == DB_DATE;

    if (both && !after(row, V_UNTIL, V_FROM))
        import_wrong(row, C_UNTIL, "must be after valid_from", "应晚于 valid_from");
    if (after(row, V_FIRST, V_FROM))
        import_wrong(row, C_FIRST, "must not be after valid_from", "不应晚于 valid_from");
    if (after(row, V_FIRST, V_SINCE))
        import_wrong(row, C_SINCE, "must not be before first_issued", "不应早于 first_issued");
}

#define PAPER_JOIN " JOIN paper_certificate c ON c.number = s.number "
#define PAPER_DIFFERS                                                                              \
    "NOT (c.class <=> s.class AND c.person_id <=> s.person_id"                                     \
    " AND c.enterprise_id <=> s.enterprise_id"                                                     \
    " AND c.enterprise_name <=> s.enterprise_name COLLATE utf8mb4_bin AND c.post <=> s.post"       \
    " AND c.first_issued <=> s.first_issued AND c.valid_from <=> s.valid_from"                     \
    " AND c.valid_until <=> s.valid_until AND c.held_since <=> s.held_since)"

static const struct import_check paper_checks[] = {
    {C_NUMBER, true, true, TWICE, TWICE_SAID,
     {"import_paper_twice",
      "SELECT s.line, s.number, d.first FROM import_stage s JOIN (SELECT number,"
      " MIN(line) AS first FROM import_stage WHERE number IS NOT NULL GROUP BY number"
      " HAVING COUNT(*) > 1) d ON d.number = s.number WHERE s.line > d.first"}},
    {C_NO, true, false, "no person with this document is in the register: import people first",
     "登记册中没有这个证件号码的人员，请先导入人员",
     {"import_paper_person", "SELECT s.line, '', 0 FROM import_stage s"
                             " WHERE s.person_id IS NULL AND s.id_no_hash IS NOT NULL"}},
    {C_USCC, true, false, "no enterprise with this code is in the register: import enterprises first",
     "登记册中没有这个统一社会信用代码的企业，请先导入企业",
     {"import_paper_enterprise", "SELECT s.line, s.uscc, 0 FROM import_stage s"
                                 " WHERE s.enterprise_id IS NULL AND s.uscc IS NOT NULL"}},
    {C_NUMBER, false, false, "was exchanged for an electronic certificate and can't be changed",
     "已经换领电子证书，不能更改",
     {"import_paper_exchanged",
      "SELECT s.line, s.number, 0 FROM import_stage s" PAPER_JOIN
      "WHERE c.certificate_id IS NOT NULL AND " PAPER_DIFFERS}},
};

static const struct db_query paper_resolve[] = {
    {"import_paper_people", "UPDATE import_stage s JOIN" PERSON_ON "SET s.person_id = p.id"},
    {"import_paper_enterprises",
     "UPDATE import_stage s" ENTERPRISE_JOIN "SET s.enterprise_id = e.id"},
    {NULL, NULL},
};

static const struct import_merge paper_merges[] = {
    {IMPORT_CHANGES, 0,
     {"import_paper_mark",
      "INSERT INTO import_before (import_id, row_id) SELECT ?, c.id FROM import_stage s" PAPER_JOIN
      "WHERE c.certificate_id IS NULL AND " PAPER_DIFFERS}},
    {IMPORT_NOTHING, 1,
     {"import_paper_change",
      "UPDATE import_before b STRAIGHT_JOIN paper_certificate c ON c.id = b.row_id"
      " STRAIGHT_JOIN import_stage s ON s.number = c.number"
      " SET b.plain = JSON_OBJECT('import_id', c.import_id, 'class', c.class,"
      " 'person_id', c.person_id, 'enterprise_id', c.enterprise_id,"
      " 'enterprise_name', c.enterprise_name, 'post', c.post, 'first_issued', c.first_issued,"
      " 'valid_from', c.valid_from, 'valid_until', c.valid_until, 'held_since', c.held_since),"
      " c.class = s.class, c.person_id = s.person_id, c.enterprise_id = s.enterprise_id,"
      " c.enterprise_name = s.enterprise_name, c.post = s.post, c.first_issued = s.first_issued,"
      " c.valid_from = s.valid_from, c.valid_until = s.valid_until, c.held_since = s.held_since,"
      " c.updated_at = ?, c.import_id = b.import_id"
      " WHERE b.import_id = ? AND c.certificate_id IS NULL"}},
    {IMPORT_ADDS, 2,
     {"import_paper_add",
      "INSERT INTO paper_certificate (number, class, person_id, enterprise_id, enterprise_name,"
      " post, first_issued, valid_from, valid_until, held_since, created_at, updated_at, import_id)"
      " SELECT s.number, s.class, s.person_id, s.enterprise_id, s.enterprise_name, s.post,"
      " s.first_issued, s.valid_from, s.valid_until, s.held_since, ?, ?, ? FROM import_stage s"
      " LEFT JOIN paper_certificate c ON c.number = s.number WHERE c.id IS NULL"
      " ORDER BY s.line"}},
};

static const struct import_built paper_built[] = {
    {"已换领电子证书", 1, false,
     {"import_undo_paper_exchanged",
      "SELECT c.number, e.number FROM paper_certificate c STRAIGHT_JOIN certificate e"
      " ON e.id = c.certificate_id WHERE c.import_id = ? LIMIT 20"}},
    {"导入之后另有更正", 1, true,
     {"import_undo_paper_edited",
      "SELECT c.number, '' FROM paper_certificate c WHERE c.updated_at <> ? AND c.import_id = ?"
      " AND c.certificate_id IS NULL LIMIT 20"}},
    {NULL, 0, false, {NULL, NULL}},
};

static const struct import_undo paper_undo = {
    .lock = {"import_undo_paper_lock",
             "SELECT COUNT(*) FROM paper_certificate WHERE import_id = ? FOR UPDATE"},
    .restore = {"import_undo_paper_restore",
                "UPDATE import_before b STRAIGHT_JOIN paper_certificate c ON c.id = b.row_id"
                " AND c.import_id = b.import_id AND c.certificate_id IS NULL" UNTOUCHED("c")
                " SET c.class = JSON_VALUE(b.plain, '$.class'),"
                " c.person_id = JSON_VALUE(b.plain, '$.person_id'),"
                " c.enterprise_id = JSON_VALUE(b.plain, '$.enterprise_id'),"
                " c.enterprise_name = JSON_VALUE(b.plain, '$.enterprise_name'),"
                " c.post = JSON_VALUE(b.plain, '$.post'),"
                " c.first_issued = JSON_VALUE(b.plain, '$.first_issued'),"
                " c.valid_from = JSON_VALUE(b.plain, '$.valid_from'),"
                " c.valid_until = JSON_VALUE(b.plain, '$.valid_until'),"
                " c.held_since = JSON_VALUE(b.plain, '$.held_since'),"
                " c.updated_at = r.undone_at, c.import_id = JSON_VALUE(b.plain, '$.import_id')"
                " WHERE b.import_id = ?"},
    .remove = {"import_undo_paper_remove", "DELETE c FROM paper_certificate c" UNTOUCHED("c")
                                           " WHERE c.id >= ? AND c.import_id = ?"
                                           " AND c.certificate_id IS NULL"},
    .by_id = true,
    .built = paper_built,
};

const struct import_kind import_paper_certificates = {
    .name = "paper_certificates",
    .label = "纸质证书",
    .columns = paper_columns,
    .column_count = COUNT(paper_columns),
    .value_count = 12,
    .check = paper_check,
    .stage = "CREATE TEMPORARY TABLE import_stage (line BIGINT UNSIGNED NOT NULL PRIMARY KEY,"
             " number VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,"
             " class CHAR(2) CHARACTER SET ascii COLLATE ascii_bin,"
             " id_type CHAR(3) CHARACTER SET ascii COLLATE ascii_bin, id_no_hash BINARY(32),"
             " uscc CHAR(18) CHARACTER SET ascii COLLATE ascii_bin, enterprise_name VARCHAR(128),"
             " post CHAR(2) CHARACTER SET ascii COLLATE ascii_bin, first_issued DATE,"
             " valid_from DATE, valid_until DATE, held_since DATE, person_id BIGINT UNSIGNED,"
             " enterprise_id BIGINT UNSIGNED, KEY (number), KEY (id_no_hash), KEY (uscc))"
             " ENGINE = InnoDB DEFAULT CHARSET = utf8mb4",
    IMPORT_INSERT("paper_certificates",
                  "line, number, class, id_type, id_no_hash, uscc, enterprise_name, post,"
                  " first_issued, valid_from, valid_until, held_since",
                  "(?,?,?,?,?,?,?,?,?,?,?,?)"),
    .resolve = paper_resolve,
    .checks = paper_checks,
    .check_count = COUNT(paper_checks),
    .adds = {"import_paper_adds", "SELECT COUNT(*) FROM import_stage s LEFT JOIN paper_certificate c"
                                  " ON c.number = s.number WHERE c.id IS NULL"},
    .changes = {"import_paper_changes",
                "SELECT COUNT(*) FROM import_stage s" PAPER_JOIN
                "WHERE c.certificate_id IS NULL AND " PAPER_DIFFERS},
    .merges = paper_merges,
    .merge_count = COUNT(paper_merges),
    .undo = &paper_undo,
};
