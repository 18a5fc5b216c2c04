package io.longshore.agent.stage;

import io.longshore.agent.linux.Call;
import io.longshore.agent.linux.Errno;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One call of a stage program. Immutable; the methods give changed copies:
 * {@code Op.of(Call.MOUNT, text("proc"), text("/proc"), text("proc"), number(MS_NOSUID), NULL).label("mount proc")}.
 *
 * @param number of the system call, or one of {@link Pseudo}
 * @param name as the manual has it
 * @param arguments at most six; missing ones are 0
 * @param save the slot that receives the result
 * @param tolerated at most two errors that do not end the program
 * @param skip how many of the following calls to leave out: after a tolerated error, or after success if skipOnSuccess
 * @param label says in error reports what the call was for
 */
public record Op(
        int number,
        String name,
        List<Arg> arguments,
        Arg.@Nullable Slot save,
        List<Errno> tolerated,
        int skip,
        boolean skipOnSuccess,
        String label) {
    static final int MAX_SKIP = 255;

    /** What a plain system call cannot say; executed by the stage itself. */
    public enum Pseudo {
        /** (descriptor): hands the master side of a terminal to the supervisor. Child list only. */
        SEND_TERMINAL(0x10000),
        /** (value, block, size): writes the value's decimal digits and a NUL to a block of at least 21 bytes. */
        DECIMAL(0x10001),
        /** (block, offset, width of 1, 2 or 4): the number that a call has left in a structure. */
        LOAD(0x10002),
        /** (): the rest of the list is executed by a sibling, which is born into the pid namespace that was joined. Start list of a {@link SupervisorConfig#forking} one only. */
        FORK(0x10003),
        /** (path, arguments, environment): executes a program of the node and waits until it has ended with 0. Start list only, as those below. */
        RUN(0x10004),
        /** (listening unix socket): hands the terminal that was sent there to the supervisor, as an OCI runtime's console socket. */
        PASS_TERMINAL(0x10005),
        /** (path): the supervisor serves the process whose number the file has, and which has become its child. */
        HAND_OVER(0x10006);

        private final int number;

        Pseudo(int number) {
            this.number = number;
        }
    }

    public Op {
        arguments = List.copyOf(arguments);
        tolerated = List.copyOf(tolerated);
        if (arguments.size() > 6) {
            throw new IllegalArgumentException(
                    name + " has " + arguments.size() + " arguments, at most 6 are possible");
        }
        if (tolerated.size() > 2) {
            throw new IllegalArgumentException(name + " tolerates " + tolerated + ", at most 2 errors are possible");
        }
        if (skip < 0 || skip > MAX_SKIP) {
            throw new IllegalArgumentException(name + " skips " + skip + " calls, 0 to " + MAX_SKIP + " are possible");
        }
    }

    public static Op of(Call call, Arg... arguments) {
        return new Op(call.number(), call.title(), List.of(arguments), null, List.of(), 0, false, "");
    }

    /** {@link Pseudo#SEND_TERMINAL}. */
    public static Op sendTerminal(Arg master) {
        return pseudo(Pseudo.SEND_TERMINAL, master);
    }

    /** {@link Pseudo#DECIMAL}: {@code into} is at least 21 bytes of {@link Arg#space}. */
    public static Op decimal(Arg.Slot value, Arg.Block into) {
        return pseudo(Pseudo.DECIMAL, value, into, Arg.number(into.bytes().length));
    }

    /** {@link Pseudo#LOAD}. */
    public static Op load(Arg.Block from, int offset, int width) {
        if (offset < 0 || offset + width > from.bytes().length) {
            throw new IllegalArgumentException(
                    "cannot load " + width + " bytes at " + offset + " of " + from.bytes().length);
        }
        return pseudo(Pseudo.LOAD, from, Arg.number(offset), Arg.number(width));
    }

    /** {@link Pseudo#FORK}. */
    public static Op fork() {
        return pseudo(Pseudo.FORK);
    }

    /** {@link Pseudo#RUN}; fails with ECHILD when the program ends otherwise than with 0. */
    public static Op run(String path, List<String> arguments, List<String> environment) {
        return pseudo(Pseudo.RUN, Arg.text(path), Arg.strings(arguments), Arg.strings(environment));
    }

    /** {@link Pseudo#PASS_TERMINAL}. */
    public static Op passTerminal(Arg listener) {
        return pseudo(Pseudo.PASS_TERMINAL, listener);
    }

    /** {@link Pseudo#HAND_OVER}. */
    public static Op handOver(String pidFile) {
        return pseudo(Pseudo.HAND_OVER, Arg.text(pidFile));
    }

    private static Op pseudo(Pseudo pseudo, Arg... arguments) {
        String name = pseudo.name().toLowerCase(java.util.Locale.ROOT);
        return new Op(pseudo.number, name, List.of(arguments), null, List.of(), 0, false, "");
    }

    public Op save(Arg.Slot slot) {
        return new Op(number, name, arguments, slot, tolerated, skip, skipOnSuccess, label);
    }

    /** At most two errors after which the program goes on. The saved result is then the negative error. */
    public Op tolerate(Errno... errors) {
        return new Op(number, name, arguments, save, List.of(errors), skip, skipOnSuccess, label);
    }

    /** Leaves out the next {@code count} calls if this one fails with a tolerated error. */
    public Op skipOnError(int count) {
        return new Op(number, name, arguments, save, tolerated, count, false, label);
    }

    /** Leaves out the next {@code count} calls if this one succeeds. */
    public Op skipOnSuccess(int count) {
        return new Op(number, name, arguments, save, tolerated, count, true, label);
    }

    /** For error reports: what this call is for, as "mount proc on /proc". Cut at 120 bytes. */
    public Op label(String text) {
        return new Op(number, name, arguments, save, tolerated, skip, skipOnSuccess, text);
    }
}
