package io.longshore.agent.linux;

/** Flags and numbers of the calls that make and shape processes (sched.h, signal.h, sys/prctl.h, sys/resource.h). */
public final class ProcessFlags {
    public static final long CLONE_NEWTIME = 0x80L;
    public static final long CLONE_NEWNS = 0x20000L;
    public static final long CLONE_NEWCGROUP = 0x2000000L;
    public static final long CLONE_NEWUTS = 0x4000000L;
    public static final long CLONE_NEWIPC = 0x8000000L;
    public static final long CLONE_NEWUSER = 0x10000000L;
    public static final long CLONE_NEWPID = 0x20000000L;
    public static final long CLONE_NEWNET = 0x40000000L;

    public static final int SIGHUP = 1;
    public static final int SIGINT = 2;
    public static final int SIGQUIT = 3;
    public static final int SIGILL = 4;
    public static final int SIGABRT = 6;
    public static final int SIGKILL = 9;
    public static final int SIGUSR1 = 0xa;
    public static final int SIGSEGV = 0xb;
    public static final int SIGUSR2 = 0xc;
    public static final int SIGPIPE = 0xd;
    public static final int SIGTERM = 0xf;
    public static final int SIGCHLD = 0x11;
    public static final int SIGCONT = 0x12;
    public static final int SIGSTOP = 0x13;
    public static final int SIGWINCH = 0x1c;

    public static final int PR_SET_PDEATHSIG = 1;
    public static final int PR_SET_DUMPABLE = 4;
    public static final int PR_SET_KEEPCAPS = 8;
    public static final int PR_SET_NAME = 0xf;
    public static final int PR_CAPBSET_DROP = 0x18;
    public static final int PR_SET_SECUREBITS = 0x1c;
    public static final int PR_SET_NO_NEW_PRIVS = 0x26;
    public static final int PR_CAP_AMBIENT = 0x2f;
    public static final int PR_SET_CHILD_SUBREAPER = 0x24;

    public static final int PR_CAP_AMBIENT_RAISE = 2;
    public static final int PR_CAP_AMBIENT_CLEAR_ALL = 4;

    public static final int SECCOMP_SET_MODE_FILTER = 1;
    public static final int SECCOMP_FILTER_FLAG_LOG = 2;
    public static final int SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4;

    public static final int KEYCTL_JOIN_SESSION_KEYRING = 1;

    public static final int RLIMIT_CPU = 0;
    public static final int RLIMIT_FSIZE = 1;
    public static final int RLIMIT_DATA = 2;
    public static final int RLIMIT_STACK = 3;
    public static final int RLIMIT_CORE = 4;
    public static final int RLIMIT_RSS = 5;
    public static final int RLIMIT_NPROC = 6;
    public static final int RLIMIT_NOFILE = 7;
    public static final int RLIMIT_MEMLOCK = 8;
    public static final int RLIMIT_AS = 9;
    public static final int RLIMIT_LOCKS = 0xa;
    public static final int RLIMIT_SIGPENDING = 0xb;
    public static final int RLIMIT_MSGQUEUE = 0xc;
    public static final int RLIMIT_NICE = 0xd;
    public static final int RLIMIT_RTPRIO = 0xe;
    public static final int RLIMIT_RTTIME = 0xf;

    public static final int CLOSE_RANGE_CLOEXEC = 4;

    public static final int MFD_CLOEXEC = 1;
    public static final int MFD_ALLOW_SEALING = 2;

    public static final int F_SEAL_SEAL = 1;
    public static final int F_SEAL_SHRINK = 2;
    public static final int F_SEAL_GROW = 4;
    public static final int F_SEAL_WRITE = 8;

    public static final int TIOCSCTTY = 0x540e;
    public static final int TIOCSPTLCK = 0x40045431;
    public static final int TIOCGPTPEER = 0x5441;
    public static final int TIOCSWINSZ = 0x5414;

    private ProcessFlags() {}
}
