package io.longshore.agent.linux.jna;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.longshore.agent.linux.ErrnoException;
import java.nio.ByteBuffer;

/** Hands a buffer's remaining bytes to a native read or write: a direct buffer in place, a heap buffer through a copy. */
final class Buffers {
    interface Transfer {
        long move(Pointer at, long size) throws ErrnoException;
    }

    private Buffers() {}

    static int fill(ByteBuffer into, Transfer transfer) throws ErrnoException {
        int size = into.remaining();
        if (size == 0) {
            return 0;
        }
        if (into.isDirect()) {
            return advance(into, transfer.move(address(into), size));
        }
        try (Memory memory = new Memory(size)) {
            int moved = (int) transfer.move(memory, size);
            into.put(memory.getByteBuffer(0, moved));
            return moved;
        }
    }

    static int drain(ByteBuffer from, Transfer transfer) throws ErrnoException {
        int size = from.remaining();
        if (size == 0) {
            return 0;
        }
        if (from.isDirect()) {
            return advance(from, transfer.move(address(from), size));
        }
        try (Memory memory = new Memory(size)) {
            memory.getByteBuffer(0, size).put(from.duplicate());
            return advance(from, transfer.move(memory, size));
        }
    }

    private static Pointer address(ByteBuffer buffer) {
        return Native.getDirectBufferPointer(buffer).share(buffer.position());
    }

    private static int advance(ByteBuffer buffer, long moved) {
        buffer.position(buffer.position() + (int) moved);
        return (int) moved;
    }
}
