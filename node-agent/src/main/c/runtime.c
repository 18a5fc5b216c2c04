#define _GNU_SOURCE
#include "runtime.h"

#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Set by the child of vfork, which shares this process's memory until its execve. */
static volatile int exec_error;

long run_to_end(const char *path, char *const arguments[], char *const environment[]) {
    exec_error = 0;
    const pid_t pid = vfork();
    if (pid < 0)
        return -1;
    if (pid == 0) {
        /* What waits for the gate ends with the supervisor; so does what it waits for. */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execve(path, arguments, environment);
        exec_error = errno;
        _exit(127);
    }
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    if (status == 0)
        return 0;
    errno = exec_error != 0 ? exec_error : ECHILD;
    return -1;
}

long pass_terminal(int listener, int gate) {
    char name[256];
    int terminal = -1;
    const int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0)
        return -1;
    const long got = gate_receive(connection, name, sizeof name, &terminal);
    close(connection);
    if (got <= 0 || terminal < 0) {
        errno = ENOTTY;
        return -1;
    }
    struct gate_message message = {.type = GATE_TERMINAL};
    const int sent = gate_send(gate, &message, sizeof message, terminal);
    close(terminal);
    return sent;
}

long hand_over(const char *pid_file, int gate) {
    char digits[24] = {0};
    const int file = open(pid_file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0)
        return -1;
    const ssize_t size = read(file, digits, sizeof digits - 1);
    close(file);
    const long pid = size > 0 ? strtol(digits, NULL, 10) : 0;
    if (pid <= 1) {
        errno = ESRCH;
        return -1;
    }
    const int pidfd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0u);
    if (pidfd < 0)
        return -1;
    struct gate_message message = {.type = GATE_FORKED};
    const int sent = gate_send(gate, &message, sizeof message, pidfd);
    close(pidfd);
    return sent;
}
