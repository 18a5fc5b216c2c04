package io.longshore.fleet.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Heartbeat;
import io.longshore.contracts.fleet.JoinAnswer;
import io.longshore.contracts.fleet.JoinApi;
import io.longshore.contracts.fleet.JoinRequest;
import io.longshore.contracts.fleet.JoinToken;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.identity.CertificateApi;
import io.longshore.contracts.identity.CertificateRequest;
import io.longshore.fleet.authority.CertificateAuthority;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.client.Replicas;
import io.longshore.platform.identity.Identity;
import io.longshore.platform.identity.IdentityDirectory;
import io.longshore.platform.identity.MutualTls;
import io.longshore.platform.identity.PartIdentity;
import io.longshore.platform.identity.Pem;
import io.longshore.platform.identity.SigningRequest;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.run.StartFailure;
import io.longshore.platform.run.echo.EchoApi;
import io.longshore.platform.run.echo.EchoApplication;
import io.longshore.platform.sample.SampleNodeInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class MutualTlsIT {
    @TempDir
    static Path directory;

    private static TlsFleet fleet;

    @BeforeAll
    static void start() {
        fleet = new TlsFleet(directory.resolve("one"));
    }

    @AfterAll
    static void stop() throws IOException {
        fleet.close();
    }

    private interface Work<T> {
        void with(T client) throws Exception;
    }

    private static <T> void call(Class<T> contract, Address at, MutualTls tls, Work<T> work) throws Exception {
        try (Connections connections = new Connections(tls)) {
            work.with(new Parts(connections).client(contract, "part", at));
        }
    }

    private static Heartbeat heartbeat(String name, String address, String machine) {
        return new Heartbeat(name, address, machine, Map.of(), SampleNodeInfo.of());
    }

    @Test
    void callsComeThroughFromWhoMay() throws Exception {
        call(EchoApi.class, fleet.echoDoor(), TlsFleet.as(fleet.service("container")), echo -> {
            for (int i = 0; i < 3; i++) {
                assertThat(echo.caller(TlsFleet.caller()).principal()).isEqualTo("tester");
            }
            assertThatThrownBy(() -> echo.fail(TlsFleet.caller(), "CONFLICT", "as it was"))
                    .isInstanceOf(Failure.Conflict.class)
                    .hasMessage("as it was");
        });
        call(
                EchoApi.class,
                fleet.echoDoor(),
                TlsFleet.as(fleet.service("volume")),
                echo -> assertThatThrownBy(() -> echo.caller(TlsFleet.caller()))
                        .isInstanceOf(Failure.Forbidden.class)
                        .hasMessageContaining("longshore://service/volume may not ask GET /internal/caller of image"));
        call(
                EchoApi.class,
                fleet.echoDoor(),
                TlsFleet.as(fleet.node("asks-others")),
                echo -> assertThatThrownBy(() -> echo.caller(TlsFleet.caller())).isInstanceOf(Failure.Forbidden.class));
    }

    @Test
    void aNodeSpeaksForItselfAlone() throws Exception {
        Identity one = fleet.node("one");
        NodeId id = ((PartIdentity.Node) one.who()).id();
        Identity other = fleet.node("other");
        call(FleetApi.class, fleet.fleetDoor(), TlsFleet.as(one), api -> {
            api.heartbeat(TlsFleet.caller(), id, heartbeat("one", "https://10.0.0.1:2378", "boot-1"));
            NodeId others = ((PartIdentity.Node) other.who()).id();
            assertThatThrownBy(() -> api.heartbeat(
                            TlsFleet.caller(), others, heartbeat("other", "https://10.0.0.1:2378", "boot-1")))
                    .isInstanceOf(Failure.Forbidden.class)
                    .hasMessageContaining(one.who().uri());
            assertThatThrownBy(() -> api.nodes(TlsFleet.caller())).isInstanceOf(Failure.Forbidden.class);
        });
        assertThat(fleet.near(FleetApi.class).nodes(TlsFleet.caller()))
                .anyMatch(node -> node.id().equals(id) && node.ready());
    }

    @Test
    void whoCopiesAnIdentityIsRefusedWhileTheFirstLives() throws Exception {
        Identity original = fleet.node("original");
        NodeId id = ((PartIdentity.Node) original.who()).id();
        call(FleetApi.class, fleet.fleetDoor(), TlsFleet.as(original), api -> {
            Heartbeat first = heartbeat("original", "https://10.0.0.2:2378", "boot-2");
            api.heartbeat(TlsFleet.caller(), id, first);
            for (Heartbeat copy : List.of(
                    heartbeat("original", "https://10.0.0.3:2378", "boot-3"),
                    heartbeat("original", "https://10.0.0.2:2378", "boot-3"),
                    heartbeat("original", "https://10.0.0.3:2378", "boot-2"))) {
                assertThatThrownBy(() -> api.heartbeat(TlsFleet.caller(), id, copy))
                        .isInstanceOf(Failure.Conflict.class)
                        .hasMessageContaining("is alive at https://10.0.0.2:2378")
                        .hasMessageContaining("if it is a copy, have that machine join for itself");
            }
            api.heartbeat(TlsFleet.caller(), id, first);
        });
    }

    @Test
    void withoutACertificateOneMayJoinAndNothingElse() throws Exception {
        String token = fleet.token();
        MutualTls stranger = MutualTls.introducing(JoinToken.parse(token).fingerprint());
        call(
                FleetApi.class,
                fleet.fleetDoor(),
                stranger,
                api -> assertThatThrownBy(() -> api.nodes(TlsFleet.caller()))
                        .isInstanceOf(Failure.Unauthenticated.class)
                        .hasMessageContaining("join the fleet first"));
        call(
                EchoApi.class,
                fleet.echoDoor(),
                stranger,
                api -> assertThatThrownBy(() -> api.caller(TlsFleet.caller()))
                        .isInstanceOf(Failure.Unauthenticated.class));
        call(JoinApi.class, fleet.fleetDoor(), stranger, api -> {
            KeyPair keys = SigningRequest.keys();
            JoinAnswer answer =
                    api.join(TlsFleet.caller(), new JoinRequest(token, "new.example", SigningRequest.text(keys)));
            Identity joined = Identity.of(keys.getPrivate(), answer.certificate(), answer.authority());
            assertThat(joined.who()).isEqualTo(new PartIdentity.Node(answer.node()));
        });
    }

    @Test
    void aFleetThatIsNotTheTokensIsNotToldTheSecret() throws Exception {
        JoinToken foreign = JoinToken.random("0".repeat(64));
        call(
                JoinApi.class,
                fleet.fleetDoor(),
                MutualTls.introducing(foreign.fingerprint()),
                api -> assertThatThrownBy(
                                () -> api.join(TlsFleet.caller(), new JoinRequest(foreign.text(), "lost.example", "")))
                        .isInstanceOf(Failure.Unavailable.class)
                        .hasMessageContaining("who answers is of another fleet")
                        .hasMessageNotContaining(foreign.secret()));
    }

    @Test
    void anotherFleetIsBelievedByNobody() throws Exception {
        Path files = directory.resolve("other");
        CertificateAuthority.makeIfMissing(files.resolve("other.crt"), files.resolve("other.key"));
        try (TlsFleet other = new TlsFleet(directory.resolve("two"))) {
            // What is of the other fleet is shown here, and the other way round.
            call(
                    EchoApi.class,
                    fleet.echoDoor(),
                    TlsFleet.as(other.service("container")),
                    api -> assertThatThrownBy(() -> api.caller(TlsFleet.caller()))
                            .isInstanceOf(Failure.Unavailable.class));
            call(
                    EchoApi.class,
                    other.echoDoor(),
                    TlsFleet.as(fleet.service("container")),
                    api -> assertThatThrownBy(() -> api.caller(TlsFleet.caller()))
                            .isInstanceOf(Failure.Unavailable.class));
            // A client that believes both shows a certificate that the server does not: by its own mistake or on
            // purpose.
            Identity foreign = other.service("container");
            Identity mixed = new Identity(
                    foreign.who(),
                    foreign.key(),
                    foreign.certificate(),
                    fleet.service("container").authority());
            call(
                    EchoApi.class,
                    fleet.echoDoor(),
                    TlsFleet.as(mixed),
                    api -> assertThatThrownBy(() -> api.caller(TlsFleet.caller()))
                            .isInstanceOfAny(Failure.Unavailable.class, Failure.Unauthenticated.class));
        }
    }

    @Test
    void whoIsSomebodyElseIsNotSpokenTo() throws Exception {
        Address.Tls door = (Address.Tls) fleet.echoDoor();
        MutualTls tls = TlsFleet.as(fleet.service("container"));
        call(
                EchoApi.class,
                door.expecting(new PartIdentity.Service("volume")),
                tls,
                api -> assertThatThrownBy(() -> api.caller(TlsFleet.caller()))
                        .isInstanceOf(Failure.Unavailable.class)
                        .hasMessageContaining(
                                "is longshore://service/image and not longshore://service/volume, as expected"));
        call(
                EchoApi.class,
                new Address.Tls(door.host(), door.port(), null),
                tls,
                api -> assertThatThrownBy(() -> api.caller(TlsFleet.caller()))
                        .isInstanceOf(Failure.Unavailable.class)
                        .hasMessageContaining("nobody said who must be at"));
        // One connection is open and kept: it is not taken for somebody else's.
        try (Connections connections = new Connections(tls)) {
            Parts parts = new Parts(connections);
            parts.client(EchoApi.class, "image", door).caller(TlsFleet.caller());
            EchoApi other = parts.client(EchoApi.class, "volume", door.expecting(new PartIdentity.Service("volume")));
            assertThatThrownBy(() -> other.caller(TlsFleet.caller())).isInstanceOf(Failure.Unavailable.class);
        }
    }

    @Test
    void aReplicaThatDoesNotProveThatItIsOneIsPassedOver() throws Exception {
        PartIdentity image = new PartIdentity.Service("image");
        Address wrong = fleet.fleetDoor().expecting(image);
        Address off = new Address.Tls("127.0.0.1", TlsFleet.freePort(), image);
        Address right = fleet.echoDoor();
        MutualTls tls = TlsFleet.as(fleet.service("container"));
        // Whichever of them this process prefers, in one of these it is another one.
        for (List<Address> order :
                List.of(List.of(wrong, off, right), List.of(right, wrong, off), List.of(off, right, wrong))) {
            try (Connections connections = new Connections(tls)) {
                EchoApi echo = new Parts(connections).client(EchoApi.class, "image", Replicas.of(order));
                for (int i = 0; i < 3; i++) {
                    assertThat(echo.caller(TlsFleet.caller()).principal()).isEqualTo("tester");
                }
            }
        }
    }

    @Test
    void whoAcceptsAndSaysNothingIsLeft() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            Address door = new Address.Tls("127.0.0.1", silent.getLocalPort(), new PartIdentity.Service("image"));
            Instant began = Instant.now();
            call(
                    EchoApi.class,
                    door,
                    TlsFleet.as(fleet.service("container")),
                    api -> assertThatThrownBy(() -> api.caller(TlsFleet.caller()))
                            .isInstanceOfAny(Failure.Unavailable.class, Failure.DeadlineExceeded.class));
            assertThat(Instant.now()).isBefore(began.plusSeconds(25));
        }
    }

    private static Identity issued(PartIdentity who, Instant from, Duration lifetime) throws Exception {
        KeyPair keys = SigningRequest.keys();
        X509Certificate certificate = CertificateAuthority.read(fleet.certificateFile(), fleet.keyFile())
                .issue(who, keys.getPublic(), from, lifetime);
        return Identity.of(keys.getPrivate(), Pem.of(List.of(certificate)), Files.readString(fleet.certificateFile()));
    }

    @Test
    void anExpiredCertificateIsRefused() throws Exception {
        PartIdentity who = new PartIdentity.Service("container");
        Identity expired = issued(who, Instant.now().minus(Duration.ofDays(2)), Duration.ofDays(1));
        call(
                EchoApi.class,
                fleet.echoDoor(),
                TlsFleet.as(expired),
                api -> assertThatThrownBy(() -> api.caller(TlsFleet.caller()))
                        .isInstanceOfAny(Failure.Unavailable.class, Failure.Unauthenticated.class));
        // On a connection that began in time, too.
        Identity shortly = issued(who, Instant.now(), Duration.ofSeconds(3));
        call(EchoApi.class, fleet.echoDoor(), TlsFleet.as(shortly), api -> {
            api.caller(TlsFleet.caller());
            Thread.sleep(3_500);
            assertThatThrownBy(() -> api.caller(TlsFleet.caller()))
                    .isInstanceOf(Failure.Unauthenticated.class)
                    .hasMessageContaining("has expired");
        });
    }

    @Test
    void aRevokedCertificateIsRefusedWithinSeconds() throws Exception {
        Identity node = fleet.node("leaves");
        NodeId id = ((PartIdentity.Node) node.who()).id();
        Heartbeat sign = heartbeat("leaves", "https://10.0.0.9:2378", "boot-9");
        call(FleetApi.class, fleet.fleetDoor(), TlsFleet.as(node), api -> {
            api.heartbeat(TlsFleet.caller(), id, sign);
            fleet.database()
                    .jdbc()
                    .sql("update certificate set revoked = now() where subject = ?")
                    .param(node.who().uri())
                    .update();
            Instant limit = Instant.now().plusSeconds(10);
            while (true) {
                try {
                    api.heartbeat(TlsFleet.caller(), id, sign);
                    assertThat(Instant.now()).isBefore(limit);
                    Thread.sleep(100);
                } catch (Failure.Unauthenticated e) {
                    assertThat(e.text()).contains("is revoked").contains("has to join again");
                    break;
                }
            }
        });
    }

    @Test
    void aCertificateIsRenewedInTime() throws Exception {
        Path kept = directory.resolve("kept");
        IdentityDirectory identity = new IdentityDirectory(kept);
        // Half of its time and more is over.
        X509Certificate old = CertificateAuthority.read(fleet.certificateFile(), fleet.keyFile())
                .issue(
                        new PartIdentity.Service("image"),
                        SigningRequest.parse(identity.request()).key(),
                        Instant.now().minus(Duration.ofDays(20)),
                        Duration.ofDays(30));
        identity.keep(Pem.of(List.of(old)), Files.readString(fleet.certificateFile()));
        Map<String, Object> values = Map.of(
                "run.directory", directory.resolve("renewed").toString(),
                "identity.directory", kept.toString(),
                "services.fleet", fleet.fleetDoor().toString());
        try (RunningService _ = ServiceRunner.start(EchoApplication.class, Settings.of(values))) {
            Instant limit = Instant.now().plusSeconds(10);
            while (identity.read().certificate().equals(old)) {
                assertThat(Instant.now()).isBefore(limit);
                Thread.sleep(50);
            }
            Identity renewed = identity.read();
            assertThat(renewed.certificate().getNotAfter().toInstant())
                    .isAfter(Instant.now().plus(Duration.ofDays(29)));
            assertThat(renewed.who()).isEqualTo(new PartIdentity.Service("image"));
        }
    }

    @Test
    void aNodeIsRenewedForItsOwnKeyAndWhileItIsOfTheFleet() throws Exception {
        Identity node = fleet.node("renews");
        NodeId id = ((PartIdentity.Node) node.who()).id();
        call(CertificateApi.class, fleet.fleetDoor(), TlsFleet.as(node), api -> {
            CertificateRequest other = new CertificateRequest(SigningRequest.text(SigningRequest.keys()));
            assertThatThrownBy(() -> api.renew(TlsFleet.caller(), id, other))
                    .isInstanceOf(Failure.Forbidden.class)
                    .hasMessageContaining("has joined with another key");
            assertThatThrownBy(() -> api.service(TlsFleet.caller(), "gateway", other))
                    .isInstanceOf(Failure.Forbidden.class)
                    .hasMessageContaining("may not ask");
        });
        assertThatThrownBy(() -> fleet.near(CertificateApi.class)
                        .renew(
                                TlsFleet.caller(),
                                new NodeId("000000000000"),
                                new CertificateRequest(SigningRequest.text(SigningRequest.keys()))))
                .isInstanceOf(Failure.NotFound.class);
        assertThatThrownBy(() -> fleet.near(CertificateApi.class)
                        .service(
                                TlsFleet.caller(),
                                "nobody",
                                new CertificateRequest(SigningRequest.text(SigningRequest.keys()))))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining("no such service: nobody");
    }

    @Test
    void whatCannotWorkIsSaidAtTheStart() {
        Map<String, Object> none = Map.of(
                "run.directory", directory.resolve("none").toString(),
                "identity.directory", directory.resolve("nowhere").toString());
        assertThatThrownBy(() -> ServiceRunner.start(EchoApplication.class, Settings.of(none)))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("identity.directory: cannot read the identity in");
        for (String address : List.of("nowhere", "127.0.0.1", "127.0.0.1:70000", "a b:1", "[::1:80")) {
            Map<String, Object> wrong =
                    Map.of("run.directory", directory.resolve("wrong").toString(), "listen.image", address);
            assertThatThrownBy(() -> ServiceRunner.start(EchoApplication.class, Settings.of(wrong)))
                    .as(address)
                    .isInstanceOf(StartFailure.class)
                    .hasMessageContaining("listen.image: \"" + address + "\" is no address of this machine");
        }
    }
}
