package io.longshore.agent.linux.jna;

import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** seccomp.h of libseccomp 2.5. Loaded at first use, so that an agent that needs no filter runs without the library. */
final class LibSeccomp {
    static {
        Native.register(LibSeccomp.class, "libseccomp.so.2");
    }

    private LibSeccomp() {}

    static native Pointer seccomp_init(int defaultAction);

    static native void seccomp_release(Pointer context);

    static native int seccomp_attr_set(Pointer context, int attribute, int value);

    static native int seccomp_arch_resolve_name(byte[] name);

    static native int seccomp_arch_add(Pointer context, int architecture);

    static native int seccomp_syscall_resolve_name(byte[] name);

    static native int seccomp_rule_add_array(Pointer context, int action, int call, int count, byte[] comparisons);

    static native int seccomp_export_bpf(Pointer context, int fd);
}
