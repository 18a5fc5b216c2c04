package io.longshore.agent.node;

import io.longshore.agent.apparmor.AppArmor;
import io.longshore.contracts.agent.CapabilityNames;
import io.longshore.contracts.fleet.NodeInfo;
import io.longshore.platform.engine.LongshoreVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Puts together what {@code GET /info} and placement want to know of this node. Thread-safe. */
public final class NodeFacts {
    private final Machine machine;
    private final Path workDirectory;
    private final Fittings fittings;
    private final Supplier<List<String>> remarks;

    /**
     * What this agent was set up with.
     *
     * @param storageDriver the graph driver's name
     * @param networkDrivers names
     * @param volumeDrivers names, as of when they are asked for
     * @param runtimes names, the default first
     * @param appArmor what the machine's can do
     * @param apiSocket where clients reach the Engine API, if its gateway runs on this machine
     */
    public record Fittings(
            String storageDriver,
            List<String> networkDrivers,
            Supplier<List<String>> volumeDrivers,
            List<String> runtimes,
            AppArmor appArmor,
            Path apiSocket) {}

    /** @param remarks sentences that go with the warnings, as of when they are asked for */
    public NodeFacts(Path workDirectory, Fittings fittings, Supplier<List<String>> remarks) {
        this(new Machine(Path.of("/")), workDirectory, fittings, remarks);
    }

    NodeFacts(Machine machine, Path workDirectory, Fittings fittings, Supplier<List<String>> remarks) {
        this.remarks = remarks;
        this.machine = machine;
        this.workDirectory = workDirectory;
        this.fittings = fittings;
    }

    /** The machine's host name. */
    public String hostname() {
        return machine.hostname();
    }

    /** The facts as of now. */
    public NodeInfo info() {
        Map<String, Boolean> features = features();
        NodeInfo info = new NodeInfo(
                Runtime.getRuntime().availableProcessors(),
                machine.memory(),
                machine.kernel(),
                machine.osRelease("PRETTY_NAME"),
                machine.osRelease("VERSION_ID"),
                "linux",
                machine.architecture(),
                machine.unifiedCgroups() ? 2 : 1,
                "cgroupfs",
                fittings.storageDriver(),
                storageStatus(),
                List.of("json-file", "local"),
                fittings.networkDrivers(),
                fittings.volumeDrivers().get(),
                fittings.runtimes(),
                fittings.runtimes().getFirst(),
                securityOptions(),
                "docker-init",
                workDirectory.toString(),
                features.entrySet().stream()
                        .filter(Map.Entry::getValue)
                        .map(Map.Entry::getKey)
                        .toList(),
                warnings(features),
                missingCapabilities(),
                null,
                null,
                null,
                LongshoreVersion.own());
        Path socket = fittings.apiSocket();
        return Files.exists(socket) ? info.apiSocket(socket.toString()) : info;
    }

    private List<String> missingCapabilities() {
        long has = machine.capabilities();
        return CapabilityNames.ALL.stream()
                .filter(name -> (has >> CapabilityNames.ALL.indexOf(name) & 1) == 0)
                .toList();
    }

    /** What containers are kept in by; with version 2 alone each gets a cgroup namespace of its own. */
    private List<String> securityOptions() {
        List<String> options = new ArrayList<>();
        if (fittings.appArmor().active()) {
            options.add(NodeInfo.APP_ARMOR);
        }
        if (machine.seccomp()) {
            options.add("name=seccomp,profile=default");
        }
        if (machine.unifiedCgroups() && machine.namespace("cgroup")) {
            options.add("name=cgroupns");
        }
        return List.copyOf(options);
    }

    private Map<String, Boolean> features() {
        Map<String, Boolean> features = new LinkedHashMap<>();
        if (machine.unifiedCgroups()) {
            features.put("memoryLimit", machine.unifiedController("memory"));
            features.put("swapLimit", machine.unifiedController("memory") && machine.unifiedSwap());
            features.put("memoryReservation", machine.unifiedController("memory"));
            features.put("cpuShares", machine.unifiedController("cpu"));
            features.put("cpuCfsQuota", machine.unifiedController("cpu"));
            features.put("cpuset", machine.unifiedController("cpuset"));
            features.put("pidsLimit", machine.unifiedController("pids"));
            features.put("oomKillDisable", false);
            features.put("blkioWeight", machine.unifiedController("io"));
            features.put("blkioWeightDevice", machine.unifiedController("io"));
            features.put("blkioRates", machine.unifiedController("io"));
        } else {
            features.put("memoryLimit", machine.cgroupFile("memory/memory.limit_in_bytes"));
            features.put("swapLimit", machine.cgroupFile("memory/memory.memsw.limit_in_bytes"));
            features.put("memoryReservation", machine.cgroupFile("memory/memory.soft_limit_in_bytes"));
            features.put("memorySwappiness", machine.cgroupFile("memory/memory.swappiness"));
            features.put("kernelMemory", machine.cgroupFile("memory/memory.kmem.limit_in_bytes"));
            features.put("cpuShares", machine.cgroupFile("cpu/cpu.shares"));
            features.put("cpuCfsQuota", machine.cgroupFile("cpu/cpu.cfs_quota_us"));
            features.put("cpuRealtime", machine.cgroupFile("cpu/cpu.rt_period_us"));
            features.put("cpuset", machine.cgroupFile("cpuset/cpuset.cpus"));
            // The root of the pids controller has no pids.max.
            features.put("pidsLimit", machine.cgroupFile("pids/cgroup.procs"));
            features.put("oomKillDisable", machine.cgroupFile("memory/memory.oom_control"));
            // The root of BFQ's part has no weights, only what it counts.
            boolean bfq = machine.cgroupFile("blkio/blkio.bfq.io_serviced");
            features.put("blkioWeight", bfq || machine.cgroupFile("blkio/blkio.weight"));
            features.put("blkioWeightDevice", bfq || machine.cgroupFile("blkio/blkio.weight_device"));
            features.put("blkioRates", machine.cgroupFile("blkio/blkio.throttle.read_bps_device"));
        }
        // The first bridge that leads out of the node switches it on.
        features.put(
                "ipv4Forwarding",
                machine.ipForwarding() || fittings.networkDrivers().contains("bridge"));
        features.put("bridgeNfIptables", machine.bridgeCalls("iptables"));
        features.put("bridgeNfIp6tables", machine.bridgeCalls("ip6tables"));
        return features;
    }

    /** In Docker Engine's words and order. */
    private List<String> warnings(Map<String, Boolean> features) {
        List<String> warnings = new ArrayList<>();
        warn(warnings, features, "memoryLimit", "No memory limit support");
        warn(warnings, features, "swapLimit", "No swap limit support");
        if (!machine.unifiedCgroups()) { // Version 2 has none.
            warn(warnings, features, "oomKillDisable", "No oom kill disable support");
        }
        warn(warnings, features, "cpuCfsQuota", "No cpu cfs quota support");
        warn(warnings, features, "cpuCfsQuota", "No cpu cfs period support");
        warn(warnings, features, "cpuShares", "No cpu shares support");
        warn(warnings, features, "cpuset", "No cpuset support");
        warn(warnings, features, "pidsLimit", "No pids limit support");
        for (Throttle throttle : Throttle.values()) {
            if (machine.unifiedCgroups() ? !machine.unifiedController("io") : !machine.cgroupFile(throttle.file)) {
                warnings.add("WARNING: No " + (machine.unifiedCgroups() ? throttle.v2 : throttle.v1) + " support");
            }
        }
        warn(warnings, features, "ipv4Forwarding", "IPv4 forwarding is disabled");
        if (!machine.seccomp()) {
            warnings.add("WARNING: No seccomp support");
        }
        if (!fittings.appArmor().lacks().isEmpty()) {
            warnings.add("WARNING: No AppArmor support: " + fittings.appArmor().lacks());
        }
        remarks.get().forEach(remark -> warnings.add("WARNING: " + remark));
        return List.copyOf(warnings);
    }

    private static void warn(List<String> warnings, Map<String, Boolean> features, String feature, String words) {
        if (!features.getOrDefault(feature, false)) {
            warnings.add("WARNING: " + words);
        }
    }

    /** Limits of transfers per device, as warnings name them. */
    private enum Throttle {
        READ_BYTES("read_bps_device", "rbps"),
        WRITE_BYTES("write_bps_device", "wbps"),
        READ_OPERATIONS("read_iops_device", "riops"),
        WRITE_OPERATIONS("write_iops_device", "wiops");

        private final String file;
        private final String v1;
        private final String v2;

        Throttle(String name, String key) {
            this.file = "blkio/blkio.throttle." + name;
            this.v1 = "blkio throttle." + name;
            this.v2 = "io.max (" + key + ")";
        }
    }

    private List<List<String>> storageStatus() {
        if (!fittings.storageDriver().equals("overlay2")) {
            return List.of();
        }
        try {
            String type = Files.getFileStore(workDirectory).type();
            // ext2, ext3 and ext4 share one magic number, and Docker names them by it.
            return List.of(List.of("Backing Filesystem", type.startsWith("ext") ? "extfs" : type));
        } catch (IOException e) {
            return List.of(List.of("Backing Filesystem", "<unknown>"));
        }
    }
}
