package io.longshore.standalone;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.platform.run.StartFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineTest {
    @TempDir
    Path proc;

    @BeforeEach
    void goodMachine() throws IOException {
        write("sys/kernel/osrelease", "6.1.0-13-amd64\n");
        write("filesystems", "nodev\ttmpfs\nnodev\toverlay\n\text4\n");
        write("self/status", "Name:\tjava\nSeccomp:\t0\n");
        write("self/mounts", "proc /proc proc rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n");
        for (String namespace : List.of("mnt", "pid", "uts", "ipc", "net", "cgroup")) {
            write("self/ns/" + namespace, "");
        }
    }

    @Test
    void goodMachinePasses() {
        assertThatCode(() -> new Machine(25, "root", proc).check()).doesNotThrowAnyException();
    }

    @Test
    void allThatIsMissingIsInOneLine() throws IOException {
        write("sys/kernel/osrelease", "4.19.0-25-amd64");
        write("filesystems", "\text4\n");
        write("self/status", "Name:\tjava\n");
        write("self/mounts", "proc /proc proc rw 0 0\n");
        Files.delete(proc.resolve("self/ns/cgroup"));
        assertThatThrownBy(() -> new Machine(17, "alice", proc).check())
                .isInstanceOf(StartFailure.class)
                .hasMessage("Java 25 is needed, this is 17; Longshore must run as root, this is alice;"
                        + " Linux 5.10 is needed, this is 4.19.0-25-amd64; the kernel has no cgroup namespaces;"
                        + " the kernel has no overlay file system: try modprobe overlay; the kernel has no seccomp;"
                        + " no cgroup hierarchy is mounted");
    }

    @Test
    void oldestKernelPasses() throws IOException {
        write("sys/kernel/osrelease", "5.10.0");
        assertThatCode(() -> new Machine(26, "root", proc).check()).doesNotThrowAnyException();
        write("sys/kernel/osrelease", "5.9.16");
        assertThatThrownBy(() -> new Machine(26, "root", proc).check()).hasMessageContaining("this is 5.9.16");
    }

    private void write(String name, String text) throws IOException {
        Path file = proc.resolve(name);
        Files.createDirectories(file.resolveSibling("."));
        Files.writeString(file, text);
    }
}
