package io.longshore.agent.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.netlink.SetElements.Concatenation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bytes as the kernel wants them; those expected are for a machine whose byte order is that of x86-64. */
class MessagesTest {
    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void anAddressIsAsIpSendsIt() {
        byte[] bytes = Addresses.add(7, Cidr.parse("10.0.1.2/24")).bytes(3, Message.ACK);
        assertThat(hex(bytes))
                .isEqualTo("30000000" + "1400" + "0505" + "03000000" + "00000000" + "02180000" + "07000000"
                        + "080002000a000102" + "080001000a000102" + "080004000a0001ff");
    }

    @Test
    void anElementOfAMapIsAsNftSendsIt() {
        var element = new SetElements.Element(
                new Concatenation().number(6).port(8080),
                new Concatenation().address(Cidr.address("10.0.1.2")).port(80));
        byte[] bytes = SetElements.add("t", "m", List.of(element)).getFirst().bytes(1, Message.ACK);
        assertThat(hex(bytes).substring(32))
                .isEqualTo("01000000" + "0600010074000000" + "060002006d000000" + "28000380" + "24000180"
                        + "100001800c000100060000001f900000" + "100002800c0001000a00010200500000");
    }

    @Test
    void aHostileLengthEndsTheReading() {
        ByteBuffer bytes = ByteBuffer.allocate(12).order(ByteOrder.nativeOrder());
        bytes.putShort((short) 8)
                .putShort((short) 1)
                .putInt(5)
                .putShort((short) 200)
                .putShort((short) 2)
                .flip();
        Attributes read = new Attributes(bytes);
        assertThat(read.u32(1)).isEqualTo(5);
        assertThat(read.has(2)).isFalse();
        assertThat(read.u32(9)).isZero();
        assertThat(read.text(9)).isEmpty();
    }

    @Test
    void rangesOverlapOrDoNot() {
        assertThat(Cidr.parse("10.0.0.0/8").overlaps(Cidr.parse("10.7.0.0/16"))).isTrue();
        assertThat(Cidr.parse("10.7.0.0/16").overlaps(Cidr.parse("10.8.0.0/16")))
                .isFalse();
        assertThat(Cidr.parse("fd00::/64").overlaps(Cidr.parse("10.8.0.0/16"))).isFalse();
        assertThat(Cidr.parse("fd00::/48").overlaps(Cidr.parse("fd00:0:0:1::/64")))
                .isTrue();
    }

    @Test
    void addressesAreWrittenShort() {
        assertThat(Cidr.parse("fd00:0:0:1:0:0:0:2/64").toString()).isEqualTo("fd00:0:0:1::2/64");
        assertThat(Cidr.text(Cidr.address("::1"))).isEqualTo("::1");
        assertThat(Cidr.text(Cidr.address("::"))).isEqualTo("::");
        assertThat(Cidr.text(Cidr.address("fd00::"))).isEqualTo("fd00::");
        assertThat(Cidr.text(Cidr.address("2001:db8:0:1:1:1:1:1"))).isEqualTo("2001:db8:0:1:1:1:1:1");
        assertThat(Cidr.text(Cidr.address("10.0.0.1"))).isEqualTo("10.0.0.1");
    }

    @Test
    void whatIsNoAddressIsRefusedAndNeverLookedUp() {
        for (String text :
                List.of("", "localhost", "10.0.0.1/33", "10.0.0.1/x", "fe80::1%eth0", "a.b", "10.0.0.256/8")) {
            assertThatThrownBy(() -> Cidr.parse(text)).as(text).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
