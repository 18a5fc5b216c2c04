/* The supervisor: parent of one process; holds its streams, its log, its attached clients and its outcome. */
#ifndef LONGSHORE_SUPERVISOR_H
#define LONGSHORE_SUPERVISOR_H

#include "log.h"
#include "protocol.h"
#include "ring.h"
#include "run.h"

#include <stdint.h>
#include <sys/types.h>

struct config {
    uint32_t flags; /* CONFIG_ bits of program.h */
    uint64_t stall_ms, grace_ms;
    uint32_t buffer; /* bytes held for one reader before the output is held back */
    uint32_t log_files;
    uint64_t log_max;
    uint16_t columns, rows;
    const char *id, *log_path, *log_attributes, *record_path, *socket_path;
};

struct supervised {
    struct config config;
    struct failure failure;
    struct log log;
    int record; /* the exit record's temporary file, filled in advance so that a full disk cannot keep the outcome */
    int listener, pidfd, gate;
    int in;     /* the process's input: a pipe, or the terminal's master; -1 when closed */
    int out[2]; /* its stdout and stderr; out[0] is the terminal's master */
    pid_t pid;  /* 0: none was started */
    uint64_t ticks;
    pid_t forker; /* of a session: who handed over the process that is served; 0 before that */
};

/* Opens the log and the exit record's temporary file. Returns NULL, or what failed, with errno. */
const char *supervisor_open(struct supervised *s);

/* When a process was started, in clock ticks since boot (proc(5), stat, field 22); 0 if it is gone. */
uint64_t start_ticks(pid_t pid);

/* Serves until the process is gone and its outcome delivered. `created` is 0, or -1 if s->failure ended it already. */
int supervise(struct supervised *s, int created);

#endif
