package io.longshore.agent.etc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.etc.HostsFile.Entry;
import io.longshore.contracts.error.Failure;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostsFileTest {
    private static List<InetAddress> addresses(String... literals) {
        return Stream.of(literals).map(InetAddress::ofLiteral).toList();
    }

    @Test
    void ownLinesHaveTheFullNameAndTheShortOne() {
        assertThat(HostsFile.own("web", "", addresses("10.1.0.2", "fd00::2")))
                .containsExactly(new Entry("10.1.0.2", "web"), new Entry("fd00::2", "web"));
        assertThat(HostsFile.own("web", "example.org", addresses("10.1.0.2")))
                .containsExactly(new Entry("10.1.0.2", "web.example.org web"));
        assertThat(HostsFile.own("web.example.org", "", addresses("10.1.0.2")))
                .containsExactly(new Entry("10.1.0.2", "web.example.org web"));
    }

    @Test
    void aLinkHasAliasHostnameAndName() {
        assertThat(HostsFile.link("db", "0123456789ab", "postgres", addresses("172.17.0.2")))
                .containsExactly(new Entry("172.17.0.2", "db 0123456789ab postgres"));
        assertThat(HostsFile.link("db", "0123456789ab", "db", addresses("172.17.0.2")))
                .containsExactly(new Entry("172.17.0.2", "db 0123456789ab"));
    }

    @Test
    void hostGatewayIsTheNode() {
        assertThat(HostsFile.added(
                        List.of("a:10.0.0.1", "b:[fd00::1]", "c:host-gateway"), addresses("172.17.0.1", "fd00::f")))
                .containsExactly(
                        new Entry("10.0.0.1", "a"),
                        new Entry("fd00::1", "b"),
                        new Entry("172.17.0.1", "c"),
                        new Entry("fd00::f", "c"));
        assertThatThrownBy(() -> HostsFile.added(List.of("c:host-gateway"), List.of()))
                .isInstanceOf(Failure.Invalid.class);
    }

    @Test
    void aRunningContainersFileIsChangedByTheLine() {
        List<Entry> own = HostsFile.own("web", "", addresses("10.1.0.2"));
        String with = HostsFile.with("127.0.0.1 localhost", own);
        assertThat(with).isEqualTo("127.0.0.1 localhost\n10.1.0.2\tweb\n");
        assertThat(HostsFile.without(with + "# mine\n", own)).isEqualTo("127.0.0.1 localhost\n# mine\n");
    }

    @ParameterizedTest
    @CsvSource({
        "::1, ::1",
        "fe80::, fe80::",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:DB8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "0:0:0:0:0:0:0:0, ::",
        "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8"
    })
    void ipv6IsWrittenShort(String given, String written) {
        assertThat(HostsFile.own("web", "", addresses(given))).containsExactly(new Entry(written, "web"));
    }
}
