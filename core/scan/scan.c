#include "core/scan/scan.h"

#include <stdio.h>
#include <string.h>

#include "base/child.h"
#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "core/core.h"

enum { TIMEOUT_MS = 15000 };

static const struct fault_row {
    const char *name;
    const char *photo, *paper; /* paper NULL: the same, or never said of one */
} rows[SCAN_FAULTS] = {
    [SCAN_GOOD] = {"good", "", NULL},
    [SCAN_EMPTY] = {"empty", "文件是空的，请重新选择", NULL},
    [SCAN_BYTES] = {"bytes", "文件太大，最多 5 MB，请缩小后重新上传", NULL},
    [SCAN_FOREIGN] = {"foreign", "不是 JPEG 图片，请上传 JPG 格式的照片",
                      "既不是 JPEG 图片，也不是 PDF 文件，请上传 JPG 或 PDF 格式的扫描件"},
    [SCAN_TRUNCATED] = {"truncated", "文件不完整，可能没有传完，请重新生成后上传", NULL},
    [SCAN_DAMAGED] = {"damaged", "文件已损坏，请重新生成后上传", NULL},
    [SCAN_COLOURS] = {"colours", "图片是印刷色（CMYK），请改存为普通彩色（RGB）或灰度后上传",
                      NULL},
    [SCAN_LARGE] = {"large", "图片的像素太多，请缩小后重新上传", NULL},
    [SCAN_SMALL] = {"small", "图片太小，照片至少 240×336 像素，请换一张清晰的照片",
                    "图片太小，看不清内容，请以较高分辨率重新扫描"},
    [SCAN_SHAPE] = {"shape", "照片不是 1 寸的比例（宽 25：高 35），请先裁剪", NULL},
    [SCAN_DARK] = {"dark", "照片的背景不是白色，请在白色背景前重新拍摄", NULL},
    [SCAN_UNEVEN] = {"uneven", "照片的背景不均匀，请在没有阴影和杂物的白色背景前重新拍摄", NULL},
    [SCAN_TINTED] = {"tinted", "照片的背景有颜色，请在白色背景前重新拍摄", NULL},
    [SCAN_WRAPPED] = {"wrapped", "文件前后夹带了其他内容，请重新生成后上传", NULL},
    [SCAN_ENCRYPTED] = {"encrypted", "PDF 文件设有密码或权限限制，请取消后上传", NULL},
    [SCAN_ACTIVE] = {"active", "PDF 文件含有脚本、自动动作或附件，请另存为普通扫描件后上传", NULL},
    [SCAN_PAGES] = {"pages", "PDF 文件没有页面，或超过 50 页，请拆分后上传", NULL},
    [SCAN_COMPLEX] = {"complex", "PDF 文件过于复杂，请重新扫描为普通图片 PDF 后上传", NULL},
    [SCAN_STUCK] = {"stuck", "文件无法处理，请重新生成后上传", NULL},
};

const char *scan_fault_name(enum scan_fault fault)
{
    return fault < SCAN_FAULTS ? rows[fault].name : rows[SCAN_STUCK].name;
}

enum scan_fault scan_fault_by_name(const char *name)
{
    unsigned fault = 0;

    while (fault < SCAN_FAULTS && strcmp(rows[fault].name, name) != 0)
        fault++;
    return (enum scan_fault)fault;
}

const char *scan_fault_text(enum scan_kind kind, enum scan_fault fault)
{
    const struct fault_row *row = &rows[fault < SCAN_FAULTS ? fault : SCAN_STUCK];

    return kind == SCAN_PAPER && row->paper ? row->paper : row->photo;
}

void scan_write_head(const struct scan *scan, enum scan_fault fault, char head[SCAN_HEAD])
{
    char text[SCAN_HEAD + 1];
    bool good = fault == SCAN_GOOD;

    memset(head, ' ', SCAN_HEAD);
    if (text_format(text, sizeof(text), "%s %u %u %u %zu", scan_fault_name(fault),
                    good ? scan->pages : 0, good ? scan->width : 0, good ? scan->height : 0,
                    good ? scan->body.size : (size_t)0))
        memcpy(head, text, strlen(text));
}

/* One word of the head; false where there is none. */
static bool word(char **rest, const char **out)
{
    *out = strsep(rest, " ");
    return *out && **out;
}

static bool number(char **rest, uint64_t high, uint64_t *value)
{
    const char *text;

    return word(rest, &text) && parse_uint(text, 0, high, value);
}

/* By what the body begins with; NULL: none that we keep. */
static const char *type_of(struct bytes body)
{
    if (body.size > 5 && memcmp(body.data, "%PDF-", 5) == 0)
        return "application/pdf";
    if (body.size > 3 && memcmp(body.data, "\xff\xd8\xff", 3) == 0)
        return "image/jpeg";
    return NULL;
}

bool scan_read(struct bytes answer, struct scan *scan, enum scan_fault *fault)
{
    uint64_t pages, width, height, size;
    char head[SCAN_HEAD + 1];
    char *rest = head;
    const char *name;

    if (answer.size < SCAN_HEAD)
        return false;
    memcpy(head, answer.data, SCAN_HEAD);
    head[SCAN_HEAD] = '\0';
    if (!word(&rest, &name) || !number(&rest, SCAN_PAGES_MAX, &pages) ||
        !number(&rest, UINT16_MAX, &width) || !number(&rest, UINT16_MAX, &height) ||
        !number(&rest, SCAN_PAPER_BYTES, &size) || size != answer.size - SCAN_HEAD)
        return false;
    *fault = scan_fault_by_name(name);
    if (*fault != SCAN_GOOD)
        return *fault < SCAN_FAULTS && size == 0;
    scan->body = (struct bytes){answer.data + SCAN_HEAD, size};
    scan->type = type_of(scan->body);
    scan->pages = (unsigned)pages;
    scan->width = (unsigned)width;
    scan->height = (unsigned)height;
    return scan->type && pages > 0;
}

int scan_ask(const struct core *core, struct pool *pool, enum scan_kind kind, struct bytes in,
             struct scan *out, enum scan_fault *fault, struct err *err)
{
    static const char *const ends[] = {[CHILD_DONE] = "answered nonsense",
                                       [CHILD_FAILED] = "failed",
                                       [CHILD_KILLED] = "was killed",
                                       [CHILD_LATE] = "was late",
                                       [CHILD_ENDLESS] = "answered too much"};
    const struct child_bounds bounds = {TIMEOUT_MS, SCAN_HEAD + SCAN_PAPER_BYTES};
    const char *argv[] = {core->scanner, kind == SCAN_PHOTO ? "photo" : "paper", NULL};
    struct bytes answer;
    enum child_end end;

    *out = (struct scan){0};
    *fault = in.size == 0                  ? SCAN_EMPTY
             : in.size > SCAN_PAPER_BYTES ? SCAN_BYTES
                                           : SCAN_GOOD;
    if (*fault != SCAN_GOOD)
        return 0;
    if (child_ask(pool, argv, in, &bounds, &answer, &end, err) < 0)
        return -1;
    if (end == CHILD_DONE && scan_read(answer, out, fault))
        return 0;
    log_event(LOG_WARN, "scan_stuck", log_text("kind", argv[1]), log_text("end", ends[end]),
              log_int("bytes", (int64_t)in.size));
    *fault = SCAN_STUCK;
    return 0;
}
