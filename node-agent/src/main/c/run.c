#define _GNU_SOURCE
#include "run.h"

#include "runtime.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int gate_send(int gate, const void *message, size_t size, int fd) {
    struct iovec data = {.iov_base = (void *)(uintptr_t)message, .iov_len = size};
    struct msghdr header = {.msg_iov = &data, .msg_iovlen = 1};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    if (fd >= 0) {
        memset(&control, 0, sizeof control);
        header.msg_control = control.bytes;
        header.msg_controllen = sizeof control.bytes;
        struct cmsghdr *c = CMSG_FIRSTHDR(&header);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    return sendmsg(gate, &header, MSG_NOSIGNAL) == (ssize_t)size ? 0 : -1;
}

/* The control buffer's padding has room for a second descriptor, which nobody asked for. */
static void take_one(struct cmsghdr *c, int *fd) {
    size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
        int each;
        memcpy(&each, CMSG_DATA(c) + i * sizeof each, sizeof each);
        if (*fd < 0)
            *fd = each;
        else
            close(each);
    }
}

long gate_receive(int gate, void *message, size_t size, int *fd) {
    struct iovec data = {.iov_base = message, .iov_len = size};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr header = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    *fd = -1;
    ssize_t got;
    do
        got = recvmsg(gate, &header, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got > 0)
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c != NULL; c = CMSG_NXTHDR(&header, c))
            if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
                take_one(c, fd);
    return got;
}

/*
 * Whoever runs the list so far has joined a pid namespace, in which only its children are. The process that is to be visible there
 * is made when nothing is left that it may not have, so that a container with CAP_SYS_PTRACE gains nothing by it (CVE-2016-9962).
 * Made by clone(2), which seccomp profiles let through; a sibling, so that the supervisor is its parent.
 */
static long go_on_in_sibling(int gate) {
    int pidfd = -1;
    long pid = syscall(SYS_clone, CLONE_PARENT | CLONE_PIDFD, NULL, &pidfd, NULL, NULL);
    if (pid <= 0)
        return pid;
    struct gate_message message = {.type = GATE_FORKED};
    if (gate_send(gate, &message, sizeof message, pidfd) == 0)
        _exit(0);
    kill((pid_t)pid, SIGKILL);
    _exit(125);
}

static long pseudo(const struct op *op, const uint64_t a[6], int gate) {
    switch (op->number) {
    case OP_SEND_TERMINAL: {
        struct gate_message message = {.type = GATE_TERMINAL};
        return gate_send(gate, &message, sizeof message, (int)a[0]);
    }
    case OP_FORK:
        return go_on_in_sibling(gate);
    case OP_DECIMAL:
        return snprintf((char *)(uintptr_t)a[1], (size_t)a[2], "%lld", (long long)a[0]);
    case OP_LOAD: {
        uint32_t value = 0;
        memcpy(&value, (char *)(uintptr_t)a[0] + a[1], (size_t)a[2]);
        return value;
    }
    case OP_RUN:
        return run_to_end((const char *)(uintptr_t)a[0], (char *const *)(uintptr_t)a[1], (char *const *)(uintptr_t)a[2]);
    case OP_PASS_TERMINAL:
        return pass_terminal((int)a[0], gate);
    case OP_HAND_OVER:
        return hand_over((const char *)(uintptr_t)a[0], gate);
    default:
        errno = ENOSYS;
        return -1;
    }
}

static long execute(const struct program *program, const struct op *op, const int64_t slots[], int gate) {
    uint64_t a[6];
    for (unsigned i = 0; i < 6; i++) {
        switch ((op->kinds >> (2 * i)) & 3) {
        case ARG_POINTER:
            a[i] = (uint64_t)(uintptr_t)(program->blob + op->args[i]);
            break;
        case ARG_SLOT:
            a[i] = (uint64_t)slots[op->args[i]];
            break;
        default:
            a[i] = op->args[i];
        }
    }
    if (op->number >= OP_SEND_TERMINAL)
        return pseudo(op, a, gate);
    long result;
    do
        result = syscall((long)op->number, a[0], a[1], a[2], a[3], a[4], a[5]);
    while (result == -1 && errno == EINTR);
    return result;
}

static int fail(const struct program *p, enum section section, uint32_t index, int error, struct failure *out) {
    memset(out, 0, sizeof *out);
    out->section = section;
    out->index = index;
    out->error = error;
    uint32_t label = p->ops[section][index].label;
    if (label != NONE) {
        /* A call may have written over the blob's last NUL. */
        size_t room = p->header->blob - label;
        memcpy(out->label, p->blob + label, strnlen(p->blob + label, room < LABEL_MAX ? room : LABEL_MAX));
    }
    return -1;
}

static bool tolerates(const struct op *op, int error) {
    return error == op->tolerated[0] || error == op->tolerated[1];
}

static bool is_exec(const struct op *op) {
    return op->number == SYS_execve || op->number == SYS_execveat;
}

int run_section(const struct program *p, enum section section, int64_t slots[PROGRAM_SLOTS], int gate,
                struct failure *failure) {
    int exec_error = 0;
    uint32_t exec_index = 0;
    for (uint32_t i = 0; i < p->header->counts[section]; i++) {
        const struct op *op = &p->ops[section][i];
        long result = execute(p, op, slots, gate);
        int error = result == -1 ? errno : 0;
        if (is_exec(op) && tolerates(op, ENOENT) && (error == ENOTDIR || error == ELOOP || error == ENAMETOOLONG))
            error = ENOENT; /* other ways of saying that this candidate is not there */
        if (error != 0) {
            if (!tolerates(op, error))
                return fail(p, section, i, error, failure);
            if (is_exec(op)) {
                /* Of all candidates, "there, but not executable" tells more than "not there". */
                if (exec_error == 0 || error == EACCES) {
                    exec_error = exec_error == EACCES ? EACCES : error;
                    exec_index = i;
                }
            }
        }
        if (op->save != 0xff)
            slots[op->save] = error != 0 ? -error : result;
        if ((error == 0) == ((op->kinds & KIND_SKIP_ON_SUCCESS) != 0))
            i += op->skip;
    }
    if (exec_error != 0)
        return fail(p, section, exec_index, exec_error, failure);
    return 0;
}
