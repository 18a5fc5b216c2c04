package io.longshore.container.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.error.Failure;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
}
