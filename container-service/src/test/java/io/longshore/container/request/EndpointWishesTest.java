package io.longshore.container.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.container.request.EndpointWishes.Wish;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.Port;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.network.ClaimedEndpoint;
import io.longshore.contracts.network.NetworkClaim.Wanted;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointWishesTest {
    private static CreateRequest request(String config, String host, String endpoints) {
        String body = "{'Image':'busybox'" + comma(config) + ",'HostConfig':{" + host
                + "},'NetworkingConfig':{'EndpointsConfig':{" + endpoints + "}}}";
        return CreateBody.parse(body.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static String comma(String members) {
        return members.isEmpty() ? "" : "," + members;
    }

    private static List<String> networks(CreateRequest request) {
        return EndpointWishes.of(request).stream().map(Wish::network).toList();
    }

    @Test
    void theNetworkOfTheModeComesFirst() {
        assertThat(networks(request("", "", ""))).containsExactly("bridge");
        assertThat(networks(request("", "'NetworkMode':'default'", "'default':{}")))
                .containsExactly("bridge");
        assertThat(networks(request("", "'NetworkMode':'lan'", ""))).containsExactly("lan");
        assertThat(networks(request("", "'NetworkMode':'lan'", "'a':null,'lan':{},'z':{}")))
                .containsExactly("lan", "a", "z");
        assertThat(networks(request("", "", "'lan':{}"))).containsExactly("lan");
        assertThat(networks(request("", "'NetworkMode':'container:web'", ""))).isEmpty();
    }

    @Test
    void addressesAndNames() {
        CreateRequest request = request(
                "'Hostname':'h','MacAddress':'02-00-00-00-00-0A'",
                "'NetworkMode':'lan'",
                "'lan':{'IPAMConfig':{'IPv4Address':'10.0.0.9','IPv6Address':'fd00::9'},'Aliases':['db','db'],'GwPriority':3}");
        EndpointWishes.check(request);
        Wish wish = EndpointWishes.of(request).getFirst();
        assertThat(wish.wanted()).isEqualTo(new Wanted("lan", "02:00:00:00:00:0a", "10.0.0.9", "fd00::9"));
        EndpointSpec endpoint =
                EndpointWishes.endpoint(Samples.ID, "web", request.config(), wish.config(), claimed(false));
        assertThat(endpoint.names()).containsExactly("web", "db", Samples.ID.shortForm(), "h");
        assertThat(endpoint.gatewayPriority()).isEqualTo(3);
        assertThat(EndpointWishes.endpoint(Samples.ID, "web", request.config(), wish.config(), claimed(true))
                        .names())
                .isEmpty();
    }

    private static ClaimedEndpoint claimed(boolean predefined) {
        NetworkSpec network = new NetworkSpec(
                "d4".repeat(32),
                "lan",
                "bridge",
                false,
                List.of(new NetworkSpec.Subnet("10.0.0.0/24", "10.0.0.1")),
                new NetworkSpec.Bridge("br-0", predefined, true, true, "0.0.0.0", 0, "eth"));
        return new ClaimedEndpoint("e5".repeat(32), network, "02:42:0a:00:00:09", List.of("10.0.0.9/24"), "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'NetworkMode':'host' | 'host':{},'lan':{} | with one of the networks in private (none) mode or in host mode",
                "'NetworkMode':'bridge' | 'bridge':{'Aliases':['a']} | network-scoped alias is supported only for containers in user defined networks",
                "'NetworkMode':'bridge' | 'bridge':{'IPAMConfig':{'IPv4Address':'172.17.0.5'}} | user specified IP address is supported on user defined networks only",
                "'NetworkMode':'lan' | 'lan':{'IPAMConfig':{'IPv4Address':'ten'}} | invalid IPv4 address: ten",
                "'NetworkMode':'lan' | 'lan':{'IPAMConfig':{'IPv4Address':'fd00::1'}} | invalid IPv4 address: fd00::1",
                "'NetworkMode':'lan' | 'lan':{'IPAMConfig':{'IPv6Address':'10.0.0.1'}} | invalid IPv6 address: 10.0.0.1",
                "'NetworkMode':'lan' | 'lan':{'MacAddress':'01:00:00:00:00:01'} | invalid MAC address: 01:00:00:00:00:01",
                "'NetworkMode':'lan' | 'lan':{'Aliases':['a b']} | invalid alias \"a b\" on network lan",
                "'NetworkMode':'container:x','PortBindings':{'80':[]} | | conflicting options: port publishing and the container type network mode",
                "'NetworkMode':'container:x','Dns':['1.1.1.1'] | | conflicting options: dns and the network mode",
                "'NetworkMode':'container:' | | invalid container format container:<name|id>",
                "'PortBindings':{'eighty':[]} | | invalid port specification: \"eighty\"",
                "'PortBindings':{'80':[{'HostPort':'99999'}]} | | invalid port specification: \"99999\"",
                "'PortBindings':{'80':[{'HostPort':'90-80'}]} | | invalid port specification: \"90-80\"",
                "'PortBindings':{'80':[{'HostIp':'here'}]} | | invalid IP address: here",
                "'Links':['a:b:c'] | | bad format for links: a:b:c"
            })
    void refusals(String host, String endpoints, String message) {
        CreateRequest request = request("", host, Objects.requireNonNullElse(endpoints, ""));
        assertThatThrownBy(() -> RequestCheck.check(request))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(message);
    }

    @Test
    void portsToPublish() {
        CreateRequest request = request(
                "'ExposedPorts':{'80/tcp':{},'53/udp':{}}",
                "'PublishAllPorts':true,'PortBindings':{'80/tcp':[{'HostIp':'127.0.0.1','HostPort':'8080'},{'HostPort':'9000-9010'}],"
                        + "'443':[{}]}",
                "");
        RequestCheck.check(request);
        assertThat(spec(request, List.of(claimed(true))).ports())
                .containsExactly(
                        new Port(53, "udp", "", 0, 0),
                        new Port(80, "tcp", "127.0.0.1", 8080, 8080),
                        new Port(80, "tcp", "", 9000, 9010),
                        new Port(443, "tcp", "", 0, 0));
        ClaimedEndpoint host = new ClaimedEndpoint("e", NetworkSpec.plain("d", "host", "host"), "", List.of(), "");
        assertThat(spec(request, List.of(host)).ports()).isEmpty();
    }

    @Test
    void oneThatSharesAnothersNetworkHasNone() {
        CreateRequest request = request("", "'NetworkMode':'container:" + Samples.ID.value() + "'", "");
        RequestCheck.check(request);
        ContainerSpec.Network network = spec(request, List.of());
        assertThat(network.joined()).isEqualTo(Samples.ID);
        assertThat(network.endpoints()).isEmpty();
    }

    private static ContainerSpec.Network spec(CreateRequest request, List<ClaimedEndpoint> endpoints) {
        return SpecBuilder.build(
                        new SpecBuilder.Identity(new Owner(Samples.ID, 1), "web", "default"),
                        Samples.complete(request, Samples.image()),
                        new SpecBuilder.Claims(Samples.image(), endpoints, List.of()))
                .network();
    }
}
