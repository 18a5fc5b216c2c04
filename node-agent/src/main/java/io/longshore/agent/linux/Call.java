package io.longshore.agent.linux;

import java.util.Locale;

/**
 * System calls that a stage program may make, with their numbers on x86-64 and on arm64 (asm/unistd_64.h and
 * asm-generic/unistd.h). The constant's name in lower case is the call's name in section 2 of the manual.
 */
public enum Call {
    READ(0, 63),
    WRITE(1, 64),
    PREAD64(17, 67),
    PWRITE64(18, 68),
    OPENAT(257, 56),
    OPENAT2(437, 437),
    CLOSE(3, 57),
    CLOSE_RANGE(436, 436),
    DUP(32, 23),
    DUP3(292, 24),
    FCNTL(72, 25),
    IOCTL(16, 29),
    FTRUNCATE(77, 46),
    FALLOCATE(285, 47),
    LSEEK(8, 62),
    STATFS(137, 43),
    FSTATFS(138, 44),
    NEWFSTATAT(262, 79),
    STATX(332, 291),
    FACCESSAT(269, 48),
    MKDIRAT(258, 34),
    MKNODAT(259, 33),
    SYMLINKAT(266, 36),
    LINKAT(265, 37),
    UNLINKAT(263, 35),
    RENAMEAT2(316, 276),
    READLINKAT(267, 78),
    FCHOWN(93, 55),
    FCHOWNAT(260, 54),
    FCHMOD(91, 52),
    FCHMODAT(268, 53),
    FCHMODAT2(452, 452),
    UTIMENSAT(280, 88),
    UMASK(95, 166),
    SETXATTR(188, 5),
    LSETXATTR(189, 6),
    FSETXATTR(190, 7),
    GETDENTS64(217, 61),
    GETXATTR(191, 8),
    FGETXATTR(193, 10),
    REMOVEXATTR(197, 14),
    CHDIR(80, 49),
    FCHDIR(81, 50),
    CHROOT(161, 51),
    PIVOT_ROOT(155, 41),
    MOUNT(165, 40),
    UMOUNT2(166, 39),
    OPEN_TREE(428, 428),
    MOVE_MOUNT(429, 429),
    FSOPEN(430, 430),
    FSCONFIG(431, 431),
    FSMOUNT(432, 432),
    FSPICK(433, 433),
    MOUNT_SETATTR(442, 442),
    CLONE3(435, 435),
    UNSHARE(272, 97),
    SETNS(308, 268),
    SETHOSTNAME(170, 161),
    SETDOMAINNAME(171, 162),
    SETUID(105, 146),
    SETGID(106, 144),
    SETREUID(113, 145),
    SETREGID(114, 143),
    SETRESUID(117, 147),
    SETRESGID(119, 149),
    SETGROUPS(116, 159),
    SETFSUID(122, 151),
    SETFSGID(123, 152),
    CAPSET(126, 91),
    CAPGET(125, 90),
    PRCTL(157, 167),
    SECCOMP(317, 277),
    KEYCTL(250, 219),
    PERSONALITY(135, 92),
    PRLIMIT64(302, 261),
    SETPRIORITY(141, 140),
    IOPRIO_SET(251, 30),
    SCHED_SETAFFINITY(203, 122),
    SCHED_SETSCHEDULER(144, 119),
    SETSID(112, 157),
    SETPGID(109, 154),
    GETPID(39, 172),
    GETTID(186, 178),
    KILL(62, 129),
    PIDFD_OPEN(434, 434),
    PIDFD_SEND_SIGNAL(424, 424),
    WAIT4(61, 260),
    WAITID(247, 95),
    EXECVE(59, 221),
    EXECVEAT(322, 281),
    EXIT_GROUP(231, 94),
    MEMFD_CREATE(319, 279),
    FSYNC(74, 82),
    SYNCFS(306, 267),
    SYNC_FILE_RANGE(277, 84),
    SOCKET(41, 198),
    CONNECT(42, 203),
    BIND(49, 200),
    LISTEN(50, 201),
    SENDMSG(46, 211),
    RECVMSG(47, 212),
    SENDTO(44, 206),
    PIPE2(293, 59),
    RT_SIGACTION(13, 134),
    RT_SIGPROCMASK(14, 135),
    NANOSLEEP(35, 101),
    FLOCK(73, 32),
    BPF(321, 280);

    private final int number;

    Call(int x86, int arm64) {
        this.number = "aarch64".equals(System.getProperty("os.arch")) ? arm64 : x86;
    }

    /** The number on this machine. */
    public int number() {
        return number;
    }

    /** As the manual and strace print it: {@code openat2}. */
    public String title() {
        return name().toLowerCase(Locale.ROOT);
    }
}
