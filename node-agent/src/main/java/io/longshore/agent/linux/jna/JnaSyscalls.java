package io.longshore.agent.linux.jna;

import static io.longshore.agent.linux.jna.Errors.check;

import com.sun.jna.Memory;
import io.longshore.agent.linux.Call;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.FileSystemStatus;
import io.longshore.agent.linux.MountAttributes;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.ProcessFlags;
import io.longshore.agent.linux.RawPath;
import io.longshore.agent.linux.SocketPair;
import io.longshore.agent.linux.SpawnRequest;
import io.longshore.agent.linux.Syscalls;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.ToLongFunction;

/** The real kernel. Stateless and thread-safe. */
public final class JnaSyscalls implements Syscalls {
    private static final int PATH_MAX = 4096;
    /** The largest extended attribute the kernel has (XATTR_SIZE_MAX). */
    private static final int XATTR_MAX = 65536;
    /** Of directories' entries at once: walks hold a block for each directory that they are in. */
    private static final int ENTRIES = 8192;
    /** linux/fs.h: the requests name a long, the kernel reads and writes an int. */
    private static final long GETFLAGS = 0x80086601L;

    private static final long SETFLAGS = 0x40086602L;
    /** linux/fs.h. */
    private static final long FICLONE = 0x40049409L;

    @Override
    public Fd openat2(Fd dir, String path, int flags, int mode, int resolve) throws ErrnoException {
        long[] how = {flags | OpenFlags.O_CLOEXEC, mode, resolve};
        byte[] name = RawPath.cString(path);
        return fd(check("openat2", path, () -> SysSyscall.syscall(nr(Call.OPENAT2), dir.number(), name, how, 24)));
    }

    @Override
    public void mkdirat(Fd dir, String path, int mode) throws ErrnoException {
        byte[] name = RawPath.cString(path);
        check("mkdirat", path, () -> SysStat.mkdirat(dir.number(), name, mode));
    }

    @Override
    public void mknodat(Fd dir, String path, int mode, long device) throws ErrnoException {
        byte[] name = RawPath.cString(path);
        check("mknodat", path, () -> SysStat.mknodat(dir.number(), name, mode, device));
    }

    @Override
    public void symlinkat(String target, Fd dir, String path) throws ErrnoException {
        byte[] to = RawPath.cString(target);
        byte[] name = RawPath.cString(path);
        check("symlinkat", path, () -> Unistd.symlinkat(to, dir.number(), name));
    }

    @Override
    public void linkat(Fd from, String fromPath, Fd to, String toPath, int flags) throws ErrnoException {
        byte[] source = RawPath.cString(fromPath);
        byte[] target = RawPath.cString(toPath);
        check("linkat", toPath, () -> Unistd.linkat(from.number(), source, to.number(), target, flags));
    }

    @Override
    public void unlinkat(Fd dir, String path, int flags) throws ErrnoException {
        byte[] name = RawPath.cString(path);
        check("unlinkat", path, () -> Unistd.unlinkat(dir.number(), name, flags));
    }

    @Override
    public void renameat2(Fd from, String fromPath, Fd to, String toPath, int flags) throws ErrnoException {
        byte[] source = RawPath.cString(fromPath);
        byte[] target = RawPath.cString(toPath);
        check(
                "renameat2",
                fromPath + " to " + toPath,
                () -> Unistd.renameat2(from.number(), source, to.number(), target, flags));
    }

    @Override
    public String readlinkat(Fd dir, String path) throws ErrnoException {
        byte[] name = RawPath.cString(path);
        byte[] into = new byte[PATH_MAX];
        long length = check("readlinkat", path, () -> Unistd.readlinkat(dir.number(), name, into, into.length));
        return RawPath.of(Arrays.copyOf(into, (int) length));
    }

    @Override
    public FileStatus statx(Fd dir, String path, int flags) throws ErrnoException {
        byte[] name = RawPath.cString(path);
        byte[] into = new byte[Structs.STATX_SIZE];
        check("statx", path, () -> SysStat.statx(dir.number(), name, flags, SysStat.STATX_BASIC_STATS_AND_MOUNT, into));
        return Structs.fileStatus(into);
    }

    @Override
    public FileSystemStatus statfs(String path) throws ErrnoException {
        byte[] name = RawPath.cString(path);
        long[] into = new long[16];
        check("statfs", path, () -> Unistd.statfs(name, into));
        return Structs.fileSystemStatus(into);
    }

    @Override
    public List<String> nextEntries(Fd dir) throws ErrnoException {
        var names = new ArrayList<String>();
        byte[] into = new byte[ENTRIES];
        int length;
        do {
            length = (int) check(
                    "getdents64", "", () -> SysSyscall.syscall(nr(Call.GETDENTS64), dir.number(), into, into.length));
            Structs.directoryEntries(into, length, names);
        } while (length > 0 && names.isEmpty());
        return names;
    }

    @Override
    public void fchownat(Fd dir, String path, int uid, int gid, int flags) throws ErrnoException {
        byte[] name = RawPath.cString(path);
        check("fchownat", path, () -> Unistd.fchownat(dir.number(), name, uid, gid, flags));
    }

    @Override
    public void fchmodat(Fd dir, String path, int mode) throws ErrnoException {
        byte[] name = RawPath.cString(path);
        check("fchmodat", path, () -> SysStat.fchmodat(dir.number(), name, mode, 0));
    }

    @Override
    public void utimensat(Fd dir, String path, Instant accessed, Instant modified, int flags) throws ErrnoException {
        byte[] name = RawPath.cString(path);
        long[] times = {accessed.getEpochSecond(), accessed.getNano(), modified.getEpochSecond(), modified.getNano()};
        check("utimensat", path, () -> SysStat.utimensat(dir.number(), name, times, flags));
    }

    @Override
    public void setxattr(String path, String name, byte[] value) throws ErrnoException {
        byte[] file = RawPath.cString(path);
        byte[] key = RawPath.cString(name);
        check("setxattr", name, () -> SysXattr.setxattr(file, key, value, value.length, 0));
    }

    @Override
    public byte[] getxattr(String path, String name) throws ErrnoException {
        byte[] file = RawPath.cString(path);
        byte[] key = RawPath.cString(name);
        return filled("getxattr", name, into -> SysXattr.getxattr(file, key, into, into.length));
    }

    @Override
    public List<String> listxattr(String path) throws ErrnoException {
        byte[] file = RawPath.cString(path);
        byte[] names = filled("listxattr", path, into -> SysXattr.listxattr(file, into, into.length));
        return names.length == 0
                ? List.of()
                : List.of(RawPath.of(Arrays.copyOf(names, names.length - 1)).split("\0"));
    }

    @Override
    public void removexattr(String path, String name) throws ErrnoException {
        byte[] file = RawPath.cString(path);
        byte[] key = RawPath.cString(name);
        check("removexattr", name, () -> SysXattr.removexattr(file, key));
    }

    @Override
    public void addInodeFlags(Fd file, int flags) throws ErrnoException {
        int[] word = new int[2];
        check("ioctl", "FS_IOC_GETFLAGS", () -> SysSyscall.syscall(nr(Call.IOCTL), file.number(), GETFLAGS, word));
        word[0] |= flags;
        check("ioctl", "FS_IOC_SETFLAGS", () -> SysSyscall.syscall(nr(Call.IOCTL), file.number(), SETFLAGS, word));
    }

    @Override
    public int read(Fd fd, ByteBuffer into) throws ErrnoException {
        return Buffers.fill(into, (at, size) -> check("read", "", () -> Unistd.read(fd.number(), at, size)));
    }

    @Override
    public int pread(Fd fd, ByteBuffer into, long offset) throws ErrnoException {
        return Buffers.fill(
                into, (at, size) -> check("pread64", "", () -> Unistd.pread(fd.number(), at, size, offset)));
    }

    @Override
    public int write(Fd fd, ByteBuffer from) throws ErrnoException {
        return Buffers.drain(from, (at, size) -> check("write", "", () -> Unistd.write(fd.number(), at, size)));
    }

    @Override
    public long lseek(Fd fd, long offset, int whence) throws ErrnoException {
        return check("lseek", "", () -> Unistd.lseek(fd.number(), offset, whence));
    }

    @Override
    public void cloneContent(Fd from, Fd to) throws ErrnoException {
        check("ioctl", "FICLONE", () -> SysSyscall.syscall(nr(Call.IOCTL), to.number(), FICLONE, from.number(), 0));
    }

    @Override
    public void ftruncate(Fd fd, long size) throws ErrnoException {
        check("ftruncate", "", () -> Unistd.ftruncate(fd.number(), size));
    }

    @Override
    public void fsync(Fd fd) throws ErrnoException {
        check("fsync", "", () -> Unistd.fsync(fd.number()));
    }

    @Override
    public void syncfs(Fd fd) throws ErrnoException {
        check("syncfs", "", () -> Unistd.syncfs(fd.number()));
    }

    @Override
    public boolean tryLock(Fd fd) throws ErrnoException {
        try {
            check("flock", "", () -> Unistd.flock(fd.number(), Unistd.LOCK_EX_NB));
            return true;
        } catch (ErrnoException e) {
            if (e.is(Errno.EAGAIN)) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public SocketPair socketPair() throws ErrnoException {
        int[] ends = new int[2];
        check(
                "socketpair",
                "unix",
                () -> SysSocket.socketpair(SysSocket.AF_UNIX, SysSocket.SOCK_SEQPACKET_CLOEXEC, 0, ends));
        return new SocketPair(fd(ends[0]), fd(ends[1]));
    }

    @Override
    public void receiveWithin(Fd socket, Duration patience) throws ErrnoException {
        long[] time = {patience.toSeconds(), patience.toNanosPart() / 1000};
        check(
                "setsockopt",
                "SO_RCVTIMEO",
                () -> SysSocket.setsockopt(
                        socket.number(), SysSocket.SOL_SOCKET, SysSocket.SO_RCVTIMEO, time, Long.BYTES * time.length));
    }

    @Override
    public void sendDescriptors(Fd socket, List<Fd> descriptors) throws ErrnoException {
        try (Memory message = Rights.message(descriptors)) {
            check(
                    "sendmsg",
                    descriptors.size() + " descriptors",
                    () -> SysSocket.sendmsg(socket.number(), message, SysSocket.MSG_NOSIGNAL));
        }
    }

    @Override
    public Fd dup(Fd fd) throws ErrnoException {
        // From 64 up: a descriptor so low that a spawned process's own numbers overwrite it is of no use there.
        return fd(check("fcntl", "F_DUPFD_CLOEXEC", () -> Fcntl.fcntl(fd.number(), Fcntl.F_DUPFD_CLOEXEC, 64)));
    }

    @Override
    public Fd memfdCreate(String name) throws ErrnoException {
        byte[] title = RawPath.cString(name);
        int flags = ProcessFlags.MFD_CLOEXEC | ProcessFlags.MFD_ALLOW_SEALING;
        return fd(check("memfd_create", name, () -> SysSyscall.syscall(nr(Call.MEMFD_CREATE), title, flags)));
    }

    @Override
    public void addSeals(Fd memfd, int seals) throws ErrnoException {
        check("fcntl", "F_ADD_SEALS", () -> Fcntl.fcntl(memfd.number(), Fcntl.F_ADD_SEALS, seals));
    }

    @Override
    public int seals(Fd memfd) throws ErrnoException {
        return (int) check("fcntl", "F_GET_SEALS", () -> Fcntl.fcntl(memfd.number(), Fcntl.F_GET_SEALS, 0));
    }

    @Override
    public void mount(String source, String target, String type, long flags, String data) throws ErrnoException {
        Mounts.mount(source, target, type, flags, data);
    }

    @Override
    public void umount2(String target, int flags) throws ErrnoException {
        byte[] path = RawPath.cString(target);
        check("umount2", target, () -> SysMount.umount2(path, flags));
    }

    @Override
    public Fd openTree(Fd dir, String path, int flags) throws ErrnoException {
        return fd(Mounts.openTree(dir, path, flags));
    }

    @Override
    public void moveMount(Fd from, String fromPath, Fd to, String toPath, int flags) throws ErrnoException {
        Mounts.moveMount(from, fromPath, to, toPath, flags);
    }

    @Override
    public Fd fsopen(String type) throws ErrnoException {
        return fd(Mounts.fsopen(type));
    }

    @Override
    public void fsconfig(Fd context, String key, String value) throws ErrnoException {
        Mounts.fsconfig(context, key, value);
    }

    @Override
    public void fsconfig(Fd context, String key, Fd value) throws ErrnoException {
        Mounts.fsconfig(context, key, value);
    }

    @Override
    public Fd fsmount(Fd context, int attributes) throws ErrnoException {
        return fd(Mounts.fsmount(context, attributes));
    }

    @Override
    public void mountSetattr(Fd dir, String path, int flags, MountAttributes attributes) throws ErrnoException {
        Mounts.setattr(dir, path, flags, attributes);
    }

    @Override
    public void unshare(long flags) throws ErrnoException {
        check("unshare", Long.toHexString(flags), () -> SysMount.unshare((int) flags));
    }

    @Override
    public void setns(Fd namespace, long type) throws ErrnoException {
        check("setns", Long.toHexString(type), () -> SysMount.setns(namespace.number(), (int) type));
    }

    @Override
    public int posixSpawn(SpawnRequest request) throws ErrnoException {
        return Processes.spawn(this, request);
    }

    @Override
    public OptionalInt reap(int pid) throws ErrnoException {
        return Processes.reap(pid);
    }

    @Override
    public void kill(int pid, int signal) throws ErrnoException {
        check("kill", pid + " signal " + signal, () -> Spawn.kill(pid, signal));
    }

    @Override
    public Fd pidfdOpen(int pid) throws ErrnoException {
        return fd(check(
                "pidfd_open", Integer.toString(pid), () -> SysSyscall.syscall(nr(Call.PIDFD_OPEN), pid, 0, 0, 0)));
    }

    @Override
    public void pidfdSendSignal(Fd pidfd, int signal) throws ErrnoException {
        check(
                "pidfd_send_signal",
                Integer.toString(signal),
                () -> SysSyscall.syscall(nr(Call.PIDFD_SEND_SIGNAL), pidfd.number(), signal, 0, 0));
    }

    @Override
    public Fd loadDeviceProgram(byte[] instructions) throws ErrnoException {
        return fd(Bpf.load(instructions));
    }

    @Override
    public void attachDeviceProgram(Fd cgroup, Fd program) throws ErrnoException {
        Bpf.attach(cgroup, program);
    }

    @Override
    public Fd listenUnix(String path, int backlog) throws ErrnoException {
        byte[] address = Structs.unixAddress(path);
        Fd socket = fd(
                check("socket", "unix", () -> SysSocket.socket(SysSocket.AF_UNIX, SysSocket.SOCK_STREAM_CLOEXEC, 0)));
        try {
            check("bind", path, () -> SysSocket.bind(socket.number(), address, address.length));
            check("listen", path, () -> SysSocket.listen(socket.number(), backlog));
            return socket;
        } catch (ErrnoException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public Fd netlink(int protocol, int group) throws ErrnoException {
        return fd(Netlink.open(protocol, group));
    }

    private static byte[] filled(String call, String detail, ToLongFunction<byte[]> read) throws ErrnoException {
        byte[] small = new byte[256];
        long length;
        try {
            length = check(call, detail, () -> read.applyAsLong(small));
            return Arrays.copyOf(small, (int) length);
        } catch (ErrnoException e) {
            if (!e.is(Errno.ERANGE)) {
                throw e;
            }
        }
        byte[] large = new byte[XATTR_MAX];
        length = check(call, detail, () -> read.applyAsLong(large));
        return Arrays.copyOf(large, (int) length);
    }

    private static Fd fd(long number) {
        return new Fd((int) number, JnaSyscalls::close);
    }

    private static void close(int number) {
        // Whatever close(2) answers, Linux has released the number.
        Unistd.close(number);
    }

    private static long nr(Call call) {
        return call.number();
    }
}
