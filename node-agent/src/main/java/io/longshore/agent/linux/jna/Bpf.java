package io.longshore.agent.linux.jna;

import static io.longshore.agent.linux.jna.Errors.check;

import com.sun.jna.Memory;
import io.longshore.agent.linux.Call;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** linux/bpf.h: bpf(2), for device programs. */
final class Bpf {
    private static final int PROG_LOAD = 5;
    private static final int PROG_ATTACH = 8;
    private static final int TYPE_CGROUP_DEVICE = 15;
    private static final int CGROUP_DEVICE = 6;
    private static final int ALLOW_MULTI = 2;
    private static final int INSTRUCTION = 8;
    private static final int LOAD_SIZE = 64;
    private static final int NAME_AT = 48;
    private static final int ATTACH_SIZE = 16;
    private static final int LOG_SIZE = 64 << 10;
    /** Of the log's end, where the reason is. */
    private static final int LOG_SHOWN = 1000;

    private static final int TRIES = 5;

    private Bpf() {}

    /** The kernel gives the descriptor close-on-exec. The verifier writes its log only when asked again, since it costs time. */
    static long load(byte[] instructions) throws ErrnoException {
        try (Memory code = new Memory(instructions.length);
                Memory text = new Memory(1)) {
            code.write(0, instructions, 0, instructions.length);
            // Who calls no helper function needs to name no licence.
            text.setByte(0, (byte) 0);
            String what = "of " + instructions.length / INSTRUCTION + " instructions";
            try {
                return load(code, text, null, what);
            } catch (ErrnoException e) {
                try (Memory log = new Memory(LOG_SIZE)) {
                    log.clear();
                    return explained(code, text, log, what, e);
                }
            }
        }
    }

    private static long explained(Memory code, Memory text, Memory log, String what, ErrnoException first)
            throws ErrnoException {
        try {
            return load(code, text, log, what);
        } catch (ErrnoException again) {
            log.setByte(LOG_SIZE - 1, (byte) 0);
            String said = log.getString(0, StandardCharsets.US_ASCII.name()).strip();
            String shown =
                    said.substring(Math.max(0, said.length() - LOG_SHOWN)).replace('\n', ' ');
            throw new ErrnoException(
                    first.call(), what + (shown.isEmpty() ? "" : " (verifier: " + shown + ")"), first.number());
        }
    }

    /** EAGAIN says that a signal came while the kernel verified. */
    private static long load(Memory code, Memory text, @Nullable Memory log, String what) throws ErrnoException {
        try (Memory attributes = new Memory(LOAD_SIZE)) {
            attributes.clear();
            attributes.setInt(0, TYPE_CGROUP_DEVICE);
            attributes.setInt(4, (int) (code.size() / INSTRUCTION));
            attributes.setPointer(8, code);
            attributes.setPointer(16, text);
            if (log != null) {
                attributes.setInt(24, 1);
                attributes.setInt(28, LOG_SIZE);
                attributes.setPointer(32, log);
            }
            attributes.setString(NAME_AT, "longshore_dev", StandardCharsets.US_ASCII.name());
            for (int left = TRIES - 1; ; left--) {
                try {
                    return call("bpf BPF_PROG_LOAD", what, PROG_LOAD, attributes);
                } catch (ErrnoException e) {
                    if (!e.is(Errno.EAGAIN) || left == 0) {
                        throw e;
                    }
                }
            }
        }
    }

    static void attach(Fd cgroup, Fd program) throws ErrnoException {
        try (Memory attributes = new Memory(ATTACH_SIZE)) {
            attributes.setInt(0, cgroup.number());
            attributes.setInt(4, program.number());
            attributes.setInt(8, CGROUP_DEVICE);
            attributes.setInt(12, ALLOW_MULTI);
            call("bpf BPF_PROG_ATTACH", "of a device program to " + cgroup, PROG_ATTACH, attributes);
        }
    }

    private static long call(String name, String detail, int command, Memory attributes) throws ErrnoException {
        return check(name, detail, () -> SysSyscall.syscall(Call.BPF.number(), command, attributes, attributes.size()));
    }
}
