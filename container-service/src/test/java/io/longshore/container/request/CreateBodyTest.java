package io.longshore.container.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.web.ClientJson;
import io.longshore.platform.web.Json;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class CreateBodyTest {
    private static CreateRequest parse(String body) {
        return CreateBody.parse(body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void fieldsOfTheConfigurationStandBesideHostConfig() {
        CreateRequest request = parse("""
            {"Image": "busybox", "cmd": "true", "Entrypoint": ["sh", "-c"], "Unknown": 1,
             "hostconfig": {"NetworkMode": "none", "Memory": 7000000}, "NetworkingConfig": {"EndpointsConfig": {"none": {}}}}
            """);
        assertThat(request.config().command()).containsExactly("true");
        assertThat(request.config().entrypoint()).containsExactly("sh", "-c");
        assertThat(request.hostConfig()).isNotNull().satisfies(host -> {
            assertThat(host.memory()).isEqualTo(7_000_000);
        });
        assertThat(request.networkingConfig()).isNotNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''| EOF",
                "{| invalid JSON",
                "[]| must be an object",
                "{}| config cannot be empty",
                "{\"Image\": 3}| Image",
                "{\"Image\": \"x\", \"Tty\": \"yes\"}| Tty",
                "{\"Image\": \"x\", \"HostConfig\": {\"Memory\": \"1g\"}}| HostConfig.Memory",
                "{\"Image\": \"x\", \"HostConfig\": {\"Memory\": 1.5}}| HostConfig.Memory",
                "{\"Image\": \"x\", \"HostConfig\": []}| HostConfig",
                "{\"Image\": \"x\"} trailing| invalid JSON",
            })
    void whatIsWrongIsNamed(String body, String named) {
        assertThatThrownBy(() -> parse(body))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(named);
    }

    /** As Go has it: the zero value of its type, which the checks then take or refuse. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"Env\": [null]",
                "\"Cmd\": [null]",
                "\"Entrypoint\": [null]",
                "\"Volumes\": {\"/x\": null}",
                "\"ExposedPorts\": {\"80/tcp\": null}",
                "\"Labels\": {\"a\": null}",
                "\"HostConfig\": {\"CapAdd\": [null]}",
                "\"HostConfig\": {\"Dns\": [null]}",
                "\"HostConfig\": {\"ExtraHosts\": [null]}",
                "\"HostConfig\": {\"SecurityOpt\": [null]}",
                "\"HostConfig\": {\"GroupAdd\": [null]}",
                "\"HostConfig\": {\"MaskedPaths\": [null]}",
                "\"HostConfig\": {\"Mounts\": [null]}",
                "\"HostConfig\": {\"Ulimits\": [null]}",
                "\"HostConfig\": {\"ConsoleSize\": [null, null]}",
                "\"HostConfig\": {\"Tmpfs\": {\"/x\": null}}",
                "\"HostConfig\": {\"LogConfig\": {\"Config\": {\"max-size\": null}}}",
                "\"NetworkingConfig\": {\"EndpointsConfig\": {\"none\": null}}",
            })
    void nullInAListOrMapIsTakenOrRefusedNeverADefect(String members) {
        Throwable thrown = catchThrowable(() -> {
            CreateRequest request = parse("{\"Image\": \"busybox\", " + members + "}");
            RequestCheck.check(withoutNetwork(request));
            Samples.spec(Samples.complete(withoutNetwork(request), Samples.image()));
        });
        if (thrown != null) {
            assertThat(thrown).isInstanceOf(Failure.Invalid.class);
        }
    }

    private static CreateRequest withoutNetwork(CreateRequest request) {
        String host = request.hostConfig() == null ? "{}" : Json.mapper().writeValueAsString(request.hostConfig());
        HostConfig none = ClientJson.value(
                ((ObjectNode) Json.mapper().readTree(host)).put("NetworkMode", "none"), HostConfig.class);
        return new CreateRequest(request.config(), none, request.networkingConfig());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"Env\": [\"A=\\u0000\"]| invalid Env",
                "\"Cmd\": [\"a\\u0000b\"]| invalid Cmd: \"a\\0b\"",
                "\"Labels\": {\"x\": \"\\u0000\"}| invalid Labels.x",
                "\"Labels\": {\"\\u0000\": \"x\"}| invalid a name in Labels",
                "\"HostConfig\": {\"Mounts\": [{\"Target\": \"/\\u0000\"}]}| invalid HostConfig.Mounts.Target",
            })
    void aNulCharacterIsRefusedByField(String members, String named) {
        assertThatThrownBy(() -> parse("{\"Image\": \"x\", " + members + "}"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(named);
    }
}
