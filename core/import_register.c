/* Kinds of the register: enterprises, people, paper certificates. */
#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/identifier.h"
#include "core/import_kind.h"
#include "core/places.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TWICE "stands in the file already, on line %llu"

/* Phones are sealed with a fresh nonce each time, so only their plain text can be compared. Each
 * statement reads line, hash of the file's phone, sealed phone of the register. */
struct phones {
    struct db_query read, differs;
    const char *place;
};

enum { PHONE_BATCH = 500, PHONE_KEEP = 512 * 1024 };

static int phones_compare(struct import_run *run, const struct phones *phones, struct err *err)
{
    struct pool *pool = pool_new(PHONE_KEEP, 0);
    struct db_rows rows;
    uint64_t after = 0;
    int result = -1;

    do {
        pool_reset(pool);
        if (db_select(run->db, pool, &phones->read, DB_ARGS(db_uint(after)), &rows, err) < 0)
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
                db_run(run->db, &phones->differs, DB_ARGS(row[0]), NULL, err) < 0)
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
    [E_USCC] = {"uscc", import_uscc, 1, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [E_NAME] = {"name", import_text, 2, IMPORT_REQUIRED, 2, 128, NULL, 0},
    [E_REGION] = {"region", import_choice, 3, IMPORT_REQUIRED, 0, 0, "local outside", 0},
    [E_PROVINCE] = {"province", import_text, 4, 0, 1, 16, NULL, 0},
    [E_REP_NAME] = {"legal_rep_name", import_text, 5, 0, 1, 64, NULL, 0},
    [E_REP_TYPE] = {"legal_rep_id_type", import_document_type, 6, 0, 0, 0, NULL, 0},
    [E_REP_NO] = {"legal_rep_id_no", import_document_no_sealed, 7, IMPORT_SENSITIVE, 0, 0,
                  PLACE_LEGAL_REP_ID, E_REP_TYPE},
    [E_PHONE] = {"phone", import_phone, 9, IMPORT_SENSITIVE, 0, 0, PLACE_ENTERPRISE_PHONE, 0},
};

static void enterprise_check(struct import_row *row)
{
    const char *const *fields = row->fields;

    if (!*fields[E_REP_TYPE] != !*fields[E_REP_NO])
        import_wrong(row, *fields[E_REP_TYPE] ? E_REP_NO : E_REP_TYPE,
                     "legal_rep_id_type and legal_rep_id_no go together");
    if (*fields[E_REP_NO] && !*fields[E_REP_NAME])
        import_wrong(row, E_REP_NAME, "must not be empty beside a document number");
}

#define ENTERPRISE_JOIN  " JOIN enterprise e ON e.uscc = s.uscc "
#define ENTERPRISE_DIFFERS                                                                         \
    "(s.phone_differs = 1 OR (s.phone_hash IS NULL) <> (e.phone_sealed IS NULL)"                   \
    " OR NOT (e.name <=> s.name COLLATE utf8mb4_bin AND e.region <=> s.region"                     \
    " AND e.province <=> IFNULL(s.province, '') COLLATE utf8mb4_bin"                               \
    " AND e.legal_rep_name <=> IFNULL(s.rep_name, '') COLLATE utf8mb4_bin"                         \
    " AND e.legal_rep_id_type <=> s.rep_type AND e.legal_rep_id_hash <=> s.rep_hash))"

static const struct phones enterprise_phones = {
    .read = {"import_enterprise_phones",
             "SELECT STRAIGHT_JOIN s.line, s.phone_hash, e.phone_sealed FROM import_stage s" ENTERPRISE_JOIN
             "WHERE s.line > ? AND s.phone_hash IS NOT NULL AND e.phone_sealed IS NOT NULL"
             " ORDER BY s.line LIMIT 500"},
    .differs = {"import_enterprise_phone_differs",
                "UPDATE import_stage SET phone_differs = 1 WHERE line = ?"},
    .place = PLACE_ENTERPRISE_PHONE,
};

static int enterprise_compare(struct import_run *run, struct err *err)
{
    return phones_compare(run, &enterprise_phones, err);
}

static const struct import_check enterprise_checks[] = {
    {E_USCC, TWICE,
     {"import_enterprise_twice",
      "SELECT s.line, s.uscc, d.first FROM import_stage s JOIN (SELECT uscc, MIN(line) AS first"
      " FROM import_stage WHERE uscc IS NOT NULL GROUP BY uscc HAVING COUNT(*) > 1) d"
      " ON d.uscc = s.uscc WHERE s.line > d.first"}},
};

static const struct import_merge enterprise_merges[] = {
    {IMPORT_CHANGES, 1,
     {"import_enterprise_change",
      "UPDATE import_stage s" ENTERPRISE_JOIN
      "SET e.legal_rep_id_sealed = IF(e.legal_rep_id_hash <=> s.rep_hash, e.legal_rep_id_sealed,"
      " s.rep_sealed), e.phone_sealed = IF(s.phone_differs = 1 OR s.phone_hash IS NULL"
      " OR e.phone_sealed IS NULL, s.phone_sealed, e.phone_sealed),"
      " e.updated_at = ?, e.name = s.name, e.region = s.region,"
      " e.province = IFNULL(s.province, ''), e.legal_rep_name = IFNULL(s.rep_name, ''),"
      " e.legal_rep_id_type = s.rep_type, e.legal_rep_id_hash = s.rep_hash"
      " WHERE " ENTERPRISE_DIFFERS}},
    {IMPORT_ADDS, 2,
     {"import_enterprise_add",
      "INSERT INTO enterprise (uscc, name, region, province, legal_rep_name, legal_rep_id_type,"
      " legal_rep_id_sealed, legal_rep_id_hash, phone_sealed, created_at, updated_at)"
      " SELECT s.uscc, s.name, s.region, IFNULL(s.province, ''), IFNULL(s.rep_name, ''),"
      " s.rep_type, s.rep_sealed, s.rep_hash, s.phone_sealed, ?, ? FROM import_stage s"
      " LEFT JOIN enterprise e ON e.uscc = s.uscc WHERE e.id IS NULL ORDER BY s.line"}},
};

const struct import_kind import_enterprises = {
    .name = "enterprises",
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
             " KEY (uscc)) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4",
    IMPORT_INSERT("enterprises",
                  "line, uscc, name, region, province, rep_name, rep_type, rep_hash, rep_sealed,"
                  " phone_hash, phone_sealed",
                  "(?,?,?,?,?,?,?,?,?,?,?)"),
    .compare = enterprise_compare,
    .checks = enterprise_checks,
    .check_count = COUNT(enterprise_checks),
    .merges = enterprise_merges,
    .merge_count = COUNT(enterprise_merges),
};

/* People */

enum { P_TYPE, P_NO, P_NAME, P_SEX, P_BIRTH, P_EDUCATION, P_TITLE, P_PHONE, P_PHOTO };
enum { V_PERSON_HASH = 2, V_PERSON_SEX = 5, V_PERSON_BIRTH = 6 };

static const struct import_column people_columns[] = {
    [P_TYPE] = {"id_type", import_document_type, 1, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [P_NO] = {"id_no", import_document_no_sealed, V_PERSON_HASH, IMPORT_REQUIRED | IMPORT_SENSITIVE,
              0, 0, PLACE_PERSON_ID_NO, P_TYPE},
    [P_NAME] = {"name", import_text, 4, IMPORT_REQUIRED, 1, 64, NULL, 0},
    [P_SEX] = {"sex", import_digit, V_PERSON_SEX, IMPORT_REQUIRED, 1, 2, NULL, 0},
    [P_BIRTH] = {"birth", import_past, V_PERSON_BIRTH, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [P_EDUCATION] = {"education", import_choice, 7, 0, 0, 0, "01 02 03 04 05 06 07 99", 0},
    [P_TITLE] = {"technical_title", import_choice, 8, 0, 0, 0, "01 02 03 04 05", 0},
    [P_PHONE] = {"phone", import_phone, 9, IMPORT_SENSITIVE, 0, 0, PLACE_PERSON_PHONE, 0},
    [P_PHOTO] = {"photo", import_photo, 11, 0, 0, 0, NULL, 0},
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
        import_wrong(row, P_BIRTH, "is not the date of birth in id_no");
    if (row->values[V_PERSON_SEX].type == DB_INT && row->values[V_PERSON_SEX].integer != sex)
        import_wrong(row, P_SEX, "is not the sex in id_no");
}

#define PERSON_ON      " person p ON p.id_type = s.id_type AND p.id_no_hash = s.id_no_hash "
#define PERSON_DIFFERS                                                                             \
    "(s.phone_differs = 1 OR (s.phone_hash IS NULL) <> (p.phone_sealed IS NULL)"                   \
    " OR NOT (p.name <=> s.name COLLATE utf8mb4_bin AND p.sex <=> s.sex AND p.birth <=> s.birth"   \
    " AND p.education <=> IFNULL(s.education, '99')"                                               \
    " AND p.technical_title <=> s.technical_title))"

static const struct phones person_phones = {
    .read = {"import_person_phones",
             "SELECT STRAIGHT_JOIN s.line, s.phone_hash, p.phone_sealed FROM import_stage s JOIN" PERSON_ON
             "WHERE s.line > ? AND s.phone_hash IS NOT NULL AND p.phone_sealed IS NOT NULL"
             " ORDER BY s.line LIMIT 500"},
    .differs = {"import_person_phone_differs",
                "UPDATE import_stage SET phone_differs = 1 WHERE line = ?"},
    .place = PLACE_PERSON_PHONE,
};

static int person_compare(struct import_run *run, struct err *err)
{
    return phones_compare(run, &person_phones, err);
}

static const struct import_check people_checks[] = {
    {P_NO, TWICE,
     {"import_person_twice",
      "SELECT s.line, '', d.first FROM import_stage s JOIN (SELECT id_type, id_no_hash,"
      " MIN(line) AS first FROM import_stage WHERE id_no_hash IS NOT NULL"
      " GROUP BY id_type, id_no_hash HAVING COUNT(*) > 1) d"
      " ON d.id_type = s.id_type AND d.id_no_hash = s.id_no_hash WHERE s.line > d.first"}},
};

static const struct import_merge people_merges[] = {
    {IMPORT_CHANGES, 1,
     {"import_person_change",
      "UPDATE import_stage s JOIN" PERSON_ON
      "SET p.phone_sealed = IF(s.phone_differs = 1 OR s.phone_hash IS NULL"
      " OR p.phone_sealed IS NULL, s.phone_sealed, p.phone_sealed), p.updated_at = ?,"
      " p.name = s.name, p.sex = s.sex, p.birth = s.birth,"
      " p.education = IFNULL(s.education, '99'), p.technical_title = s.technical_title"
      " WHERE " PERSON_DIFFERS}},
    {IMPORT_ADDS, 2,
     {"import_person_add",
      "INSERT INTO person (id_type, id_no_hash, id_no_sealed, name, sex, birth, education,"
      " technical_title, phone_sealed, created_at, updated_at)"
      " SELECT s.id_type, s.id_no_hash, s.id_no_sealed, s.name, s.sex, s.birth,"
      " IFNULL(s.education, '99'), s.technical_title, s.phone_sealed, ?, ? FROM import_stage s"
      " LEFT JOIN" PERSON_ON "WHERE p.id IS NULL ORDER BY s.line"}},
};

const struct import_kind import_people = {
    .name = "people",
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
    .checks = people_checks,
    .check_count = COUNT(people_checks),
    .merges = people_merges,
    .merge_count = COUNT(people_merges),
    .finish = import_photos_store,
};

/* Paper certificates */

enum { C_NUMBER, C_CLASS, C_TYPE, C_NO, C_USCC, C_ENTERPRISE, C_POST, C_FIRST, C_FROM, C_UNTIL,
       C_SINCE };
enum { V_FIRST = 8, V_FROM, V_UNTIL, V_SINCE };

static const struct import_column paper_columns[] = {
    [C_NUMBER] = {"number", import_number, 1, IMPORT_REQUIRED, 0, 0, NULL, C_CLASS},
    [C_CLASS] = {"class", import_class, 2, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [C_TYPE] = {"id_type", import_document_type, 3, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [C_NO] = {"id_no", import_document_no, 4, IMPORT_REQUIRED | IMPORT_SENSITIVE, 0, 0, NULL,
              C_TYPE},
    [C_USCC] = {"uscc", import_uscc, 5, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [C_ENTERPRISE] = {"enterprise_name", import_text, 6, IMPORT_REQUIRED, 2, 128, NULL, 0},
    [C_POST] = {"post", import_post, 7, IMPORT_REQUIRED, 0, 0, NULL, C_CLASS},
    [C_FIRST] = {"first_issued", import_past, V_FIRST, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [C_FROM] = {"valid_from", import_date, V_FROM, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [C_UNTIL] = {"valid_until", import_date, V_UNTIL, IMPORT_REQUIRED, 0, 0, NULL, 0},
    [C_SINCE] = {"held_since", import_past, V_SINCE, IMPORT_REQUIRED, 0, 0, NULL, 0},
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
        import_wrong(row, C_UNTIL, "must be after valid_from");
    if (after(row, V_FIRST, V_FROM))
        import_wrong(row, C_FIRST, "must not be after valid_from");
    if (after(row, V_FIRST, V_SINCE))
        import_wrong(row, C_SINCE, "must not be before first_issued");
}

#define PAPER_JOIN " JOIN paper_certificate c ON c.number = s.number "
#define PAPER_DIFFERS                                                                              \
    "NOT (c.class <=> s.class AND c.person_id <=> s.person_id"                                     \
    " AND c.enterprise_id <=> s.enterprise_id"                                                     \
    " AND c.enterprise_name <=> s.enterprise_name COLLATE utf8mb4_bin AND c.post <=> s.post"       \
    " AND c.first_issued <=> s.first_issued AND c.valid_from <=> s.valid_from"                     \
    " AND c.valid_until <=> s.valid_until AND c.held_since <=> s.held_since)"

static const struct import_check paper_checks[] = {
    {C_NUMBER, TWICE,
     {"import_paper_twice",
      "SELECT s.line, s.number, d.first FROM import_stage s JOIN (SELECT number,"
      " MIN(line) AS first FROM import_stage WHERE number IS NOT NULL GROUP BY number"
      " HAVING COUNT(*) > 1) d ON d.number = s.number WHERE s.line > d.first"}},
    {C_NO, "no person with this document is in the register: import people first",
     {"import_paper_person", "SELECT s.line, '', 0 FROM import_stage s"
                             " WHERE s.person_id IS NULL AND s.id_no_hash IS NOT NULL"}},
    {C_USCC, "no enterprise with this code is in the register: import enterprises first",
     {"import_paper_enterprise", "SELECT s.line, s.uscc, 0 FROM import_stage s"
                                 " WHERE s.enterprise_id IS NULL AND s.uscc IS NOT NULL"}},
    {C_NUMBER, "was exchanged for an electronic certificate and can't be changed",
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
    {IMPORT_CHANGES, 1,
     {"import_paper_change",
      "UPDATE import_stage s" PAPER_JOIN
      "SET c.class = s.class, c.person_id = s.person_id, c.enterprise_id = s.enterprise_id,"
      " c.enterprise_name = s.enterprise_name, c.post = s.post, c.first_issued = s.first_issued,"
      " c.valid_from = s.valid_from, c.valid_until = s.valid_until, c.held_since = s.held_since,"
      " c.updated_at = ? WHERE c.certificate_id IS NULL AND " PAPER_DIFFERS}},
    {IMPORT_ADDS, 2,
     {"import_paper_add",
      "INSERT INTO paper_certificate (number, class, person_id, enterprise_id, enterprise_name,"
      " post, first_issued, valid_from, valid_until, held_since, created_at, updated_at)"
      " SELECT s.number, s.class, s.person_id, s.enterprise_id, s.enterprise_name, s.post,"
      " s.first_issued, s.valid_from, s.valid_until, s.held_since, ?, ? FROM import_stage s"
      " LEFT JOIN paper_certificate c ON c.number = s.number WHERE c.id IS NULL"
      " ORDER BY s.line"}},
};

const struct import_kind import_paper_certificates = {
    .name = "paper_certificates",
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
    .merges = paper_merges,
    .merge_count = COUNT(paper_merges),
};
