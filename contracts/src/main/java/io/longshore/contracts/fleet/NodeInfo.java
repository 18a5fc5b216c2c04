package io.longshore.contracts.fleet;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Facts of a machine, for {@code GET /info} and for placement.
 *
 * @param cpus usable processors
 * @param memoryBytes physical memory
 * @param kernelVersion as {@code uname -r} says
 * @param operatingSystem PRETTY_NAME of os-release(5)
 * @param osVersion VERSION_ID of os-release(5), or empty
 * @param osType {@code linux}
 * @param architecture as {@code uname -m} says
 * @param cgroupVersion 1 (also hybrid) or 2
 * @param cgroupDriver {@code cgroupfs}
 * @param storageDriver the graph driver in use
 * @param storageStatus its facts, pairs of name and value, such as Backing Filesystem
 * @param logDrivers names
 * @param networkDrivers names
 * @param volumeDrivers names
 * @param runtimes names of exec drivers and OCI runtimes that --runtime accepts
 * @param defaultRuntime one of them
 * @param securityOptions such as {@code name=seccomp,profile=default}
 * @param initBinary name of the init for --init
 * @param dataRoot the work directory
 * @param features what the kernel offers (memoryLimit, swapLimit, memoryReservation, memorySwappiness, kernelMemory, oomKillDisable,
 *     cpuShares, cpuCfsQuota, cpuRealtime, cpuset, pidsLimit, blkioWeight, blkioWeightDevice, blkioRates, ipv4Forwarding)
 * @param warnings in words, such as a missing controller
 * @param missingCapabilities capabilities(7) by name that the node does not have, so that no container gets them
 * @param dataAddress where other nodes send what goes between containers; null for a node that takes no part in overlay networks
 * @param apiSocket path there of the socket at which clients reach the Engine API; null for a node without one
 * @param entry whether ports that are published on other nodes answer here, too; null, from an agent that does not know of it, for no
 * @param version of Longshore, as its agent runs it; null from an agent that does not say
 */
public record NodeInfo(
        int cpus,
        long memoryBytes,
        String kernelVersion,
        String operatingSystem,
        String osVersion,
        String osType,
        String architecture,
        int cgroupVersion,
        String cgroupDriver,
        String storageDriver,
        List<List<String>> storageStatus,
        List<String> logDrivers,
        List<String> networkDrivers,
        List<String> volumeDrivers,
        List<String> runtimes,
        String defaultRuntime,
        List<String> securityOptions,
        String initBinary,
        String dataRoot,
        List<String> features,
        List<String> warnings,
        List<String> missingCapabilities,
        @Nullable String dataAddress,
        @Nullable String apiSocket,
        @Nullable Boolean entry,
        @Nullable String version) {
    /** Of {@link #securityOptions}: containers that ask for nothing else are confined by {@link #APP_ARMOR_PROFILE}. */
    public static final String APP_ARMOR = "name=apparmor";

    /** The name of the agent's own AppArmor profile. */
    public static final String APP_ARMOR_PROFILE = "longshore-default";

    public NodeInfo {
        // What was written before there were any has none.
        missingCapabilities = Objects.requireNonNullElse(missingCapabilities, List.of());
    }

    /** The same with an address at which other nodes reach its containers. */
    public NodeInfo dataAddress(String address) {
        return with(address, apiSocket, entry, version);
    }

    /** The same with the path of the socket at which clients reach the Engine API there. */
    public NodeInfo apiSocket(String path) {
        return with(dataAddress, path, entry, version);
    }

    /** The same, at which ports that are published on other nodes answer or do not. */
    public NodeInfo entry(boolean answers) {
        return with(dataAddress, apiSocket, answers, version);
    }

    /** The same with an agent of that version. */
    public NodeInfo version(String agent) {
        return with(dataAddress, apiSocket, entry, agent);
    }

    /** Whether ports that are published on other nodes answer here, too. */
    public boolean forwards() {
        return Boolean.TRUE.equals(entry);
    }

    private NodeInfo with(
            @Nullable String address, @Nullable String socket, @Nullable Boolean answers, @Nullable String agent) {
        return new NodeInfo(
                cpus,
                memoryBytes,
                kernelVersion,
                operatingSystem,
                osVersion,
                osType,
                architecture,
                cgroupVersion,
                cgroupDriver,
                storageDriver,
                storageStatus,
                logDrivers,
                networkDrivers,
                volumeDrivers,
                runtimes,
                defaultRuntime,
                securityOptions,
                initBinary,
                dataRoot,
                features,
                warnings,
                missingCapabilities,
                address,
                socket,
                answers,
                agent);
    }

    /** Whether containers can be confined by AppArmor. */
    public boolean hasAppArmor() {
        return securityOptions.contains(APP_ARMOR);
    }
}
