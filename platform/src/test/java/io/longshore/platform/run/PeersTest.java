package io.longshore.platform.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.identity.PartIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PeersTest {
    private static final PartIdentity NODE = new PartIdentity.Node(new NodeId("0123456789ab"));

    private static PartIdentity service(String name) {
        return new PartIdentity.Service(name);
    }

    private static boolean may(Part here, PartIdentity peer, String method, String path) {
        try {
            Peers.check(here, peer, method, path);
            return true;
        } catch (Failure.Forbidden e) {
            assertThat(e.text()).contains(peer.uri()).contains(path).contains(here.id());
            return false;
        }
    }

    @Test
    void servicesAskThoseThatTheTableOfTheArchitectureHas() throws IOException {
        List<List<String>> table = Files.readAllLines(Path.of("../docs/architecture.md")).stream()
                .dropWhile(line -> !line.startsWith("| | access"))
                .takeWhile(line -> line.startsWith("|"))
                .map(line ->
                        Arrays.stream(line.split("\\|", -1)).map(String::strip).toList())
                .toList();
        assertThat(table).hasSizeGreaterThan(6);
        Set<String> callers = new TreeSet<>();
        for (List<String> row : table.subList(2, table.size())) {
            String caller = row.get(1).replace("-service", "").replace("api-", "");
            callers.add(caller);
            if (caller.equals("node-agent")) {
                continue; // it asks for itself alone: below
            }
            for (int column = 2; column < table.getFirst().size() - 1; column++) {
                Part here = Part.valueOf(table.getFirst().get(column).toUpperCase(java.util.Locale.ROOT));
                assertThat(may(here, service(caller), "GET", "/internal/nodes"))
                        .as(caller + " asks " + here)
                        .isEqualTo(row.get(column).equals("●"));
            }
        }
        assertThat(callers).contains("gateway", "container", "node-agent");
    }

    @Test
    void aNodeSpeaksForItselfAlone() {
        assertThat(may(Part.FLEET, NODE, "PUT", "/internal/nodes/0123456789ab")).isTrue();
        assertThat(may(Part.FLEET, NODE, "POST", "/internal/nodes/0123456789ab/certificate"))
                .isTrue();
        assertThat(may(Part.FLEET, NODE, "GET", "/internal/revoked")).isTrue();
        for (String path : List.of(
                "/internal/nodes",
                "/internal/nodes/0123456789a",
                "/internal/nodes/0123456789abc",
                "/internal/nodes/0123456789ab/../0123456789ac",
                "/internal/nodes/0123456789ab/%2e%2e/0123456789ac",
                "/internal/nodes/0123456789ab/;x/../../0123456789ac",
                "/internal/nodes/0123456789ab//certificate",
                "/internal/services/gateway/certificate",
                "/internal/join",
                "/api/v1/join-tokens")) {
            assertThat(may(Part.FLEET, NODE, "PUT", path)).as(path).isFalse();
        }
        for (Part part : Part.values()) {
            assertThat(part != Part.FLEET && may(part, NODE, "GET", "/"))
                    .as(part.id())
                    .isFalse();
        }
    }

    @Test
    void aServiceSpeaksForNoOther() {
        assertThat(may(Part.FLEET, service("access"), "POST", "/internal/services/access/certificate"))
                .isTrue();
        for (String path : List.of(
                "/internal/services/gateway/certificate",
                "/internal/%73ervices/gateway/certificate",
                "/internal//services/gateway/certificate",
                "/internal/nodes/0123456789ab",
                "/internal/nodes/0123456789ab/certificate",
                "/internal/join",
                "/api/v1/join-tokens",
                "/nodes/a/update")) {
            assertThat(may(Part.FLEET, service("container"), "POST", path))
                    .as(path)
                    .isFalse();
        }
        assertThat(may(Part.FLEET, service("volume"), "DELETE", "/nodes/a")).isFalse();
        assertThat(may(Part.FLEET, service("gateway"), "POST", "/api/v1/join-tokens"))
                .isTrue();
        assertThat(may(Part.FLEET, service("gateway"), "PUT", "/internal/nodes/0123456789ab"))
                .isFalse();
        assertThat(may(Part.AGENT, service("gateway"), "GET", "/agent/epoch")).isFalse();
        assertThat(may(Part.AGENT, service("agent"), "GET", "/agent/epoch")).isFalse();
        assertThat(may(Part.VOLUME, service("container"), "DELETE", "/volumes/a%20b"))
                .isTrue();
    }

    @Test
    void whoHasNoCertificateMayJoinAndNothingElse() {
        assertThatCode(() -> Peers.check(Part.FLEET, null, "POST", "/internal/join"))
                .doesNotThrowAnyException();
        for (Part part : Part.values()) {
            for (String path : List.of("/internal/revoked", "/internal/join", "/internal/join/", "/health", "/")) {
                assertThatThrownBy(() -> Peers.check(part, null, "GET", path))
                        .as(part + path)
                        .isInstanceOf(Failure.Unauthenticated.class)
                        .hasMessageContaining("join the fleet first");
            }
        }
    }
}
