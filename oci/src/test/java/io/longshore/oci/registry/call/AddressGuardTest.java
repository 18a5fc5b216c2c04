package io.longshore.oci.registry.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.registry.RegistryAccess;
import io.longshore.oci.registry.call.AddressGuard.RefusedAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGuardTest {
    private static final String PUBLIC = "203.0.113.7";

    /** Names and their addresses; a name that is not there is an address itself. */
    private final Map<String, List<String>> names = new HashMap<>();

    private final AddressGuard guard = guard("registry.test");

    private AddressGuard guard(String registry) {
        RegistryAccess access = new RegistryAccess(List.of(), List.of(), List.of("login.test"), "/nonexistent", 1);
        return new AddressGuard(registry, access, this::lookup);
    }

    private InetAddress[] lookup(String host) throws UnknownHostException {
        List<String> addresses = names.getOrDefault(host, List.of(host));
        InetAddress[] found = new InetAddress[addresses.size()];
        for (int i = 0; i < found.length; i++) {
            found[i] = InetAddress.ofLiteral(addresses.get(i));
        }
        return found;
    }

    private static List<String> texts(InetAddress[] addresses) {
        return List.of(addresses).stream().map(InetAddress::getHostAddress).toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.255.255.254",
                "0.0.0.0",
                "0.1.2.3",
                "10.1.2.3",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "100.127.255.255",
                "198.18.0.1",
                "198.19.255.255",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::127.0.0.1",
                "::ffff:127.0.0.1",
                "::ffff:169.254.169.254",
                "64:ff9b::7f00:1",
                "64:ff9b::a9fe:a9fe",
                "2002:7f00:1::",
                "2001::7f00:1",
                "fc00::1",
                "fd00:ec2::254",
                "fe80::1",
                "fec0::1",
                "ff02::1"
            })
    void aPublicRegistryLeadsNowhereElse(String address) throws UnknownHostException {
        names.put("registry.test", List.of(PUBLIC));
        names.put("token.test", List.of(address));
        assertThatThrownBy(() -> guard.resolve("token.test"))
                .isInstanceOf(RefusedAddress.class)
                .hasMessageContaining("registry registry.test leads to token.test (")
                .hasMessageContaining("add token.test to image.registry.trusted");
        assertThatThrownBy(() -> guard.resolve(address)).isInstanceOf(RefusedAddress.class);
        names.put("token.test", List.of(address, "198.51.100.1"));
        assertThat(texts(guard.resolve("token.test"))).as("what is left").containsExactly("198.51.100.1");
        names.put("login.test", List.of(address));
        assertThat(guard.resolve("login.test")).as("what is configured").hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "203.0.113.9",
                "8.8.8.8",
                "100.63.0.1",
                "100.128.0.1",
                "172.32.0.1",
                "198.20.0.1",
                "2001:db8::1",
                "2a00::1"
            })
    void publicAddressesAreFree(String address) throws UnknownHostException {
        names.put("registry.test", List.of(PUBLIC));
        assertThat(guard.resolve(address)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.2, 10.0.0.1",
        "127.0.0.1, ::1, 169.254.169.254",
        "10.0.0.5, 192.168.7.7, 127.0.0.1",
        "10.0.0.5, fd00::7, 169.254.169.254",
        "10.0.0.5, 203.0.113.9, ::1",
        "fd00::5, 10.0.0.5, fe80::1",
        "169.254.1.1, 203.0.113.9, 169.254.169.254",
        "2001:db8::5, 203.0.113.9, fd00::1"
    })
    void aRegistryLeadsToItsOwnKindOfNetwork(String own, String free, String refused) throws UnknownHostException {
        names.put("registry.test", List.of(own));
        assertThat(guard.resolve("registry.test")).hasSize(1);
        assertThat(guard.resolve(free)).hasSize(1);
        assertThatThrownBy(() -> guard.resolve(refused)).isInstanceOf(RefusedAddress.class);
    }

    @Test
    void aNameWithAPublicAddressLeadsToNoOtherNetwork() throws UnknownHostException {
        names.put("registry.test", List.of("169.254.169.254", PUBLIC, "127.0.0.1", "10.0.0.1"));
        assertThat(guard.resolve("registry.test")).as("its own").hasSize(4);
        for (String address : List.of("169.254.169.254", "127.0.0.1", "10.0.0.1")) {
            assertThatThrownBy(() -> guard.resolve(address)).isInstanceOf(RefusedAddress.class);
        }
    }

    @Test
    void aRegistryDoesNotMoveInwards() throws UnknownHostException {
        names.put("registry.test", List.of(PUBLIC));
        guard.resolve("registry.test");
        names.put("registry.test", List.of("127.0.0.1"));
        assertThatThrownBy(() -> guard.resolve("registry.test")).isInstanceOf(RefusedAddress.class);
        assertThatThrownBy(() -> guard.resolve("127.0.0.1")).isInstanceOf(RefusedAddress.class);
        names.put("registry.test", List.of("198.51.100.1"));
        assertThat(guard.resolve("registry.test")).as("another public address").hasSize(1);
    }

    @Test
    void namesAreComparedAsTheyMean() throws UnknownHostException {
        AddressGuard local = guard("[::1]");
        names.put("[::1]", List.of("::1"));
        assertThat(local.resolve("[::1]")).hasSize(1);
        names.put("Registry.Test", List.of("10.0.0.1"));
        assertThat(guard.resolve("Registry.Test")).hasSize(1);
        names.put("LOGIN.test", List.of("127.0.0.1"));
        assertThat(guard.resolve("LOGIN.test")).hasSize(1);
    }

    @Test
    void aNameThatIsNotKnownIsSaidSo() {
        AddressGuard real = new AddressGuard("registry.invalid", RegistryAccess.DEFAULT);
        assertThatThrownBy(() -> real.resolve("registry.invalid"))
                .isInstanceOf(UnknownHostException.class)
                .isNotInstanceOf(RefusedAddress.class);
    }
}
