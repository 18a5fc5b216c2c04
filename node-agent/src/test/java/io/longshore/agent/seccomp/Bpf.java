package io.longshore.agent.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What the kernel would answer. */
final class Bpf {
    private Bpf() {}

    /** Interprets the few instructions that seccomp filters consist of (linux/filter.h). */
    static int run(byte[] filter, int architecture, int number, long... arguments) {
        ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        data.putInt(0, number).putInt(4, architecture);
        for (int i = 0; i < arguments.length; i++) {
            data.putLong(16 + 8 * i, arguments[i]);
        }
        ByteBuffer code = ByteBuffer.wrap(filter).order(ByteOrder.LITTLE_ENDIAN);
        int accumulator = 0;
        for (int at = 0; ; at++) {
            int operation = code.getShort(at * 8) & 0xffff;
            int value = code.getInt(at * 8 + 4);
            boolean test;
            switch (operation) {
                case 0x20 -> {
                    accumulator = data.getInt(value);
                    continue;
                }
                case 0x54 -> {
                    accumulator &= value;
                    continue;
                }
                case 0x05 -> {
                    at += value;
                    continue;
                }
                case 0x06 -> {
                    return value;
                }
                case 0x15 -> test = accumulator == value;
                case 0x25 -> test = Integer.compareUnsigned(accumulator, value) > 0;
                case 0x35 -> test = Integer.compareUnsigned(accumulator, value) >= 0;
                default -> throw new AssertionError("instruction 0x" + Integer.toHexString(operation));
            }
            at += code.get(at * 8 + (test ? 2 : 3)) & 0xff;
        }
    }
}
