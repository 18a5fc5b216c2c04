/* A bounded byte queue that takes memory only while it holds something. */
#ifndef LONGSHORE_RING_H
#define LONGSHORE_RING_H

#include <stdbool.h>
#include <stddef.h>

struct ring {
    char *data; /* mapped when the first byte comes, unmapped with the last */
    size_t capacity, start, used;
};

/* Appends all of it, or returns false if it does not fit (or there is no memory). */
bool ring_put(struct ring *ring, const void *bytes, size_t size);

/* Makes room for more; without memory it stays as it is. */
void ring_enlarge(struct ring *ring, size_t capacity);

/* Writes what the descriptor takes. Returns the bytes written, 0 if it takes none now, -1 if it is broken (errno). */
long ring_drain(struct ring *ring, int fd);

void ring_clear(struct ring *ring);

#endif
