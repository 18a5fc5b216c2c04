package io.longshore.network.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.platform.engine.ApiVersion;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CreateBodyTest {
    private static CreateBody.Wish parse(String body) {
        return CreateBody.parse(body.replace('\'', '"').getBytes(StandardCharsets.UTF_8), ApiVersion.LATEST);
    }

    @Test
    void allFields() {
        CreateBody.Wish wish = parse("{'name':'lan','CheckDuplicate':true,'Internal':true,'EnableIPv6':true,"
                + "'Options':{'com.docker.network.bridge.enable_icc':'false'},'Labels':{'a':'b'},"
                + "'IPAM':{'Driver':'default','Config':[{'Subnet':'10.0.0.0/24','IPRange':'10.0.0.128/25',"
                + "'Gateway':'10.0.0.1','AuxiliaryAddresses':{'x':'10.0.0.5'}},{'Subnet':'fd00::/64'}]}}");
        assertThat(wish.name()).isEqualTo("lan");
        assertThat(wish.driver()).isNull();
        assertThat(wish.definition().internal()).isTrue();
        assertThat(wish.definition().subnets()).hasSize(2);
        assertThat(wish.definition().subnets().getFirst().reserved()).isEqualTo(Map.of("x", "10.0.0.5"));
    }

    /** What clients send whose users name no driver, and those who want it on one node. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'Name':'n'} |",
                "{'Name':'n','Driver':null} |",
                "{'Name':'n','Driver':''} |",
                "{'Name':'n','Driver':'default','Scope':''} |",
                "{'Name':'n','Driver':'bridge'} | bridge",
                "{'Name':'n','Driver':'','Scope':'local'} | bridge"
            })
    void aDriverIsNamedOrLeftToTheFleet(String body, @Nullable String driver) {
        assertThat(parse(body).driver()).isEqualTo(driver);
    }

    @Test
    void withoutADriverAnMtuIsThatOfTheLink() {
        String mtu = "com.docker.network.driver.mtu";
        NetworkDefinition of =
                parse("{'Name':'n','Options':{'" + mtu + "':'1450','a':'b'}}").definition();
        assertThat(OverlayOptions.chosen(of, false).options()).isEqualTo(Map.of(mtu, "1400", "a", "b"));
        assertThat(OverlayOptions.chosen(of, true).options()).containsEntry(mtu, "1380");
        NetworkDefinition none = parse("{'Name':'n'}").definition();
        assertThat(OverlayOptions.chosen(none, false)).isEqualTo(none);
        assertThat(OverlayOptions.chosen(none, true).options()).isEqualTo(Map.of(mtu, "1430"));
    }

    @Test
    void anOverlayNetworkMayBeInternalAndOfScopeSwarm() {
        CreateBody.Wish wish =
                parse("{'Name':'n','Driver':'overlay','Scope':'swarm','Internal':true,'Attachable':true}");
        assertThat(wish.driver()).isEqualTo("overlay");
        assertThat(wish.definition().internal()).isTrue();
        assertThat(wish.definition().attachable()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{} | invalid network name: name is empty",
                "{'Name':'a/b'} | invalid network name \"a/b\": only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
                "{'Name':'bridge'} | operation is not permitted on predefined bridge network",
                "{'Name':'n','Driver':'host'} | only one instance of \"host\" network is allowed",
                "{'Name':'n','Driver':'weave'} | plugin \"weave\" not found",
                "{'Name':'n','Driver':'macvlan'} | network driver macvlan is not available in Longshore yet; use bridge",
                "{'Name':'n','Driver':'overlay','Scope':'local'} | invalid network scope \"local\": a network of driver overlay spans nodes; use scope swarm",
                "{'Name':'n','Driver':'overlay','Ingress':true} | This node is not a swarm manager: a network of scope ingress is not available; use scope local",
                "{'Name':'n','Driver':'overlay','Options':{'encrypted':''}} | option encrypted of network driver overlay is not available in Longshore yet: what goes between nodes is not encrypted; leave it out",
                "{'Name':'n','Driver':'overlay','Options':{'com.docker.network.driver.overlay.vxlanid_list':'5'}} | option com.docker.network.driver.overlay.vxlanid_list is not available in Longshore yet: numbers are given out; leave it out",
                "{'Name':'n','Scope':'swarm'} | This node is not a swarm manager: a network of scope swarm is not available; use scope local",
                "{'Name':'n','EnableIPv4':false} | IPv4 or IPv6 must be enabled",
                "{'Name':'n','IPAM':{'Driver':'dhcp'}} | ipam driver \"dhcp\" not found; leave it out",
                "{'Name':'n','IPAM':{'Config':[{'Subnet':'10.0.0.0'}]}} | invalid CIDR address: 10.0.0.0",
                "{'Name':'n','IPAM':{'Config':[{'Subnet':'10.0.0.0/33'}]}} | invalid CIDR address: 10.0.0.0/33",
                "{'Name':'n','Options':{'com.docker.network.driver.mtu':'big'}} | invalid value for com.docker.network.driver.mtu: \"big\": bytes, 68 to 65535",
                "{'Name':'n','Options':{'com.docker.network.bridge.enable_icc':'maybe'}} | invalid value for com.docker.network.bridge.enable_icc: \"maybe\" is not a boolean"
            })
    void refusals(String body, String message) {
        assertThatThrownBy(() -> parse(body)).isInstanceOf(Failure.class).hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'Subnet':'10.0.0.1/24' | it should be 10.0.0.0/24",
                "'Subnet':'10.0.0.0/24','Gateway':'10.0.1.1' | invalid gateway 10.0.1.1",
                "'Subnet':'10.0.0.0/24','IPRange':'10.0.1.0/25' | invalid ip-range 10.0.1.0/25",
                "'Subnet':'10.0.0.0/24','AuxiliaryAddresses':{'a':'10.1.0.0'} | invalid auxiliary address 10.1.0.0",
                "'Subnet':'10.0.0.0/31' | too few or too many addresses",
                "'Subnet':'fd00::/64' | IPv6 has not been enabled",
                "'Gateway':'10.0.0.1' | needs a subnet"
            })
    void subnetsThatCannotBe(String config, String message) {
        assertThatThrownBy(() -> parse("{'Name':'n','IPAM':{'Config':[{" + config + "}]}}"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageStartingWith("invalid network config:")
                .hasMessageContaining(message);
    }
}
