package io.longshore.oci.registry.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import java.util.List;
import org.junit.jupiter.api.Test;

class InsecureRegistryTest {
    private static void covers(String text, String... names) {
        assertThat(names).allMatch(InsecureRegistry.parse(text)::covers);
    }

    private static void leaves(String text, String... names) {
        assertThat(names).noneMatch(InsecureRegistry.parse(text)::covers);
    }

    @Test
    void aHostIsMeantAsItIsWritten() {
        covers("plain.example", "plain.example", "Plain.Example");
        leaves("plain.example", "plain.example:5000", "sub.plain.example", "10.0.0.1");
        covers("Plain.example:5000", "plain.example:5000");
        leaves("plain.example:5000", "plain.example", "plain.example:50000");
        covers("10.0.0.1:5000", "10.0.0.1:5000");
        leaves("10.0.0.1:5000", "10.0.0.1", "10.0.0.2:5000");
        covers("[fd00::1]:5000", "[fd00::1]:5000");
        covers("registry", "registry");
    }

    @Test
    void aBlockIsAllAddressesInIt() {
        covers("10.0.0.0/8", "10.0.0.0", "10.255.255.255", "10.1.2.3:5000");
        leaves("10.0.0.0/8", "9.255.255.255", "11.0.0.0", "11.0.0.0:10");
        covers("10.1.2.3/8", "10.0.0.1");
        covers("10.0.0.128/25", "10.0.0.128", "10.0.0.255:5000");
        leaves("10.0.0.128/25", "10.0.0.127", "10.0.1.128");
        covers("10.0.0.1/32", "10.0.0.1:5000");
        leaves("10.0.0.1/32", "10.0.0.2:5000");
        covers("0.0.0.0/0", "203.0.113.1:5000");
        covers("fd00::/8", "[fd00::1]:5000", "[fd12:3456::1]", "[FD00::1]");
        leaves("fd00::/8", "[fc00::1]:5000", "[fe80::1]");
        covers("fd00::1:0/112", "[fd00::1:5000]:5000");
        leaves("fd00::1:0/112", "[fd00::1]:5000");
    }

    @Test
    void aBlockIsOfOneKindOfAddresses() {
        leaves("0.0.0.0/0", "[fd00::1]:5000", "[::]");
        leaves("::/0", "10.0.0.1:5000");
        // It is connected to as what it stands for.
        covers("10.0.0.0/8", "[::ffff:10.0.0.1]:5000");
    }

    /** Nobody is asked for these names; were it by DNS, who forges an answer would have TLS left out. */
    @Test
    void aNameIsInNoBlock() {
        leaves("0.0.0.0/0", "localhost", "localhost:5000", "plain.example", "a.b.c.d:5000", "10.1:5000", "");
        leaves("::/0", "localhost", "ip6-localhost:5000", "[cafe]:5000", "[fe80::1%lo]:5000", "[", "[]");
    }

    @Test
    void whatIsNeitherHostNorBlockIsNamed() {
        for (String wrong : List.of(
                "",
                " ",
                "-plain.example",
                "plain_example",
                "*.example",
                "plain.example:",
                "plain.example:port",
                "plain.example:65536",
                "plain.example:4294967297",
                "fd00::1",
                "fd00::1:5000",
                "https://plain.example",
                "http://10.0.0.0/8",
                "010.0.0.0/8",
                "::ffff:10.0.0.0/8",
                "::ffff:a00:0/8",
                "plain.example/8",
                "plain.example/path",
                "/8",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/255.0.0.0",
                "10.0.0.0/8/8",
                "10.0.0/8",
                "10/8",
                "256.0.0.0/8",
                "fd00::/129",
                "fd00:::/8",
                "[fd00::]/8",
                "fe80::%lo/10")) {
            assertThatThrownBy(() -> InsecureRegistry.parse(wrong))
                    .as(wrong)
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageStartingWith("\"" + wrong + "\" is neither a host");
        }
    }
}
