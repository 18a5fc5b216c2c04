/* Feeds output of a process to the log, cut into pieces, with rotation; every line of the file must be a whole entry. */
#define _GNU_SOURCE
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void check(const char *path) {
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    if (file == NULL)
        return;
    while ((size = getline(&line, &room, file)) > 0) {
        static const char end[] = "Z\"}\n";
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
    struct log log = {.fd = -1, .path = path, .max = 600, .files = 2};
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
    snprintf(old, sizeof old, "%s.1", path);
    check(path);
    check(old);
    unlink(path);
    unlink(old);
    return 0;
}
