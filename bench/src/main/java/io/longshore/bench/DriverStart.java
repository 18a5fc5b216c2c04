package io.longshore.bench;

import io.longshore.agent.apparmor.AppArmor;
import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.cgroup.Cgroups;
import io.longshore.agent.execdriver.ExecDriver;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.execdriver.libcontainer.LibcontainerExecDriver;
import io.longshore.agent.linux.jna.JnaSeccompLibrary;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.networkdriver.Sandbox;
import io.longshore.agent.stage.SupervisorConfig;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.testbed.process.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.jfr.consumer.RecordingStream;

/**
 * Starts of our own exec driver, without what stands above it: from the launch to the entrypoint's exec, with Docker's default sandbox
 * (seccomp filter, capabilities, masked paths, cgroups, a network namespace) on a root directory that is there.
 */
final class DriverStart implements AutoCloseable {
    private static final List<String> CAPABILITIES = List.of(
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_FSETID",
            "CAP_FOWNER",
            "CAP_MKNOD",
            "CAP_NET_RAW",
            "CAP_SETGID",
            "CAP_SETUID",
            "CAP_SETFCAP",
            "CAP_SETPCAP",
            "CAP_NET_BIND_SERVICE",
            "CAP_SYS_CHROOT",
            "CAP_KILL",
            "CAP_AUDIT_WRITE");
    private static final List<String> MASKED = List.of(
            "/proc/asound",
            "/proc/acpi",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/sys/firmware");
    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    /** {@code StartStage} of the driver. */
    private static final String STAGE = "longshore.StartStage";

    private final Path root;
    private final Path containers;
    private final Path run;
    private final CgroupPath cgroup;
    private final ExecDriver driver;

    /**
     * @param directory for containers' own directories
     * @param root a root file system with {@code /bin/true}
     */
    DriverStart(Path directory, Path root) {
        long pid = ProcessHandle.current().pid();
        this.root = root;
        this.containers = directory;
        this.run = Path.of("/run/ls-bench-" + pid);
        this.cgroup = new CgroupPath("/longshore-bench-" + pid);
        JnaSyscalls syscalls = new JnaSyscalls();
        this.driver = LibcontainerExecDriver.open(
                syscalls,
                new JnaSeccompLibrary(syscalls),
                run,
                cgroup,
                AppArmor.NONE,
                SupervisorConfig.DEFAULT_STALL,
                List.of());
    }

    /** Starts {@code true}, gives the milliseconds until its exec has succeeded, waits for its end and removes it. */
    double run() throws IOException {
        ContainerSpec spec = spec();
        Path own = Files.createDirectories(containers.resolve(spec.id().value()));
        for (String file : List.of("hostname", "hosts", "resolv.conf")) {
            Files.createFile(own.resolve(file));
        }
        Launch launch = new Launch(
                spec, new RootFs.Directory(root.toString()), Map.of(), new Sandbox.Private(), own.toString());
        CountDownLatch ended = new CountDownLatch(1);
        long begin = System.nanoTime();
        driver.create(launch, (id, exit) -> ended.countDown());
        driver.start(spec.id());
        double took = (System.nanoTime() - begin) / 1e6;
        try {
            if (!ended.await(60, TimeUnit.SECONDS)) {
                throw new IOException("'true' does not end within a minute");
            }
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
        driver.destroy(spec.id());
        Trees.delete(own);
        return took;
    }

    /** What each stage takes in that many starts, in milliseconds, in the order in which they come. */
    Map<String, Samples> profile(int starts) throws IOException {
        Map<String, Samples> stages = Collections.synchronizedMap(new LinkedHashMap<>());
        try (RecordingStream recording = new RecordingStream()) {
            recording.enable(STAGE).withoutThreshold();
            recording.onEvent(
                    STAGE,
                    event -> stages.computeIfAbsent(event.getString("stage"), key -> new Samples())
                            .add(event.getDuration().toNanos() / 1e6));
            recording.startAsync();
            for (int i = 0; i < starts; i++) {
                run();
            }
            recording.stop(); // returns when what was recorded has been passed on
        }
        return stages;
    }

    private static ContainerSpec spec() {
        ContainerId id = ContainerId.random();
        return new ContainerSpec(
                id,
                1,
                "bench",
                "default",
                "bench",
                "",
                new ContainerSpec.Image(Digest.parse("sha256:" + "0".repeat(64)), "busybox", List.of()),
                new ContainerSpec.ContainerProcess(
                        List.of("/bin/true"),
                        List.of("PATH=/bin"),
                        "",
                        List.of(),
                        "/",
                        false,
                        false,
                        false,
                        0,
                        List.of(),
                        false),
                false,
                List.of(),
                ContainerSpec.Network.of(
                        EndpointSpec.plain("2".repeat(64), NetworkSpec.plain("1".repeat(64), "none", "null"))),
                new ContainerSpec.Resources(0, 0, 0, 0, 0, 0, "", "", 0, null),
                new ContainerSpec.Security(
                        CAPABILITIES,
                        false,
                        "default",
                        "unconfined",
                        false,
                        MASKED,
                        READ_ONLY,
                        "host",
                        ContainerSpec.Namespaces.PRIVATE,
                        List.of(),
                        List.of(),
                        Map.of()),
                64L << 20,
                ContainerSpec.Log.plain("json-file", 20 << 20, 5),
                new ContainerSpec.Stop(15, 10),
                ContainerSpec.Restart.NO,
                null,
                "longshore",
                Map.of());
    }

    @Override
    public void close() {
        driver.close();
        Cgroups.detect(new JnaSyscalls(), cgroup).remove(cgroup);
        Trees.delete(run);
    }
}
