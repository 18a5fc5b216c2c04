package io.longshore.agent.linux;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;

/**
 * The system calls that the agent process itself makes. What a container's first process does is in a stage program.
 *
 * <p>Each method is the call of that name in section 2 of the manual, and throws {@link ErrnoException} with its error; EINTR
 * is retried. Descriptors that come back are close-on-exec. Paths follow {@link RawPath}. Thread-safe. A call that may wait
 * for a disk or another process (mount, fsync, syncfs, posixSpawn, umount2) belongs on a {@link NativePool}, never on a
 * virtual thread: two of those stop a two-core JVM.
 */
public interface Syscalls {
    // ---- paths

    /** Opens beneath {@code dir} under the RESOLVE_ flags; {@code mode} counts only with O_CREAT. */
    Fd openat2(Fd dir, String path, int flags, int mode, int resolve) throws ErrnoException;

    /** Opens a host path: one the agent itself made, never one from an image or a container. */
    default Fd open(String path, int flags, int mode) throws ErrnoException {
        return openat2(Fd.CWD, path, flags, mode, 0);
    }

    void mkdirat(Fd dir, String path, int mode) throws ErrnoException;

    /** The mode includes the type, as S_IFCHR | 0600; the device is from {@link FileStatus#device}. */
    void mknodat(Fd dir, String path, int mode, long device) throws ErrnoException;

    void symlinkat(String target, Fd dir, String path) throws ErrnoException;

    void linkat(Fd from, String fromPath, Fd to, String toPath, int flags) throws ErrnoException;

    void unlinkat(Fd dir, String path, int flags) throws ErrnoException;

    void renameat2(Fd from, String fromPath, Fd to, String toPath, int flags) throws ErrnoException;

    /** The target of a symlink; an empty path reads {@code dir} itself if it was opened with O_PATH | O_NOFOLLOW. */
    String readlinkat(Fd dir, String path) throws ErrnoException;

    /** The file's status; an empty path with AT_EMPTY_PATH is {@code dir} itself. */
    FileStatus statx(Fd dir, String path, int flags) throws ErrnoException;

    FileSystemStatus statfs(String path) throws ErrnoException;

    /**
     * The next names in a directory opened for reading, without {@code .} and {@code ..} (getdents64): some hundred at most, from where the
     * last call ended; empty at the end.
     */
    List<String> nextEntries(Fd dir) throws ErrnoException;

    // ---- attributes

    void fchownat(Fd dir, String path, int uid, int gid, int flags) throws ErrnoException;

    /** Changes permissions, following symlinks. With {@link Fd#procPath} it changes the very file of an O_PATH descriptor. */
    void fchmodat(Fd dir, String path, int mode) throws ErrnoException;

    void utimensat(Fd dir, String path, Instant accessed, Instant modified, int flags) throws ErrnoException;

    /** Follows symlinks; give {@link Fd#procPath} for the file of a descriptor, O_PATH or not. */
    void setxattr(String path, String name, byte[] value) throws ErrnoException;

    byte[] getxattr(String path, String name) throws ErrnoException;

    List<String> listxattr(String path) throws ErrnoException;

    void removexattr(String path, String name) throws ErrnoException;

    /**
     * Adds to the flags that chattr(1) shows, FS_ constants of linux/fs.h, on a descriptor opened for reading (ioctl_iflags(2)). ENOTTY or
     * EOPNOTSUPP from a file system that has none of them.
     */
    void addInodeFlags(Fd file, int flags) throws ErrnoException;

    // ---- data

    /** Bytes read into the buffer (its position moves); 0 at the end of the file. */
    int read(Fd fd, ByteBuffer into) throws ErrnoException;

    int pread(Fd fd, ByteBuffer into, long offset) throws ErrnoException;

    /** Bytes written (the position moves); may be fewer than remain. */
    int write(Fd fd, ByteBuffer from) throws ErrnoException;

    /**
     * Moves where the next read or write is, and answers that.
     *
     * @param whence SEEK_SET, or SEEK_DATA or SEEK_HOLE of {@link OpenFlags}, which are ENXIO behind the last data
     */
    long lseek(Fd fd, long offset, int whence) throws ErrnoException;

    /**
     * Lets one file share all blocks of another until either is written to (ioctl_ficlone(2)). EOPNOTSUPP, EXDEV, EINVAL or ENOTTY where
     * the file systems cannot.
     */
    void cloneContent(Fd from, Fd to) throws ErrnoException;

    void ftruncate(Fd fd, long size) throws ErrnoException;

    void fsync(Fd fd) throws ErrnoException;

    void syncfs(Fd fd) throws ErrnoException;

    /** flock(2) without waiting: false if another process holds it. */
    boolean tryLock(Fd fd) throws ErrnoException;

    SocketPair socketPair() throws ErrnoException;

    /** A read of this socket that nothing came for in that time is {@code EAGAIN} (socket(7), SO_RCVTIMEO). */
    void receiveWithin(Fd socket, Duration patience) throws ErrnoException;

    /** Sends a message of one byte with descriptors, of which the receiver gets copies (unix(7), SCM_RIGHTS). No signal is raised. */
    void sendDescriptors(Fd socket, List<Fd> descriptors) throws ErrnoException;

    Fd dup(Fd fd) throws ErrnoException;

    /** An anonymous file; sealable. */
    Fd memfdCreate(String name) throws ErrnoException;

    /** fcntl(F_ADD_SEALS) with F_SEAL_ flags. */
    void addSeals(Fd memfd, int seals) throws ErrnoException;

    int seals(Fd memfd) throws ErrnoException;

    // ---- mounts

    /** Type and data may be empty. */
    void mount(String source, String target, String type, long flags, String data) throws ErrnoException;

    void umount2(String target, int flags) throws ErrnoException;

    Fd openTree(Fd dir, String path, int flags) throws ErrnoException;

    void moveMount(Fd from, String fromPath, Fd to, String toPath, int flags) throws ErrnoException;

    Fd fsopen(String type) throws ErrnoException;

    /** FSCONFIG_SET_STRING; an empty value sets the key as a flag. Errors carry the context's own log. */
    void fsconfig(Fd context, String key, String value) throws ErrnoException;

    /** FSCONFIG_SET_FD: an option whose value is a descriptor, as overlay's {@code lowerdir+}. */
    void fsconfig(Fd context, String key, Fd value) throws ErrnoException;

    /** FSCONFIG_CMD_CREATE, then fsmount(2) with MOUNT_ATTR_ flags: a mount that is attached nowhere yet. */
    Fd fsmount(Fd context, int attributes) throws ErrnoException;

    void mountSetattr(Fd dir, String path, int flags, MountAttributes attributes) throws ErrnoException;

    /**
     * A socket of family netlink (netlink(7)) in the network namespace of the calling thread, to which the kernel's errors come with an
     * explanation (NETLINK_EXT_ACK).
     *
     * @param protocol NETLINK_ROUTE 0, NETLINK_NETFILTER 12
     * @param group whose messages come, by number; 0 for none
     */
    Fd netlink(int protocol, int group) throws ErrnoException;

    // ---- namespaces: only on a platform thread that is thrown away afterwards

    void unshare(long flags) throws ErrnoException;

    void setns(Fd namespace, long type) throws ErrnoException;

    // ---- processes

    /** The new process's id. Whoever spawns must {@link #reap} it. */
    int posixSpawn(SpawnRequest request) throws ErrnoException;

    /** Exit code or 128 + signal of a child that has ended, which is thereby gone; empty while it runs. Never waits. */
    OptionalInt reap(int pid) throws ErrnoException;

    void kill(int pid, int signal) throws ErrnoException;

    Fd pidfdOpen(int pid) throws ErrnoException;

    void pidfdSendSignal(Fd pidfd, int signal) throws ErrnoException;

    // ---- device programs: bpf(2)

    /**
     * Loads a program of type BPF_PROG_TYPE_CGROUP_DEVICE. The error carries what the kernel's verifier says.
     *
     * @param instructions struct bpf_insn after struct bpf_insn (linux/bpf.h), of 8 bytes each
     */
    Fd loadDeviceProgram(byte[] instructions) throws ErrnoException;

    /**
     * Has the program asked about each device that a process of this cgroup, or of one below it, opens or makes; beside the
     * programs that are there already, of which each must agree (BPF_F_ALLOW_MULTI). It stays until the cgroup is removed.
     *
     * @param cgroup a directory of a version 2 hierarchy
     */
    void attachDeviceProgram(Fd cgroup, Fd program) throws ErrnoException;

    // ---- sockets

    /** A listening stream socket of family unix at a path of at most 107 bytes, which must not exist. */
    Fd listenUnix(String path, int backlog) throws ErrnoException;
}
