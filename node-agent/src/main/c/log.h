/* Docker's json-file log: one line {"log":"...","stream":"stdout","time":"..."} per line of output, with rotation. */
#ifndef LONGSHORE_LOG_H
#define LONGSHORE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define LOG_LINE_MAX 16384 /* a longer line is split into entries without a newline, as Docker does */

struct log {
    int fd; /* -1: not open now */
    const char *path; /* NULL: nothing is kept */
    uint64_t max; /* bytes after which a new file is begun; 0 for no limit */
    uint32_t files; /* kept in all */
    uint64_t size; /* of the current file */
    uint64_t dropped; /* lines that could not be written */
    bool torn; /* the file ends in a line that could be neither finished nor cut off */
    char *out; /* encoded lines that are not written yet */
    size_t used;
    struct partial {
        char *bytes; /* a line without its end */
        size_t used;
        int continues; /* a part of it is in the log */
        struct timespec first; /* when that part was whole: all parts have its time, as in Docker */
    } partial[2]; /* stdout, stderr */
};

/* Opens or creates the file, cutting off a torn last line. Returns 0, or -1 with errno. */
int log_open(struct log *log);

/* Takes a piece of a stream (0 stdout, 1 stderr) and writes its whole lines. A line's time is that of its end. */
void log_feed(struct log *log, int stream, const char *bytes, size_t size);

/* The stream has ended: what is left of its last line is written. */
void log_end(struct log *log, int stream);

#endif
