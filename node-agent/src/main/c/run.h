/* Executing a list of a program. */
#ifndef LONGSHORE_RUN_H
#define LONGSHORE_RUN_H

#include "program.h"

/* Where and why a program ended; also what the child sends through the gate. */
struct failure {
    uint32_t section; /* enum section, or SECTIONS for the stage's own work */
    uint32_t index;
    int32_t error;
    char label[LABEL_MAX + 4];
};

/* Messages through the gate, child to supervisor. TERMINAL carries the descriptor, FORKED the pidfd of who is to be served. */
enum gate_type { GATE_READY = 1, GATE_TERMINAL, GATE_FAILED, GATE_FORKED };
struct gate_message {
    uint32_t type;
    struct failure failure;
};

/* Runs one list. Returns 0, or -1 with *failure filled. `gate` is the child's end of the gate, -1 in the supervisor. */
int run_section(const struct program *program, enum section section, int64_t slots[PROGRAM_SLOTS], int gate,
                struct failure *failure);

/* Sends a message with an optional descriptor (-1: none). Returns 0, or -1 with errno. */
int gate_send(int gate, const void *message, size_t size, int fd);

/* Receives a message of exactly `size` bytes; *fd gets a descriptor that came with it, or -1. Returns recvmsg's result. */
long gate_receive(int gate, void *message, size_t size, int *fd);

#endif
