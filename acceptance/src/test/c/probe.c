/*
 * What a container looks like from inside: lines "section key = value", for SandboxComparisonRootIT. Process 1 of an image
 * that needs nothing else. It changes nothing that outlives it.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define LAST_CALL 470
#define PATIENCE_US 200000

extern char **environ;

/* Each line of a file with its number or, up to the separator, its name as the key. */
static void file(const char *section, const char *path, char separator) {
    char line[8192];
    FILE *in = fopen(path, "re");
    if (in == NULL) {
        printf("%s %s = %s\n", section, path, strerror(errno));
        return;
    }
    for (int number = 0; fgets(line, sizeof line, in) != NULL; number++) {
        line[strcspn(line, "\n")] = 0;
        char *value = separator ? strchr(line, separator) : NULL;
        if (value == NULL) {
            printf("%s %d = %s\n", section, number, line);
            continue;
        }
        *value++ = 0;
        printf("%s %s = %s\n", section, line, value);
    }
    fclose(in);
}

static void entry(const char *section, const char *path) {
    struct stat s;
    if (lstat(path, &s) != 0) {
        printf("%s %s = %s\n", section, path, strerror(errno));
        return;
    }
    char target[PATH_MAX] = "";
    if (S_ISLNK(s.st_mode)) {
        ssize_t size = readlink(path, target, sizeof target - 1);
        target[size < 0 ? 0 : size] = 0;
    }
    printf("%s %s = %o %u:%u %u:%u %s\n", section, path, s.st_mode, s.st_uid, s.st_gid, major(s.st_rdev), minor(s.st_rdev),
           target);
}

static void tree(const char *section, const char *path, int depth) {
    entry(section, path);
    struct stat s;
    if (depth == 0 || lstat(path, &s) != 0 || !S_ISDIR(s.st_mode))
        return;
    struct dirent **names;
    int count = scandir(path, &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char below[PATH_MAX];
        if (strcmp(names[i]->d_name, ".") != 0 && strcmp(names[i]->d_name, "..") != 0
            && snprintf(below, sizeof below, "%s/%s", strcmp(path, "/") == 0 ? "" : path, names[i]->d_name) > 0)
            tree(section, below, depth - 1);
        free(names[i]);
    }
    if (count >= 0)
        free(names);
}

static void descriptors(void) {
    for (int fd = 0; fd < 1024; fd++) {
        char path[64], target[PATH_MAX];
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        ssize_t size = readlink(path, target, sizeof target - 1);
        if (size >= 0) {
            target[size] = 0;
            printf("descriptor %d = %s %o\n", fd, target, fcntl(fd, F_GETFL) & O_ACCMODE);
        }
    }
}

static void limits(void) {
    for (int i = 0; i < RLIM_NLIMITS; i++) {
        struct rlimit limit;
        if (getrlimit(i, &limit) == 0)
            printf("limit %d = %llu %llu\n", i, (unsigned long long)limit.rlim_cur, (unsigned long long)limit.rlim_max);
    }
}

static void process(void) {
    char directory[PATH_MAX], host[256], domain[256];
    mode_t mask = umask(0);
    umask(mask);
    printf("process umask = %o\n", mask);
    printf("process directory = %s\n", getcwd(directory, sizeof directory) ? directory : strerror(errno));
    printf("process ids = pid %d parent %d group %d session %d\n", getpid(), getppid(), getpgrp(), getsid(0));
    printf("process securebits = %d\n", prctl(PR_GET_SECUREBITS));
    printf("process dumpable = %d\n", prctl(PR_GET_DUMPABLE));
    printf("process nice = %d\n", getpriority(PRIO_PROCESS, 0));
    printf("process death signal = %d\n", ({ int number = 0; prctl(PR_GET_PDEATHSIG, &number); number; }));
    printf("process subreaper = %d\n", ({ int yes = 0; prctl(PR_GET_CHILD_SUBREAPER, &yes); yes; }));
    gethostname(host, sizeof host);
    printf("process domain = %s\n", getdomainname(domain, sizeof domain) == 0 ? domain : strerror(errno));
    file("oom", "/proc/self/oom_score_adj", 0);
    file("personality", "/proc/self/personality", 0);
    file("loginuid", "/proc/self/loginuid", 0);
    for (char **variable = environ; *variable != NULL; variable++)
        printf("environment %s\n", *variable);
}

/* A call that answers at once with a wrong number, pointer or descriptor; in a child, since some end or stop who makes them. */
static void call(int number) {
    int answer[2], status;
    if (number == SYS_vfork || number == SYS_sync) { /* shares a stack with this code; works on every disk of the machine */
        printf("call %d = not made\n", number);
        return;
    }
    fflush(stdout);
    if (pipe2(answer, O_CLOEXEC) != 0)
        return;
    pid_t child = fork();
    if (child == 0) {
        struct itimerval patience = {.it_value = {.tv_usec = PATIENCE_US}};
        int out = fcntl(answer[1], F_DUPFD_CLOEXEC, 200);
        setitimer(ITIMER_REAL, &patience, NULL);
        errno = 0;
        /* Whether there is any other process, as what fork left a moment ago, is not to be told. */
        long first = number == SYS_kill ? 0x7fffffffL : -1L;
        long result = syscall(number, first, -1L, -1L, -1L, -1L, -1L);
        int error = result < 0 ? errno : 0;
        if (write(out, &error, sizeof error) < 0)
            _exit(99);
        _exit(0);
    }
    close(answer[1]);
    waitpid(child, &status, 0);
    int error;
    ssize_t size = read(answer[0], &error, sizeof error);
    close(answer[0]);
    if (size == sizeof error)
        printf("call %d = %s\n", number, error == 0 ? "done" : strerrorname_np(error) ? strerrorname_np(error) : "?");
    else if (WIFSIGNALED(status))
        printf("call %d = signal %d\n", number, WTERMSIG(status));
    else
        printf("call %d = exit\n", number);
    while (waitpid(-1, NULL, WNOHANG) > 0) /* what calls left behind */
        ;
}

int main(void) {
    static const char *const paths[] = {"/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/proc/scsi", "/proc/acpi",
                                        "/proc/asound", "/proc/interrupts", "/proc/latency_stats", "/proc/timer_stats", "/proc/sysrq-trigger",
                                        "/proc/sys/kernel/core_pattern", "/proc/bus", "/proc/fs", "/proc/irq", "/sys/firmware",
                                        "/sys/devices/virtual/powercap", "/.dockerenv", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf"};
    static const char *const parameters[] = {"/proc/sys/net/ipv4/ip_unprivileged_port_start", "/proc/sys/net/ipv4/ping_group_range",
                                             "/proc/sys/net/ipv4/ip_forward", "/proc/sys/kernel/shmmax", "/proc/sys/fs/mqueue/msg_max"};
    descriptors();
    process();
    limits();
    file("status", "/proc/self/status", ':');
    file("mount", "/proc/self/mountinfo", 0);
    file("cgroup", "/proc/self/cgroup", 0);
    file("interface", "/proc/net/dev", ':');
    tree("cgroups", "/sys/fs/cgroup", 1);
    tree("device", "/dev", 2);
    tree("root", "/", 1);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        entry("path", paths[i]);
        int fd = open(paths[i], O_WRONLY | O_CLOEXEC);
        printf("write %s = %s\n", paths[i], fd >= 0 ? "opened" : strerrorname_np(errno));
        if (fd >= 0)
            close(fd);
    }
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
        file("parameter", parameters[i], 0);
    for (int number = 0; number <= LAST_CALL; number++)
        call(number);
    return 0;
}
