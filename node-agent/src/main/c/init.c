/*
 * The init of a container that asks for one (docker run --init): process 1, which runs the container's command as its
 * child, passes signals on to it, reaps whatever becomes its child, and ends as the command did.
 *
 *   argv: NAME -- COMMAND [ARGUMENT...]
 *
 * It is executed from a sealed memory file with all that the command is to have (user, capabilities, filter, limits)
 * already in force, and holds no descriptor but 0, 1 and 2. When it ends the kernel kills all that is left in its process
 * id namespace; without one of its own (--pid host) it adopts orphans as a subreaper.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is sent to this process because of what it does itself, not for the command. */
static const int own[] = {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGABRT, SIGTRAP, SIGSYS, SIGTTIN, SIGTTOU};

static void say(const char *what, const char *command) {
    char line[512];
    int size = snprintf(line, sizeof line, "docker-init: %s %.300s: %s\n", what, command, strerror(errno));
    if (size > 0 && write(2, line, (size_t)size) < 0)
        return; /* nobody to tell */
}

/* The command is a process group of its own, in the foreground of a terminal if there is one, so that ^C reaches it. */
static _Noreturn void become(char **command, const sigset_t *before) {
    setpgid(0, 0);
    if (isatty(0)) {
        struct sigaction ignore = {.sa_handler = SIG_IGN}, old;
        sigaction(SIGTTOU, &ignore, &old);
        tcsetpgrp(0, getpgrp());
        sigaction(SIGTTOU, &old, NULL);
    }
    sigprocmask(SIG_SETMASK, before, NULL);
    execvp(command[0], command);
    int code = errno == ENOENT || errno == ENOTDIR ? 127 : 126;
    say("cannot execute", command[0]);
    _exit(code);
}

/* Takes in every process that has ended; the command's outcome, or -1 while it runs. */
static int reap(pid_t command) {
    int outcome = -1, status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (pid == command)
            outcome = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return outcome;
}

int main(int argc, char **argv) {
    if (argc < 3 || strcmp(argv[1], "--") != 0) {
        errno = EINVAL;
        say("want", "-- COMMAND");
        return 125;
    }
    prctl(PR_SET_NAME, "docker-init");
    if (getpid() != 1)
        prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigset_t all, before;
    sigfillset(&all);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        sigdelset(&all, own[i]);
    sigprocmask(SIG_BLOCK, &all, &before);
    const pid_t command = fork();
    if (command < 0) {
        say("cannot fork for", argv[2]);
        return 126;
    }
    if (command == 0)
        become(argv + 2, &before);
    for (;;) {
        siginfo_t what;
        const int number = sigwaitinfo(&all, &what);
        if (number == SIGCHLD) {
            const int outcome = reap(command);
            if (outcome >= 0)
                return outcome;
        } else if (number > 0) {
            kill(command, number); /* it may have ended a moment ago; then SIGCHLD is next */
        }
    }
}
