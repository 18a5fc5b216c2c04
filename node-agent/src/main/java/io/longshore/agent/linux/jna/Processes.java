package io.longshore.agent.linux.jna;

import static io.longshore.agent.linux.jna.Errors.check;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.RawPath;
import io.longshore.agent.linux.SpawnRequest;
import io.longshore.agent.linux.Syscalls;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Starting and reaping processes. */
final class Processes {
    private static final int WNOHANG = 1;

    private Processes() {}

    static int spawn(Syscalls syscalls, SpawnRequest request) throws ErrnoException {
        var sources = new ArrayList<Fd>();
        try (Memory actions = new Memory(Spawn.STRUCT_SIZE);
                Memory attributes = new Memory(Spawn.STRUCT_SIZE)) {
            ok("posix_spawn_file_actions_init", Spawn.posix_spawn_file_actions_init(actions));
            ok("posix_spawnattr_init", Spawn.posix_spawnattr_init(attributes));
            try {
                for (Fd fd : request.descriptors()) {
                    // A copy far above the target numbers, so that no dup2 overwrites a source that is still needed.
                    sources.add(syscalls.dup(fd));
                }
                prepare(actions, attributes, sources);
                return run(request, actions, attributes);
            } finally {
                Spawn.posix_spawn_file_actions_destroy(actions);
                Spawn.posix_spawnattr_destroy(attributes);
            }
        } finally {
            sources.forEach(Fd::close);
        }
    }

    private static void prepare(Memory actions, Memory attributes, List<Fd> sources) throws ErrnoException {
        for (int i = 0; i < sources.size(); i++) {
            ok(
                    "adddup2",
                    Spawn.posix_spawn_file_actions_adddup2(
                            actions, sources.get(i).number(), i));
        }
        ok("addclosefrom", Spawn.posix_spawn_file_actions_addclosefrom_np(actions, sources.size()));
        try (Memory signals = new Memory(Spawn.STRUCT_SIZE)) {
            ok("sigemptyset", Spawn.sigemptyset(signals));
            ok("setsigmask", Spawn.posix_spawnattr_setsigmask(attributes, signals));
            ok("sigfillset", Spawn.sigfillset(signals));
            ok("setsigdefault", Spawn.posix_spawnattr_setsigdefault(attributes, signals));
        }
        ok("setflags", Spawn.posix_spawnattr_setflags(attributes, Spawn.CLEAN));
    }

    private static int run(SpawnRequest request, Memory actions, Memory attributes) throws ErrnoException {
        int[] pid = new int[1];
        try (Memory arguments = strings(request.arguments());
                Memory environment = strings(request.environment())) {
            byte[] path = RawPath.cString(request.path());
            int error = Spawn.posix_spawn(pid, path, actions, attributes, arguments, environment);
            if (error != 0) {
                throw new ErrnoException("posix_spawn", request.path(), error);
            }
            return pid[0];
        }
    }

    /** A NULL-terminated array of pointers with the strings behind it. */
    private static Memory strings(List<String> values) {
        List<byte[]> encoded = values.stream().map(RawPath::cString).toList();
        long pointers = (encoded.size() + 1L) * Native.POINTER_SIZE;
        var memory =
                new Memory(pointers + encoded.stream().mapToLong(s -> s.length).sum());
        long at = pointers;
        for (int i = 0; i < encoded.size(); i++) {
            byte[] string = encoded.get(i);
            memory.write(at, string, 0, string.length);
            memory.setPointer((long) i * Native.POINTER_SIZE, memory.share(at));
            at += string.length;
        }
        memory.setPointer((long) encoded.size() * Native.POINTER_SIZE, Pointer.NULL);
        return memory;
    }

    static OptionalInt reap(int pid) throws ErrnoException {
        int[] status = new int[1];
        if (check("waitpid", Integer.toString(pid), () -> Spawn.waitpid(pid, status, WNOHANG)) == 0) {
            return OptionalInt.empty();
        }
        int signal = status[0] & 0x7f;
        return OptionalInt.of(signal == 0 ? (status[0] >> 8) & 0xff : 128 + signal);
    }

    private static void ok(String function, int error) throws ErrnoException {
        if (error != 0) {
            throw new ErrnoException(function, "", error);
        }
    }
}
