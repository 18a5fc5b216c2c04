/* The log on its own: cutting of lines whatever the pieces, and long lines, beside what the root tests do. */
#define _GNU_SOURCE
#include "log.h"

#include <assert.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

static char path[] = "/tmp/stage-test-log-XXXXXX";

static char *contents(size_t *size) {
    int fd = open(path, O_RDONLY);
    off_t end = lseek(fd, 0, SEEK_END);
    char *text = calloc(1, (size_t)end + 1);
    assert(pread(fd, text, (size_t)end, 0) == end);
    close(fd);
    *size = (size_t)end;
    return text;
}

/* The log's text without times, of some input fed in pieces. */
static char *logged(const char *input, size_t size, size_t piece) {
    struct log log = {.path = path, .files = 1};
    assert(truncate(path, 0) == 0 && log_open(&log) == 0);
    for (size_t done = 0; done < size; done += piece)
        log_feed(&log, 0, input + done, size - done < piece ? size - done : piece);
    log_end(&log, 0);
    assert(log.dropped == 0);
    close(log.fd);
    free(log.out);
    size_t length;
    char *text = contents(&length);
    char *to = text;
    for (char *line = text; *line != 0; line = strchr(line, '\n') + 1) {
        char *end = strstr(line, "\",\"stream\":\"stdout\",\"time\":\"");
        assert(end != NULL);
        memmove(to, line + 8, (size_t)(end - line - 8));
        to += end - line - 8;
        *to++ = '|';
    }
    *to = 0;
    return text;
}

/* A disk that is full, and a file that may only grow: what could not be cut off is kept apart from the next line. */
static void torn_line_that_stays(void) {
    struct log log = {.path = path, .files = 1};
    assert(truncate(path, 0) == 0 && log_open(&log) == 0);
    int flags;
    if (ioctl(log.fd, FS_IOC_GETFLAGS, &flags) != 0 || (flags |= FS_APPEND_FL, ioctl(log.fd, FS_IOC_SETFLAGS, &flags) != 0)) {
        puts("log: a file that may only grow cannot be made here");
    } else {
        struct rlimit before, tight;
        signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before);
        tight = (struct rlimit){.rlim_cur = 20, .rlim_max = before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &tight);
        log_feed(&log, 0, "lost\n", 5);
        setrlimit(RLIMIT_FSIZE, &before);
        log_feed(&log, 0, "kept\n", 5);
        flags &= ~FS_APPEND_FL;
        assert(ioctl(log.fd, FS_IOC_SETFLAGS, &flags) == 0);
        size_t size;
        char *text = contents(&size);
        assert(log.dropped == 1 && size == log.size);
        assert(strncmp(text + 20, "\n{\"log\":\"kept\\n\"", 16) == 0);
        free(text);
    }
    close(log.fd);
    free(log.out);
}

int main(void) {
    close(mkstemp(path));
    static const char mixed[] = "one\n\ntwo \xe2\x82\xac <&>\n\xff tail";
    char *whole = logged(mixed, sizeof mixed - 1, sizeof mixed);
    assert(strcmp(whole, "one\\n|\\n|two \xe2\x82\xac \\u003c\\u0026\\u003e\\n|\\ufffd tail|") == 0);
    for (size_t piece = 1; piece < sizeof mixed; piece++) {
        char *parts = logged(mixed, sizeof mixed - 1, piece);
        assert(strcmp(parts, whole) == 0);
        free(parts);
    }
    free(whole);
    for (size_t length = LOG_LINE_MAX - 2; length <= LOG_LINE_MAX + 2; length++) {
        char *line = malloc(length + 2);
        memset(line, 'a', length);
        strcpy(line + length, "\n");
        for (size_t piece = 1; piece <= length + 1; piece += 4099) {
            char *text = logged(line, length + 1, piece);
            size_t first = length < LOG_LINE_MAX ? length + 2 : LOG_LINE_MAX;
            assert(text[first] == '|');
            assert(strlen(text) == length + (length < LOG_LINE_MAX ? 3 : 4));
            free(text);
        }
        free(line);
    }
    torn_line_that_stays();
    unlink(path);
    puts("log: ok");
    return 0;
}
