package io.longshore.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NetworkNamesTest {
    private final NetworkNames names = new NetworkNames();

    private static List<InetAddress> addresses(String... literals) {
        return Stream.of(literals).map(InetAddress::ofLiteral).toList();
    }

    @Test
    void namesAreInDockersOrderAndOnce() {
        String id = "0123456789ab" + "c".repeat(52);
        assertThat(NetworkNames.of("web", List.of("www", "web"), id, "0123456789ab"))
                .containsExactly("web", "www", "0123456789ab");
        assertThat(NetworkNames.of("", List.of(), id, "host")).containsExactly("0123456789ab", "host");
    }

    @Test
    void puttingAgainReplaces() {
        names.put("n", "e", List.of("Web", "old"), addresses("10.0.0.1", "fd00::1"));
        names.put("n", "e", List.of("web", "new"), addresses("10.0.0.2"));
        assertThat(names.addresses("n", "WEB")).isEqualTo(addresses("10.0.0.2"));
        assertThat(names.addresses("n", "new")).isEqualTo(addresses("10.0.0.2"));
        assertThat(names.addresses("n", "old")).isNull();
        assertThat(names.name("n", InetAddress.ofLiteral("10.0.0.1"))).isNull();
        assertThat(names.name("n", InetAddress.ofLiteral("10.0.0.2"))).isEqualTo("web");
    }

    @Test
    void aSharedNameLosesOnlyWhoGoes() {
        names.put("n", "e1", List.of("a", "service"), addresses("10.0.0.1"));
        names.put("n", "e2", List.of("b", "service"), addresses("10.0.0.2"));
        assertThat(names.addresses("n", "service")).isEqualTo(addresses("10.0.0.1", "10.0.0.2"));
        names.remove("n", "e1");
        names.remove("n", "e1");
        names.remove("other", "e2");
        assertThat(names.addresses("n", "service")).isEqualTo(addresses("10.0.0.2"));
        assertThat(names.addresses("n", "a")).isNull();
        names.remove("n", "e2");
        assertThat(names.addresses("n", "service")).isNull();
    }

    @Test
    void anAddressThatMovedKeepsItsNewName() {
        names.put("n", "e1", List.of("a"), addresses("10.0.0.1"));
        names.put("n", "e2", List.of("b"), addresses("10.0.0.1"));
        names.remove("n", "e1");
        assertThat(names.name("n", InetAddress.ofLiteral("10.0.0.1"))).isEqualTo("b");
    }

    @Test
    void aNameThatStaysIsNeverAway() throws InterruptedException {
        names.put("n", "e", List.of("web"), addresses("10.0.0.1"));
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger missed = new AtomicInteger();
        Thread reader = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                if (names.addresses("n", "web") == null) {
                    missed.incrementAndGet();
                }
            }
        });
        for (int i = 0; i < 20_000; i++) {
            names.put("n", "e", List.of("web", "v" + i), addresses("10.0.0." + i % 250));
        }
        done.set(true);
        reader.join();
        assertThat(missed).hasValue(0);
    }
}
