package io.longshore.agent.stage;

import io.longshore.agent.linux.RawPath;
import io.longshore.agent.stage.StageProgram.Section;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a program in the format that {@code src/main/c/program.h} describes. One object encodes one program. */
final class ProgramEncoder {
    static final int MAGIC = 0x4753_534c;
    static final int VERSION = 1;
    static final int HEADER_SIZE = 112;
    static final int OP_SIZE = 64;
    static final int MAX_SIZE = 4 << 20;
    private static final int NONE = -1;
    private static final int LABEL_MAX = 120;

    private final StageProgram program;
    private final ByteArrayOutputStream blob = new ByteArrayOutputStream();
    private final Map<String, Integer> texts = new HashMap<>();
    private final Map<Arg.Block, Integer> blocks = new HashMap<>();
    private final List<int[]> relocations = new ArrayList<>();

    ProgramEncoder(StageProgram program) {
        this.program = program;
    }

    byte[] encode() {
        List<Op> ops = new ArrayList<>();
        for (Section section : Section.values()) {
            ops.addAll(program.ops(section));
        }
        ByteBuffer calls = little(ops.size() * OP_SIZE);
        ops.forEach(op -> encode(op, calls));
        ByteBuffer header = little(HEADER_SIZE);
        config(header);
        terminate();
        int total = HEADER_SIZE + calls.capacity() + relocations.size() * 8 + blob.size();
        if (total > MAX_SIZE) {
            throw new IllegalArgumentException("the stage program has " + total + " bytes, at most " + MAX_SIZE
                    + " are possible (arguments and" + " environment too long)");
        }
        header(header, total);
        ByteBuffer all = little(total).put(header.clear()).put(calls.clear());
        relocations.forEach(pair -> all.putInt(pair[0]).putInt(pair[1]));
        byte[] encoded = new byte[total];
        all.put(blob.toByteArray()).flip().get(encoded);
        return encoded;
    }

    private void header(ByteBuffer h, int total) {
        h.putInt(0, MAGIC).putInt(4, VERSION).putInt(8, total).putInt(12, program.slotCount());
        h.putLong(16, program.cloneFlags());
        Arg.Slot cgroup = program.cgroup();
        h.putInt(24, cgroup == null ? NONE : cgroup.index());
        int at = 28;
        for (Section section : Section.values()) {
            h.putInt(at, program.ops(section).size());
            at += 4;
        }
        h.putInt(44, relocations.size()).putInt(48, blob.size());
    }

    private void config(ByteBuffer h) {
        SupervisorConfig c = program.config();
        if (c == null) {
            return;
        }
        SupervisorConfig.Window window = c.terminal();
        SupervisorConfig.Log log = c.log();
        int flags = (window != null ? 1 : 0)
                | (c.stdin() != SupervisorConfig.Stdin.NONE ? 2 : 0)
                | (c.stdin() == SupervisorConfig.Stdin.ONCE ? 4 : 0)
                | (log != null ? 8 : 0)
                | (c.forks() ? 16 : 0)
                | (log != null && log.local() ? 1 << 8 : 0)
                | (log != null && log.counted() ? 1 << 9 : 0);
        h.putInt(52, flags).putInt(56, (int) c.stall().toSeconds()).putInt(60, (int)
                c.grace().toSeconds());
        h.putInt(64, c.buffer());
        h.putInt(68, log == null ? 1 : log.maxFiles()).putLong(72, log == null ? 0 : log.maxBytes());
        h.putShort(80, (short) (window == null ? 0 : window.columns()));
        h.putShort(82, (short) (window == null ? 0 : window.rows()));
        h.putInt(84, text(c.id())).putInt(88, text(log == null ? "" : log.path()));
        h.putInt(92, text(c.exitRecord())).putInt(96, text(c.socket()));
        h.putInt(108, text(log == null ? "" : log.attributes()));
    }

    private void encode(Op op, ByteBuffer out) {
        int kinds = op.skipOnSuccess() ? 1 << 12 : 0;
        long[] values = new long[6];
        for (int i = 0; i < op.arguments().size(); i++) {
            switch (op.arguments().get(i)) {
                case Arg.Value number -> values[i] = number.value();
                case Arg.Slot slot -> {
                    kinds |= 2 << (2 * i);
                    values[i] = slot.index();
                }
                case Arg pointer -> {
                    kinds |= 1 << (2 * i);
                    values[i] = place(pointer);
                }
            }
        }
        out.putInt(op.number()).putShort((short) kinds);
        out.put((byte) index(op.save())).put((byte) op.skip());
        out.putShort(tolerated(op, 0)).putShort(tolerated(op, 1));
        out.putInt(op.label().isEmpty() ? NONE : text(shortened(op.label())));
        for (long value : values) {
            out.putLong(value);
        }
    }

    private static int index(Arg.@Nullable Slot slot) {
        return slot == null ? 0xff : slot.index();
    }

    private static short tolerated(Op op, int index) {
        return (short)
                (index < op.tolerated().size() ? op.tolerated().get(index).number() : 0);
    }

    private static String shortened(String label) {
        return label.length() <= LABEL_MAX ? label : label.substring(0, LABEL_MAX);
    }

    /** The blob offset of what a pointer points to, placed there at its first use. */
    private int place(Arg pointer) {
        return switch (pointer) {
            case Arg.Text text -> text(text.value());
            case Arg.Block block -> block(block);
            case Arg other ->
                throw new IllegalArgumentException("a structure can point to text or a block only: " + other);
        };
    }

    private int text(String value) {
        Integer known = texts.get(value);
        if (known != null) {
            return known;
        }
        int at = blob.size();
        blob.writeBytes(RawPath.cString(value));
        texts.put(value, at);
        return at;
    }

    private int block(Arg.Block block) {
        Integer known = blocks.get(block);
        if (known != null) {
            return known;
        }
        align();
        int at = blob.size();
        blocks.put(block, at);
        blob.writeBytes(block.bytes());
        if (block.bytes().length == 0) {
            blob.write(0);
        }
        block.pointers().forEach((offset, target) -> relocations.add(new int[] {at + offset, place(target)}));
        return at;
    }

    private void align() {
        while (blob.size() % 8 != 0) {
            blob.write(0);
        }
    }

    /** A NUL at the end, so that every string in the blob ends inside it, and a length that is a multiple of 8. */
    private void terminate() {
        blob.write(0);
        align();
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
