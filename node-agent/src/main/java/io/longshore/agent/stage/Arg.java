package io.longshore.agent.stage;

import io.longshore.agent.linux.Fd;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One argument of a call in a stage program. */
public sealed interface Arg {
    /** A null pointer, or the number 0. */
    Arg NULL = new Value(0);

    /** The working directory in the *at calls. */
    Arg CWD = new Value(Fd.CWD.number());

    /** A number, passed as it is. */
    record Value(long value) implements Arg {}

    /** A pointer to a NUL-terminated string, in {@link io.longshore.agent.linux.RawPath}'s encoding. */
    record Text(String value) implements Arg {}

    /** The value that a former call left in a result slot. Make one with {@link StageProgram.Builder#slot}. */
    record Slot(int index, String name) implements Arg {}

    /**
     * A pointer to memory: a structure, an array, or space for a call to fill. Two arguments share the memory if they are the
     * same object. Aligned to 8 bytes; not changed after it is built.
     */
    final class Block implements Arg {
        private final byte[] bytes;
        private final Map<Integer, Arg> pointers;
        private final String title;

        private Block(byte[] bytes, Map<Integer, Arg> pointers, String title) {
            this.bytes = bytes.clone();
            this.pointers = new TreeMap<>(pointers);
            this.title = title;
            this.pointers.keySet().forEach(at -> {
                if (at < 0 || at % 8 != 0 || at + 8 > bytes.length) {
                    throw new IllegalArgumentException(
                            "a pointer at " + at + " does not fit in " + bytes.length + " bytes at a multiple of 8");
                }
            });
        }

        byte[] bytes() {
            return bytes;
        }

        /** What each offset points to: a Text or a Block. */
        Map<Integer, Arg> pointers() {
            return pointers;
        }

        String title() {
            return title;
        }
    }

    static Arg number(long value) {
        return new Value(value);
    }

    static Arg text(String value) {
        return new Text(value);
    }

    /** Bytes as they are, such as a structure. */
    static Block bytes(byte[] bytes) {
        return new Block(bytes, Map.of(), bytes.length + " bytes");
    }

    /** Zeroed space for a call to write to. */
    static Block space(int size) {
        return new Block(new byte[size], Map.of(), "space of " + size);
    }

    /**
     * A structure with pointers.
     *
     * @param pointers by offset, a multiple of 8: each a Text or a Block
     */
    static Block struct(byte[] bytes, Map<Integer, Arg> pointers) {
        return new Block(bytes, pointers, "struct of " + bytes.length);
    }

    /** A NULL-terminated array of strings, as execve(2) takes for argv and envp. */
    static Block strings(List<String> values) {
        var pointers = new TreeMap<Integer, Arg>();
        for (int i = 0; i < values.size(); i++) {
            pointers.put(i * 8, new Text(values.get(i)));
        }
        return new Block(new byte[(values.size() + 1) * 8], pointers, "strings");
    }
}
