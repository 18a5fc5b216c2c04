package io.longshore.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.Caller;
import io.longshore.contracts.access.AccessApi;
import io.longshore.contracts.access.Credential;
import io.longshore.contracts.access.Identity;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.data.TestDatabase;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.telemetry.Trace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessServiceIT {
    @TempDir
    Path directory;

    @Test
    void socketsOwnerIsKnownAndNobodyElse() throws IOException {
        Settings settings = Settings.of(TestDatabase.create("access").settings())
                .with(java.util.Map.of("run.directory", directory + "/run"));
        try (RunningService service = ServiceRunner.start(AccessServiceApplication.class, settings);
                Connections connections = new Connections()) {
            AccessApi access =
                    new Parts(connections).client(AccessApi.class, "access", new Address.Unix(service.socket()));
            Caller gateway = new Caller("gateway", "none", Instant.now().plusSeconds(30), Trace.newId());
            assertThat(access.identify(gateway, new Credential("socket", "default")))
                    .isEqualTo(new Identity("root", "default"));
            assertThatThrownBy(() -> access.identify(gateway, new Credential("socket", "other")))
                    .isInstanceOf(Failure.Unauthenticated.class);
            assertThatThrownBy(() -> access.identify(gateway, new Credential("token", "s3cret")))
                    .isInstanceOf(Failure.Unauthenticated.class)
                    .hasMessageContaining("token")
                    .hasMessageNotContaining("s3cret");
        }
    }
}
