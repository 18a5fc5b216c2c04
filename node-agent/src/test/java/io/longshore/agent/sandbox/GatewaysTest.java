package io.longshore.agent.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.NetworkSpec.Subnet;
import java.util.List;
import org.junit.jupiter.api.Test;

class GatewaysTest {
    private static EndpointSpec on(String name, int priority, boolean internal, boolean v6) {
        List<Subnet> subnets = v6
                ? List.of(new Subnet("10.0.0.0/24", "10.0.0.1"), new Subnet("fd00::/64", "fd00::1"))
                : List.of(new Subnet("10.0.0.0/24", "10.0.0.1"));
        List<String> addresses = v6 ? List.of("10.0.0.2/24", "fd00::2/64") : List.of("10.0.0.2/24");
        NetworkSpec network = new NetworkSpec(name.repeat(64), name, "bridge", internal, subnets, null);
        return new EndpointSpec("e", network, "", addresses, List.of(), List.of(), priority);
    }

    private static String chosen(boolean v6, EndpointSpec... endpoints) {
        return Gateways.choose(List.of(endpoints), v6)
                .map(endpoint -> endpoint.network().name())
                .orElse("");
    }

    @Test
    void theHighestPriorityLeadsThenTheFirstName() {
        assertThat(chosen(false, on("b", 0, false, false), on("a", 0, false, false)))
                .isEqualTo("a");
        assertThat(chosen(false, on("a", 0, false, false), on("b", 1, false, false)))
                .isEqualTo("b");
        assertThat(chosen(false, on("a", -1, false, false), on("b", 0, false, false)))
                .isEqualTo("b");
    }

    @Test
    void nothingLeadsOutOfAnInternalNetwork() {
        assertThat(chosen(false, on("a", 5, true, false))).isEmpty();
        assertThat(chosen(false, on("a", 5, true, false), on("b", 0, false, false)))
                .isEqualTo("b");
    }

    @Test
    void eachFamilyHasAGatewayOfItsOwn() {
        assertThat(chosen(true, on("a", 0, false, false), on("b", 0, false, true)))
                .isEqualTo("b");
        assertThat(chosen(true, on("a", 0, false, false))).isEmpty();
    }
}
