package io.longshore.agent.linux.jna;

import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.FileSystemStatus;
import io.longshore.agent.linux.RawPath;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** C structures that are the same on x86-64 and arm64, to and from Java. */
final class Structs {
    static final int STATX_SIZE = 256;
    /** sun_path's size, less the terminator. */
    private static final int UNIX_PATH_MAX = 107;

    private Structs() {}

    /** struct statx (linux/stat.h). */
    static FileStatus fileStatus(byte[] statx) {
        ByteBuffer b = ByteBuffer.wrap(statx).order(ByteOrder.nativeOrder());
        return new FileStatus(
                b.getShort(0x1c) & 0xffff,
                b.getInt(0x14),
                b.getInt(0x18),
                b.getLong(0x28),
                b.getLong(0x20),
                b.getInt(0x10) & 0xffffffffL,
                b.getLong(0x30),
                FileStatus.device(b.getInt(0x88), b.getInt(0x8c)),
                FileStatus.device(b.getInt(0x80), b.getInt(0x84)),
                time(b, 0x40),
                time(b, 0x70),
                time(b, 0x60),
                b.getLong(0x90));
    }

    /** struct linux_dirent64 records (getdents64(2)): inode, offset, record length at 16, type at 18, name from 19. */
    static void directoryEntries(byte[] records, int length, List<String> into) {
        ByteBuffer b = ByteBuffer.wrap(records).order(ByteOrder.nativeOrder());
        for (int at = 0; at < length; at += b.getShort(at + 16) & 0xffff) {
            int end = at + 19;
            while (records[end] != 0) {
                end++;
            }
            String name = RawPath.of(Arrays.copyOfRange(records, at + 19, end));
            if (!name.equals(".") && !name.equals("..")) {
                into.add(name);
            }
        }
    }

    private static Instant time(ByteBuffer b, int at) {
        return Instant.ofEpochSecond(b.getLong(at), b.getInt(at + 8));
    }

    /** struct statfs (asm-generic/statfs.h, 64-bit): type, bsize, blocks, bfree, bavail, files, ffree, ... */
    static FileSystemStatus fileSystemStatus(long[] s) {
        return new FileSystemStatus(s[0], s[1], s[2], s[3], s[4], s[5], s[6]);
    }

    /** struct sockaddr_un. */
    static byte[] unixAddress(String path) {
        byte[] name = RawPath.bytes(path);
        if (name.length == 0 || name.length > UNIX_PATH_MAX) {
            throw new IllegalArgumentException(
                    "a unix socket's path has 1 to " + UNIX_PATH_MAX + " bytes, this has " + name.length + ": " + path);
        }
        byte[] address = Arrays.copyOf(new byte[] {SysSocket.AF_UNIX, 0}, 2 + name.length + 1);
        if (ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN) {
            throw new IllegalStateException("big-endian machines are not supported");
        }
        System.arraycopy(name, 0, address, 2, name.length);
        return address;
    }
}
