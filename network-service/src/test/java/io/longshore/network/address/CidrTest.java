package io.longshore.network.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
    @ParameterizedTest
    @CsvSource({
        "172.18.0.0/16, 172.18.0.0/16, 172.18.0.1, 172.18.255.255",
        "172.18.9.9/16, 172.18.0.0/16, 172.18.0.1, 172.18.255.255",
        "255.255.255.252/30, 255.255.255.252/30, 255.255.255.253, 255.255.255.255",
        "FD00:0:0:1::5/64, fd00:0:0:1::/64, fd00:0:0:1::1, fd00::1:ffff:ffff:ffff:ffff",
        "2001:db8::/126, 2001:db8::/126, 2001:db8::1, 2001:db8::3"
    })
    void blocks(String text, String canonical, String first, String last) {
        Cidr block = Cidr.parse(text);
        assertThat(block).hasToString(canonical);
        assertThat(block.at(1)).isEqualTo(first);
        assertThat(block.at(-1)).isEqualTo(last);
        assertThat(block.contains(Cidr.address(last))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/8",
                "10.0.0.0",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/+8",
                "10.0.0/8",
                "ten/8",
                "fe80::1%1/64",
                "fd00::/129",
                "10.0.0.0/8/8"
            })
    void noBlocks(String text) {
        assertThatThrownBy(() -> Cidr.parse(text))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("invalid CIDR address: " + text);
    }

    @Test
    void blocksInBlocks() {
        assertThat(Cidr.parse("10.0.0.0/8").contains(Cidr.parse("10.9.0.0/16"))).isTrue();
        assertThat(Cidr.parse("10.9.0.0/16").contains(Cidr.parse("10.0.0.0/8"))).isFalse();
        assertThat(Cidr.parse("10.0.0.0/8").contains(Cidr.parse("fd00::/64"))).isFalse();
        assertThat(Cidr.parse("10.0.0.0/8").contains(Cidr.address("11.0.0.1"))).isFalse();
        assertThat(Cidr.macOf("172.17.0.2")).isEqualTo("02:42:ac:11:00:02");
    }

    @Test
    void subnetsOfPools() {
        Subnets subnets = new Subnets(
                new NetworkProperties(null, List.of("10.0.0.0/14 16", "192.168.0.0/16 20"), null, null, null));
        assertThat(subnets.v4().map(Cidr::toString))
                .hasSize(20)
                .startsWith("10.0.0.0/16", "10.1.0.0/16")
                .endsWith("192.168.240.0/20");
        assertThat(subnets.v6().toString()).matches("fd[0-9a-f:]+::/64");
        assertThat(subnets.v6()).isNotEqualTo(subnets.v6());
        assertThat(new Subnets(new NetworkProperties(null, null, null, null, null))
                        .v4()
                        .map(Cidr::toString))
                .startsWith("172.17.0.0/16")
                .contains("172.31.0.0/16")
                .hasSize(31);
        assertThatThrownBy(() -> new NetworkProperties(null, List.of("10.0.0.0/8 7"), null, null, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("10.0.0.0/8 7");
    }
}
