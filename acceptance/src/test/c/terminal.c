/*
 * Runs a command in a terminal of its own: terminal ROWS COLUMNS COMMAND [ARGUMENT...]. Standard input is typed, standard output shows the
 * screen. A NUL on standard input begins an order to this program: "\0ROWS COLUMNS\n" changes the size. Ends with the command's status.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static char order[64];
static size_t ordered;
static int ordering;

static void put_all(int fd, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t wrote = write(fd, bytes, size);
        if (wrote < 0 && errno != EINTR)
            return;
        if (wrote > 0) {
            bytes += wrote;
            size -= (size_t)wrote;
        }
    }
}

static void type(int master, char c) {
    if (!ordering && c != 0) {
        put_all(master, &c, 1);
    } else if (!ordering) {
        ordering = 1;
        ordered = 0;
    } else if (c == '\n') {
        struct winsize size = {0};
        order[ordered] = 0;
        if (sscanf(order, "%hu %hu", &size.ws_row, &size.ws_col) == 2)
            ioctl(master, TIOCSWINSZ, &size);
        ordering = 0;
    } else if (ordered + 1 < sizeof order) {
        order[ordered++] = c;
    }
}

int main(int argc, char **argv) {
    if (argc < 4)
        return 125;
    struct winsize size = {.ws_row = (unsigned short)atoi(argv[1]), .ws_col = (unsigned short)atoi(argv[2])};
    int master;
    pid_t pid = forkpty(&master, NULL, NULL, &size);
    if (pid < 0)
        return 125;
    if (pid == 0) {
        execvp(argv[3], argv + 3);
        _exit(127);
    }
    char bytes[4096];
    int input = 0;
    for (;;) {
        struct pollfd files[2] = {{.fd = master, .events = POLLIN}, {.fd = input, .events = POLLIN}};
        if (poll(files, 2, -1) < 0 && errno != EINTR)
            break;
        if (files[0].revents != 0) {
            ssize_t got = read(master, bytes, sizeof bytes);
            if (got <= 0)
                break;
            put_all(1, bytes, (size_t)got);
        }
        if (files[1].revents != 0) {
            ssize_t got = read(0, bytes, sizeof bytes);
            if (got <= 0)
                input = -1; /* nobody types any more; the command goes on */
            for (ssize_t i = 0; i < got; i++)
                type(master, bytes[i]);
        }
    }
    int status;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
