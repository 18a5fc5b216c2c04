/*
 * What is said on the supervisor's socket. io.longshore.agent.stage.SupervisorClient is the other side. Little-endian.
 *
 * The client begins with a hello of 4 bytes: version (1), kind (1 control, 2 attach), attach flags (1 stdin, 2 stdout,
 * 4 stderr), 0. The answer has 4 bytes: version, 0 or an error number, 1 if there is a terminal, 0. A hello of another version
 * is answered with an error and the end.
 *
 * Attach: after the answer the supervisor sends frames {1|2|3, 0, 0, 0, length as u32 big-endian} + payload (3 is its own
 * error message), or raw bytes if there is a terminal; the client sends raw input and half-closes at its end.
 *
 * Control, client: {payload length u32, type u8, sequence u32} + payload. Each command gets a RESULT.
 * Control, supervisor: {payload length u32, type u8} + payload. A STATUS comes at once, and at each change.
 */
#ifndef LONGSHORE_PROTOCOL_H
#define LONGSHORE_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#define PROTOCOL_VERSION 1
#define HELLO_SIZE 4
#define COMMAND_SIZE 9

enum connection_kind { CONTROL = 1, ATTACH = 2 };
#define ATTACH_STDIN 1
#define ATTACH_STDOUT 2
#define ATTACH_STDERR 4

enum command_type {
    COMMAND_START = 10, /* payload: a start program */
    COMMAND_SIGNAL,     /* i32 */
    COMMAND_RESIZE,     /* u16 columns, u16 rows */
    COMMAND_ABORT,      /* none; before START */
    COMMAND_CLOSE_STDIN /* none; takes effect after the input that clients have sent */
};

enum report_type { REPORT_STATUS = 1, REPORT_RESULT = 2 /* u32 sequence, i32 error */ };

/* State as told to clients. */
enum state { PREPARING, CREATED, STARTING, STARTED, EXITED, FAILED, ABORTED };

/* The payload of a STATUS, followed by the failure's label. */
struct __attribute__((packed)) status_report {
    uint8_t state, section, reserved[2];
    int32_t pid;
    uint64_t ticks, created_ns, started_ns, finished_ns;
    int32_t exit_status; /* exit code, or 128 + signal */
    uint32_t index;
    int32_t error;
    int32_t supervisor;
    uint64_t dropped; /* log lines */
};

struct command {
    uint8_t type;
    uint32_t sequence;
    uint32_t size;
    uint8_t payload[4];
};

enum event {
    EVENT_NONE,    /* all bytes are taken, more are needed */
    EVENT_HELLO,   /* kind and flags are set */
    EVENT_COMMAND, /* a whole command other than START */
    EVENT_BEGIN,   /* a START begins: command is set, program bytes follow */
    EVENT_PROGRAM, /* part and part_size: a piece of the program */
    EVENT_END,     /* the program is complete */
    EVENT_BAD      /* the peer speaks something else */
};

/* Reads one connection's bytes, however they are cut. Zero-initialised. */
struct reader {
    uint8_t head[16];
    uint32_t have, left;
    uint8_t state;
    uint8_t kind, flags;
    struct command command;
    const uint8_t *part;
    size_t part_size;
};

/* Takes bytes from *at, which it moves, until something is complete. After an attach hello no more bytes are taken. */
enum event reader_next(struct reader *reader, const uint8_t **at, size_t *left);

#endif
