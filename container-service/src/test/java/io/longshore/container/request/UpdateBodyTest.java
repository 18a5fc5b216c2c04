package io.longshore.container.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Node;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpdateBodyTest {
    private static UpdateBody.Applied applied(String hostMembers, String changes, Node node) {
        HostConfig before = Objects.requireNonNull(Samples.complete(Samples.request("", hostMembers), Samples.image())
                .hostConfig());
        return UpdateBody.applied(before, parse(changes), node.info());
    }

    private static HostConfig parse(String body) {
        return UpdateBody.parse(body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatIsMissingZeroOrEmptyStays() {
        UpdateBody.Applied applied = applied(
                "\"CpuShares\": 300, \"Memory\": 67108864, \"CpusetCpus\": \"0\"",
                "{\"CpuShares\": 0, \"CpusetCpus\": \"\", \"Memory\": 33554432}",
                Samples.node());
        assertThat(applied.host().cpuShares()).isEqualTo(300);
        assertThat(applied.host().cpusetCpus()).isEqualTo("0");
        assertThat(applied.host().memory()).isEqualTo(33554432);
        assertThat(applied.warnings()).isEmpty();
    }

    /** Engine API, ContainerUpdate: 0 or -1 for unlimited, null to not change. */
    @ParameterizedTest
    @CsvSource({"0, 0", "-1, 0", "-5, 0", "20, 20", "null, 10"})
    void zeroLiftsTheLimitOfProcesses(String asked, long then) {
        UpdateBody.Applied applied = applied("\"PidsLimit\": 10", "{\"PidsLimit\": " + asked + "}", Samples.node());
        assertThat(applied.host().pidsLimit()).isEqualTo(then);
        assertThat(SpecBuilder.resources(applied.host()).pidsLimit()).isEqualTo(then);
    }

    @Test
    void whatTheNodeCannotKeepIsLeftOutAndTold() {
        UpdateBody.Applied applied = applied(
                "\"BlkioWeight\": 100",
                "{\"BlkioWeight\": 300, \"Memory\": 33554432, \"MemorySwap\": 67108864, \"CpuShares\": 300}",
                Samples.nodeWithout("blkioWeight", "swapLimit"));
        assertThat(applied.warnings())
                .containsExactly(
                        "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.",
                        "Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap.");
        assertThat(applied.host().blkioWeight()).isEqualTo(100);
        assertThat(applied.host().memory()).isEqualTo(33554432);
        assertThat(applied.host().memorySwap()).isEqualTo(-1);
        assertThat(applied.host().cpuShares()).isEqualTo(300);
    }

    @Test
    void aBodyIsAnObject() {
        assertThatThrownBy(() -> parse("")).isInstanceOf(Failure.Invalid.class).hasMessageContaining("EOF");
        assertThatThrownBy(() -> parse("[]")).hasMessageContaining("must be an object");
        assertThatThrownBy(() -> parse("{\"Memory\": \"x\"}")).hasMessageContaining("Memory");
        assertThatThrownBy(() -> parse("{\"CpusetCpus\": \"\\u0000\"}")).hasMessageContaining("NUL");
    }
}
