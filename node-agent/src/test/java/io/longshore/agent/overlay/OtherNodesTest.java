package io.longshore.agent.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.dns.KnownNames;
import io.longshore.agent.dns.NetworkNames;
import io.longshore.agent.networkdriver.Peer;
import io.longshore.contracts.agent.OverlayPeers;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.web.Json;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OtherNodesTest {
    private static final String MAC = "02:42:0a:01:00:02";

    @TempDir
    private Path directory;

    private NetworkNames names = new NetworkNames();
    private final AtomicReference<@Nullable Map<String, List<Peer>>> packets = new AtomicReference<>();

    private OtherNodes open() {
        names = new NetworkNames();
        packets.set(null);
        return new OtherNodes(directory.resolve("other-nodes"), Json.mapper(), names, packets::set);
    }

    private static OverlayPeers.Peer peer(String id, String name, String address) {
        return new OverlayPeers.Peer(id, "net", MAC, List.of(address), List.of(name, "alias"), "192.0.2.2");
    }

    private static OverlayPeers told(long epoch, long base, long revision, OverlayPeers.Peer... put) {
        return new OverlayPeers(epoch, base, revision, List.of(put), List.of());
    }

    private @Nullable List<InetAddress> addresses(String name) {
        return KnownNames.addresses(names, "net", name);
    }

    @Test
    void whatComesLateIsNotTaken() {
        try (OtherNodes others = open()) {
            assertThat(others.told(told(4, 0, 2, peer("e1", "web", "10.1.1.2"))))
                    .isEqualTo(2);
            assertThat(others.told(told(4, 0, 2, peer("e1", "web", "10.1.1.3"))))
                    .isEqualTo(2);
            assertThat(others.told(told(4, 0, 1))).isEqualTo(2);
            assertThat(others.told(told(3, 0, 9))).isZero();
            assertThat(addresses("web")).containsExactly(InetAddress.ofLiteral("10.1.1.2"));
            assertThat(others.told(told(4, 0, 3))).isEqualTo(3);
            assertThat(addresses("web")).isNull();
        }
    }

    @Test
    void whatIsToldIsReachedAndFoundByNameAndAddress() {
        try (OtherNodes others = open()) {
            assertThat(packets.get())
                    .as("nothing is known, so what there is stays")
                    .isNull();
            assertThat(others.told(told(4, 0, 1, peer("e1", "web", "10.1.1.2"))))
                    .isEqualTo(1);
            assertThat(packets.get())
                    .isEqualTo(Map.of("net", List.of(new Peer(MAC, List.of("10.1.1.2"), "192.0.2.2"))));
            assertThat(addresses("web")).containsExactly(InetAddress.ofLiteral("10.1.1.2"));
            assertThat(KnownNames.name(names, "net", "10.1.1.2")).isEqualTo("web");
            assertThat(others.told(told(4, 1, 2, peer("e2", "db", "10.1.1.3")))).isEqualTo(2);
            assertThat(addresses("alias")).hasSize(2);
            assertThat(others.told(new OverlayPeers(4, 2, 3, List.of(peer("e2", "db2", "10.1.1.3")), List.of("e1"))))
                    .isEqualTo(3);
            assertThat(addresses("web")).isNull();
            assertThat(addresses("db")).isNull();
            assertThat(addresses("db2")).hasSize(1);
            assertThat(others.told(told(4, 0, 4))).isEqualTo(4);
            assertThat(packets.get()).isEmpty();
            assertThat(addresses("db2")).isNull();
        }
    }

    @Test
    void aChangeOfAnotherBaseIsNotTaken() {
        try (OtherNodes others = open()) {
            assertThat(others.told(told(4, 1, 2, peer("e1", "web", "10.1.1.2"))))
                    .isZero();
            assertThat(addresses("web")).isNull();
            others.told(told(4, 0, 5, peer("e1", "web", "10.1.1.2")));
            assertThat(others.told(told(4, 4, 6))).isEqualTo(5);
            assertThat(others.told(told(5, 5, 6))).as("of another epoch").isZero();
            assertThat(addresses("web")).hasSize(1);
            assertThat(others.told(told(4, 5, 5))).as("only asked").isEqualTo(5);
        }
    }

    @Test
    void itIsKnownAfterARestart() {
        try (OtherNodes others = open()) {
            others.told(told(4, 0, 1, peer("e1", "web", "10.1.1.2")));
        }
        try (OtherNodes others = open()) {
            assertThat(addresses("web")).hasSize(1);
            assertThat(packets.get()).hasSize(1);
            assertThat(others.told(told(4, 1, 2))).isEqualTo(2);
        }
    }

    @Test
    void aFileThatCannotBeReadIsAsNone() throws Exception {
        Files.writeString(directory.resolve("other-nodes"), "{");
        try (OtherNodes others = open()) {
            assertThat(packets.get()).isNull();
            assertThat(others.told(told(4, 1, 2))).isZero();
        }
    }

    @Test
    void aNameHereIsNotLostWithTheSameEndpointElsewhere() {
        try (OtherNodes others = open()) {
            others.told(told(4, 0, 1, peer("e1", "web", "10.1.1.2")));
            names.put("net", "e1", List.of("web"), List.of(InetAddress.ofLiteral("10.1.1.2")));
            others.told(new OverlayPeers(4, 1, 2, List.of(), List.of("e1")));
            assertThat(addresses("web")).containsExactly(InetAddress.ofLiteral("10.1.1.2"));
        }
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        try (OtherNodes others = open()) {
            assertThatThrownBy(() -> others.told(told(1, 0, 0))).isInstanceOf(Failure.Invalid.class);
            assertThatThrownBy(() -> others.told(new OverlayPeers(1, 0, 1, List.of(), List.of("e"))))
                    .isInstanceOf(Failure.Invalid.class);
        }
    }
}
