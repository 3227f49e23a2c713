/*
 * First inputs for a fuzz target, made at its start.
 */
#ifndef ECERT_TESTS_FUZZ_SEED_H
#define ECERT_TESTS_FUZZ_SEED_H

#include <stdio.h>
#include <sys/stat.h>

/* The first argument that is a folder: where libFuzzer keeps its corpus. NULL without one. */
static inline const char *seed_folder(int argc, char **argv)
{
    struct stat status;

    for (int i = 1; i < argc; i++)
        if (argv[i][0] != '-' && stat(argv[i], &status) == 0 && S_ISDIR(status.st_mode))
            return argv[i];
    return NULL;
}

/* Writes "<folder>/seed-<name>"; a seed that can't be written is done without. */
static inline void seed_write(const char *folder, const char *name, const void *data, size_t size)
{
    char path[1024];
    FILE *file;

    snprintf(path, sizeof(path), "%s/seed-%s", folder, name);
    file = fopen(path, "w");
    if (!file)
        return;
    fwrite(data, 1, size, file);
    fclose(file);
}

#endif
