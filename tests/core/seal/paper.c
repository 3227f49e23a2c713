#include "tests/core/seal/paper.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/pool.h"

const struct seal_request paper_request = {
    .name = "上海市住房和城乡建设管理委员会（演示）",
    .reason = "签发安全生产考核合格证书",
    .location = "上海",
    .time_ms = 1767240000123, /* 2026-01-01 12:00:00 in Shanghai */
    .rect = {300.25, 120, 420.5, 240},
};

struct bytes paper_make(struct pool *pool, const char *catalog, const char *page)
{
    static const char content[] = "BT\n/F1 12 Tf\n100 700 Td\n(paper) Tj\nET\n";
    const char *bodies[] = {
        pool_printf(pool, "<<\n/Type /Catalog\n/Pages 2 0 R\n%s>>\n", catalog),
        "<<\n/Type /Pages\n/Kids [ 4 0 R ]\n/Count 1\n>>\n",
        "<<\n/Producer (a \\(test\\) <<)\n/CreationDate (D:20260101120000+08'00')\n>>\n",
        pool_printf(pool,
                    "<<\n/Type /Page\n/MediaBox [ 0 0 595.276 841.89 ]\n/Contents 5 0 R\n"
                    "/Resources <<\n/Font <<\n/F1 6 0 R\n>>\n>>\n/Parent 2 0 R\n%s>>\n",
                    page),
        pool_printf(pool, "<<\n/Length %zu\n>>\nstream\n%s\nendstream\n", strlen(content), content),
        "<<\n/Type /Font\n/Subtype /Type1\n/BaseFont /Helvetica\n>>\n",
    };
    const size_t count = sizeof(bodies) / sizeof(*bodies);
    size_t offsets[sizeof(bodies) / sizeof(*bodies)], table;
    struct text out;

    text_init(&out, pool, 64 * 1024);
    text_add(&out, "%PDF-1.7\n%\xB7\xBE\xAD\xAA\n");
    for (size_t i = 0; i < count; i++) {
        offsets[i] = out.length;
        text_printf(&out, "%zu 0 obj\n%sendobj\n", i + 1, bodies[i]);
    }
    table = out.length;
    text_printf(&out, "xref\n0 %zu\n0000000000 65535 f\r\n", count + 1);
    for (size_t i = 0; i < count; i++)
        text_printf(&out, "%010zu 00000 n\r\n", offsets[i]);
    text_printf(&out,
                "trailer\n<<\n/Root 1 0 R\n/Info 3 0 R\n/Size %zu\n"
                "/ID [ <00112233445566778899AABBCCDDEEFF> <00112233445566778899AABBCCDDEEFF> ]\n"
                ">>\nstartxref\n%zu\n%%%%EOF\n",
                count + 1, table);
    return (struct bytes){(const uint8_t *)out.data, out.length};
}

static char folder[256];

/* Files first, then folders: a token's store has two floors. */
static void remove_folder(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    char name[1024];

    while (dir && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (text_format(name, sizeof(name), "%s/%s", path, entry->d_name) && unlink(name) < 0)
            remove_folder(name);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

static void remove_own_folder(void)
{
    remove_folder(folder);
}

int paper_seal(struct seal_key *key, struct pool *pool, const struct seal_prepared *prepared,
               struct bytes *sealed, struct err *err)
{
    struct bytes cms;

    if (seal_sign(key, pool, prepared, &cms, err) < 0)
        return -1;
    return seal_fill(pool, prepared, cms, sealed, err);
}

const char *paper_folder(void)
{
    const char *base = getenv("TMPDIR");

    if (*folder)
        return folder;
    text_format(folder, sizeof(folder), "%s/ecert-seal-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(folder)) {
        perror(folder);
        abort();
    }
    atexit(remove_own_folder);
    return folder;
}

const char *paper_path(const char *name)
{
    static char buffers[8][512];
    static unsigned next;
    char *path = buffers[next++ % 8];

    text_format(path, sizeof(buffers[0]), "%s/%s", paper_folder(), name);
    return path;
}

void paper_write(const char *name, struct bytes content)
{
    FILE *file = fopen(paper_path(name), "w");

    if (!file || fwrite(content.data, 1, content.size, file) != content.size ||
        fclose(file) != 0) {
        perror(name);
        abort();
    }
}

bool paper_has_tool(const char *name)
{
    const char *path = getenv("PATH");
    char candidate[512];

    while (path && *path) {
        size_t length = strcspn(path, ":");

        if (text_format(candidate, sizeof(candidate), "%.*s/%s", (int)length, path, name) &&
            access(candidate, X_OK) == 0)
            return true;
        path += length + (path[length] == ':');
    }
    return false;
}

static void read_all(int fd, char *output, size_t size)
{
    char spill[4096];
    size_t filled = 0;
    ssize_t got;

    while ((got = read(fd, spill, sizeof(spill))) > 0) {
        size_t taken = (size_t)got < size - 1 - filled ? (size_t)got : size - 1 - filled;

        memcpy(output + filled, spill, taken);
        filled += taken;
    }
    output[filled] = '\0';
}

int paper_run(char *output, size_t size, const char *const argv[])
{
    int ends[2], status;
    pid_t child;

    if (pipe2(ends, O_CLOEXEC) < 0 || (child = fork()) < 0)
        return -1;
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    close(ends[1]);
    read_all(ends[0], output, size);
    close(ends[0]);
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}
