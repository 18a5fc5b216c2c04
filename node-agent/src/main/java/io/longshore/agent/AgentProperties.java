package io.longshore.agent;

import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.linux.netlink.Cidr;
import io.longshore.agent.stage.SupervisorConfig;
import io.longshore.platform.client.Address;
import io.longshore.platform.run.ListenAddresses;
import io.longshore.platform.run.Listener;
import io.longshore.platform.run.Part;
import io.longshore.platform.run.StartFailure;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How the agent runs.
 *
 * @param workDirectory where containers, layers and volumes lie; /var/lib/longshore by default
 * @param runDirectory where sockets of supervisors and the like are made, gone after a restart of the machine; /run/longshore-agent by
 *     default
 * @param cgroupRoot cgroup under which containers and supervisors get theirs, in every hierarchy; /longshore by default
 * @param nodeName what the node is called; the machine's host name by default
 * @param address where other machines reach the agent, {@code https://HOST:PORT}; {@code listen.agent} by default
 * @param dataAddress IP address at which other nodes send what goes between containers; the host of {@code address} by default, if that is
 *     one
 * @param entry whether ports that are published on other nodes answer here, too; by default on the machine of the other parts, that is, when the
 *     agent is reached by its socket
 * @param labels of the node, for placement
 * @param attachStall how long an attached client may take nothing of the output before it is cut off; whole seconds, a minute by default
 * @param drivers which drivers to use
 * @param storageDriver how layers are kept when the graph driver is native; overlay2 by default
 * @param runtimes OCI runtimes by the names that {@code --runtime} takes; those that the machine has installed by default
 * @param firewallTable name of the table of nftables in which all rules of ours are; longshore by default, another one for each agent of a machine
 * @param sandboxPool how many network namespaces are prepared ahead, 1 to 256; 8 by default
 * @param volumePlugins where volume plugins are found, and how long they may take
 */
@ConfigurationProperties(prefix = "agent", ignoreUnknownFields = false)
public record AgentProperties(
        @Nullable Path workDirectory,
        @Nullable Path runDirectory,
        @Nullable String cgroupRoot,
        @Nullable String nodeName,
        @Nullable String address,
        @Nullable String dataAddress,
        @Nullable Boolean entry,
        @Nullable Map<String, String> labels,
        @Nullable Duration attachStall,
        @Nullable Drivers drivers,
        @Nullable StorageDriver storageDriver,
        @Nullable Map<String, OciRuntime> runtimes,
        @Nullable String firewallTable,
        @Nullable Integer sandboxPool,
        @Nullable VolumePlugins volumePlugins) {

    private static final Path WORK_DIRECTORY = Path.of("/var/lib/longshore");
    private static final Path RUN_DIRECTORY = Path.of("/run/longshore-agent");

    private static final String FIREWALL_TABLE = "longshore";
    private static final int SANDBOX_POOL = 8;
    private static final int LARGEST_POOL = 256;
    private static final Duration LONGEST_STALL = Duration.ofDays(1);

    /** Whether a driver works on the kernel, or only seems to. */
    public enum Kind {
        NATIVE,
        SIMULATED
    }

    /** The graph drivers that keep layers. */
    public enum StorageDriver {
        OVERLAY2,
        VFS
    }

    /**
     * An OCI runtime.
     *
     * @param path of its binary, absolute
     * @param arguments that it gets before those of ours; none by default
     */
    public record OciRuntime(@Nullable Path path, @Nullable List<String> arguments) {
        Path binary() {
            return Objects.requireNonNull(path, "a runtime without a path is refused");
        }

        List<String> argumentsOrNone() {
            return arguments == null ? List.of() : arguments;
        }
    }

    /**
     * Plugins by Docker's volume plugin protocol.
     *
     * @param sockets directory with sockets; /run/docker/plugins by default
     * @param descriptions directories with .spec and .json files; /etc/docker/plugins and /usr/lib/docker/plugins by default
     * @param deadline for a call, 1 s to 10 min; 2 min by default
     */
    public record VolumePlugins(
            @Nullable Path sockets,
            @Nullable List<Path> descriptions,
            @Nullable Duration deadline) {
        private static final VolumePlugins DEFAULT = new VolumePlugins(null, null, null);
        private static final Duration SHORTEST = Duration.ofSeconds(1);
        private static final Duration LONGEST = Duration.ofMinutes(10);

        public VolumePlugins {
            absolute("agent.volume-plugins.sockets", sockets);
            if (descriptions != null) {
                descriptions.forEach(one -> absolute("agent.volume-plugins.descriptions", one));
            }
            if (deadline != null && (deadline.compareTo(SHORTEST) < 0 || deadline.compareTo(LONGEST) > 0)) {
                throw new IllegalArgumentException(
                        "agent.volume-plugins.deadline: " + deadline + " is not between a second and ten minutes");
            }
        }

        Path socketsOrDefault() {
            return sockets == null ? Path.of("/run/docker/plugins") : sockets;
        }

        List<Path> descriptionsOrDefault() {
            return descriptions == null
                    ? List.of(Path.of("/etc/docker/plugins"), Path.of("/usr/lib/docker/plugins"))
                    : descriptions;
        }

        Duration deadlineOrDefault() {
            return deadline == null ? Duration.ofMinutes(2) : deadline;
        }
    }

    /** A kind for each SPI; native by default. */
    public record Drivers(
            @Nullable Kind exec,
            @Nullable Kind graph,
            @Nullable Kind volume,
            @Nullable Kind network) {
        private static final Drivers NATIVE = new Drivers(null, null, null, null);

        boolean anyNative() {
            return nativeExec() || nativeGraph() || nativeNetwork();
        }

        boolean nativeExec() {
            return exec != Kind.SIMULATED;
        }

        boolean nativeGraph() {
            return graph != Kind.SIMULATED;
        }

        boolean nativeVolume() {
            return volume != Kind.SIMULATED;
        }

        boolean nativeNetwork() {
            return network != Kind.SIMULATED;
        }
    }

    public AgentProperties {
        absolute("agent.work-directory", workDirectory);
        absolute("agent.run-directory", runDirectory);
        if (address != null && !(Address.parse(address) instanceof Address.Tls)) {
            throw new IllegalArgumentException("agent.address: \"" + address + "\" is not https://HOST:PORT");
        }
        if (dataAddress != null && !isAddress(dataAddress)) {
            throw new IllegalArgumentException("agent.data-address: \"" + dataAddress + "\" is no IP address");
        }
        if (runtimes != null) {
            runtimes.forEach((name, runtime) -> {
                absolute("agent.runtimes." + name + ".path", runtime.path());
                if (runtime.path() == null) {
                    throw new IllegalArgumentException(
                            "agent.runtimes." + name + ": the path of its binary is missing");
                }
                if (name.equals(DriverWiring.LONGSHORE)) {
                    throw new IllegalArgumentException("agent.runtimes: " + name + " is the agent's own runtime");
                }
            });
        }
        if (attachStall != null && (attachStall.toSeconds() < 1 || attachStall.compareTo(LONGEST_STALL) > 0)) {
            throw new IllegalArgumentException(
                    "agent.attach-stall: " + attachStall + " is not between a second and " + LONGEST_STALL);
        }
        if (firewallTable != null && !firewallTable.matches("[a-z][a-z0-9_]{0,30}")) {
            throw new IllegalArgumentException("agent.firewall-table: \"" + firewallTable
                    + "\" is not 1 to 31 of a-z, 0-9 and underscore, beginning with a letter");
        }
        if (sandboxPool != null && (sandboxPool < 1 || sandboxPool > LARGEST_POOL)) {
            throw new IllegalArgumentException(
                    "agent.sandbox-pool: " + sandboxPool + " is not between 1 and " + LARGEST_POOL);
        }
        if (storageDriver != null && drivers != null && !drivers.nativeGraph()) {
            throw new IllegalArgumentException("agent.storage-driver: no layers are kept, since agent.drivers.graph is"
                    + " simulated; set only one of them");
        }
        if (drivers != null && drivers.nativeExec() && !drivers.nativeGraph()) {
            throw new IllegalArgumentException("agent.drivers: exec is native and graph is simulated;"
                    + " a process needs a real root file system");
        }
    }

    private static void absolute(String key, @Nullable Path path) {
        if (path != null && !path.isAbsolute()) {
            throw new IllegalArgumentException(key + ": \"" + path + "\" is not an absolute path");
        }
    }

    Path workDirectoryOrDefault() {
        return workDirectory == null ? WORK_DIRECTORY : workDirectory;
    }

    Path runDirectoryOrDefault() {
        return runDirectory == null ? RUN_DIRECTORY : runDirectory;
    }

    CgroupPath cgroupRootOrDefault() {
        return cgroupRoot == null ? CgroupPath.LONGSHORE : new CgroupPath(cgroupRoot);
    }

    /** What the agent tells the fleet of where it is; a {@link StartFailure} where nobody said. */
    String address(ListenAddresses listen, Listener own) {
        InetSocketAddress door = listen.of(Part.AGENT);
        if (door == null) {
            return "unix:" + own.socket();
        }
        if (address != null) {
            return address;
        }
        if (door.getAddress().isAnyLocalAddress()) {
            throw new StartFailure(
                    "listen.agent is at every address of this machine: set agent.address to the one where"
                            + " other machines reach it, as https://HOST:" + door.getPort());
        }
        String host = door.getAddress().getHostAddress();
        return "https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + door.getPort();
    }

    /** Where other nodes send what goes between containers; null if that is not known. */
    @Nullable
    String dataAddress(ListenAddresses listen, Listener own) {
        if (dataAddress != null) {
            return dataAddress;
        }
        if (!(Address.parse(address(listen, own)) instanceof Address.Tls tls)) {
            return null;
        }
        String host = tls.host().replaceAll("[\\[\\]]", "");
        return isAddress(host) ? host : null;
    }

    /** Whether ports that are published on other nodes answer here, too. */
    boolean isEntry(ListenAddresses listen) {
        return entry == null ? listen.of(Part.AGENT) == null : entry;
    }

    private static boolean isAddress(String text) {
        try {
            return !Cidr.address(text).isAnyLocalAddress();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    Map<String, String> labelsOrDefault() {
        return labels == null ? Map.of() : labels;
    }

    Duration attachStallOrDefault() {
        return attachStall == null ? SupervisorConfig.DEFAULT_STALL : attachStall;
    }

    String firewallTableOrDefault() {
        return firewallTable == null ? FIREWALL_TABLE : firewallTable;
    }

    int sandboxPoolOrDefault() {
        return sandboxPool == null ? SANDBOX_POOL : sandboxPool;
    }

    StorageDriver storageDriverOrDefault() {
        return storageDriver == null ? StorageDriver.OVERLAY2 : storageDriver;
    }

    VolumePlugins volumePluginsOrDefault() {
        return volumePlugins == null ? VolumePlugins.DEFAULT : volumePlugins;
    }

    Drivers driversOrDefault() {
        return drivers == null ? Drivers.NATIVE : drivers;
    }
}
