/* The gate between supervisor and process: of what a process under attack may send, no descriptor stays. */
#define _GNU_SOURCE
#include "run.h"

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int descriptors(void) {
    DIR *list = opendir("/proc/self/fd");
    int count = 0;
    assert(list != NULL);
    while (readdir(list) != NULL)
        count++;
    closedir(list);
    return count;
}

static void send_some(int gate, const int *fds, size_t count) {
    char byte = 1, control[CMSG_SPACE(8 * sizeof(int))];
    struct iovec data = {&byte, 1};
    struct msghdr header = {.msg_iov = &data, .msg_iovlen = 1};
    memset(control, 0, sizeof control);
    header.msg_control = control;
    header.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *c = CMSG_FIRSTHDR(&header);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(c), fds, count * sizeof(int));
    assert(sendmsg(gate, &header, 0) == 1);
}

int main(void) {
    int gate[2], fds[8], fd;
    char byte;
    assert(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, gate) == 0);
    for (size_t i = 0; i < 8; i++)
        assert((fds[i] = open("/dev/null", O_RDONLY)) >= 0);
    int before = descriptors();
    for (size_t count = 1; count <= 8; count++) {
        send_some(gate[0], fds, count);
        assert(gate_receive(gate[1], &byte, 1, &fd) == 1);
        assert(fd >= 0 && descriptors() == before + 1);
        close(fd);
    }
    assert(gate_send(gate[0], &byte, 1, -1) == 0 && gate_receive(gate[1], &byte, 1, &fd) == 1 && fd == -1);
    close(gate[0]);
    assert(gate_receive(gate[1], &byte, 1, &fd) == 0 && fd == -1);
    puts("gate: ok");
    return 0;
}
