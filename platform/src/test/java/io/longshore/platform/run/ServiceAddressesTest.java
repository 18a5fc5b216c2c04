package io.longshore.platform.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.platform.client.Address;
import io.longshore.platform.identity.PartIdentity;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ServiceAddressesTest {
    private static final RunProperties RUN = new RunProperties(Path.of("/run/here"), null);
    private static final Address DEFAULT = new Address.Unix(Path.of("/run/here/services/fleet.sock"));

    private static ServiceAddresses fleet(@Nullable String addresses) {
        return new ServiceAddresses(null, addresses, null, null, null, null, null);
    }

    @Test
    void replicasAreListedAndEachProvesThatItIsOne() {
        PartIdentity who = new PartIdentity.Service("fleet");
        assertThat(fleet("https://a:1, https://b:2").of(Part.FLEET, RUN).addresses())
                .containsExactly(new Address.Tls("a", 1, who), new Address.Tls("b", 2, who));
        assertThat(fleet(null).of(Part.FLEET, RUN).addresses()).containsExactly(DEFAULT);
    }

    @Test
    void aReplicaListensAtTheFirstSocket() {
        assertThat(fleet("unix:/run/b.sock,unix:/run/a.sock").socket(Part.FLEET, RUN))
                .isEqualTo(Path.of("/run/b.sock"));
        assertThat(fleet("https://a:1,unix:/run/a.sock").socket(Part.FLEET, RUN))
                .isEqualTo(Path.of("/run/a.sock"));
        assertThat(fleet("https://a:1,https://b:1").socket(Part.FLEET, RUN))
                .isEqualTo(Path.of("/run/here/services/fleet.sock"));
    }

    @Test
    void aNodeHasOneAgent() {
        ServiceAddresses two =
                new ServiceAddresses(null, null, null, null, null, null, "unix:/run/a.sock,unix:/run/b.sock");
        assertThatThrownBy(() -> two.of(Part.AGENT, RUN))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("services.agent: a node has one agent, and these are 2");
    }
}
