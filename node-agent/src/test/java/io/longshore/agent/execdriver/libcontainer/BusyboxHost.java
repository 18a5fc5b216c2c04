package io.longshore.agent.execdriver.libcontainer;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.apparmor.AppArmor;
import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.cgroup.Cgroups;
import io.longshore.agent.execdriver.DriverHost;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.agent.linux.jna.JnaSeccompLibrary;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.networkdriver.Sandbox;
import io.longshore.agent.stage.SupervisorConfig;
import io.longshore.contracts.agent.ContainerSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Directories of a test: a root file system made of busybox, containers' directories, and the driver's run directory. */
public final class BusyboxHost implements DriverHost {
    /** Of this test process alone, since tests run beside one another. */
    public static final CgroupPath CGROUPS =
            new CgroupPath("/longshore-test-" + ProcessHandle.current().pid());

    private static final Path BUSYBOX = Path.of("/bin/busybox");

    public final Path root;
    final Path run;
    public final Map<String, String> volumes = new HashMap<>();
    public Sandbox sandbox = new Sandbox.Private();
    AppArmor appArmor = AppArmor.NONE;
    private final Path directory;
    private final Path containers;
    private final Leftovers before;

    public BusyboxHost(Path directory, Path run) {
        this.directory = directory;
        this.root = directory.resolve("root");
        this.containers = directory.resolve("containers");
        this.run = run;
        this.before = Leftovers.now(directory, run);
        try {
            for (String sub : List.of("bin", "etc", "tmp", "home/app", "var")) {
                Files.createDirectories(root.resolve(sub));
            }
            Files.setPosixFilePermissions(root.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
            Files.copy(BUSYBOX, root.resolve("bin/busybox"), StandardCopyOption.COPY_ATTRIBUTES);
            applets();
            Files.writeString(
                    root.resolve("etc/passwd"),
                    "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n1001:x:2000:2000::/home/odd:/bin/sh\n");
            Files.writeString(
                    root.resolve("etc/group"), "root:x:0:\nwheel:x:10:root,app\napp:x:1000:\nextra:x:50:app\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void applets() throws IOException {
        Process list = new ProcessBuilder(BUSYBOX.toString(), "--list").start();
        for (String applet :
                new String(list.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8).split("\n")) {
            Path link = root.resolve("bin").resolve(applet);
            if (!applet.isBlank() && !Files.exists(link)) {
                Files.createSymbolicLink(link, Path.of("busybox"));
            }
        }
    }

    @Override
    public LibcontainerExecDriver open() {
        return open(List.of());
    }

    /** A driver that has other runtimes beside its own. */
    public LibcontainerExecDriver open(List<ContainerRuntime.Factory> others) {
        var syscalls = new JnaSyscalls();
        return LibcontainerExecDriver.open(
                syscalls,
                new JnaSeccompLibrary(syscalls),
                run,
                CGROUPS,
                appArmor,
                SupervisorConfig.DEFAULT_STALL,
                others);
    }

    @Override
    public Launch launch(TestSpecs spec) {
        ContainerSpec built = spec.build();
        try {
            Path own = Files.createDirectories(containers.resolve(built.id().value()));
            Files.writeString(own.resolve("hostname"), built.hostname() + "\n");
            Files.writeString(own.resolve("hosts"), "127.0.0.1\tlocalhost\n");
            Files.writeString(own.resolve("resolv.conf"), "nameserver 192.0.2.1\n");
            return new Launch(built, new RootFs.Directory(root.toString()), volumes, sandbox, own.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes the cgroups that the driver keeps: a test process leaves nothing. */
    public static void removeCgroups() {
        var cgroups = Cgroups.detect(new JnaSyscalls(), CGROUPS);
        cgroups.remove(CGROUPS);
    }

    /** Waits until the kernel has what it had before this was made. */
    public void awaitNothingLeft() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!Leftovers.now(directory, run).equals(before) && System.nanoTime() < deadline) {
            Thread.sleep(5);
        }
        assertThat(Leftovers.now(directory, run)).as("what is left").isEqualTo(before);
    }

    @Override
    public void nothingIsLeft() throws Exception {
        awaitNothingLeft();
        try (var files = Files.list(run)) {
            assertThat(files).isEmpty();
        }
    }
}
