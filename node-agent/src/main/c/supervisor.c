#define _GNU_SOURCE
#include "supervisor.h"

#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_CONNECTIONS 256
#define CHUNK (32 * 1024)
#define INPUT_BUFFER (64 * 1024)
#define CONTROL_BUFFER (64 * 1024)
/* After exit the pipes hold at most this much (twice the kernel's pipe-max-size); it is taken whoever reads slowly. */
#define LAST_WORDS (2 * 1024 * 1024)
/* Beyond what holds the output back: one more chunk of each stream as a frame, and a last message. */
#define SLACK (2 * (CHUNK + 8) + 128)
/*
 * The kernel doubles it, and makes pieces of half of that. What a reader takes is seen by whole pieces: small ones show a slow reader's
 * progress, and would cost a quick one half of its throughput. Who has taken QUICK_BYTES without a pause of PAUSE_MS gets large ones.
 */
#define SEND_BUFFER 4096
#define QUICK_SEND_BUFFER CHUNK
#define QUICK_BYTES (1024 * 1024)
#define PAUSE_MS 1000
/* Who keeps the pipes open after exit is outside the process's pid namespace: wait this long for more, and in all. */
#define DRAIN_IDLE_MS 1000
#define DRAIN_MS 10000
/* A client that has all output and does not close is closed after this time. */
#define LINGER_MS 5000
#define RECORD_SIZE 512
/* How long a record that cannot be written is tried again; without its directory (the container was removed) not at all. */
#define RECORD_MS 600000

struct connection {
    int fd;
    struct reader reader;
    struct ring out;
    uint64_t progress; /* when something was last written or taken, or the ring began to fill */
    size_t taken;      /* since it last paused; no more is counted when it is quick */
    int unread;        /* what the peer had not taken of the socket's buffers */
    int program;       /* the memfd that a START is gathered in, -1 */
    bool greeted, input_ended, finishing, cut, shut, broken;
};

static struct supervised *me;
static struct connection *connections[MAX_CONNECTIONS];
static unsigned connection_count;
static struct pollfd polled[MAX_CONNECTIONS + 6];
static char chunk[CHUNK];

static enum state state;
static uint64_t created_ns, started_ns, finished_ns;
static int exit_status;
static bool exited, reported_failure, recorded, given_up, paths_left, accept_paused, input_eof, had_control;
static int terminal_hold = -1; /* a slave of ours, so that the terminal does not hang up before the process's exit */
static struct ring input = {.capacity = INPUT_BUFFER};
static uint64_t now; /* monotonic milliseconds; one reading per turn of the loop, so that no difference is negative */
static uint64_t begun, exit_at, last_output, failed_at;

static void read_clock(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    now = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static uint64_t wall_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static bool has_terminal(void) {
    return (me->config.flags & CONFIG_TERMINAL) != 0;
}

static bool forks(void) {
    return (me->config.flags & CONFIG_FORKS) != 0;
}

uint64_t start_ticks(pid_t pid) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    if (size <= 0)
        return 0;
    text[size] = 0;
    /* The second field is in parentheses and may hold anything. */
    char *at = strrchr(text, ')');
    for (int field = 2; at != NULL && field < 22; field++)
        at = strchr(at + 1, ' ');
    return at == NULL ? 0 : strtoull(at, NULL, 10);
}

/* ---- the exit record */

static char *record_temporary(void) {
    static char path[4096];
    snprintf(path, sizeof path, "%s.tmp", me->config.record_path);
    return path;
}

const char *supervisor_open(struct supervised *s) {
    me = s;
    if (s->config.flags & CONFIG_LOG) {
        s->log.path = s->config.log_path;
        s->log.max = s->config.log_max;
        s->log.files = s->config.log_files;
        s->log.local = (s->config.flags & CONFIG_LOG_LOCAL) != 0;
        s->log.counted = (s->config.flags & CONFIG_LOG_COUNTED) != 0;
        s->log.attributes = s->config.log_attributes;
        if (log_open(&s->log) != 0 && errno != ENOSPC)
            return "the log file";
    }
    char space[RECORD_SIZE];
    memset(space, '\n', sizeof space);
    s->record = open(record_temporary(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (s->record < 0 || pwrite(s->record, space, sizeof space, 0) != (ssize_t)sizeof space)
        return "the exit record's file";
    return NULL;
}

/* Not synced: what a power cut takes, it takes from the container too. The rename makes it whole or absent for the agent. */
static bool write_record(void) {
    char text[RECORD_SIZE];
    int size = snprintf(text, sizeof text,
                        "version=1\nid=%s\npid=%d\nstart_ticks=%llu\nstatus=%d\nstarted_ns=%llu\nfinished_ns=%llu\n"
                        "dropped_log_lines=%llu\n",
                        me->config.id, me->pid, (unsigned long long)me->ticks, exit_status,
                        (unsigned long long)started_ns, (unsigned long long)finished_ns,
                        (unsigned long long)me->log.dropped);
    return pwrite(me->record, text, (size_t)size, 0) == size && ftruncate(me->record, size) == 0
           && rename(record_temporary(), me->config.record_path) == 0;
}

/*
 * Before a client hears of the end: from then on it may use the paths for another process. Clients that are connected, or
 * wait in the listener's queue, are still served.
 */
static void leave_paths(void) {
    if (paths_left || me->config.socket_path == NULL)
        return;
    unlink(me->config.socket_path);
    if (state != STARTED)
        unlink(record_temporary());
    paths_left = true;
}

/* ---- connections */

static void set_send_buffer(const struct connection *c, int size) {
    setsockopt(c->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

/* What was written just now, or that it is behind and has not moved for a while. */
static void see_pace(struct connection *c, size_t wrote) {
    bool quick = c->taken >= QUICK_BYTES;
    if (wrote > 0 && !quick) {
        c->taken += wrote;
        if (c->taken >= QUICK_BYTES)
            set_send_buffer(c, QUICK_SEND_BUFFER);
    } else if (wrote == 0 && now - c->progress >= PAUSE_MS) {
        if (quick)
            set_send_buffer(c, SEND_BUFFER);
        c->taken = 0;
    }
}

static void send_bytes(struct connection *c, const struct iovec *parts, int count) {
    size_t total = 0, sent = 0;
    for (int i = 0; i < count; i++)
        total += parts[i].iov_len;
    if (c->broken || c->cut)
        return;
    if (c->out.used == 0) {
        ssize_t wrote = writev(c->fd, parts, count);
        if (wrote < 0 && errno != EAGAIN && errno != EINTR) {
            c->broken = true;
            return;
        }
        sent = wrote > 0 ? (size_t)wrote : 0;
        c->progress = now;
        see_pace(c, sent);
    }
    if (total - sent > c->out.capacity - c->out.used) {
        c->broken = true; /* a control client that takes nothing: an attached reader is held back before this */
        return;
    }
    for (int i = 0; i < count; i++) {
        size_t skip = sent < parts[i].iov_len ? sent : parts[i].iov_len;
        sent -= skip;
        if (!ring_put(&c->out, (const char *)parts[i].iov_base + skip, parts[i].iov_len - skip))
            c->broken = true;
    }
}

static void send_frame(struct connection *c, uint8_t stream, const char *bytes, size_t size) {
    uint8_t head[8] = {stream, 0, 0, 0, (uint8_t)(size >> 24), (uint8_t)(size >> 16), (uint8_t)(size >> 8), (uint8_t)size};
    struct iovec parts[2] = {{head, sizeof head}, {(void *)(uintptr_t)bytes, size}};
    if (has_terminal())
        send_bytes(c, parts + 1, 1);
    else
        send_bytes(c, parts, 2);
}

static void send_report(struct connection *c, enum report_type type, const void *body, size_t size, const char *label) {
    uint8_t head[5];
    uint32_t length = (uint32_t)(size + strlen(label));
    memcpy(head, &length, 4);
    head[4] = (uint8_t)type;
    struct iovec parts[3] = {{head, sizeof head}, {(void *)(uintptr_t)body, size}, {(void *)(uintptr_t)label, strlen(label)}};
    send_bytes(c, parts, 3);
}

static void send_status(struct connection *c) {
    if (state == FAILED)
        leave_paths();
    struct status_report r = {.state = (uint8_t)state,
                              .section = (uint8_t)me->failure.section,
                              .pid = me->pid,
                              .ticks = me->ticks,
                              .created_ns = created_ns,
                              .started_ns = started_ns,
                              .finished_ns = finished_ns,
                              .exit_status = exit_status,
                              .index = me->failure.index,
                              .error = me->failure.error,
                              .supervisor = getpid(),
                              .dropped = me->log.dropped};
    send_report(c, REPORT_STATUS, &r, sizeof r, me->failure.label);
    if (state == FAILED)
        reported_failure = true;
}

static bool is_control(const struct connection *c) {
    return c->greeted && c->reader.kind == CONTROL;
}

static bool is_attached(const struct connection *c) {
    return c->greeted && c->reader.kind == ATTACH;
}

static void change_state(enum state to) {
    state = to;
    if (to == FAILED)
        failed_at = now;
    for (unsigned i = 0; i < connection_count; i++)
        if (is_control(connections[i]))
            send_status(connections[i]);
}

static void kill_process(void) {
    if (me->pid > 0 && !exited)
        syscall(SYS_pidfd_send_signal, me->pidfd, SIGKILL, NULL, 0);
}

static void abort_creation(void) {
    kill_process();
    leave_paths();
    change_state(ABORTED);
}

static void fail_creation(int error, const char *why) {
    memset(&me->failure, 0, sizeof me->failure);
    me->failure.section = SECTIONS;
    me->failure.error = error;
    snprintf(me->failure.label, sizeof me->failure.label, "%s", why);
    kill_process();
    change_state(FAILED);
}

static void accept_connection(void) {
    int fd = accept4(me->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        accept_paused = errno != EAGAIN && errno != EINTR && errno != ECONNABORTED;
        return;
    }
    struct connection *c = calloc(1, sizeof *c);
    if (c == NULL) {
        close(fd);
        accept_paused = true;
        return;
    }
    c->fd = fd;
    c->program = -1;
    c->progress = now;
    c->out.capacity = CONTROL_BUFFER;
    connections[connection_count++] = c;
}

static void drop_connection(unsigned index) {
    struct connection *c = connections[index];
    connections[index] = connections[--connection_count];
    bool control = is_control(c);
    close(c->fd);
    if (c->program >= 0)
        close(c->program);
    ring_clear(&c->out);
    free(c);
    for (unsigned i = 0; control && i < connection_count; i++)
        control = !is_control(connections[i]);
    if (control && (state == PREPARING || state == CREATED))
        abort_creation(); /* nobody is left who could start it */
}

static bool takes_stream(const struct connection *c, int stream) {
    if (!is_attached(c) || c->cut || c->broken)
        return false;
    if (has_terminal())
        return (c->reader.flags & (ATTACH_STDOUT | ATTACH_STDERR)) != 0;
    return (c->reader.flags & (stream == 0 ? ATTACH_STDOUT : ATTACH_STDERR)) != 0;
}

/* True while a reader of the stream has as much waiting as it may have. */
static bool held_back(int stream) {
    for (unsigned i = 0; i < connection_count; i++)
        if (takes_stream(connections[i], stream) && connections[i]->out.used + SLACK >= connections[i]->out.capacity)
            return true;
    return false;
}

/* True if no more output can come for this client. */
static bool output_over(const struct connection *c) {
    if (state == EXITED || state == FAILED || state == ABORTED || c->cut)
        return true;
    bool wants = (c->reader.flags & (ATTACH_STDOUT | ATTACH_STDERR)) != 0;
    return wants && state >= STARTED && (!takes_stream(c, 0) || me->out[0] < 0)
           && (!takes_stream(c, 1) || me->out[1] < 0);
}

/* ---- the process's streams */

static void close_fd(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Whether a client has sent input that is not read yet: it goes before the end. */
static bool input_waits(void) {
    int unread;
    for (unsigned i = 0; i < connection_count; i++)
        if (is_attached(connections[i]) && (connections[i]->reader.flags & ATTACH_STDIN) && !connections[i]->input_ended
            && ioctl(connections[i]->fd, FIONREAD, &unread) == 0 && unread > 0)
            return true;
    return false;
}

static void pump_input(void) {
    if (me->in < 0) {
        ring_clear(&input);
        return;
    }
    if (ring_drain(&input, me->in) < 0) {
        ring_clear(&input);
        close_fd(&me->in); /* the process reads no more */
        return;
    }
    if (input.used == 0 && input_eof && !has_terminal() && !input_waits())
        close_fd(&me->in);
}

static void feed_input(const char *bytes, size_t size) {
    if (me->in < 0)
        return;
    ssize_t wrote = write(me->in, bytes, size);
    if (wrote < 0 && errno != EAGAIN && errno != EINTR) {
        close_fd(&me->in);
        return;
    }
    if (wrote < 0)
        wrote = 0;
    ring_put(&input, bytes + wrote, size - (size_t)wrote); /* a chunk always fits: it was read into an empty ring */
}

static void end_output(int stream) {
    log_end(&me->log, stream);
    close_fd(&me->out[stream]);
}

/* Returns the bytes read; 0 if there are none now, or the stream has ended. */
static size_t read_output(int stream) {
    ssize_t got = read(me->out[stream], chunk, sizeof chunk);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (got <= 0) {
        end_output(stream);
        return 0;
    }
    last_output = now;
    log_feed(&me->log, stream, chunk, (size_t)got);
    for (unsigned i = 0; i < connection_count; i++)
        if (takes_stream(connections[i], stream))
            send_frame(connections[i], (uint8_t)(stream + 1), chunk, (size_t)got);
    return (size_t)got;
}

static int set_window(void) {
    struct winsize size = {.ws_col = me->config.columns, .ws_row = me->config.rows};
    return me->out[0] < 0 || ioctl(me->out[0], TIOCSWINSZ, &size) == 0 ? 0 : errno;
}

/* The child may be under attack from its own container already: what comes must be a terminal's master. */
static void take_terminal(int fd) {
    int number;
    if (!has_terminal() || me->out[0] >= 0 || ioctl(fd, TIOCGPTN, &number) != 0) {
        close(fd);
        return;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    me->out[0] = fd;
    if (me->config.flags & CONFIG_OPEN_STDIN)
        me->in = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    terminal_hold = ioctl(fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    set_window();
}

/* The number of the process behind a pidfd; 0 if it is gone. */
static pid_t process_of(int pidfd) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    text[size > 0 ? size : 0] = 0;
    const char *line = strstr(text, "\nPid:");
    long pid = line == NULL ? 0 : strtol(line + 5, NULL, 10);
    return pid > 0 ? (pid_t)pid : 0;
}

/* The process that is to be served. The message may come from its container already: what comes must be a child of this process. */
static void take_fork(int pidfd) {
    siginfo_t info = {0};
    pid_t pid = process_of(pidfd);
    bool ours = waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
    if (!forks() || state != STARTING || me->forker > 0 || pid <= 0 || pid == me->pid || !ours) {
        close(pidfd);
        return;
    }
    prctl(PR_SET_CHILD_SUBREAPER, 0); /* it has become this process's child by that; nobody else is to */
    me->forker = me->pid;
    close_fd(&me->pidfd);
    me->pidfd = pidfd;
    me->pid = pid;
    me->ticks = start_ticks(pid);
}

/* It has closed its end of the gate on its way out, so this takes no time. */
static void reap_forker(void) {
    siginfo_t info;
    while (waitid(P_PID, (id_t)me->forker, &info, WEXITED) != 0 && errno == EINTR)
        ;
}

static void gate_closed(void) {
    close_fd(&me->gate);
    if (me->forker > 0) {
        reap_forker();
    } else if (forks() && state == STARTING) {
        fail_creation(ECHILD, "the process could not be made: does the seccomp profile allow clone and sendmsg?");
        return;
    }
    if (state == STARTING && has_terminal() && me->out[0] < 0) {
        fail_creation(ENOTTY, "the program sent no terminal");
    } else if (state == STARTING) {
        started_ns = wall_ns();
        change_state(STARTED);
    } else if (state == PREPARING || state == CREATED) {
        fail_creation(ECHILD, "the process ended before it was started");
    }
}

static void read_gate(void) {
    struct gate_message message;
    int fd;
    long got = gate_receive(me->gate, &message, sizeof message, &fd);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got != (long)sizeof message) {
        if (fd >= 0)
            close(fd);
        gate_closed();
        return;
    }
    if (fd >= 0 && message.type == GATE_FORKED) {
        take_fork(fd);
    } else if (fd >= 0) {
        take_terminal(fd);
    } else if (message.type == GATE_READY && state == PREPARING) {
        created_ns = wall_ns();
        change_state(CREATED);
    } else if (message.type == GATE_FAILED && state <= STARTING) {
        me->failure = message.failure;
        me->failure.label[sizeof me->failure.label - 1] = 0;
        kill_process();
        change_state(FAILED);
    }
}

/*
 * The process has ended, and somebody still has its end of the gate: a container that may trace can take a descriptor from it. What was said
 * before the end is read: only a second turn in which nothing comes closes it.
 */
static void gate_outlives(void) {
    static bool once;
    if (once)
        gate_closed();
    once = true;
}

static void reap(void) {
    siginfo_t info = {0};
    if (waitid(P_PIDFD, (id_t)me->pidfd, &info, WEXITED | WNOHANG) != 0 || info.si_pid == 0)
        return;
    exited = true;
    exit_status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
    finished_ns = wall_ns();
    exit_at = last_output = now;
    close_fd(&me->pidfd);
    close_fd(&me->in);
    close_fd(&terminal_hold);
    ring_clear(&input);
    for (unsigned i = 0; i < connection_count; i++)
        if (is_attached(connections[i]))
            ring_enlarge(&connections[i]->out, connections[i]->out.capacity + LAST_WORDS);
}

/* ---- what clients say */

static int deliver_start(struct connection *c) {
    if (c->program < 0 || state != CREATED)
        return state == CREATED ? EIO : EBUSY;
    char go = 1;
    int error = gate_send(me->gate, &go, 1, c->program) == 0 ? 0 : errno;
    close_fd(&c->program);
    if (error == 0)
        change_state(STARTING);
    return error;
}

static int execute(const struct command *command) {
    int32_t number;
    memcpy(&number, command->payload, 4);
    switch (command->type) {
    case COMMAND_SIGNAL:
        if (exited || state != STARTED)
            return ESRCH;
        return syscall(SYS_pidfd_send_signal, me->pidfd, number, NULL, 0) == 0 ? 0 : errno;
    case COMMAND_RESIZE:
        if (!has_terminal())
            return ENOTTY;
        if (exited)
            return ESRCH;
        memcpy(&me->config.columns, command->payload, 2);
        memcpy(&me->config.rows, command->payload + 2, 2);
        return set_window();
    case COMMAND_CLOSE_STDIN:
        input_eof = true;
        return 0;
    case COMMAND_ABORT:
        if (state != PREPARING && state != CREATED)
            return EBUSY;
        abort_creation();
        return 0;
    default:
        return EINVAL;
    }
}

static void answer(struct connection *c, int error) {
    uint32_t result[2] = {c->reader.command.sequence, (uint32_t)error};
    send_report(c, REPORT_RESULT, result, sizeof result, "");
}

static void greeting(struct connection *c, uint8_t error) {
    uint8_t reply[HELLO_SIZE] = {PROTOCOL_VERSION, error, has_terminal(), 0};
    struct iovec part = {reply, sizeof reply};
    send_bytes(c, &part, 1);
}

static void greet(struct connection *c) {
    if (c->reader.kind == ATTACH) {
        set_send_buffer(c, SEND_BUFFER);
        c->out.capacity = me->config.buffer + SLACK + (exited ? LAST_WORDS : 0);
    }
    greeting(c, 0);
    c->greeted = true;
    if (c->reader.kind == CONTROL) {
        had_control = true;
        send_status(c);
    }
}

/* Everything one connection sent. Returns false if it is to be dropped. */
static bool consume(struct connection *c, const uint8_t *at, size_t left) {
    for (;;) {
        switch (reader_next(&c->reader, &at, &left)) {
        case EVENT_HELLO:
            greet(c);
            break;
        case EVENT_COMMAND:
            answer(c, execute(&c->reader.command));
            break;
        case EVENT_BEGIN:
            close_fd(&c->program);
            if (state == CREATED)
                c->program = memfd_create("start", MFD_CLOEXEC);
            break;
        case EVENT_PROGRAM:
            if (c->program >= 0
                && write(c->program, c->reader.part, c->reader.part_size) != (ssize_t)c->reader.part_size)
                close_fd(&c->program);
            break;
        case EVENT_END:
            answer(c, deliver_start(c));
            break;
        case EVENT_BAD:
            if (!c->greeted)
                greeting(c, EPROTO); /* so that an agent of another version can say so */
            return false;
        case EVENT_NONE:
            if (left > 0 && is_attached(c) && (c->reader.flags & ATTACH_STDIN))
                feed_input((const char *)at, left);
            return true;
        }
    }
}

static bool wants_input(const struct connection *c) {
    if (c->input_ended)
        return false;
    bool gives_input = !c->greeted || (is_attached(c) && (c->reader.flags & ATTACH_STDIN));
    if (c->greeted && gives_input && has_terminal() && me->out[0] < 0 && state < STARTED)
        return false; /* for a terminal that is still to come */
    return !gives_input || me->in < 0 || input.used == 0;
}

/*
 * Returns false if the connection is over. Docker's StdinOnce: the first client that ends its input ends the process's. One whose
 * connection is gone has not: the agent says so of a client that went (COMMAND_CLOSE_STDIN), and if it does not, it died itself.
 */
static bool read_connection(struct connection *c, bool gone) {
    ssize_t got = read(c->fd, chunk, sizeof chunk);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    if (got > 0)
        return consume(c, (const uint8_t *)chunk, (size_t)got);
    c->input_ended = true;
    if (!is_attached(c))
        return false;
    if (!gone && (c->reader.flags & ATTACH_STDIN) && (me->config.flags & CONFIG_STDIN_ONCE))
        input_eof = true;
    return true;
}

/* What cannot be written any more is told to who would have read it, unless raw bytes leave no room for words. */
static void cut_off(struct connection *c, const char *why) {
    char text[96];
    int size = snprintf(text, sizeof text, "output cut off: the client %s\n", why);
    if (!has_terminal())
        send_frame(c, 3, text, (size_t)size);
    c->cut = true; /* what is in the ring can still be taken, for as long again */
    c->progress = now;
}

/* A reader may be slower than the socket's buffers let be written, and still read. */
static void see_progress(struct connection *c) {
    int unread;
    if (ioctl(c->fd, SIOCOUTQ, &unread) != 0)
        return;
    if (unread < c->unread)
        c->progress = now;
    c->unread = unread;
}

/* Stalled, finished and lingering clients. Returns false if the connection is over. */
static bool age(struct connection *c) {
    if (c->broken && (c->input_ended || !is_attached(c)))
        return false;
    if (c->out.used > 0 && !c->broken) {
        see_progress(c);
        see_pace(c, 0);
        if (now - c->progress < me->config.stall_ms)
            return true;
        if (c->cut || !is_attached(c))
            return false;
        char why[40];
        snprintf(why, sizeof why, "took nothing for %llu s", (unsigned long long)me->config.stall_ms / 1000);
        cut_off(c, why);
        return true;
    }
    if (!is_attached(c))
        return c->greeted || now - c->progress < me->config.grace_ms;
    if (!output_over(c))
        return true;
    if (!c->shut) {
        shutdown(c->fd, SHUT_WR);
        c->shut = true;
        c->progress = now;
    }
    return !c->input_ended && now - c->progress < LINGER_MS;
}

/* ---- the loop */

static void try_record(void) {
    recorded = write_record();
    given_up = !recorded && (errno == ENOENT || now - exit_at > RECORD_MS);
}

/*
 * The time is up, which may have passed in one slow write of the log: what the pipe holds is still the process's. More than it can hold
 * comes from somebody else. A reader that is behind by all that was kept for it gets no more.
 */
static void take_rest(int stream) {
    int size = fcntl(me->out[stream], F_GETPIPE_SZ);
    size_t left = size > 0 ? (size_t)size : INPUT_BUFFER, got = 1;
    while (me->out[stream] >= 0 && got > 0 && left > 0) {
        for (unsigned i = 0; i < connection_count; i++)
            if (takes_stream(connections[i], stream) && connections[i]->out.used + SLACK >= connections[i]->out.capacity)
                cut_off(connections[i], "was too slow for the last of it");
        got = read_output(stream);
        left -= got < left ? got : left;
    }
    if (me->out[stream] >= 0)
        end_output(stream);
}

static void finish_drain(void) {
    if (!exited || state >= EXITED)
        return;
    bool open = me->out[0] >= 0 || me->out[1] >= 0;
    if (open && now - exit_at < DRAIN_MS && now - last_output < DRAIN_IDLE_MS)
        return;
    for (int i = 0; i < 2; i++)
        if (me->out[i] >= 0)
            take_rest(i);
    try_record();
    leave_paths();
    change_state(EXITED);
}

/* True when nothing is left to do. */
static bool over(void) {
    bool waiting = false;
    for (unsigned i = 0; i < connection_count; i++)
        waiting |= !connections[i]->broken
                   && (connections[i]->out.used > 0 || (is_attached(connections[i]) && !connections[i]->input_ended));
    switch (state) {
    case EXITED:
        return (recorded || given_up) && !waiting;
    case FAILED:
        return (exited || me->pid == 0) && ((reported_failure && !waiting) || now - failed_at > me->config.grace_ms);
    case ABORTED:
        return exited || me->pid == 0;
    default:
        return false;
    }
}

static bool needs_clock(void) {
    if (state == PREPARING || state == CREATED || exited || accept_paused || state >= EXITED)
        return true;
    for (unsigned i = 0; i < connection_count; i++)
        if (connections[i]->out.used > 0 || connections[i]->shut || connections[i]->broken || !connections[i]->greeted)
            return true;
    return false;
}

static void watch(unsigned *count, int fd, short events) {
    polled[(*count)++] = (struct pollfd){.fd = fd, .events = events};
}

static void poll_all(void) {
    unsigned n = 0;
    watch(&n, connection_count < MAX_CONNECTIONS && !accept_paused ? me->listener : -1, POLLIN);
    watch(&n, me->gate, POLLIN);
    watch(&n, me->pidfd, POLLIN);
    /* What a runtime says of a start that fails, before the process runs, is not the process's output. */
    bool runs = state == STARTED;
    watch(&n, runs && me->out[0] >= 0 && !held_back(0) ? me->out[0] : -1, POLLIN);
    watch(&n, runs && me->out[1] >= 0 && !held_back(1) ? me->out[1] : -1, POLLIN);
    watch(&n, input.used > 0 ? me->in : -1, POLLOUT);
    for (unsigned i = 0; i < connection_count; i++) {
        const struct connection *c = connections[i];
        short events = (short)((wants_input(c) ? POLLIN : 0) | (c->out.used > 0 && !c->broken ? POLLOUT : 0));
        /* A closed peer is reported whatever is asked for: left out while its last input has to wait. */
        watch(&n, events == 0 && c->broken ? -1 : c->fd, events);
    }
    bool draining = exited && state < EXITED;
    poll(polled, n, needs_clock() ? (draining ? 100 : 1000) : -1);
}

static void serve_connections(unsigned count) {
    /* Backwards: a dropped one is replaced by the last, which was served already. */
    for (unsigned i = count; i-- > 0;) {
        struct connection *c = connections[i];
        short events = polled[6 + i].revents;
        bool alive = true;
        if ((events & POLLOUT) && !c->broken) {
            long wrote = ring_drain(&c->out, c->fd);
            if (wrote < 0) {
                c->broken = true;
            } else if (wrote > 0) {
                c->progress = now;
                see_pace(c, (size_t)wrote);
            }
        }
        if (events & (POLLHUP | POLLERR))
            c->broken = true;
        if (c->broken)
            ring_clear(&c->out);
        bool asked = (polled[6 + i].events & POLLIN) != 0;
        if ((events & POLLIN) && wants_input(c)) /* another client may have filled the input meanwhile */
            alive = read_connection(c, (events & (POLLHUP | POLLERR)) != 0);
        else if (asked && (events & (POLLHUP | POLLERR)) && !(events & POLLIN))
            c->input_ended = true;
        if (!alive || !age(c))
            drop_connection(i);
    }
}

int supervise(struct supervised *s, int created) {
    me = s;
    read_clock();
    begun = now;
    state = PREPARING;
    if (created != 0) {
        kill_process();
        change_state(FAILED);
    }
    for (;;) {
        poll_all();
        read_clock();
        unsigned count = connection_count;
        /* In this order: the last message of the gate before the exit it explains, the output before the end of attach. */
        if (polled[1].revents)
            read_gate();
        else if (polled[2].revents && me->gate >= 0)
            gate_outlives();
        if (polled[2].revents && me->gate < 0)
            reap();
        for (int i = 0; i < 2; i++)
            if (polled[3 + i].revents)
                read_output(i);
        if (polled[5].revents)
            pump_input();
        finish_drain();
        serve_connections(count);
        if (input_eof && input.used == 0 && me->in >= 0)
            pump_input();
        if (polled[0].revents)
            accept_connection();
        else
            accept_paused = false;
        if ((state == PREPARING || state == CREATED) && !had_control && now - begun > me->config.grace_ms)
            abort_creation();
        if (state == EXITED && !recorded && !given_up)
            try_record();
        if (over())
            break;
    }
    leave_paths();
    if (given_up)
        unlink(record_temporary());
    return 0;
}
