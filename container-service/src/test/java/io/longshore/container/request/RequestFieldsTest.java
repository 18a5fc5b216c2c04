package io.longshore.container.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.container.ContainerConfig;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.web.Json;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import tools.jackson.databind.node.ObjectNode;

/** Every field of a create request is done, refused by its name, or known to have no effect: none is dropped in silence. */
class RequestFieldsTest {
    /** A value of each that changes what the agent is told. */
    static final List<String> HOST_DONE = List.of(
            "\"LogConfig\": {\"Type\": \"none\"}",
            "\"NetworkMode\": \"host\"",
            "\"Mounts\": [{\"Type\": \"tmpfs\", \"Target\": \"/x\"}]",
            "\"Binds\": [\"/a:/b\"]",
            "\"CapAdd\": [\"NET_ADMIN\"]",
            "\"CapDrop\": [\"CHOWN\"]",
            "\"CgroupnsMode\": \"private\"",
            "\"Dns\": [\"192.0.2.1\"]",
            "\"DnsOptions\": [\"rotate\"]",
            "\"DnsSearch\": [\"example.org\"]",
            "\"ExtraHosts\": [\"a:192.0.2.1\"]",
            "\"GroupAdd\": [\"5\"]",
            "\"OomScoreAdj\": 5",
            "\"Privileged\": true",
            "\"ReadonlyRootfs\": true",
            "\"SecurityOpt\": [\"seccomp=unconfined\"]",
            "\"Tmpfs\": {\"/x\": \"\"}",
            "\"ShmSize\": 1048576",
            "\"CpuShares\": 5",
            "\"Memory\": 9000000",
            "\"NanoCpus\": 500000000",
            "\"CgroupParent\": \"/x\"",
            "\"CpuPeriod\": 50000",
            "\"CpuQuota\": 50000",
            "\"CpusetCpus\": \"0\"",
            "\"CpusetMems\": \"0\"",
            "\"MemoryReservation\": 9000000",
            "\"MemorySwap\": -1, \"Memory\": 9000000",
            "\"PidsLimit\": 5",
            "\"Ulimits\": [{\"Name\": \"nofile\", \"Soft\": 5, \"Hard\": 5}]",
            "\"IpcMode\": \"host\"",
            "\"PidMode\": \"host\"",
            "\"UTSMode\": \"host\"",
            "\"Sysctls\": {\"kernel.msgmax\": \"1\"}",
            "\"BlkioWeightDevice\": [{\"Path\": \"/dev/null\", \"Weight\": 10}]",
            "\"BlkioDeviceReadBps\": [{\"Path\": \"/dev/null\", \"Rate\": 5}]",
            "\"BlkioDeviceWriteBps\": [{\"Path\": \"/dev/null\", \"Rate\": 5}]",
            "\"BlkioDeviceReadIOps\": [{\"Path\": \"/dev/null\", \"Rate\": 5}]",
            "\"BlkioDeviceWriteIOps\": [{\"Path\": \"/dev/null\", \"Rate\": 5}]",
            "\"CpuRealtimePeriod\": 5",
            "\"CpuRealtimeRuntime\": 5",
            "\"Devices\": [{\"PathOnHost\": \"/dev/null\"}]",
            "\"DeviceCgroupRules\": [\"c 1:2 rwm\"]",
            "\"KernelMemory\": 9000000",
            "\"MemorySwappiness\": 5",
            "\"OomKillDisable\": true",
            "\"Init\": true",
            "\"BlkioWeight\": 50",
            "\"MaskedPaths\": []",
            "\"ReadonlyPaths\": []",
            "\"RestartPolicy\": {\"Name\": \"always\"}");

    static final List<String> HOST_REFUSED = List.of(
            "\"Cgroup\": \"x\"",
            "\"UsernsMode\": \"private\"",
            "\"DeviceRequests\": [{}]",
            "\"KernelMemoryTCP\": 5",
            "\"CpuCount\": 5",
            "\"IOMaximumIOps\": 5",
            "\"IOMaximumBandwidth\": 5");

    /** The client's own business, or notes that nobody here reads; inspect echoes them. */
    private static final List<String> HOST_WITHOUT_EFFECT = List.of("ContainerIDFile", "ConsoleSize", "Annotations");
    /**
     * Obeyed by container-service itself, refused in Docker's words or dropped with a warning as by Docker, or with one value only; what
     * volumes are claimed for; and what is of networks that have addresses ({@link EndpointWishesTest}).
     */
    private static final List<String> HOST_ELSEWHERE = List.of(
            "AutoRemove",
            "Runtime",
            "Isolation",
            "StorageOpt",
            "CpuPercent",
            "VolumeDriver",
            "VolumesFrom",
            "PortBindings",
            "PublishAllPorts",
            "Links");

    static final List<String> CONFIG_DONE = List.of(
            "\"Hostname\": \"x\"",
            "\"Domainname\": \"x\"",
            "\"User\": \"x\"",
            "\"Tty\": true",
            "\"OpenStdin\": true",
            "\"StdinOnce\": true",
            "\"Env\": [\"A=b\"]",
            "\"Cmd\": [\"x\"]",
            "\"WorkingDir\": \"/x\"",
            "\"Entrypoint\": [\"x\"]",
            "\"Labels\": {\"a\": \"b\"}",
            "\"StopSignal\": \"INT\"",
            "\"StopTimeout\": 5",
            "\"Healthcheck\": {\"Test\": [\"CMD\", \"x\"]}");

    /** For clients, for builds, and for lists. */
    private static final List<String> CONFIG_WITHOUT_EFFECT =
            List.of("AttachStdin", "AttachStdout", "AttachStderr", "ExposedPorts", "ArgsEscaped", "OnBuild", "Shell");
    /** What the image and volumes are claimed for, and what the network none has anyway. */
    private static final List<String> CONFIG_ELSEWHERE = List.of("Image", "Volumes", "NetworkDisabled", "MacAddress");

    @Test
    void everyFieldIsAccountedForOnce() {
        assertThat(all(List.of(HOST_DONE, HOST_REFUSED, HOST_WITHOUT_EFFECT, HOST_ELSEWHERE)))
                .containsExactlyInAnyOrderElementsOf(fields(HostConfig.class));
        assertThat(all(List.of(CONFIG_DONE, CONFIG_WITHOUT_EFFECT, CONFIG_ELSEWHERE)))
                .containsExactlyInAnyOrderElementsOf(fields(ContainerConfig.class));
    }

    @ParameterizedTest
    @FieldSource("HOST_DONE")
    void whatTheHostIsAskedForReachesTheAgent(String members) {
        ObjectNode host = (ObjectNode) Json.mapper().readTree("{" + members + "}");
        boolean hasMode = host.has("NetworkMode");
        CreateRequest request = CreateBody.parse(("{\"Image\": \"busybox\", \"HostConfig\": {"
                        + (hasMode ? "" : "\"NetworkMode\": \"none\", ") + members + "}}")
                .getBytes(StandardCharsets.UTF_8));
        RequestCheck.check(request);
        CreateRequest complete = Samples.complete(request, Samples.image());
        if (hasMode) {
            assertThat(Objects.requireNonNull(complete.hostConfig()).networkMode())
                    .isEqualTo("host");
        } else {
            assertThat(Samples.spec(complete)).isNotEqualTo(plain());
        }
    }

    @ParameterizedTest
    @FieldSource("CONFIG_DONE")
    void whatTheConfigurationAsksForReachesTheAgent(String members) {
        CreateRequest request = Samples.request(members, "");
        RequestCheck.check(request);
        assertThat(Samples.spec(Samples.complete(request, Samples.image()))).isNotEqualTo(plain());
    }

    @ParameterizedTest
    @FieldSource("HOST_REFUSED")
    void whatTheHostCannotDoIsRefusedByName(String members) {
        assertThatThrownBy(() -> RequestCheck.check(Samples.request("", members)))
                .isInstanceOf(Failure.NotImplemented.class)
                .hasMessageContaining("HostConfig." + name(members));
    }

    private static ContainerSpec plain() {
        return Samples.spec(Samples.complete(Samples.request("", ""), Samples.image()));
    }

    private static List<String> all(List<List<String>> lists) {
        return lists.stream().flatMap(List::stream).map(RequestFieldsTest::name).toList();
    }

    /** Of the first of the members, or the name itself. */
    private static String name(String members) {
        return members.startsWith("\"") ? members.substring(1, members.indexOf('"', 1)) : members;
    }

    private static List<String> fields(Class<? extends Record> type) {
        return Stream.of(type.getRecordComponents())
                .map(RequestFieldsTest::jsonName)
                .toList();
    }

    private static String jsonName(RecordComponent component) {
        JsonProperty property = component.getAccessor().getAnnotation(JsonProperty.class);
        String name = component.getName();
        return property == null ? Character.toUpperCase(name.charAt(0)) + name.substring(1) : property.value();
    }
}
