package io.longshore.agent.linux.jna;

import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** spawn.h. These functions return the error instead of setting errno. */
final class Spawn {
    /** SETSIGDEF | SETSIGMASK | SETSID. */
    static final short CLEAN = 0x04 | 0x08 | 0x80;
    /** Enough for glibc's posix_spawnattr_t (336 bytes), posix_spawn_file_actions_t (80) and sigset_t (128). */
    static final int STRUCT_SIZE = 512;

    static {
        Native.register(Spawn.class, "c");
    }

    private Spawn() {}

    static native int posix_spawnattr_init(Pointer attributes);

    static native int posix_spawnattr_destroy(Pointer attributes);

    static native int posix_spawnattr_setflags(Pointer attributes, short flags);

    static native int posix_spawnattr_setsigmask(Pointer attributes, Pointer set);

    static native int posix_spawnattr_setsigdefault(Pointer attributes, Pointer set);

    static native int posix_spawn_file_actions_init(Pointer actions);

    static native int posix_spawn_file_actions_destroy(Pointer actions);

    static native int posix_spawn_file_actions_adddup2(Pointer actions, int from, int to);

    static native int posix_spawn_file_actions_addclosefrom_np(Pointer actions, int from);

    static native int posix_spawn(
            int[] pid, byte[] path, Pointer actions, Pointer attributes, Pointer arguments, Pointer environment);

    static native int sigemptyset(Pointer set);

    static native int sigfillset(Pointer set);

    static native int kill(int pid, int signal);

    static native int waitpid(int pid, int[] status, int options);
}
