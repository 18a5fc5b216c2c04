package io.longshore.agent.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.jna.JnaSeccompLibrary;
import io.longshore.agent.linux.jna.JnaSyscalls;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Compiles with the real library and runs the BPF in a small interpreter: what the kernel would answer. */
class SeccompFiltersTest {
    private static final int X86_64 = 0xC000003E;
    private static final int I386 = 0x40000003;
    private static final int ALLOW = 0x7fff0000;
    private static final int EPERM = 0x00050001;
    private static final int ENOSYS = 0x00050026;
    private static final int KILL = 0;

    private final SeccompFilters filters =
            new SeccompFilters(new JnaSeccompLibrary(new JnaSyscalls()), new KernelVersion(6, 1));

    @Test
    void ordinaryCallsAreAllowedAndOthersAreNot() throws IOException {
        byte[] filter = filters.dockerDefault(List.of("CAP_CHOWN"));
        assertThat(Bpf.run(filter, X86_64, 0)).as("read").isEqualTo(ALLOW);
        assertThat(Bpf.run(filter, X86_64, 59)).as("execve").isEqualTo(ALLOW);
        assertThat(Bpf.run(filter, I386, 3)).as("read, i386").isEqualTo(ALLOW);
        assertThat(Bpf.run(filter, X86_64, 0x40000000)).as("read, x32").isEqualTo(ALLOW);
        assertThat(Bpf.run(filter, X86_64, 165)).as("mount").isEqualTo(EPERM);
        assertThat(Bpf.run(filter, X86_64, 250)).as("keyctl").isEqualTo(EPERM);
        assertThat(Bpf.run(filter, X86_64, 425)).as("io_uring_setup").isEqualTo(EPERM);
        assertThat(Bpf.run(filter, X86_64, 161)).as("chroot").isEqualTo(EPERM);
        assertThat(Bpf.run(filter, 0x12345678, 0)).as("another architecture").isEqualTo(KILL);
    }

    @Test
    void argumentsDecide() throws IOException {
        byte[] filter = filters.dockerDefault(List.of());
        assertThat(Bpf.run(filter, X86_64, 41, 1)).as("socket unix").isEqualTo(ALLOW);
        assertThat(Bpf.run(filter, X86_64, 41, 38)).as("socket AF_ALG").isEqualTo(EPERM);
        assertThat(Bpf.run(filter, X86_64, 41, 40)).as("socket AF_VSOCK").isEqualTo(EPERM);
        assertThat(Bpf.run(filter, X86_64, 56, 0x11)).as("fork").isEqualTo(ALLOW);
        assertThat(Bpf.run(filter, X86_64, 56, 0x10000000)).as("clone NEWUSER").isEqualTo(EPERM);
        assertThat(Bpf.run(filter, X86_64, 435)).as("clone3").isEqualTo(ENOSYS);
        assertThat(Bpf.run(filter, X86_64, 135, 0xffffffffL))
                .as("personality query")
                .isEqualTo(ALLOW);
        assertThat(Bpf.run(filter, X86_64, 135, 0x40000))
                .as("personality no aslr")
                .isEqualTo(EPERM);
    }

    @Test
    void capabilitiesUnlock() throws IOException {
        byte[] filter = filters.dockerDefault(List.of("CAP_SYS_ADMIN", "CAP_SYS_CHROOT"));
        assertThat(Bpf.run(filter, X86_64, 165)).as("mount").isEqualTo(ALLOW);
        assertThat(Bpf.run(filter, X86_64, 161)).as("chroot").isEqualTo(ALLOW);
        assertThat(Bpf.run(filter, X86_64, 56, 0x10000000)).as("clone NEWUSER").isEqualTo(ALLOW);
        assertThat(Bpf.run(filter, X86_64, 435)).as("clone3").isEqualTo(ALLOW);
    }

    @Test
    void callsNewerThanTheLibraryAreDecidedByNumber() throws IOException {
        byte[] filter = filters.dockerDefault(List.of());
        assertThat(Bpf.run(filter, X86_64, 452)).as("fchmodat2").isEqualTo(ALLOW);
        assertThat(Bpf.run(filter, I386, 462)).as("mseal").isEqualTo(ALLOW);
        assertThat(Bpf.run(filter, X86_64, 0x40000000 | 466))
                .as("removexattrat, x32")
                .isEqualTo(ALLOW);
        assertThat(Bpf.run(filter, X86_64, 459)).as("lsm_get_self_attr").isEqualTo(EPERM);
        assertThat(Bpf.run(filter, X86_64, 467)).as("newer than the profile").isEqualTo(ENOSYS);
    }

    @Test
    void oldKernelsHaveNoPtrace() throws IOException {
        var old = new SeccompFilters(new JnaSeccompLibrary(new JnaSyscalls()), new KernelVersion(4, 4));
        assertThat(Bpf.run(old.dockerDefault(List.of()), X86_64, 101)).isEqualTo(EPERM);
        assertThat(Bpf.run(filters.dockerDefault(List.of()), X86_64, 101)).isEqualTo(ALLOW);
    }

    @Test
    void theResultIsKept() throws IOException {
        var compiled = new AtomicInteger();
        var counting = new SeccompFilters(
                (errno, architectures, rules) -> new byte[8 * compiled.incrementAndGet()], new KernelVersion(6, 1));
        byte[] first = counting.dockerDefault(List.of("CAP_CHOWN", "CAP_KILL"));
        assertThat(counting.dockerDefault(List.of("CAP_KILL", "CAP_CHOWN"))).isEqualTo(first);
        assertThat(compiled).hasValue(1);
        for (int i = 0; i < 100; i++) {
            counting.dockerDefault(List.of("CAP_" + i));
        }
        counting.dockerDefault(List.of("CAP_CHOWN", "CAP_KILL"));
        assertThat(compiled).as("the oldest is forgotten").hasValue(102);
    }

    @Test
    void aLineThatIsNotUnderstoodIsRefused() {
        assertThatThrownBy(() -> SeccompProfileReader.read("default 1\npermit read"))
                .hasMessageContaining("line 2: permit read");
        assertThatThrownBy(() -> SeccompProfileReader.read("allow socket when arg0 <= 3"))
                .hasMessageContaining("line 1");
    }
}
