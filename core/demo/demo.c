#include "core/demo/demo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/core.h"
#include "core/demo/demo_make.h"
#include "core/import/import.h"
#include "core/item/exchange.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { FIRM_FIRST = 1, PATH_SIZE = 1024, EXCHANGE_STEP = 50 };

/* A firm and its people. The mix says, person by person and over again, how the paper certificate
 * stands: v valid, e ends within 90 days, l ends today, x expired; and what is special of the
 * person: n no photo, r a name hard to print, f another document, g that without photo; or there is
 * none: p has passed an exam, t is of another firm (whose certificates are electronic) and works
 * here now. */
static const struct sample {
    const char *name, *former; /* former: the name on the paper certificates, if another */
    const char *region, *province;
    unsigned people;
    const char *mix;
    bool exchange; /* its certificates are electronic already */
    const char *see;
} firms[] = {
    {"沪东示范建设（集团）有限公司", NULL, "local", "上海", 120, "vvvevvnvxv", false,
     "纸质证书换领：120 人，有效、临期、过期、无照片各种情形"},
    {"沪西演示建筑工程有限公司", NULL, "local", "上海", 40, "nvn", false,
     "R2：多数人员未采集照片，须先采集身份信息"},
    {"浦江示范设备安装有限公司", NULL, "local", "上海", 40, "elex", false,
     "临近到期（90 天内）、今天到期和已过期的纸质证书"},
    {"申城演示市政工程有限公司", NULL, "local", "上海", 60, "vve", true,
     "已换领：电子证书查询、查看并下载、制证进度"},
    {"东海样例建设发展有限公司", "东海样例建筑公司", "local", "上海", 30, "v", true,
     "企业已更名：电子证书上仍为原企业名称（企业名称变更）"},
    {"江苏示范建工集团有限公司", NULL, "outside", "江苏", 60, "vvvevx", false,
     "外省市企业：纸质证书换领"},
    {"浙江演示路桥有限公司", NULL, "outside", "浙江", 40, "vev", true, "外省市企业：已换领的电子证书"},
    {"生僻字示范建设有限公司", NULL, "local", "上海", 24, "r", false,
     "姓名含生僻字（䶮㛃𬭚𠮷）或很长的少数民族姓名"},
    {"环球样例工程有限公司", NULL, "local", "上海", 18, "ffg", false,
     "港澳台、护照、军官证人员；无照片者须到市级窗口"},
    {"空白演示建设有限公司", NULL, "local", "上海", 0, "v", false, "没有任何人员：空列表"},
    {"黄浦示范装饰工程有限公司", NULL, "local", "上海", 50, "vvevn", false, "纸质证书换领"},
    {"徐汇演示地基基础有限公司", NULL, "local", "上海", 50, "vxvve", true, "已换领的电子证书"},
    {"长宁样例消防工程有限公司", NULL, "local", "上海", 40, "vvvn", false, "纸质证书换领"},
    {"静安示范园林绿化有限公司", NULL, "local", "上海", 40, "vev", false, "纸质证书换领"},
    {"普陀演示钢结构有限公司", NULL, "local", "上海", 50, "vvx", true, "已换领的电子证书"},
    {"虹口样例机电工程有限公司", NULL, "local", "上海", 50, "vvvvn", false, "纸质证书换领"},
    {"杨浦示范建筑科技有限公司", NULL, "local", "上海", 1, "v", false, "只有一个人的企业"},
    {"安徽演示建设工程有限公司", NULL, "outside", "安徽", 60, "vvevx", false, "外省市企业：纸质证书换领"},
    {"湖北样例桥隧工程有限公司", NULL, "outside", "湖北", 60, "vvn", false, "外省市企业：部分无照片"},
    {"奉贤示范预制构件有限公司", NULL, "local", "上海", 167, "vvvvvvvvve", false,
     "167 本纸质证书：翻页"},
    {"嘉定样例建筑工程有限公司", NULL, "local", "上海", 30, "pppvve", true,
     "考核合格待申领的人员：电子证书申领；也有已换领、临期的证书"},
    {"松江示范建设安装有限公司", NULL, "local", "上海", 12, "t", true,
     "新到本企业的人员，证书在原企业：企业隶属关系变更"},
};

/* Who comes to a firm with t in its mix: the people of this one, behind its head. */
enum { LENDER = 3 };

enum { SQL_DAY_NOTE, SQL_DAY, SQL_READY };

static const struct db_query queries[] = {
    [SQL_DAY_NOTE] = {"demo_day_note", "INSERT IGNORE INTO counter (name, value)"
                                       " VALUES ('demo.day', ?)"},
    [SQL_DAY] = {"demo_day", "SELECT value FROM counter WHERE name = 'demo.day'"},
    [SQL_READY] = {"demo_ready",
                   "SELECT c.id, c.enterprise_id FROM paper_certificate c"
                   " JOIN enterprise e ON e.id = c.enterprise_id"
                   " JOIN person p ON p.id = c.person_id"
                   " WHERE e.uscc = ? AND c.certificate_id IS NULL AND c.valid_until >= ?"
                   " AND p.capture_id IS NOT NULL ORDER BY c.id LIMIT 50"},
};

/* The files under way. */
struct files {
    FILE *enterprises, *people, *papers, *insurance, *education, *exams;
    FILE *cast; /* or NULL */
    uint64_t lent; /* the lender's first person */
    struct date day;
    struct demo_result *result;
};

const struct demo_firm *demo_firms(struct pool *pool, size_t *count)
{
    struct demo_firm *list = pool_array(pool, COUNT(firms), sizeof(*list));
    char uscc[USCC_SIZE];

    for (size_t i = 0; i < COUNT(firms); i++) {
        demo_uscc(FIRM_FIRST + i, uscc);
        list[i] = (struct demo_firm){pool_text(pool, uscc), firms[i].name, firms[i].region,
                                     firms[i].see};
    }
    *count = COUNT(firms);
    return list;
}

/* Files */

static void write_paper(struct files *files, const struct demo_person *person,
                        const struct sample *firm, const char *uscc, char situation, unsigned index)
{
    uint64_t serial = ++files->result->papers, mixed = demo_mix(serial);
    const char *post, *class_code = demo_class(serial, &post);
    char number[NUMBER_SIZE], first[11], from[11], until[11];
    int ends = situation == 'e'   ? 3 + (int)(mixed % 86)
               : situation == 'l' ? 0
               : situation == 'x' ? -1 - (int)(mixed % 400)
                                  : 100 + (int)(mixed % 900);

    if (index == 0) {
        class_code = "A";
        post = "01";
    }
    struct demo_dates dates = demo_dates(date_add_days(files->day, ends), 1 + (int)(mixed / 1024 % 3));
    text_format(number, sizeof(number), "沪建安%s（%04d）%07u", class_code, dates.first_issued.year,
                (unsigned)serial);
    date_format(dates.first_issued, first);
    date_format(dates.valid_from, from);
    date_format(dates.valid_until, until);
    fprintf(files->papers, "%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", number, class_code,
            person->id_type, person->id_no, uscc, firm->former ? firm->former : firm->name, post,
            first, from, until, first);
    fprintf(files->education, "DEMO-%07u,%s,%s,%s,%s,24,%s,示范培训学校\n", (unsigned)serial,
            person->id_type, person->id_no, uscc, class_code, from);
}

static void write_insurance(struct files *files, const struct demo_person *person, const char *uscc)
{
    for (int months = -2; months < 0; months++) {
        struct date month = date_add_months(files->day, months);
        fprintf(files->insurance, "%s,%s,%s,%04d-%02d\n", person->id_type, person->id_no, uscc,
                month.year, month.month);
    }
}

static void write_person(struct files *files, const struct demo_person *person, uint64_t n,
                         bool photo)
{
    char birth[11], name[32] = "";
    uint64_t mixed = demo_mix(n + 1);

    date_format(person->birth, birth);
    /* Portraits with long hair have odd numbers; women get them. */
    if (photo)
        text_format(name, sizeof(name), "portrait-%02u.jpg",
                    (unsigned)(mixed % (DEMO_PHOTOS / 2)) * 2 + (person->sex == 2));
    fprintf(files->people, "%s,%s,%s,%d,%s,%02u,%02u,1%010u,%s\n", person->id_type, person->id_no,
            person->name, person->sex, birth, 1 + (unsigned)(mixed / 64 % 6),
            1 + (unsigned)(mixed / 512 % 5), (unsigned)(n % 1000000), name);
}

static void make_person(uint64_t n, unsigned index, char situation, struct demo_person *person)
{
    switch (situation) {
    case 'r':
        demo_person_rare(n, index, person);
        break;
    case 'f':
    case 'g':
        demo_person_foreign(n, index, person);
        break;
    default:
        demo_person(n, person);
    }
}

/* Passed some weeks ago, as C3 or as B. */
static void write_exam(struct files *files, const struct demo_person *person, const char *uscc,
                       uint64_t n)
{
    bool manager = demo_mix(n) % 3 == 0;
    char day[11];

    date_format(date_add_days(files->day, -10 - (int)(demo_mix(n) % 300)), day);
    fprintf(files->exams, "DEMO-K%07u,%s,%s,%s,%s,%s,%s,%u,1\n", (unsigned)n, person->id_type,
            person->id_no, uscc, manager ? "B" : "C3", manager ? "07" : "08", day,
            60 + (unsigned)(demo_mix(n) / 8 % 41));
}

/* What a clerk can do for a person, where certificates are electronic. */
static const struct part {
    char situation;
    const char *what;
} parts[] = {
    {'e', "证书即将到期：电子证书申领（延期）"},
    {'p', "考核合格，还没有证书：电子证书申领"},
    {'t', "证书在原企业：企业隶属关系变更"},
    {'v', "证书有效：电子证书注销、出具离沪证明"},
};

/* A few of each: who wants to try an item needs a document number. */
static void write_cast(struct files *files, const struct sample *firm, const char *uscc,
                       const struct demo_person *person, char situation, unsigned index)
{
    enum { ENOUGH = 24 };

    if (!files->cast || !firm->exchange || index == 0 || index >= ENOUGH)
        return;
    for (size_t i = 0; i < COUNT(parts); i++)
        if (parts[i].situation == situation)
            fprintf(files->cast, "%s\t%s\t%s\t%s\t%s\t%s\n", uscc, firm->name, person->name,
                    person->id_type, person->id_no, parts[i].what);
}

/* Somebody of the lender's who is insured here now. */
static void write_lent(struct files *files, const struct sample *firm, const char *uscc,
                       unsigned index)
{
    const struct sample *lender = &firms[LENDER];
    unsigned other = index + 1;
    struct demo_person person;

    make_person(files->lent + other, other, lender->mix[other % strlen(lender->mix)], &person);
    write_insurance(files, &person, uscc);
    write_cast(files, firm, uscc, &person, 't', other);
}

static void write_one(struct files *files, const struct sample *firm, const char *uscc,
                      unsigned index, struct demo_person *person)
{
    uint64_t n = files->result->people++;
    char situation = firm->mix[index % strlen(firm->mix)];

    make_person(n, index, situation, person);
    write_person(files, person, n, situation != 'n' && situation != 'g');
    if (situation == 'p')
        write_exam(files, person, uscc, n);
    else
        write_paper(files, person, firm, uscc, situation, index);
    if (strcmp(firm->region, "local") == 0)
        write_insurance(files, person, uscc);
    write_cast(files, firm, uscc, person, situation, index);
}

static void write_firm(struct files *files, size_t number)
{
    const struct sample *firm = &firms[number];
    struct demo_person person, head = {.id_type = ""};
    char uscc[USCC_SIZE];

    demo_uscc(FIRM_FIRST + number, uscc);
    if (number == LENDER)
        files->lent = files->result->people;
    for (unsigned i = 0; i < firm->people; i++) {
        if (*firm->mix == 't') {
            write_lent(files, firm, uscc, i);
            continue;
        }
        write_one(files, firm, uscc, i, &person);
        if (i == 0)
            head = person;
    }
    fprintf(files->enterprises, "%s,%s,%s,%s,%s,%s,%s,021-%08u\n", uscc, firm->name, firm->region,
            firm->province, head.name, head.id_type, head.id_no, (unsigned)number);
    files->result->enterprises++;
}

static FILE *file_new(const char *folder, const char *name, const char *header, struct err *err)
{
    char path[PATH_SIZE];
    FILE *file = text_format(path, sizeof(path), "%s/%s", folder, name) ? fopen(path, "w") : NULL;

    if (!file)
        err_set(err, ERR_SYSTEM, errno, "%s/%s: %s", folder, name, strerror(errno));
    else
        fprintf(file, "%s\n", header);
    return file;
}

/* What could not be written is seen at the latest here. */
static int file_close(FILE **file, struct err *err)
{
    int result = 0;

    if (*file && (ferror(*file) != 0) + (fclose(*file) != 0) > 0)
        result = err_set(err, ERR_SYSTEM, errno, "cannot write: %s", strerror(errno));
    *file = NULL;
    return result;
}

static int photos_write(const char *folder, struct err *err)
{
    struct pool *pool = pool_new(0, 0);
    int result = 0;

    for (unsigned i = 0; result == 0 && i < DEMO_PHOTOS; i++) {
        char path[PATH_SIZE];
        struct bytes photo = demo_photo(pool, i);
        FILE *file = text_format(path, sizeof(path), "%s/portrait-%02u.jpg", folder, i)
                         ? fopen(path, "wb")
                         : NULL;
        if (!file)
            result = err_set(err, ERR_SYSTEM, errno, "%s: %s", path, strerror(errno));
        else
            fwrite(photo.data, 1, photo.size, file);
        if (result == 0)
            result = file_close(&file, err);
    }
    pool_free(&pool);
    return result;
}

static int files_write(const char *folder, struct date day, FILE *cast, struct demo_result *result,
                       struct err *err)
{
    struct files files = {.day = day, .cast = cast, .result = result};
    int failed;

    files.enterprises = file_new(folder, "enterprises.csv",
                                 "uscc,name,region,province,legal_rep_name,legal_rep_id_type,"
                                 "legal_rep_id_no,phone",
                                 err);
    files.people = file_new(
        folder, "people.csv",
        "id_type,id_no,name,sex,birth,education,technical_title,phone,photo", err);
    files.papers = file_new(folder, "paper_certificates.csv",
                            "number,class,id_type,id_no,uscc,enterprise_name,post,first_issued,"
                            "valid_from,valid_until,held_since",
                            err);
    files.insurance = file_new(folder, "insurance.csv", "id_type,id_no,uscc,month", err);
    files.education = file_new(folder, "education.csv",
                               "record_no,id_type,id_no,uscc,class,hours,completed_on,provider", err);
    files.exams = file_new(folder, "exam_results.csv",
                           "exam_no,id_type,id_no,uscc,class,post,exam_date,score,passed", err);
    failed = !files.enterprises || !files.people || !files.papers || !files.insurance ||
             !files.education || !files.exams;
    for (size_t i = 0; !failed && i < COUNT(firms); i++)
        write_firm(&files, i);
    failed |= file_close(&files.enterprises, err) < 0;
    failed |= file_close(&files.people, err) < 0;
    failed |= file_close(&files.papers, err) < 0;
    failed |= file_close(&files.insurance, err) < 0;
    failed |= file_close(&files.education, err) < 0;
    failed |= file_close(&files.exams, err) < 0;
    return failed ? -1 : photos_write(folder, err);
}

/* Database */

static int take_file(struct db *db, struct pool *pool, const struct core *core, const char *folder,
                     const char *kind, struct demo_result *result, struct err *err)
{
    struct import import = {.kind = import_kind_find(kind),
                            .path = pool_printf(pool, "%s/%s.csv", folder, kind),
                            .actor = {ACTOR_OPERATOR, 0, ""}};
    struct import_result taken;

    if (import_file(db, pool, core, &import, &taken, err) < 0)
        return err_context(err, "%s", import.path);
    if (taken.problem_count > 0)
        return err_set(err, ERR_INPUT, 0, "%s:%zu: %s: \"%s\" %s", import.path,
                       taken.problems[0].line, taken.problems[0].column, taken.problems[0].value,
                       taken.problems[0].text);
    result->changed += taken.added + taken.changed + taken.photos;
    return 0;
}

struct step {
    struct db *db;
    struct pool *pool;
    const struct core *core;
    uint64_t enterprise_id, ids[EXCHANGE_STEP];
    size_t count;
};

static int exchange_step(void *context, struct err *err)
{
    const struct step *step = context;
    struct actor actor = {ACTOR_FIRM, step->enterprise_id, ""};
    struct exchange exchange;
    const struct exchange_choice choice = {step->enterprise_id, step->ids, step->count, NULL};
    int done = exchange_papers(step->db, step->pool, step->core, &actor, &choice, date_today(),
                               clock_now_ms(), &exchange, err);

    if (done == 0)
        return err_set(err, ERR_CONFLICT, 0, "demo paper certificate %llu was refused",
                       (unsigned long long)exchange.refused_id);
    return done < 0 ? -1 : 0;
}

/* All that may be exchanged of one firm, as its clerk would. */
static int exchange_firm(struct db *db, const struct core *core, const char *uscc,
                         struct demo_result *result, struct err *err)
{
    struct pool *pool = pool_new(0, 0);
    struct db_rows rows;
    int done;

    do {
        pool_reset(pool);
        done = db_select(db, pool, &queries[SQL_READY],
                         DB_ARGS(db_text(uscc), db_date(date_today())), &rows, err);
        if (done < 0 || rows.count == 0)
            break;
        struct step step = {db, pool, core, db_as_uint(&db_row(&rows, 0)[1]), {0}, rows.count};
        for (size_t i = 0; i < rows.count; i++)
            step.ids[i] = db_as_uint(db_row(&rows, i));
        done = db_transact(db, exchange_step, &step, err);
        result->exchanged += rows.count;
    } while (done == 0);
    pool_free(&pool);
    return done;
}

/* The business day of the first run. */
static int day_read(struct db *db, struct pool *pool, struct date *day, struct err *err)
{
    const struct db_value *row;

    if (db_ready(db, err) < 0 ||
        db_run(db, &queries[SQL_DAY_NOTE], DB_ARGS(db_int(date_days(date_today()))), NULL, err) < 0 ||
        db_find(db, pool, &queries[SQL_DAY], DB_NO_ARGS, &row, err) < 0)
        return -1;
    *day = date_from_days((int32_t)db_as_int(&row[0]));
    return 0;
}

int demo_load(struct db *db, struct pool *pool, const struct core *core, const char *folder,
              FILE *cast, struct demo_result *result, struct err *err)
{
    static const char *const kinds[] = {"enterprises", "people", "paper_certificates", "insurance",
                                        "education", "exam_results"};
    struct date day;
    size_t count;

    *result = (struct demo_result){0};
    if (!core->policy->demo)
        return err_set(err, ERR_CONFIG, 0, "demonstration data need Issuer.Demo = 1");
    if (day_read(db, pool, &day, err) < 0 || files_write(folder, day, cast, result, err) < 0)
        return -1;
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (take_file(db, pool, core, folder, kinds[i], result, err) < 0)
            return -1;
    const struct demo_firm *list = demo_firms(pool, &count);
    for (size_t i = 0; i < count; i++)
        if (firms[i].exchange && exchange_firm(db, core, list[i].uscc, result, err) < 0)
            return -1;
    return 0;
}
