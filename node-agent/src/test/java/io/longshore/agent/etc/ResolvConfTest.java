package io.longshore.agent.etc;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResolvConfTest {
    private static final ResolvConf NODE = ResolvConf.parse("""
            # made by hand
            ; and by another
            nameserver 127.0.0.53
            nameserver 10.0.0.53   # inside
            nameserver fd00::53
            nameserver resolver
            nameserver
            domain old.example.org
            search example.org example.net
            options edns0
            options trust-ad ndots:2
            sortlist 10.0.0.0
            """);

    @Test
    void readsWhatResolversRead() {
        assertThat(NODE.nameservers()).containsExactly("127.0.0.53", "10.0.0.53", "fd00::53", "resolver");
        assertThat(NODE.search()).containsExactly("example.org", "example.net");
        assertThat(NODE.options()).containsExactly("edns0", "trust-ad", "ndots:2");
        assertThat(NODE.servers())
                .containsExactly(
                        InetAddress.ofLiteral("127.0.0.53"),
                        InetAddress.ofLiteral("10.0.0.53"),
                        InetAddress.ofLiteral("fd00::53"));
        assertThat(NODE.text()).endsWith("options edns0 trust-ad ndots:2\nsortlist 10.0.0.0\n");
    }

    @Test
    void whatTheContainerAsksForReplacesListByList() {
        ResolvConf asked = NODE.asked(List.of("9.9.9.9"), List.of(), List.of("timeout:1"));
        assertThat(asked.text())
                .isEqualTo(
                        "nameserver 9.9.9.9\nsearch example.org example.net\noptions timeout:1\nsortlist 10.0.0.0\n");
        assertThat(NODE.asked(List.of(), List.of("."), List.of()).search()).isEmpty();
        assertThat(NODE.setsNdots()).isTrue();
        assertThat(asked.setsNdots()).isFalse();
    }

    @Test
    void onTheDefaultBridgeOnlyServersThatAreReached() {
        assertThat(NODE.forBridge(false).nameservers()).containsExactly("10.0.0.53");
        assertThat(NODE.forBridge(true).nameservers()).containsExactly("10.0.0.53", "fd00::53");
    }

    @Test
    void withoutOneThatIsReachedThoseOfDockerEngine() {
        ResolvConf local = ResolvConf.parse("nameserver 127.0.0.53\nnameserver ::1\nsearch example.org\n");
        assertThat(local.forBridge(false).text())
                .isEqualTo("nameserver 8.8.8.8\nnameserver 8.8.4.4\nsearch example.org\n");
        assertThat(local.forBridge(true).nameservers())
                .containsExactly("8.8.8.8", "8.8.4.4", "2001:4860:4860::8888", "2001:4860:4860::8844");
        assertThat(ResolvConf.parse("").forBridge(false).nameservers()).containsExactly("8.8.8.8", "8.8.4.4");
    }

    @Test
    void serversThatWereAskedForStay() {
        ResolvConf asked = NODE.asked(List.of("127.0.0.1", "fd00::1"), List.of(), List.of());
        assertThat(asked.forBridge(false).nameservers()).containsExactly("127.0.0.1", "fd00::1");
    }

    @Test
    void theEmbeddedDnsIsAloneAndComesBeforeSearchDomains() {
        ResolvConf plain = ResolvConf.parse("nameserver 10.0.0.53\nsearch example.org\noptions edns0\n");
        assertThat(plain.forEmbeddedDns().text())
                .isEqualTo("nameserver 127.0.0.11\nsearch example.org\noptions edns0 ndots:0\n");
        assertThat(NODE.forEmbeddedDns().options()).containsExactly("edns0", "trust-ad", "ndots:2");
        assertThat(ResolvConf.parse("options ndots:x edns0").forEmbeddedDns().options())
                .containsExactly("edns0", "ndots:0");
    }
}
