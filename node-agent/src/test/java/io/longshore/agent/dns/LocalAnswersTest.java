package io.longshore.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

class LocalAnswersTest {
    private final NetworkNames names = new NetworkNames();
    private final LocalAnswers answers = new LocalAnswers(names);

    @BeforeEach
    void endpoints() {
        put("n1", "e1", "web", "10.1.0.1");
        put("n2", "e2", "web", "10.2.0.1");
        put("n2", "e3", "db.primary", "10.2.0.2");
        put("n3", "e4", "far", "10.3.0.1");
    }

    private void put(String network, String endpoint, String name, String... addresses) {
        names.put(
                network,
                endpoint,
                List.of(name),
                Stream.of(addresses).map(InetAddress::ofLiteral).toList());
    }

    private static DnsView.Network network(String id, String name, Map<String, String> links) {
        return new DnsView.Network(id, name, links);
    }

    private static DnsView view(DnsView.Network... networks) {
        return new DnsView(List.of(networks), List.of(), true, false);
    }

    private @Nullable List<String> find(DnsView view, String name, int type) {
        try {
            List<Record> found = answers.find(view, Record.newRecord(Name.fromString(name + "."), type, DClass.IN));
            return found == null
                    ? null
                    : found.stream().map(Record::rdataToString).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theFirstNetworkThatKnowsANameAnswers() {
        DnsView.Network one = network("n1", "one", Map.of());
        DnsView.Network two = network("n2", "two.net", Map.of());
        assertThat(find(view(one, two), "web", Type.A)).containsExactly("10.1.0.1");
        assertThat(find(view(two, one), "web", Type.A)).containsExactly("10.2.0.1");
        assertThat(find(view(one, two), "web.two.NET", Type.A)).containsExactly("10.2.0.1");
        assertThat(find(view(one, two), "db.primary", Type.A)).containsExactly("10.2.0.2");
        assertThat(find(view(one, two), "db.primary.two.net", Type.A)).containsExactly("10.2.0.2");
        assertThat(find(view(one, two), "db", Type.A)).isNull();
        assertThat(find(view(one, two), "far", Type.A)).isNull();
        assertThat(find(view(one, two), "web.three", Type.A)).isNull();
    }

    @Test
    void aLinkComesBeforeANameAndHidesOneOfItsNetwork() {
        DnsView.Network linked = network("n2", "two", Map.of("WEB", "db.primary", "gone", "missing"));
        assertThat(find(view(linked), "web", Type.A)).containsExactly("10.2.0.2");
        assertThat(find(view(linked), "web.two", Type.A)).containsExactly("10.2.0.2");
        assertThat(find(view(linked), "gone", Type.A)).isNull();
        assertThat(find(view(network("n1", "one", Map.of()), linked), "web", Type.A))
                .containsExactly("10.2.0.2");
    }

    @Test
    void anotherTypeOfAKnownNameIsNoData() {
        DnsView view = view(network("n1", "one", Map.of()));
        assertThat(find(view, "web", Type.AAAA)).isEmpty();
        assertThat(find(view, "web", Type.HTTPS)).isEmpty();
        names.put("n1", "e9", List.of("starting"), List.of());
        assertThat(find(view, "starting", Type.A)).isEmpty();
    }

    @Test
    void otherClassesAreNotOurs() throws IOException {
        Record chaos = Record.newRecord(Name.fromString("web."), Type.A, DClass.CH);
        assertThat(answers.find(view(network("n1", "one", Map.of())), chaos)).isNull();
    }

    @Test
    void addressesOfItsNetworksHaveNames() {
        put("n1", "e6", "six", "fd00::6");
        put("n1", "e7", "x".repeat(64), "10.1.0.7");
        DnsView view = view(network("n1", "one", Map.of()), network("n2", "two", Map.of()));
        assertThat(find(view, "1.0.2.10.in-addr.arpa", Type.PTR)).containsExactly("web.two.");
        assertThat(find(view, "1.0.2.10.IN-ADDR.ARPA", Type.PTR)).containsExactly("web.two.");
        assertThat(find(view, "6." + "0.".repeat(27) + "0.0.d.f.ip6.arpa", Type.PTR))
                .containsExactly("six.one.");
        assertThat(find(view, "1.0.3.10.in-addr.arpa", Type.PTR)).isNull();
        assertThat(find(view, "7.0.1.10.in-addr.arpa", Type.PTR)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "in-addr.arpa",
                "1.10.in-addr.arpa",
                "1.0.0.2.10.in-addr.arpa",
                "a.b.c.d.in-addr.arpa",
                "256.0.2.10.in-addr.arpa",
                "-1.0.2.10.in-addr.arpa",
                "1.ip6.arpa",
                "web"
            })
    void whatIsNoAddressHasNoName(String question) {
        assertThat(find(view(network("n2", "two", Map.of())), question, Type.PTR))
                .isNull();
    }

    @Test
    void theServerDoesNotAskItself() {
        DnsView view = new DnsView(
                List.of(),
                Stream.of("127.0.0.11", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4")
                        .map(InetAddress::ofLiteral)
                        .toList(),
                true,
                false);
        assertThat(view.servers())
                .extracting(InetAddress::getHostAddress)
                .containsExactly("10.0.0.1", "10.0.0.2", "10.0.0.3");
    }
}
