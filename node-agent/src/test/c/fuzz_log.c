/* Feeds output of a process to the log, cut into pieces, with rotation; every line of the file must be a whole entry. */
#define _GNU_SOURCE
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A line of the local form says how long it is. */
static bool is_local(const char *line, size_t size) {
    char *after;
    strtoul(line, &after, 10);
    if (*after != '.' || strspn(after + 1, "0123456789") != 9 || after[10] != ' ' || strchr("oOeE", after[11]) == NULL)
        return false;
    size_t length = strtoul(after + 13, &after, 10);
    return *after == ' ' && after + 1 + length + 1 == line + size;
}

static void check(const char *path, bool local) {
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    if (file == NULL)
        return;
    while ((size = getline(&line, &room, file)) > 0) {
        static const char end[] = "Z\"}\n";
        if (local && !is_local(line, (size_t)size))
            abort();
        if (local)
            continue;
        if (memcmp(line, "{\"log\":\"", 8) != 0 || size < 40 || memcmp(line + size - 4, end, 4) != 0)
            abort();
        for (ssize_t i = 0; i + 1 < size; i++)
            if ((unsigned char)line[i] < 0x20)
                abort();
    }
    free(line);
    fclose(file);
}

/* What an earlier supervisor left: of anything, the whole lines stay, and nothing else. */
static void opens(const char *path, const uint8_t *data, size_t size) {
    FILE *file = fopen(path, "w");
    if (file == NULL || fwrite(data, 1, size, file) != size || fclose(file) != 0)
        abort();
    struct log log = {.fd = -1, .path = path, .files = 1};
    if (log_open(&log) != 0)
        abort();
    const uint8_t *newline = size > 0 ? memrchr(data, '\n', size) : NULL;
    size_t whole = newline == NULL ? 0 : (size_t)(newline - data) + 1;
    if (log.size != whole || lseek(log.fd, 0, SEEK_END) != (off_t)whole)
        abort();
    close(log.fd);
    unlink(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char path[64];
    if (path[0] == 0)
        snprintf(path, sizeof path, "/dev/shm/fuzz-log-%d", getpid());
    opens(path, data, size);
    unsigned choice = size > 0 ? data[size - 1] : 0;
    struct log log = {.fd = -1,
                      .path = path,
                      .max = 600,
                      .files = 2,
                      .local = choice & 1,
                      .counted = (choice & 2) != 0,
                      .attributes = choice & 4 ? "{\"tag\":\"some\"}" : ""};
    if (log_open(&log) != 0)
        return 0;
    size_t piece = size > 0 ? data[0] * 17u + 1 : 1;
    for (size_t done = 0; done < size; done += piece)
        log_feed(&log, (int)(done / piece % 2), (const char *)data + done, size - done < piece ? size - done : piece);
    log_end(&log, 0);
    log_end(&log, 1);
    if (log.dropped != 0)
        abort();
    close(log.fd);
    free(log.out);
    char old[80];
    snprintf(old, sizeof old, "%s.%llu", path, log.counted ? (unsigned long long)log.next - 1 : 1);
    check(path, log.local);
    check(old, log.local);
    unlink(path);
    unlink(old);
    return 0;
}
