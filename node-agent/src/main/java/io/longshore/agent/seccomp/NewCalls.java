package io.longshore.agent.seccomp;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * What stands before libseccomp's filter: system calls newer than the installed library are allowed by number, and calls newer
 * than the profile fail with ENOSYS instead of EPERM, so that a C library falls back to an older one (runc does so too).
 * Numbers from 403 on are the same on every architecture, and x32 adds a bit (asm/unistd.h).
 */
final class NewCalls {
    private static final int LOAD_WORD = 0x20;
    private static final int AND = 0x54;
    private static final int JUMP = 0x05;
    private static final int JUMP_EQUAL = 0x15;
    private static final int JUMP_GREATER = 0x25;
    private static final int JUMP_AT_LEAST = 0x35;
    private static final int RETURN = 0x06;

    private static final int OFFSET_NUMBER = 0;
    private static final int OFFSET_ARCHITECTURE = 4;
    private static final int ALLOW = 0x7fff0000;
    private static final int ERRNO_ENOSYS = 0x00050000 | 38;
    private static final int X32_BIT = 0x40000000;

    private static final boolean ARM64 = "aarch64".equals(System.getProperty("os.arch"));
    private static final int NATIVE = ARM64 ? 0xC00000B7 : 0xC000003E;
    private static final int COMPAT = ARM64 ? 0x40000028 : 0x40000003;

    private NewCalls() {}

    /**
     * @param allowed numbers that are allowed; none below {@code first}
     * @param first the lowest number that this decides
     * @param last the highest number the profile knows; what is above fails with ENOSYS
     */
    static byte[] before(byte[] filter, List<Integer> allowed, int first, int last) {
        var out = new ByteArrayOutputStream(filter.length + 64 + 8 * allowed.size());
        int n = allowed.size();
        // An unknown architecture is the filter's business: it kills.
        emit(out, LOAD_WORD, 0, 0, OFFSET_ARCHITECTURE);
        emit(out, JUMP_EQUAL, 1, 0, NATIVE);
        emit(out, JUMP_EQUAL, 0, n + 4, COMPAT);
        emit(out, LOAD_WORD, 0, 0, OFFSET_NUMBER);
        emit(out, AND, 0, 0, ~X32_BIT);
        emit(out, JUMP_AT_LEAST, 0, n + 1, first);
        for (int i = 0; i < n; i++) {
            emit(out, JUMP_EQUAL, n - i + 1, 0, allowed.get(i));
        }
        emit(out, JUMP_GREATER, 2, 0, last);
        emit(out, JUMP, 0, 0, 2);
        emit(out, RETURN, 0, 0, ALLOW);
        emit(out, RETURN, 0, 0, ERRNO_ENOSYS);
        out.writeBytes(filter);
        return out.toByteArray();
    }

    private static void emit(ByteArrayOutputStream out, int code, int ifTrue, int ifFalse, int value) {
        out.writeBytes(ByteBuffer.allocate(8)
                .order(ByteOrder.nativeOrder())
                .putShort((short) code)
                .put((byte) ifTrue)
                .put((byte) ifFalse)
                .putInt(value)
                .array());
    }
}
