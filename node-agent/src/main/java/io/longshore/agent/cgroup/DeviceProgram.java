package io.longshore.agent.cgroup;

import io.longshore.contracts.error.Failure;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * Device rules as an eBPF program, which version 2 has in place of the devices controller. The kernel runs it for each device
 * that a process opens or makes, with a struct bpf_cgroup_dev_ctx (linux/bpf.h): access in the upper half of the first word
 * and type in the lower, then major, then minor. It answers 1 if one rule covers all that is asked for, as the devices
 * controller does, else 0: then the call fails with EPERM. Pure.
 */
final class DeviceProgram {
    /** What every kernel takes in one program (BPF_MAXINSNS). */
    private static final int MOST_INSTRUCTIONS = 4096;

    /** A rule takes 8 instructions at most, the beginning and the end together 8. Docker's default has 12 rules. */
    static final int MOST_RULES = MOST_INSTRUCTIONS / 8 - 1;

    static final int BLOCK = 1;
    static final int CHARACTER = 2;
    static final int MKNOD = 1;
    static final int READ = 2;
    static final int WRITE = 4;

    private static final int INSTRUCTION = 8;
    private static final int ALL_ACCESS = MKNOD | READ | WRITE;

    // Operation codes of linux/bpf_common.h and linux/bpf.h, those that are used.
    private static final int LOAD_WORD = 0x61; // LDX | MEM | W
    private static final int MOVE = 0xb7; // ALU64 | MOV | K
    private static final int COPY = 0xbf; // ALU64 | MOV | X
    private static final int AND = 0x57; // ALU64 | AND | K
    private static final int SHIFT_RIGHT = 0x77; // ALU64 | RSH | K
    private static final int JUMP_IF_OTHER = 0x55; // JMP | JNE | K
    private static final int EXIT = 0x95; // JMP | EXIT

    // Registers: the kernel gives the context in 1 and takes the answer from 0.
    private static final int ANSWER = 0;
    private static final int CONTEXT = 1;
    private static final int TYPE = 2;
    private static final int ACCESS = 3;
    private static final int MAJOR = 4;
    private static final int MINOR = 5;
    private static final int SCRATCH = 6;

    private final ByteBuffer code =
            ByteBuffer.allocate(MOST_INSTRUCTIONS * INSTRUCTION).order(ByteOrder.LITTLE_ENDIAN);

    private DeviceProgram() {}

    /**
     * The instructions, of 8 bytes each. {@code Invalid} if there are more rules than a program can hold.
     *
     * @param rules what is allowed, at least one; all else is denied
     */
    static byte[] compile(List<DeviceRule> rules) {
        if (rules.isEmpty()) {
            throw new IllegalArgumentException("no device rules: attach no program, then every device may be used");
        }
        if (rules.size() > MOST_RULES) {
            throw new Failure.Invalid(
                    "too many device rules (" + rules.size() + "): a container can have at most " + MOST_RULES);
        }
        var program = new DeviceProgram();
        program.begin();
        rules.forEach(program::rule);
        program.answer(0);
        return Arrays.copyOf(program.code.array(), program.code.position());
    }

    private void begin() {
        load(TYPE, 0);
        load(MAJOR, 4);
        load(MINOR, 8);
        emit(COPY, ACCESS, TYPE, 0, 0);
        emit(SHIFT_RIGHT, ACCESS, 0, 0, 16);
        emit(AND, TYPE, 0, 0, 0xffff);
    }

    /** Answers yes, or goes on behind it. */
    private void rule(DeviceRule rule) {
        int denied = ALL_ACCESS & ~access(rule);
        int length = 3
                + (denied == 0 ? 0 : 3)
                + (rule.major() == DeviceRule.ANY ? 0 : 1)
                + (rule.minor() == DeviceRule.ANY ? 0 : 1);
        int end = code.position() + length * INSTRUCTION;
        leaveIfOther(TYPE, rule.type() == 'b' ? BLOCK : CHARACTER, end);
        if (rule.major() != DeviceRule.ANY) {
            leaveIfOther(MAJOR, rule.major(), end);
        }
        if (rule.minor() != DeviceRule.ANY) {
            leaveIfOther(MINOR, rule.minor(), end);
        }
        if (denied != 0) {
            emit(COPY, SCRATCH, ACCESS, 0, 0);
            emit(AND, SCRATCH, 0, 0, denied);
            leaveIfOther(SCRATCH, 0, end);
        }
        answer(1);
    }

    private static int access(DeviceRule rule) {
        return (rule.access().contains("m") ? MKNOD : 0)
                | (rule.access().contains("r") ? READ : 0)
                | (rule.access().contains("w") ? WRITE : 0);
    }

    private void load(int register, int offset) {
        emit(LOAD_WORD, register, CONTEXT, offset, 0);
    }

    /** A jump counts from the instruction behind it. */
    private void leaveIfOther(int register, int value, int end) {
        emit(JUMP_IF_OTHER, register, 0, (end - code.position()) / INSTRUCTION - 1, value);
    }

    private void answer(int value) {
        emit(MOVE, ANSWER, 0, 0, value);
        emit(EXIT, 0, 0, 0, 0);
    }

    /** struct bpf_insn: code, destination in the lower and source in the upper half of a byte, offset, immediate value. */
    private void emit(int operation, int destination, int source, int offset, int value) {
        code.put((byte) operation)
                .put((byte) (source << 4 | destination))
                .putShort((short) offset)
                .putInt(value);
    }
}
