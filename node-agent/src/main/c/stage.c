/*
 * The stage: reads a program, executes it, and becomes the supervisor of the process that it started.
 *
 * The agent starts one of it, the nursery, by posix_spawn with descriptors 0, 1, 2 = /dev/null, 3 = this binary (a sealed memfd),
 * 4 = a socket, 5 = a program that places it; with an empty signal mask, default dispositions and a session of its own. All
 * supervisors are its copies: a fork of this small process costs a tenth of what starting another one does, and what it has joined
 * they need not join. They are the agent's children, not its own, and outlive it as they outlive the agent.
 *
 *   agent --posix_spawn--> nursery (a start list, then requests)
 *         --its clone3---> S (prepare list, clone3, parent list, then supervise())
 *                            --clone3--> C (child list, gate, start list, execve)
 */
#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FD_BINARY 3
/* Of the nursery. */
#define FD_REQUESTS 4
#define FD_PLACING 5
/* Of a supervisor; from 6 on, what its program's calls find open. */
#define FD_PROGRAM 4
#define FD_LISTENER 5

/*
 * One disposition for all but a few. By the system call: 32 and 33 too, which glibc's posix_spawn ignores in its child and its signal()
 * will not touch.
 */
static void set_signals(void (*handler)(int), uint64_t but) {
    struct {
        void (*handler)(int);
        unsigned long flags;
        void *restorer;
        uint64_t mask;
    } action = {.handler = handler};
    for (int number = 1; number <= 64; number++)
        if ((but >> (number - 1) & 1) == 0)
            syscall(SYS_rt_sigaction, number, &action, NULL, sizeof action.mask);
}

/* Whatever a terminal, a service manager, a limit or a broken connection may send; the supervisor outlives it. */
static void ignore_signals(void) {
    set_signals(SIG_IGN, 1ull << (SIGKILL - 1) | 1ull << (SIGSTOP - 1) | 1ull << (SIGCHLD - 1));
}

static void default_signals(void) {
    uint64_t none = 0;
    set_signals(SIG_DFL, 0);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);
}

/* Maps a program privately and closes its descriptor. Returns NULL and sets *size, or says what is wrong. */
static const char *load(int fd, enum program_kind kind, struct program *out, size_t *size) {
    struct stat status;
    if (fstat(fd, &status) != 0 || status.st_size <= 0 || status.st_size > (off_t)PROGRAM_MAX)
        return "the program cannot be read";
    *size = (size_t)status.st_size;
    void *bytes = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    close(fd);
    return bytes == MAP_FAILED ? "the program cannot be mapped" : program_read(bytes, *size, kind, out);
}

static int own_failure(struct failure *out, int error, const char *what) {
    memset(out, 0, sizeof *out);
    out->section = SECTIONS;
    out->error = error;
    snprintf(out->label, sizeof out->label, "%s", what);
    return -1;
}

/* Descriptors of a request: a program, a listener, and some that its calls find open. */
#define REQUEST_FDS 16

/* io.longshore.agent.stage.Nursery reads it: after the start, and for each request. */
struct answer {
    int32_t pid; /* of a new supervisor; 0 with a failure */
    struct failure failure;
};

struct pipes {
    int in[2], out[2], err[2];
};

static int open_pipes(struct pipes *p, uint32_t flags) {
    memset(p, 0xff, sizeof *p);
    if (flags & CONFIG_TERMINAL)
        return 0;
    if ((flags & CONFIG_OPEN_STDIN) && pipe2(p->in, O_CLOEXEC) != 0)
        return -1;
    if (pipe2(p->out, O_CLOEXEC) != 0 || pipe2(p->err, O_CLOEXEC) != 0)
        return -1;
    if (p->in[1] >= 0)
        fcntl(p->in[1], F_SETFL, O_NONBLOCK);
    fcntl(p->out[0], F_SETFL, O_NONBLOCK);
    fcntl(p->err[0], F_SETFL, O_NONBLOCK);
    return 0;
}

static void child_failed(int gate, const struct failure *failure) {
    struct gate_message message = {.type = GATE_FAILED, .failure = *failure};
    gate_send(gate, &message, sizeof message, -1);
    _exit(127);
}

/*
 * Nothing but the standard streams is left after execve. A process that is made by OP_FORK is seen by a container before that, so what it
 * had open to get there is closed now, but for the gate.
 */
static long leave_descriptors(int gate, bool forks) {
    if (!forks)
        return syscall(SYS_close_range, 3u, ~0u, (unsigned)CLOSE_RANGE_CLOEXEC);
    if (gate > 3 && syscall(SYS_close_range, 3u, (unsigned)gate - 1, 0u) != 0)
        return -1;
    return syscall(SYS_close_range, (unsigned)gate + 1, ~0u, 0u);
}

/* C: everything up to execve. The supervisor's death shows as the end of the gate. */
static _Noreturn void child(const struct program *program, const struct supervised *s, int64_t *slots,
                            const int gates[2], const struct pipes *pipes) {
    struct failure failure;
    default_signals();
    const int gate = gates[1];
    /* The supervisor's end of the gate too: this process must see its end when the supervisor dies. */
    const int mine[] = {FD_LISTENER, s->log.fd, s->record, gates[0]};
    for (size_t i = 0; i < sizeof mine / sizeof *mine; i++)
        if (mine[i] >= 0)
            close(mine[i]);
    if ((pipes->in[0] >= 0 && dup2(pipes->in[0], 0) < 0) || (pipes->out[1] >= 0 && dup2(pipes->out[1], 1) < 0)
        || (pipes->err[1] >= 0 && dup2(pipes->err[1], 2) < 0)) {
        own_failure(&failure, errno, "standard streams");
        child_failed(gate, &failure);
    }
    const int *ends = (const int *)pipes;
    for (size_t i = 0; i < sizeof *pipes / sizeof(int); i++)
        if (ends[i] >= 0)
            close(ends[i]);
    int fd;
    char go;
    if (program->header->counts[PARENT] > 0 && gate_receive(gate, &go, 1, &fd) != 1)
        _exit(125);
    if (run_section(program, CHILD, slots, gate, &failure) != 0)
        child_failed(gate, &failure);
    struct gate_message ready = {.type = GATE_READY};
    if (gate_send(gate, &ready, sizeof ready, -1) != 0 || gate_receive(gate, &go, 1, &fd) != 1 || fd < 0)
        _exit(125);
    struct program start;
    size_t size;
    const char *wrong = load(fd, PROGRAM_START, &start, &size);
    if (wrong == NULL && leave_descriptors(gate, (s->config.flags & CONFIG_FORKS) != 0) != 0)
        wrong = "close_range";
    if (wrong != NULL) {
        own_failure(&failure, EINVAL, wrong);
        child_failed(gate, &failure);
    }
    if (run_section(&start, START, slots, gate, &failure) == 0)
        own_failure(&failure, ENOEXEC, "the start list ends without execve");
    child_failed(gate, &failure);
    _exit(127);
}

static int ascending(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

/* What prepare opened was for the program; the supervisor keeps only what it serves. */
static void close_others(const struct supervised *s) {
    int kept[] = {-1, 0, 1, 2, FD_LISTENER, s->pidfd, s->gate, s->in, s->out[0], s->out[1], s->log.fd, s->record};
    const size_t count = sizeof kept / sizeof *kept;
    qsort(kept, count, sizeof *kept, ascending);
    for (size_t i = 0; i < count; i++) {
        unsigned from = (unsigned)(kept[i] + 1);
        unsigned to = i + 1 < count ? (unsigned)(kept[i + 1] - 1) : ~0u;
        if (i + 1 == count || kept[i + 1] - kept[i] > 1)
            syscall(SYS_close_range, from, to, 0u);
    }
}

/* Runs prepare, clones C, runs parent. On success C waits at the gate with its list done or running. */
static int create(const struct program *program, struct supervised *s) {
    int64_t slots[PROGRAM_SLOTS];
    for (unsigned i = 0; i < PROGRAM_SLOTS; i++)
        slots[i] = -1;
    if (run_section(program, PREPARE, slots, -1, &s->failure) != 0)
        return -1;
    struct pipes pipes;
    int gate[2];
    if (open_pipes(&pipes, s->config.flags) != 0)
        return own_failure(&s->failure, errno, "pipes of the standard streams");
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, gate) != 0)
        return own_failure(&s->failure, errno, "socketpair of the gate");
    int pidfd = -1;
    struct clone_args args = {.flags = program->header->clone_flags | CLONE_PIDFD,
                              .pidfd = (uint64_t)(uintptr_t)&pidfd,
                              .exit_signal = SIGCHLD};
    if (program->header->cgroup_slot >= 0) {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = (uint64_t)slots[program->header->cgroup_slot];
    }
    long pid = syscall(SYS_clone3, &args, sizeof args);
    if (pid == 0)
        child(program, s, slots, gate, &pipes);
    if (pid < 0)
        return own_failure(&s->failure, errno, "clone3");
    const int childs[] = {gate[1], pipes.in[0], pipes.out[1], pipes.err[1]};
    for (size_t i = 0; i < sizeof childs / sizeof *childs; i++)
        if (childs[i] >= 0)
            close(childs[i]);
    s->pid = (pid_t)pid;
    s->pidfd = pidfd;
    s->gate = gate[0];
    s->in = pipes.in[1];
    s->out[0] = pipes.out[0];
    s->out[1] = pipes.err[0];
    s->ticks = start_ticks(s->pid);
    slots[SLOT_PID] = pid;
    slots[SLOT_PIDFD] = pidfd;
    if (run_section(program, PARENT, slots, -1, &s->failure) != 0)
        return -1;
    close_others(s);
    char go = 1; /* one that waits for nobody is spared the wait */
    if (program->header->counts[PARENT] > 0 && gate_send(s->gate, &go, 1, -1) != 0)
        return own_failure(&s->failure, errno, "the gate");
    return 0;
}

static char *copy(const struct program *program, uint32_t offset) {
    char *text = strdup(program->blob + offset);
    if (text == NULL)
        _exit(125);
    return text;
}

static void configure(struct supervised *s, const struct program *program) {
    const struct header *h = program->header;
    s->config = (struct config){.flags = h->flags,
                                .stall_ms = (uint64_t)h->stall_seconds * 1000,
                                .grace_ms = (uint64_t)h->grace_seconds * 1000,
                                .buffer = h->buffer,
                                .log_files = h->log_files,
                                .log_max = h->log_max,
                                .columns = h->columns,
                                .rows = h->rows,
                                .id = copy(program, h->id),
                                .log_path = copy(program, h->log_path),
                                .log_attributes = copy(program, h->log_attributes),
                                .record_path = copy(program, h->record_path),
                                .socket_path = copy(program, h->socket_path)};
}

/* Where the arguments were, which is what others see of them (proc(5), cmdline). */
static struct {
    char *at;
    size_t size;
} title;

static void set_title(const char *name, const char *of) {
    memset(title.at, 0, title.size);
    snprintf(title.at, title.size, "%s%c%s", name, 0, of);
}

/* S: from here on it knows nothing of the nursery. */
static int supervisor(void) {
    if (fcntl(FD_LISTENER, F_SETFD, FD_CLOEXEC) != 0 || fcntl(FD_LISTENER, F_SETFL, O_NONBLOCK) != 0)
        return 125;
    struct supervised s = {
        .listener = FD_LISTENER, .pidfd = -1, .gate = -1, .in = -1, .out = {-1, -1}, .record = -1, .log = {.fd = -1}};
    struct program program;
    size_t size = 0;
    const char *wrong = load(FD_PROGRAM, PROGRAM_CREATE, &program, &size);
    if (wrong != NULL) {
        s.config = (struct config){.grace_ms = 30000, .stall_ms = 60000, .buffer = 1024};
        own_failure(&s.failure, EINVAL, wrong);
        return supervise(&s, -1);
    }
    configure(&s, &program);
    set_title("longshore-supervisor", s.config.id);
    int result = 0;
    const char *what = supervisor_open(&s);
    if (what != NULL)
        result = own_failure(&s.failure, errno, what);
    if (result == 0)
        result = create(&program, &s);
    munmap(program.header, size);
    return supervise(&s, result);
}

/* Runs the list that puts the nursery where supervisors belong, and says what came of it. */
static int place(void) {
    struct answer answer = {0};
    struct program program;
    int64_t slots[PROGRAM_SLOTS];
    for (unsigned i = 0; i < PROGRAM_SLOTS; i++)
        slots[i] = -1;
    size_t size = 0;
    const char *wrong = load(FD_PLACING, PROGRAM_START, &program, &size);
    int result = wrong == NULL ? run_section(&program, START, slots, -1, &answer.failure)
                               : own_failure(&answer.failure, EINVAL, wrong);
    if (wrong == NULL)
        munmap(program.header, size);
    return send(FD_REQUESTS, &answer, sizeof answer, MSG_NOSIGNAL) == sizeof answer ? result : -1;
}

/* A request's descriptors, closed on exec. Returns how many, 0 when the agent has gone. */
static int receive(int fds[REQUEST_FDS]) {
    union {
        char bytes[CMSG_SPACE(REQUEST_FDS * sizeof(int))];
        struct cmsghdr align;
    } control;
    char one;
    struct iovec data = {.iov_base = &one, .iov_len = 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t count;
    do
        count = recvmsg(FD_REQUESTS, &message, MSG_CMSG_CLOEXEC);
    while (count < 0 && errno == EINTR);
    struct cmsghdr *first = count > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (first == NULL || first->cmsg_type != SCM_RIGHTS || (message.msg_flags & MSG_CTRUNC))
        return 0;
    size_t bytes = first->cmsg_len - CMSG_LEN(0);
    memcpy(fds, CMSG_DATA(first), bytes);
    return (int)(bytes / sizeof(int));
}

/* In the new process: a request's descriptors become FD_PROGRAM and those after it, and nothing else stays open. */
static int arrange(const int *fds, int count) {
    int far[REQUEST_FDS];
    for (int i = 0; i < count; i++)
        if ((far[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, FD_PROGRAM + REQUEST_FDS)) < 0)
            return -1;
    for (int i = 0; i < count; i++)
        if (dup2(far[i], FD_PROGRAM + i) < 0)
            return -1;
    close(FD_BINARY); /* the number is one of theirs */
    return (int)syscall(SYS_close_range, (unsigned)(FD_PROGRAM + count), ~0u, 0u);
}

/* Makes a supervisor of each request, until the agent has gone. */
static int nursery(void) {
    if (place() != 0)
        return 1;
    for (;;) {
        int fds[REQUEST_FDS];
        int count = receive(fds);
        if (count < 2)
            return 0;
        struct clone_args args = {.flags = CLONE_PARENT};
        long pid = syscall(SYS_clone3, &args, sizeof args);
        if (pid == 0) {
            setsid();
            return arrange(fds, count) == 0 ? supervisor() : 125;
        }
        struct answer answer = {.pid = (int32_t)pid};
        if (pid < 0) {
            answer.pid = 0;
            own_failure(&answer.failure, errno, "clone3");
        }
        for (int i = 0; i < count; i++)
            close(fds[i]);
        if (send(FD_REQUESTS, &answer, sizeof answer, MSG_NOSIGNAL) != sizeof answer)
            return 0;
    }
}

int main(int argc, char **argv) {
    /* Before anything else: no process in a container may ever look into this one or its copies (CVE-2016-9962). */
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NAME, "longshore-stage");
    close(FD_BINARY);
    ignore_signals();
    umask(022);
    if (argc < 1 || chdir("/") != 0)
        return 125;
    title.at = argv[0];
    title.size = (size_t)(argv[argc - 1] + strlen(argv[argc - 1]) + 1 - argv[0]);
    set_title("longshore-nursery", "");
    return nursery();
}
