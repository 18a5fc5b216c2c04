/*
 * The stage program: three or four lists of system calls as data. io.longshore.agent.stage.ProgramEncoder writes it.
 *
 * Little-endian. A header, the operations of all lists in order (64 bytes each), relocations (8 bytes each), the blob.
 * An argument that points is an offset into the blob; a relocation says that the 8 bytes at blob offset `at` are a
 * pointer to blob offset `to` (argv, envp, sock_fprog, iovec). The blob is writable: calls may fill parts of it.
 */
#ifndef LONGSHORE_PROGRAM_H
#define LONGSHORE_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#define PROGRAM_MAGIC 0x4753534cu /* "LSSG" */
#define PROGRAM_VERSION 1u
#define PROGRAM_MAX (4u << 20) /* argv and envp together are at most 2 MiB (ARG_MAX with the default stack) */
#define PROGRAM_MAX_OPS 4096u
#define PROGRAM_SLOTS 64u
#define LABEL_MAX 120u
#define NONE 0xffffffffu

#define SLOT_PID 0   /* in the parent list: the child's process id */
#define SLOT_PIDFD 1 /* in the parent list: its pidfd */

/* Pseudo calls, beyond every real number. */
#define OP_SEND_TERMINAL 0x10000u /* (fd): hands the master of a terminal to the supervisor; child list only */
#define OP_DECIMAL 0x10001u       /* (value, pointer, size >= 21): writes the digits and a NUL */
#define OP_LOAD 0x10002u          /* (pointer, offset, width 1|2|4): the value there */
#define OP_FORK 0x10003u          /* (): a sibling goes on with the list, this process ends; start list of a session only */
#define OP_RUN 0x10004u           /* (path, argv, envp): executes a program and waits for its end; start list only, as those below */
#define OP_PASS_TERMINAL 0x10005u /* (listening socket): hands the terminal that was sent there to the supervisor */
#define OP_HAND_OVER 0x10006u     /* (path): the supervisor serves the process whose number is in the file */

enum section { PREPARE, PARENT, CHILD, START, SECTIONS };
enum program_kind { PROGRAM_CREATE, PROGRAM_START };
enum argument_kind { ARG_VALUE, ARG_POINTER, ARG_SLOT };

#define KIND_SKIP_ON_SUCCESS (1u << 12) /* in op.kinds; bits 0..11 are two bits per argument */

#define CONFIG_TERMINAL 1u
#define CONFIG_OPEN_STDIN 2u
#define CONFIG_STDIN_ONCE 4u
#define CONFIG_LOG 8u
#define CONFIG_FORKS 16u /* the process to serve is not the one that runs the lists: it comes by OP_FORK or OP_HAND_OVER */
#define CONFIG_LOG_LOCAL (1u << 8)   /* the form of a line and the way to rotate: see log.h */
#define CONFIG_LOG_COUNTED (1u << 9)
#define CONFIG_ALL (31u | CONFIG_LOG_LOCAL | CONFIG_LOG_COUNTED)

struct op {
    uint32_t number;
    uint16_t kinds;
    uint8_t save; /* slot for the result; 0xff for none */
    uint8_t skip; /* how many operations to leave out after a tolerated error, or after success */
    uint16_t tolerated[2];
    uint32_t label; /* blob offset, NONE for none */
    uint64_t args[6];
};

struct header {
    uint32_t magic, version, total, slots;
    uint64_t clone_flags;
    int32_t cgroup_slot; /* -1: none */
    uint32_t counts[SECTIONS];
    uint32_t relocations, blob;
    /* The supervisor's configuration; zero in a start program. */
    uint32_t flags, stall_seconds, grace_seconds, buffer, log_files;
    uint64_t log_max;
    uint16_t columns, rows;
    uint32_t id, log_path, record_path, socket_path; /* blob offsets */
    uint32_t reserved[2];
    uint32_t log_attributes; /* blob offset: a JSON object that goes with every line, or nothing */
};

struct program {
    struct header *header;
    struct op *ops[SECTIONS];
    char *blob;
};

_Static_assert(sizeof(struct op) == 64, "the format fixes an operation's size");
_Static_assert(sizeof(struct header) == 112, "the format fixes the header's size");

/*
 * Checks every number in `bytes`, which must be aligned to 8 and stay mapped and writable, and applies the relocations.
 * Returns NULL if the program is sound, else what is wrong.
 */
const char *program_read(void *bytes, size_t size, enum program_kind kind, struct program *out);

#endif
