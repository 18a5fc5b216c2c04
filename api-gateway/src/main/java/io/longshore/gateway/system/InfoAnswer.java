package io.longshore.gateway.system;

import io.longshore.contracts.container.ContainerCounts;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.fleet.NodeInfo;
import io.longshore.contracts.registry.RegistryAccess;
import io.longshore.platform.engine.ApiVersion;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The answer of {@code GET /info} (Engine API, SystemInfo). Counts, processors and memory are of the whole fleet; what only one machine
 * can have (kernel, drivers) is said of the first node that takes containers.
 */
final class InfoAnswer {
    /** The minor version that brought the directories of the Container Device Interface. */
    private static final int WITH_CDI = 44;
    /** The minor version that took the bridge's netfilter fields out. */
    private static final int WITHOUT_BRIDGE_NF = 50;

    /** The minor version that took out what a registry's foreign layers and a commit's expectation needed. */
    private static final int SLIMMER = 49;

    private static final String HUB = "docker.io";

    private InfoAnswer() {}

    static Map<String, Object> of(
            ApiVersion version,
            List<Node> nodes,
            ContainerCounts containers,
            int images,
            RegistryAccess access,
            int listeners) {
        if (nodes.isEmpty()) {
            throw new Failure.Unavailable("no node has reported yet: see that node-agent runs");
        }
        Node node = representative(nodes);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("ID", identity(nodes));
        answer.put("Containers", containers.total());
        answer.put("ContainersRunning", containers.running());
        answer.put("ContainersPaused", containers.paused());
        answer.put("ContainersStopped", containers.stopped());
        answer.put("Images", images);
        drivers(answer, node.info());
        limits(answer, node.info(), version);
        process(answer, listeners);
        machine(answer, nodes, node);
        registries(answer, access, version);
        runtimes(answer, node.info(), version);
        if (version.atLeast(WITH_CDI)) {
            answer.put("CDISpecDirs", List.of()); // no such devices are injected
        }
        answer.put("SecurityOptions", node.info().securityOptions());
        answer.put("Warnings", warnings(nodes));
        return answer;
    }

    static Node representative(List<Node> nodes) {
        return Stream.<Predicate<Node>>of(Node::isSchedulable, Node::ready)
                .flatMap(wanted -> nodes.stream().filter(wanted))
                .findFirst()
                .orElseGet(nodes::getFirst);
    }

    /** The same as long as the fleet has one of its nodes: it follows from the first one's identity. */
    private static String identity(List<Node> nodes) {
        String first = nodes.stream()
                .map(node -> node.id().toString())
                .min(String::compareTo)
                .orElseThrow();
        return UUID.nameUUIDFromBytes(first.getBytes(StandardCharsets.UTF_8)).toString();
    }

    private static void drivers(Map<String, Object> answer, NodeInfo info) {
        answer.put("Driver", info.storageDriver());
        answer.put("DriverStatus", info.storageStatus());
        Map<String, Object> plugins = new LinkedHashMap<>();
        plugins.put("Volume", info.volumeDrivers());
        plugins.put("Network", info.networkDrivers());
        plugins.put("Authorization", null);
        plugins.put("Log", info.logDrivers());
        answer.put("Plugins", plugins);
        answer.put(
                "LoggingDriver",
                info.logDrivers().isEmpty() ? "" : info.logDrivers().getFirst());
        answer.put("CgroupDriver", info.cgroupDriver());
        answer.put("CgroupVersion", Integer.toString(info.cgroupVersion()));
        answer.put("DockerRootDir", info.dataRoot());
    }

    private static void limits(Map<String, Object> answer, NodeInfo info, ApiVersion version) {
        answer.put("MemoryLimit", info.features().contains("memoryLimit"));
        answer.put("SwapLimit", info.features().contains("swapLimit"));
        answer.put("CpuCfsPeriod", info.features().contains("cpuCfsQuota"));
        answer.put("CpuCfsQuota", info.features().contains("cpuCfsQuota"));
        answer.put("CPUShares", info.features().contains("cpuShares"));
        answer.put("CPUSet", info.features().contains("cpuset"));
        answer.put("PidsLimit", info.features().contains("pidsLimit"));
        answer.put("OomKillDisable", info.features().contains("oomKillDisable"));
        answer.put("IPv4Forwarding", info.features().contains("ipv4Forwarding"));
        if (!version.atLeast(WITHOUT_BRIDGE_NF)) {
            answer.put("BridgeNfIptables", info.features().contains("bridgeNfIptables"));
            answer.put("BridgeNfIp6tables", info.features().contains("bridgeNfIp6tables"));
        }
    }

    private static void process(Map<String, Object> answer, int listeners) {
        String[] open = new File("/proc/self/fd").list();
        answer.put("Debug", false);
        answer.put("NFd", open == null ? 0 : open.length);
        answer.put("NGoroutines", ManagementFactory.getThreadMXBean().getThreadCount());
        answer.put("SystemTime", Instant.now().toString());
        answer.put("NEventsListener", listeners);
        answer.put("ExperimentalBuild", false);
        answer.put("ServerVersion", Release.engineVersion());
        answer.put("LiveRestoreEnabled", true);
        // Registries are reached without a proxy, whatever the environment says.
        answer.put("HttpProxy", "");
        answer.put("HttpsProxy", "");
        answer.put("NoProxy", "");
    }

    private static void machine(Map<String, Object> answer, List<Node> nodes, Node node) {
        NodeInfo info = node.info();
        answer.put("KernelVersion", info.kernelVersion());
        answer.put("OperatingSystem", info.operatingSystem());
        answer.put("OSVersion", info.osVersion());
        answer.put("OSType", info.osType());
        answer.put("Architecture", info.architecture());
        answer.put("NCPU", nodes.stream().mapToInt(one -> one.info().cpus()).sum());
        answer.put(
                "MemTotal",
                nodes.stream().mapToLong(one -> one.info().memoryBytes()).sum());
        answer.put("GenericResources", null);
        answer.put("Name", node.name());
        List<String> labels = new ArrayList<>();
        node.labels().forEach((name, value) -> labels.add(name + "=" + value));
        answer.put("Labels", labels.stream().sorted().toList());
    }

    private static void registries(Map<String, Object> answer, RegistryAccess access, ApiVersion version) {
        answer.put("IndexServerAddress", "https://index.docker.io/v1/");
        // Docker tells them with a slash at the end, however they are written.
        List<String> mirrors = access.mirrors().stream()
                .map(mirror -> mirror.endsWith("/") ? mirror : mirror + "/")
                .distinct()
                .toList();
        Map<String, Object> indexes = new LinkedHashMap<>();
        indexes.put(HUB, index(HUB, mirrors, true));
        List<String> blocks = new ArrayList<>();
        for (String insecure : access.insecure()) {
            if (insecure.indexOf('/') >= 0) {
                blocks.add(insecure);
            } else {
                indexes.putIfAbsent(insecure, index(insecure, List.of(), false));
            }
        }
        blocks.addAll(List.of("127.0.0.0/8", "::1/128"));
        Map<String, Object> registries = new LinkedHashMap<>();
        if (!version.atLeast(SLIMMER)) {
            registries.put("AllowNondistributableArtifactsCIDRs", List.of());
            registries.put("AllowNondistributableArtifactsHostnames", List.of());
        }
        registries.put("InsecureRegistryCIDRs", blocks.stream().distinct().toList());
        registries.put("IndexConfigs", indexes);
        registries.put("Mirrors", mirrors);
        answer.put("RegistryConfig", registries);
    }

    /** Engine API, IndexInfo. */
    private static Map<String, Object> index(String name, List<String> mirrors, boolean official) {
        Map<String, Object> index = new LinkedHashMap<>();
        index.put("Name", name);
        index.put("Mirrors", mirrors);
        index.put("Secure", official); // of the others only those are told that are not
        index.put("Official", official);
        return index;
    }

    private static void runtimes(Map<String, Object> answer, NodeInfo info, ApiVersion version) {
        Map<String, Object> runtimes = new LinkedHashMap<>();
        info.runtimes().forEach(name -> runtimes.put(name, Map.of("path", name)));
        answer.put("Runtimes", runtimes);
        answer.put("DefaultRuntime", info.defaultRuntime());
        Map<String, Object> swarm = new LinkedHashMap<>();
        swarm.put("NodeID", "");
        swarm.put("NodeAddr", "");
        swarm.put("LocalNodeState", "inactive");
        swarm.put("ControlAvailable", false);
        swarm.put("Error", "");
        swarm.put("RemoteManagers", null);
        answer.put("Swarm", swarm);
        answer.put("Isolation", "");
        answer.put("InitBinary", info.initBinary());
        // containerd and runc have no part here, so there is no commit of theirs to name; clients expect the fields.
        for (String field : List.of("ContainerdCommit", "RuncCommit", "InitCommit")) {
            answer.put(field, version.atLeast(SLIMMER) ? Map.of("ID", "") : Map.of("ID", "", "Expected", ""));
        }
    }

    /** Null for none, as Go writes an empty list that nobody has made. */
    private static @Nullable List<String> warnings(List<Node> nodes) {
        List<String> warnings = new ArrayList<>();
        for (Node node : nodes) {
            String prefix = nodes.size() == 1 ? "" : node.name() + ": ";
            node.info().warnings().forEach(warning -> warnings.add(prefix + warning));
            if (!node.ready()) {
                warnings.add("WARNING: node " + node.name() + " was last heard of at " + node.lastSeen());
            }
        }
        return warnings.isEmpty() ? null : warnings;
    }
}
