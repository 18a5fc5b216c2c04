package io.longshore.contracts.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.UpperCamelCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The part of {@code POST /containers/create} that concerns the host (Engine API, HostConfig with Resources). Sizes in bytes. A field
 * that the client left out is null.
 */
@JsonNaming(UpperCamelCaseStrategy.class)
public record HostConfig(
        @Nullable List<String> binds,
        @Nullable String containerIDFile,
        @Nullable LogConfig logConfig,
        @Nullable String networkMode,
        @Nullable Map<String, @Nullable List<PortBinding>> portBindings,
        @Nullable RestartPolicy restartPolicy,
        @Nullable Boolean autoRemove,
        @Nullable String volumeDriver,
        @Nullable List<String> volumesFrom,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable
        List<Mount> mounts,

        @Nullable List<Integer> consoleSize,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable
        Map<String, String> annotations,

        @StringOrList @Nullable List<String> capAdd,
        @StringOrList @Nullable List<String> capDrop,
        @Nullable String cgroupnsMode,
        @Nullable List<String> dns,
        @Nullable List<String> dnsOptions,
        @Nullable List<String> dnsSearch,
        @Nullable List<String> extraHosts,
        @Nullable List<String> groupAdd,
        @Nullable String ipcMode,
        @Nullable String cgroup,
        @Nullable List<String> links,
        @Nullable Integer oomScoreAdj,
        @Nullable String pidMode,
        @Nullable Boolean privileged,
        @Nullable Boolean publishAllPorts,
        @Nullable Boolean readonlyRootfs,
        @Nullable List<String> securityOpt,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable
        Map<String, String> storageOpt,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable
        Map<String, String> tmpfs,

        @JsonProperty("UTSMode") @Nullable String utsMode,
        @Nullable String usernsMode,
        @Nullable Long shmSize,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable
        Map<String, String> sysctls,

        @Nullable String runtime,
        @Nullable String isolation,
        @Nullable Long cpuShares,
        @Nullable Long memory,
        @Nullable Long nanoCpus,
        @Nullable String cgroupParent,
        @Nullable Integer blkioWeight,
        @Nullable List<WeightDevice> blkioWeightDevice,
        @Nullable List<ThrottleDevice> blkioDeviceReadBps,
        @Nullable List<ThrottleDevice> blkioDeviceWriteBps,
        @Nullable List<ThrottleDevice> blkioDeviceReadIOps,
        @Nullable List<ThrottleDevice> blkioDeviceWriteIOps,
        @Nullable Long cpuPeriod,
        @Nullable Long cpuQuota,
        @Nullable Long cpuRealtimePeriod,
        @Nullable Long cpuRealtimeRuntime,
        @Nullable String cpusetCpus,
        @Nullable String cpusetMems,
        @Nullable List<Device> devices,
        @Nullable List<String> deviceCgroupRules,
        @Nullable List<Map<String, Object>> deviceRequests,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long kernelMemory,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long kernelMemoryTCP,
        @Nullable Long memoryReservation,
        @Nullable Long memorySwap,
        @Nullable Long memorySwappiness,
        @Nullable Boolean oomKillDisable,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean init,
        @Nullable Long pidsLimit,
        @Nullable List<Ulimit> ulimits,
        @Nullable Long cpuCount,
        @Nullable Long cpuPercent,
        @JsonProperty("IOMaximumIOps") @Nullable Long ioMaximumIOps,
        @JsonProperty("IOMaximumBandwidth") @Nullable Long ioMaximumBandwidth,
        @Nullable List<String> maskedPaths,
        @Nullable List<String> readonlyPaths) {

    /** Which log driver, with its options. */
    @JsonNaming(UpperCamelCaseStrategy.class)
    public record LogConfig(@Nullable String type, @Nullable Map<String, String> config) {}

    /** A host address and port; an empty port means one chosen by the node. */
    @JsonNaming(UpperCamelCaseStrategy.class)
    public record PortBinding(
            @Nullable String hostIp, @Nullable String hostPort) {}

    /** no, always, unless-stopped or on-failure with at most so many retries (0: no limit). */
    @JsonNaming(UpperCamelCaseStrategy.class)
    public record RestartPolicy(
            @Nullable String name, @Nullable Integer maximumRetryCount) {}

    /** A mount of type bind, volume, tmpfs, image, npipe or cluster. */
    @JsonNaming(UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Mount(
            @Nullable String type,
            @Nullable String source,
            @Nullable String target,
            @Nullable Boolean readOnly,
            @Nullable String consistency,
            @Nullable Map<String, Object> bindOptions,
            @Nullable Map<String, Object> volumeOptions,
            @Nullable Map<String, Object> imageOptions,
            @Nullable Map<String, Object> tmpfsOptions) {}

    /** A host device and what the container may do with it (letters of rwm). */
    @JsonNaming(UpperCamelCaseStrategy.class)
    public record Device(
            @Nullable String pathOnHost,
            @Nullable String pathInContainer,
            @Nullable String cgroupPermissions) {}

    /** Relative block IO weight of a device, 10 to 1,000. */
    @JsonNaming(UpperCamelCaseStrategy.class)
    public record WeightDevice(
            @Nullable String path, @Nullable Integer weight) {}

    /** A rate limit of a device, in bytes or operations per second. */
    @JsonNaming(UpperCamelCaseStrategy.class)
    public record ThrottleDevice(
            @Nullable String path, @Nullable Long rate) {}

    /** A resource limit (getrlimit(2)) by its name without RLIMIT_, in lower case. */
    @JsonNaming(UpperCamelCaseStrategy.class)
    public record Ulimit(
            @Nullable String name,
            @Nullable Long soft,
            @Nullable Long hard) {}
}
