#define _GNU_SOURCE
#include "ring.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

#define LITTLE 4096

/* Moves what there is to the front of `to`. */
static void unwrap(const struct ring *r, char *to) {
    size_t first = r->used < r->capacity - r->start ? r->used : r->capacity - r->start;
    memmove(to, r->data + r->start, first);
    memcpy(to + first, r->data, r->used - first);
}

bool ring_put(struct ring *r, const void *bytes, size_t size) {
    if (size == 0)
        return true;
    if (size > r->capacity - r->used)
        return false;
    if (r->data == NULL) {
        void *memory = mmap(NULL, r->capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED)
            return false;
        r->data = memory;
        r->start = 0;
    }
    if (r->used <= LITTLE && r->start + r->used <= r->capacity) {
        unwrap(r, r->data); /* a reader that is a little behind all the time costs a page or two, not all of the ring */
        r->start = 0;
    }
    size_t end = (r->start + r->used) % r->capacity;
    size_t first = size < r->capacity - end ? size : r->capacity - end;
    memcpy(r->data + end, bytes, first);
    memcpy(r->data, (const char *)bytes + first, size - first);
    r->used += size;
    return true;
}

void ring_enlarge(struct ring *r, size_t capacity) {
    if (r->data != NULL) {
        char *memory = mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED)
            return;
        unwrap(r, memory);
        munmap(r->data, r->capacity);
        r->data = memory;
        r->start = 0;
    }
    r->capacity = capacity;
}

long ring_drain(struct ring *r, int fd) {
    if (r->used == 0)
        return 0;
    size_t first = r->used < r->capacity - r->start ? r->used : r->capacity - r->start;
    struct iovec parts[2] = {{r->data + r->start, first}, {r->data, r->used - first}};
    long wrote;
    do
        wrote = writev(fd, parts, parts[1].iov_len > 0 ? 2 : 1);
    while (wrote < 0 && errno == EINTR);
    if (wrote < 0)
        return errno == EAGAIN ? 0 : -1;
    r->start = (r->start + (size_t)wrote) % r->capacity;
    r->used -= (size_t)wrote;
    if (r->used == 0)
        ring_clear(r);
    return wrote;
}

void ring_clear(struct ring *r) {
    if (r->data != NULL)
        munmap(r->data, r->capacity);
    r->data = NULL;
    r->start = r->used = 0;
}
