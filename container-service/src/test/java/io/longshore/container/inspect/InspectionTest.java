package io.longshore.container.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.container.request.Samples;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.Observation;
import io.longshore.container.state.Step;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.Observed.Status;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.fleet.NodeInfo;
import io.longshore.platform.engine.ApiVersion;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Against golden files, reviewed against the contract (Engine API, ContainerInspect). A running Docker Engine is compared in acceptance. */
class InspectionTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00.123456Z");

    private static ContainerRow created() {
        return created("\"Tmpfs\": {\"/run\": \"size=1m\"}");
    }

    private static ContainerRow created(String host) {
        CreateRequest complete = Samples.complete(
                Samples.request("\"Cmd\": [\"sleep\", \"60\"], \"Labels\": {\"l\": \"v\"}", host), Samples.image());
        return Samples.row(Samples.ID, T0, complete);
    }

    private static JsonNode inspect(ContainerRow row, int minor) {
        return Json.mapper()
                .readTree(Json.bytes(Inspection.of(
                        row, Samples.node().info(), new Inspection.Live(null, null), new ApiVersion(minor))));
    }

    private static JsonNode golden(String name) throws IOException {
        try (var file = InspectionTest.class.getResourceAsStream(name)) {
            assertThat(file).as(name).isNotNull();
            return Json.mapper().readTree(file.readAllBytes());
        }
    }

    @Test
    void createdAndNeverStarted() throws IOException {
        assertThat(inspect(created(), 51)).isEqualTo(golden("created.json"));
    }

    @Test
    void running() throws IOException {
        Observed seen =
                new Observed(Samples.ID, 1, 4, Status.RUNNING, 1, 0, 4242, T0.plusSeconds(1), null, 0, false, "", null);
        Step step = Observation.apply(created(), seen);
        assertThat(step).isNotNull();
        assertThat(inspect(step.row(), 51)).isEqualTo(golden("running.json"));
    }

    @Test
    void byWhichProfileItIsConfined() {
        assertThat(appArmor("", List.of(NodeInfo.APP_ARMOR))).isEqualTo("longshore-default");
        assertThat(appArmor("\"Privileged\": true", List.of(NodeInfo.APP_ARMOR)))
                .isEqualTo("unconfined");
        assertThat(appArmor("\"SecurityOpt\": [\"apparmor=mine\"]", List.of(NodeInfo.APP_ARMOR)))
                .isEqualTo("mine");
        assertThat(appArmor("", List.of())).isEqualTo("");
        assertThat(appArmor("\"Privileged\": true", List.of())).isEqualTo("");
    }

    private static @Nullable Object appArmor(String host, List<String> securityOptions) {
        NodeInfo node = Samples.node(securityOptions).info();
        return Inspection.of(created(host), node, new Inspection.Live(null, null), new ApiVersion(51))
                .get("AppArmorProfile");
    }

    @Test
    void olderClientsDoNotSeeWhatCameLater() {
        JsonNode endpoint = inspect(created(), 41).at("/NetworkSettings/Networks/none");
        assertThat(endpoint.has("GwPriority")).isFalse();
        assertThat(endpoint.has("DNSNames")).isFalse();
        assertThat(inspect(created(), 51).at("/NetworkSettings/Networks/none").has("DNSNames"))
                .isTrue();
    }

    /** All fields of the contract; sizes and the image's manifest are asked for apart. */
    @Test
    void noFieldOfTheEngineIsMissing() {
        Set<String> fields = new TreeSet<>();
        inspect(created(), 41).properties().forEach(field -> fields.add(field.getKey()));
        assertThat(fields)
                .containsExactlyInAnyOrder(
                        "AppArmorProfile",
                        "Args",
                        "Config",
                        "Created",
                        "Driver",
                        "ExecIDs",
                        "GraphDriver",
                        "HostConfig",
                        "HostnamePath",
                        "HostsPath",
                        "Id",
                        "Image",
                        "LogPath",
                        "MountLabel",
                        "Mounts",
                        "Name",
                        "NetworkSettings",
                        "Path",
                        "Platform",
                        "ProcessLabel",
                        "ResolvConfPath",
                        "RestartCount",
                        "State");
    }
}
