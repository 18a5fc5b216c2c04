package io.longshore.agent.node;

import io.longshore.contracts.fleet.NodeInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Puts together what {@code GET /info} and placement want to know of this node. Thread-safe. */
public final class NodeFacts {
    private final Machine machine;
    private final Path workDirectory;
    private final Fittings fittings;

    /**
     * What this agent was set up with.
     *
     * @param storageDriver the graph driver's name
     * @param networkDrivers names
     * @param volumeDrivers names
     * @param runtimes names, the default first
     */
    public record Fittings(
            String storageDriver, List<String> networkDrivers, List<String> volumeDrivers, List<String> runtimes) {}

    public NodeFacts(Path workDirectory, Fittings fittings) {
        this(new Machine(Path.of("/")), workDirectory, fittings);
    }

    NodeFacts(Machine machine, Path workDirectory, Fittings fittings) {
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
        return new NodeInfo(
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
                fittings.volumeDrivers(),
                fittings.runtimes(),
                fittings.runtimes().getFirst(),
                machine.seccomp() ? List.of("name=seccomp,profile=default") : List.of(),
                "",
                workDirectory.toString(),
                features.entrySet().stream()
                        .filter(Map.Entry::getValue)
                        .map(Map.Entry::getKey)
                        .toList(),
                warnings(features));
    }

    private Map<String, Boolean> features() {
        Map<String, Boolean> features = new LinkedHashMap<>();
        if (machine.unifiedCgroups()) {
            features.put("memoryLimit", machine.unifiedController("memory"));
            features.put("swapLimit", machine.unifiedController("memory"));
            features.put("cpuShares", machine.unifiedController("cpu"));
            features.put("cpuCfsQuota", machine.unifiedController("cpu"));
            features.put("cpuset", machine.unifiedController("cpuset"));
            features.put("pidsLimit", machine.unifiedController("pids"));
            features.put("oomKillDisable", false);
        } else {
            features.put("memoryLimit", machine.cgroupFile("memory/memory.limit_in_bytes"));
            features.put("swapLimit", machine.cgroupFile("memory/memory.memsw.limit_in_bytes"));
            features.put("cpuShares", machine.cgroupFile("cpu/cpu.shares"));
            features.put("cpuCfsQuota", machine.cgroupFile("cpu/cpu.cfs_quota_us"));
            features.put("cpuset", machine.cgroupFile("cpuset/cpuset.cpus"));
            // The root of the pids controller has no pids.max.
            features.put("pidsLimit", machine.cgroupFile("pids/cgroup.procs"));
            features.put("oomKillDisable", machine.cgroupFile("memory/memory.oom_control"));
        }
        features.put("ipv4Forwarding", machine.ipForwarding());
        features.put("bridgeNfIptables", machine.bridgeCalls("iptables"));
        features.put("bridgeNfIp6tables", machine.bridgeCalls("ip6tables"));
        return features;
    }

    /** In Docker Engine's words; a missing oomKillDisable is worth none, since version 2 has none. */
    private List<String> warnings(Map<String, Boolean> features) {
        Map<String, String> words = Map.of(
                "memoryLimit", "WARNING: No memory limit support",
                "swapLimit", "WARNING: No swap limit support",
                "cpuShares", "WARNING: No cpu shares support",
                "cpuCfsQuota", "WARNING: No cpu cfs quota support",
                "cpuset", "WARNING: No cpuset support",
                "pidsLimit", "WARNING: No pids limit support",
                "ipv4Forwarding", "WARNING: IPv4 forwarding is disabled");
        List<String> warnings = new ArrayList<>();
        features.forEach((feature, there) -> {
            String text = words.get(feature);
            if (!there && text != null) {
                warnings.add(text);
            }
        });
        if (!machine.seccomp()) {
            warnings.add("WARNING: No seccomp support");
        }
        return List.copyOf(warnings);
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
