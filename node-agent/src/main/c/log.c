#define _GNU_SOURCE
#include "log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OUT_SIZE (160 * 1024)
#define OUT_ENOUGH (48 * 1024) /* written out from here on: a usual read is one write, and the rest of the buffer is never touched */
#define ENTRY_MAX(line) ((line) * 6 + 128 + LOG_ATTRIBUTES_MAX) /* every byte may become \u0000 */
#define NAME_MAX_SIZE 4096

static int create(struct log *log) {
    log->fd = open(log->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
    struct stat status;
    if (log->fd < 0 || fstat(log->fd, &status) != 0)
        return -1;
    log->size = (uint64_t)status.st_size;
    return 0;
}

static void name(char *into, const struct log *log, uint64_t number, const char *ending) {
    if (number == 0)
        snprintf(into, NAME_MAX_SIZE, "%s", log->path);
    else
        snprintf(into, NAME_MAX_SIZE, "%s.%llu%s", log->path, (unsigned long long)number, ending);
}

/* Removes a rotated file, whether somebody has compressed it or not. */
static void forget_file(const struct log *log, uint64_t number) {
    char path[NAME_MAX_SIZE];
    name(path, log, number, "");
    unlink(path);
    /* In this order: who compresses looks whether the file is still there after he has put the other in its place. */
    name(path, log, number, ".gz");
    unlink(path);
}

/* The oldest rotated file that is kept when the next one is `next`; those before it are not. */
static uint64_t oldest_kept(const struct log *log, uint64_t next) {
    return next >= log->files ? next - log->files + 1 : 1;
}

/* The number of a rotated file by its name in the directory, 0 if it is none. */
static uint64_t number_of(const char *entry, const char *base, size_t length) {
    if (strncmp(entry, base, length) != 0 || entry[length] != '.')
        return 0;
    const char *digits = entry + length + 1;
    size_t count = strspn(digits, "0123456789");
    if (count == 0 || count > 18 || digits[0] == '0' || (digits[count] != 0 && strcmp(digits + count, ".gz") != 0))
        return 0;
    return strtoull(digits, NULL, 10);
}

/* Goes on counting where the last supervisor ended, and removes what is too old. Returns 0, or -1 with errno. */
static int find_counted(struct log *log) {
    char directory[NAME_MAX_SIZE];
    name(directory, log, 0, "");
    char *slash = strrchr(directory, '/');
    if (slash == NULL) {
        errno = EINVAL;
        return -1;
    }
    const char *base = log->path + (slash - directory) + 1;
    slash[slash == directory] = 0;
    DIR *entries = opendir(directory);
    if (entries == NULL)
        return -1;
    log->next = 1;
    const struct dirent *entry;
    while ((entry = readdir(entries)) != NULL) {
        uint64_t number = number_of(entry->d_name, base, strlen(base));
        if (number >= log->next)
            log->next = number + 1;
    }
    rewinddir(entries);
    while ((entry = readdir(entries)) != NULL) {
        uint64_t number = number_of(entry->d_name, base, strlen(base));
        if (number > 0 && number < oldest_kept(log, log->next))
            forget_file(log, number);
    }
    closedir(entries);
    return 0;
}

int log_open(struct log *log) {
    log->fd = -1;
    if (log->path == NULL)
        return 0;
    if (log->counted && log->files > 1 && find_counted(log) != 0)
        return -1;
    if (create(log) != 0)
        return -1;
    /* A supervisor that was killed may have left half a line. */
    char tail[4096];
    uint64_t end = log->size;
    while (end > 0) {
        size_t piece = end < sizeof tail ? (size_t)end : sizeof tail;
        if (pread(log->fd, tail, piece, (off_t)(end - piece)) != (ssize_t)piece)
            return -1;
        const char *newline = memrchr(tail, '\n', piece);
        end -= piece;
        if (newline != NULL) {
            end += (uint64_t)(newline - tail) + 1;
            break;
        }
    }
    if (end < log->size && ftruncate(log->fd, (off_t)end) != 0)
        return -1;
    log->size = end;
    return 0;
}

static uint64_t lines(const char *from, size_t size) {
    uint64_t count = 0;
    for (const char *at = from; (at = memchr(at, '\n', size - (size_t)(at - from))) != NULL; at++)
        count++;
    return count;
}

/* Cuts off the last bytes, of a line that did not fit. The file may be shorter than what was written: somebody may have emptied it. */
static bool take_back(struct log *log, size_t bytes) {
    struct stat status;
    if (bytes == 0)
        return true;
    return fstat(log->fd, &status) == 0
           && (status.st_size < (off_t)bytes || ftruncate(log->fd, status.st_size - (off_t)bytes) == 0);
}

/* A line that could be neither finished nor cut off is kept apart from what follows. */
static bool end_torn_line(struct log *log) {
    if (log->torn && write(log->fd, "\n", 1) == 1) {
        log->torn = false;
        log->size++;
    }
    return !log->torn;
}

/* One write for all that is waiting. What does not fit on the disk is dropped whole lines at a time, and counted. */
static void flush(struct log *log) {
    size_t done = 0;
    if (log->used == 0)
        return;
    if ((log->fd >= 0 || create(log) == 0) && end_torn_line(log)) {
        while (done < log->used) {
            ssize_t wrote = write(log->fd, log->out + done, log->used - done);
            if (wrote < 0 && errno == EINTR)
                continue;
            if (wrote <= 0)
                break;
            done += (size_t)wrote;
        }
        if (done < log->used) {
            const char *newline = memrchr(log->out, '\n', done);
            size_t whole = newline == NULL ? 0 : (size_t)(newline - log->out) + 1;
            if (!take_back(log, done - whole)) {
                log->torn = true;
                log->size += done - whole;
            }
            done = whole;
        }
        log->size += done;
    }
    log->dropped += lines(log->out + done, log->used - done);
    log->used = 0;
}

/* Renames the current file to that of the number, those with the numbers before it making room. False if it stays. */
static bool shift(const struct log *log) {
    char from[NAME_MAX_SIZE], to[NAME_MAX_SIZE];
    for (uint32_t i = log->files - 1; i > 0; i--) {
        name(from, log, i - 1, "");
        name(to, log, i, "");
        if (rename(from, to) != 0 && errno != ENOENT)
            return false;
    }
    return true;
}

/* The same where each file keeps its number. */
static bool count_on(struct log *log) {
    char to[NAME_MAX_SIZE];
    name(to, log, log->next, "");
    if (rename(log->path, to) != 0 && errno != ENOENT)
        return false;
    log->next++;
    /* The one before too: who compressed it and was killed may have left it after it was removed. */
    uint64_t kept = oldest_kept(log, log->next);
    for (uint64_t old = kept > 2 ? kept - 2 : 1; old < kept; old++)
        forget_file(log, old);
    return true;
}

/* If a name cannot be changed the current file goes on; it is tried again with the next line. */
static void rotate(struct log *log) {
    if (log->files == 1) {
        /* A new file rather than the same one emptied: who is reading keeps what he has not read yet. */
        if (unlink(log->path) != 0 && errno != ENOENT)
            return;
    } else if (!(log->counted ? count_on(log) : shift(log))) {
        return;
    }
    close(log->fd);
    log->torn = false;
    if (create(log) != 0)
        log->fd = -1;
}

/* Before each line: room in the buffer and in the file. False if the line must be dropped to keep the log bounded. */
static bool make_room(struct log *log, size_t line) {
    if (log->out == NULL && (log->out = malloc(OUT_SIZE)) == NULL)
        return false;
    if (log->max > 0 && log->size + log->used >= log->max) {
        flush(log);
        if (log->fd >= 0 && log->size >= log->max)
            rotate(log);
        if (log->size >= 2 * log->max)
            return false;
    }
    if (log->used >= OUT_ENOUGH || log->used + ENTRY_MAX(line) > OUT_SIZE)
        flush(log);
    return true;
}

/* The length of the UTF-8 sequence at p, 0 if it is not one (RFC 3629: no overlong forms, no surrogates). */
static size_t sequence(const unsigned char *p, size_t left) {
    size_t size = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || size > left)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90)
        || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return size;
}

/* As Go's encoding/json escapes, with < > & and the line separators too. */
static char *escape(char *to, const char *from, size_t size) {
    static const char hex[] = "0123456789abcdef";
    const unsigned char *p = (const unsigned char *)from;
    for (size_t left = size; left > 0;) {
        unsigned char c = *p;
        size_t taken = 1;
        if (c == '"' || c == '\\') {
            *to++ = '\\';
            *to++ = (char)c;
        } else if (c == '\n' || c == '\r' || c == '\t') {
            *to++ = '\\';
            *to++ = c == '\n' ? 'n' : c == '\r' ? 'r' : 't';
        } else if (c < 0x20 || c == '<' || c == '>' || c == '&' || c == 0x7f) {
            if (c == 0x7f) {
                *to++ = (char)c;
            } else {
                memcpy(to, "\\u00", 4);
                to[4] = hex[c >> 4];
                to[5] = hex[c & 15];
                to += 6;
            }
        } else if (c < 0x80) {
            *to++ = (char)c;
        } else if ((taken = sequence(p, left)) == 0) {
            memcpy(to, "\\ufffd", 6);
            to += 6;
            taken = 1;
        } else if (taken == 3 && p[0] == 0xe2 && p[1] == 0x80 && (p[2] & 0xfe) == 0xa8) {
            memcpy(to, p[2] == 0xa8 ? "\\u2028" : "\\u2029", 6);
            to += 6;
        } else {
            memcpy(to, p, taken);
            to += taken;
        }
        p += taken;
        left -= taken;
    }
    return to;
}

/* RFC 3339 in UTC with nanoseconds, trailing zeros left out, as Go prints it. */
static char *timestamp(char *to, struct timespec time) {
    static time_t second = -1;
    static char date[32];
    if (time.tv_sec != second) {
        struct tm parts;
        gmtime_r(&time.tv_sec, &parts);
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
        second = time.tv_sec;
    }
    to = stpcpy(to, date);
    if (time.tv_nsec != 0) {
        to += sprintf(to, ".%09ld", time.tv_nsec);
        while (to[-1] == '0')
            to--;
    }
    *to++ = 'Z';
    return to;
}

static char *json_entry(const struct log *log, char *to, int stream, const char *line, size_t size, bool newline,
                        struct timespec time) {
    to = escape(stpcpy(to, "{\"log\":\""), line, size);
    if (newline) {
        *to++ = '\\';
        *to++ = 'n';
    }
    to = stpcpy(to, stream == 0 ? "\",\"stream\":\"stdout\"" : "\",\"stream\":\"stderr\"");
    if (log->attributes != NULL && log->attributes[0] != 0)
        to = stpcpy(stpcpy(to, ",\"attrs\":"), log->attributes);
    to = timestamp(stpcpy(to, ",\"time\":\""), time);
    return stpcpy(to, "\"}\n");
}

static char *local_entry(char *to, int stream, const char *line, size_t size, bool newline, struct timespec time) {
    to += sprintf(to, "%lld.%09ld %c %zu ", (long long)time.tv_sec, time.tv_nsec, (newline ? "oe" : "OE")[stream], size);
    memcpy(to, line, size);
    to[size] = '\n';
    return to + size + 1;
}

static void entry(struct log *log, int stream, const char *line, size_t size, bool newline, struct timespec time) {
    if (!make_room(log, size)) {
        log->dropped++;
        return;
    }
    char *to = log->out + log->used;
    to = log->local ? local_entry(to, stream, line, size, newline, time)
                    : json_entry(log, to, stream, line, size, newline, time);
    log->used = (size_t)(to - log->out);
}

/* How much of a full line to cut off so that no UTF-8 sequence is torn: at most three bytes are left for the next part. */
static size_t whole_characters(const char *line, size_t size) {
    for (size_t back = 1; back <= 3 && back < size; back++) {
        unsigned char c = (unsigned char)line[size - back];
        if (c >= 0xc0)
            return (c >= 0xf0 ? 4u : c >= 0xe0 ? 3u : 2u) > back ? size - back : size;
        if (c < 0x80)
            break;
    }
    return size;
}

static bool keep(struct partial *p, const char *bytes, size_t size) {
    if (p->bytes == NULL && (p->bytes = malloc(LOG_LINE_MAX)) == NULL)
        return false;
    memcpy(p->bytes + p->used, bytes, size);
    p->used += size;
    return true;
}

static void forget(struct partial *p) {
    free(p->bytes);
    p->bytes = NULL;
    p->used = 0;
}

/* A line that came in several pieces, or is too long: at most LOG_LINE_MAX bytes are gathered. Returns bytes taken. */
static size_t gather(struct log *log, int stream, const char *bytes, size_t size, struct timespec now) {
    struct partial *p = &log->partial[stream];
    size_t room = LOG_LINE_MAX - p->used;
    size_t piece = size < room ? size : room;
    if (!keep(p, bytes, piece)) {
        log->dropped++;
        return size;
    }
    if (p->used == LOG_LINE_MAX) {
        size_t whole = whole_characters(p->bytes, p->used);
        if (!p->continues)
            p->first = now;
        entry(log, stream, p->bytes, whole, false, p->first);
        memmove(p->bytes, p->bytes + whole, p->used - whole);
        p->used -= whole;
        p->continues = 1;
    }
    return piece;
}

static struct timespec clock_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now;
}

void log_feed(struct log *log, int stream, const char *bytes, size_t size) {
    if (log->path == NULL)
        return;
    struct partial *p = &log->partial[stream];
    while (size > 0) {
        struct timespec now = clock_now();
        const char *newline = memchr(bytes, '\n', size);
        size_t line = newline == NULL ? size : (size_t)(newline - bytes);
        size_t taken;
        if (newline != NULL && p->used == 0 && line < LOG_LINE_MAX) {
            entry(log, stream, bytes, line, true, p->continues ? p->first : now);
            forget(p);
            p->continues = 0;
            taken = line + 1;
        } else if (newline != NULL && p->used + line < LOG_LINE_MAX) {
            keep(p, bytes, line);
            entry(log, stream, p->bytes, p->used, true, p->continues ? p->first : now);
            forget(p);
            p->continues = 0;
            taken = line + 1;
        } else {
            taken = gather(log, stream, bytes, line, now);
        }
        bytes += taken;
        size -= taken;
    }
    flush(log);
}

void log_end(struct log *log, int stream) {
    struct partial *p = &log->partial[stream];
    if (p->used > 0)
        entry(log, stream, p->bytes, p->used, false, p->continues ? p->first : clock_now());
    forget(p);
    p->continues = 0;
    if (log->out != NULL)
        flush(log);
}
