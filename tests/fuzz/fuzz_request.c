/*
 * What a client sends: target, query, urlencoded and multipart bodies, cookies. The first byte
 * chooses which; parsers may refuse, but must stay within bounds and yield clean text.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "fcgi/form.h"
#include "fcgi/request.h"
#include "tests/fuzz/seed.h"

static const struct {
    const char *name;
    const char *data;
} seeds[] = {
    {"target", "0/certificates/5/document?name=%E6%9D%8E&after=7"},
    {"query", "1name=%E6%9D%8E+x&number=&id=1&id=2&%20=%20"},
    {"multipart", "2--B\r\nContent-Disposition: form-data; name=\"a\"; filename=\"x\\y.jpg\"\r\n"
                  "Content-Type: image/jpeg\r\n\r\nJPEG\r\n--B\r\n"
                  "Content-Disposition: form-data; name=b\r\n\r\n\r\n--B--\r\n"},
    {"cookie", "3a=b; __Host-ecert=AAAA; c"},
    {"type", "4multipart/form-data; boundary=\"B\"; charset=utf-8"},
};

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *folder = seed_folder(*argc, *argv);

    for (size_t i = 0; folder && i < sizeof(seeds) / sizeof(*seeds); i++)
        seed_write(folder, seeds[i].name, seeds[i].data, strlen(seeds[i].data));
    return 0;
}

static void must(int holds)
{
    if (!holds)
        abort();
}

static void check_form(const struct form *form)
{
    must(form->count <= FORM_PAIRS);
    for (size_t i = 0; i < form->count; i++) {
        const struct pair *pair = &form->pairs[i];
        must(utf8_valid(pair->name, strlen(pair->name)));
        if (pair->upload) {
            must(!strchr(pair->upload->file_name, '/') && !strchr(pair->upload->file_name, '\\'));
            must(!utf8_has_control(pair->upload->file_name));
            must(pair->upload->bytes.size == 0 || pair->upload->bytes.data != NULL);
        } else {
            must(strlen(pair->value) == pair->size && utf8_valid(pair->value, pair->size));
        }
    }
}

static void check_target(struct pool *pool, const char *text)
{
    char *path, *query;

    if (form_target(pool, text, &path, &query, NULL) < 0)
        return;
    must(path[0] == '/' && !strstr(path, "//") && !strstr(path, "/../") && !strchr(path, '\\'));
    must(utf8_valid(path, strlen(path)) && !utf8_has_control(path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pool *pool = pool_new(0, 0);
    struct form form;

    if (size > 0) {
        char *text = pool_text_n(pool, (const char *)data + 1, size - 1);
        int parsed = -1;
        form_init(&form, pool);
        switch ((uint8_t)(data[0] - '0') % 5) {
        case 0: check_target(pool, text); break;
        case 1: parsed = form_urlencoded(&form, text, size - 1, NULL); break;
        case 2: parsed = form_multipart(&form, "B", text, size - 1, NULL); break;
        case 3: cookie_find(pool, text, "__Host-ecert"); break;
        default: parsed = form_body(&form, text, pool_text(pool, text), strlen(text), NULL);
        }
        if (parsed == 0)
            check_form(&form);
    }
    pool_free(&pool);
    return 0;
}
