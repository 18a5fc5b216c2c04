/*
 * The log of one process's output, with rotation. Two forms of a line:
 *
 * json-file, as Docker writes it: {"log":"...\n","stream":"stdout","attrs":{...},"time":"2030-01-02T03:04:05.123456789Z"}
 * local, ours: SECONDS.NANOSECONDS STREAM LENGTH BYTES, with 9 digits of nanoseconds, o or e for the stream (O or E for a piece
 * that does not end its line) and the length of the bytes, which are kept as they came.
 *
 * Two ways to rotate: Docker's, in which path.1 is the newest of the old files and all are renamed by each rotation; or counted,
 * in which the current file becomes path.N with N one more than the last time and keeps that name, so that somebody else may
 * replace it by path.N.gz at any moment.
 */
#ifndef LONGSHORE_LOG_H
#define LONGSHORE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define LOG_LINE_MAX 16384 /* a longer line is split into entries without a newline, as Docker does */
#define LOG_ATTRIBUTES_MAX 28672 /* bytes of JSON that may go with every line */

struct log {
    int fd; /* -1: not open now */
    const char *path; /* NULL: nothing is kept */
    uint64_t max; /* bytes after which a new file is begun; 0 for no limit */
    uint32_t files; /* kept in all */
    bool local; /* the form of a line */
    bool counted; /* the way to rotate; matters with more than one file */
    const char *attributes; /* a JSON object for every line of json-file; NULL or empty for none */
    uint64_t next; /* number of the file that is rotated away next, if counted */
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

/* Opens or creates the file, cutting off a torn last line and removing old files beyond the limit. Returns 0, or -1 with errno. */
int log_open(struct log *log);

/* Takes a piece of a stream (0 stdout, 1 stderr) and writes its whole lines. A line's time is that of its end. */
void log_feed(struct log *log, int stream, const char *bytes, size_t size);

/* The stream has ended: what is left of its last line is written. */
void log_end(struct log *log, int stream);

#endif
