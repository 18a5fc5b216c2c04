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

/* The log's text of one line on each stream, the second unfinished. */
static char *of_two(struct log *log) {
    size_t size;
    assert(truncate(path, 0) == 0 && log_open(log) == 0);
    log_feed(log, 0, "o\xff\n", 3);
    log_feed(log, 1, "err", 3);
    log_end(log, 1);
    assert(log->dropped == 0);
    close(log->fd);
    free(log->out);
    return contents(&size);
}

static void attributes_go_with_every_line(void) {
    struct log log = {.path = path, .files = 1, .attributes = "{\"tag\":\"t\"}"};
    char *text = of_two(&log);
    static const char one[] = "{\"log\":\"o\\ufffd\\n\",\"stream\":\"stdout\",\"attrs\":{\"tag\":\"t\"},\"time\":\"2";
    static const char two[] = "{\"log\":\"err\",\"stream\":\"stderr\",\"attrs\":{\"tag\":\"t\"},\"time\":\"2";
    assert(strncmp(text, one, sizeof one - 1) == 0);
    assert(strncmp(strchr(text, '\n') + 1, two, sizeof two - 1) == 0);
    free(text);
}

static void the_local_form_keeps_bytes(void) {
    struct log log = {.path = path, .files = 1, .local = true, .attributes = "{}"};
    char *text = of_two(&log);
    unsigned seconds[2], nanos[2];
    char head[2][64];
    assert(sscanf(text, "%u.%u", &seconds[0], &nanos[0]) == 2);
    snprintf(head[0], sizeof head[0], "%u.%09u o 2 o\xff\n", seconds[0], nanos[0]);
    assert(strncmp(text, head[0], strlen(head[0])) == 0);
    const char *second = text + strlen(head[0]);
    assert(sscanf(second, "%u.%u", &seconds[1], &nanos[1]) == 2 && seconds[1] >= seconds[0]);
    snprintf(head[1], sizeof head[1], "%u.%09u E 3 err\n", seconds[1], nanos[1]);
    assert(strcmp(second, head[1]) == 0);
    free(text);
}

static bool exists(unsigned number, const char *ending) {
    char name[128];
    snprintf(name, sizeof name, "%s.%u%s", path, number, ending);
    return access(name, F_OK) == 0;
}

static void rename_number(unsigned number, const char *ending, const char *to) {
    char from[128], into[128];
    snprintf(from, sizeof from, "%s.%u%s", path, number, ending);
    snprintf(into, sizeof into, "%s.%u%s", path, number, to);
    assert(rename(from, into) == 0);
}

static void feed_lines(struct log *log, unsigned count) {
    static const char line[] = "a line of some length, so that one is a file\n";
    for (unsigned i = 0; i < count; i++)
        log_feed(log, 0, line, sizeof line - 1);
}

/* Each file keeps its number; what was compressed goes when its time comes, and so does what a killed compressor left. */
static void counted_files(void) {
    struct log log = {.path = path, .files = 3, .max = 60, .counted = true};
    assert(truncate(path, 0) == 0 && log_open(&log) == 0 && log.next == 1);
    feed_lines(&log, 3);
    assert(exists(1, "") && exists(2, "") && !exists(3, ""));
    rename_number(1, "", ".gz");
    rename_number(2, "", ".gz");
    feed_lines(&log, 1);
    assert(!exists(1, ".gz") && exists(2, ".gz") && exists(3, ""));
    close(log.fd);
    free(log.out);
    log.out = NULL;
    assert(log_open(&log) == 0 && log.next == 4 && log.size > 60);
    feed_lines(&log, 1);
    assert(!exists(2, ".gz") && exists(3, "") && exists(4, ""));
    rename_number(4, "", ".gz");
    feed_lines(&log, 1);
    assert(!exists(3, "") && exists(4, ".gz") && exists(5, ""));
    close(log.fd);
    free(log.out);
    log.out = NULL;
    /* As after a long time: everything older than the limit goes when the log is opened. */
    char late[128];
    snprintf(late, sizeof late, "%s.70.gz", path);
    close(open(late, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    assert(log_open(&log) == 0 && log.next == 71);
    assert(!exists(4, ".gz") && !exists(5, "") && exists(70, ".gz"));
    close(log.fd);
    unlink(late);
}

/* Who reads while the only file is begun anew keeps what he has not read. */
static void a_single_file_is_begun_anew(void) {
    struct log log = {.path = path, .files = 1, .max = 60};
    assert(truncate(path, 0) == 0 && log_open(&log) == 0);
    feed_lines(&log, 1);
    int reader = open(path, O_RDONLY | O_CLOEXEC);
    feed_lines(&log, 1);
    char text[256];
    ssize_t got = read(reader, text, sizeof text);
    assert(got > 60 && text[got - 1] == '\n' && log.size < 120 && log.dropped == 0);
    close(reader);
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
    attributes_go_with_every_line();
    the_local_form_keeps_bytes();
    counted_files();
    a_single_file_is_begun_anew();
    unlink(path);
    puts("log: ok");
    return 0;
}
