package io.longshore.agent.execdriver;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.ContainerProcess;
import io.longshore.contracts.agent.ContainerSpec.Device;
import io.longshore.contracts.agent.ContainerSpec.Image;
import io.longshore.contracts.agent.ContainerSpec.Limit;
import io.longshore.contracts.agent.ContainerSpec.Log;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.agent.ContainerSpec.Namespaces;
import io.longshore.contracts.agent.ContainerSpec.Network;
import io.longshore.contracts.agent.ContainerSpec.Resources;
import io.longshore.contracts.agent.ContainerSpec.Security;
import io.longshore.contracts.agent.ContainerSpec.Stop;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A specification of Docker's defaults, changed field by field. */
public final class TestSpecs {
    public static final List<String> DOCKER_CAPABILITIES = List.of(
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
    public static final List<String> MASKED = List.of(
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
    public static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    public ContainerId id = ContainerId.random();
    public List<String> arguments;
    public List<String> environment = new ArrayList<>();
    public String user = "";
    public List<String> additionalGroups = List.of();
    public String workingDirectory = "/";
    public boolean tty;
    public boolean openStdin;
    public boolean stdinOnce;
    public int oomScoreAdjust;
    public List<Limit> limits = List.of();
    public boolean readOnlyRoot;
    public List<Mount> mounts = new ArrayList<>();
    public String hostname = "testhost";
    public String domainname = "";
    public Resources resources = Resources.none();
    public List<String> capabilities = DOCKER_CAPABILITIES;
    public boolean privileged;
    public String seccomp = "default";
    public String appArmor = "default";
    public boolean noNewPrivileges;
    public List<String> maskedPaths = MASKED;
    public List<String> readOnlyPaths = READ_ONLY;
    public String cgroupNamespace = "host";
    public String logDriver = "json-file";
    public boolean init;
    public String runtime = "longshore";
    public Namespaces namespaces = Namespaces.PRIVATE;
    public List<Device> devices = List.of();
    public List<String> deviceRules = List.of();
    public Map<String, String> sysctls = Map.of();

    public TestSpecs(String... arguments) {
        this.arguments = List.of(arguments);
    }

    public ContainerSpec build() {
        return new ContainerSpec(
                id,
                1,
                "test",
                "default",
                hostname,
                domainname,
                new Image(Digest.parse("sha256:" + "0".repeat(64)), "busybox", List.of()),
                new ContainerProcess(
                        arguments,
                        environment,
                        user,
                        additionalGroups,
                        workingDirectory,
                        tty,
                        openStdin,
                        stdinOnce,
                        oomScoreAdjust,
                        limits,
                        init),
                readOnlyRoot,
                mounts,
                Network.of(EndpointSpec.plain("2".repeat(64), NetworkSpec.plain("1".repeat(64), "none", "null"))),
                resources,
                new Security(
                        capabilities,
                        privileged,
                        seccomp,
                        appArmor,
                        noNewPrivileges,
                        maskedPaths,
                        readOnlyPaths,
                        cgroupNamespace,
                        namespaces,
                        devices,
                        deviceRules,
                        sysctls),
                64L << 20,
                Log.plain(logDriver, 20 << 20, 5),
                new Stop(15, 10),
                ContainerSpec.Restart.NO,
                null,
                runtime,
                Map.of());
    }
}
