package io.longshore.fleet.tls;

import io.longshore.contracts.Caller;
import io.longshore.contracts.fleet.JoinAnswer;
import io.longshore.contracts.fleet.JoinApi;
import io.longshore.contracts.fleet.JoinRequest;
import io.longshore.contracts.identity.CertificateAnswer;
import io.longshore.contracts.identity.CertificateApi;
import io.longshore.contracts.identity.CertificateRequest;
import io.longshore.fleet.FleetServiceApplication;
import io.longshore.fleet.authority.CertificateAuthority;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.data.TestDatabase;
import io.longshore.platform.identity.Identity;
import io.longshore.platform.identity.MutualTls;
import io.longshore.platform.identity.PartIdentity;
import io.longshore.platform.identity.SigningRequest;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.run.echo.EchoApplication;
import io.longshore.platform.telemetry.Trace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.service.annotation.PostExchange;

/** A fleet-service with its own authority, and a part in image-service's place, each with a door for other machines on loopback. */
final class TlsFleet implements AutoCloseable {
    private final TestDatabase database = TestDatabase.create("fleet");
    private final Connections near = new Connections();
    private final Path directory;
    private final int fleetPort = freePort();
    private final int echoPort = freePort();
    private final RunningService fleet;
    private final RunningService echo;

    TlsFleet(Path directory) {
        this.directory = directory;
        CertificateAuthority.makeIfMissing(certificateFile(), keyFile());
        Map<String, Object> values = settings();
        values.putAll(database.settings());
        values.put("fleet.authority.certificate-file", certificateFile().toString());
        values.put("fleet.authority.key-file", keyFile().toString());
        fleet = ServiceRunner.start(FleetServiceApplication.class, Settings.of(values));
        echo = ServiceRunner.start(EchoApplication.class, Settings.of(settings()));
    }

    private Map<String, Object> settings() {
        Map<String, Object> values = new HashMap<>();
        values.put("run.directory", directory.resolve("run").toString());
        values.put("listen.fleet", "127.0.0.1:" + fleetPort);
        values.put("listen.image", "127.0.0.1:" + echoPort);
        return values;
    }

    /** Longshore's own API. */
    interface Tokens {
        @PostExchange("/api/v1/join-tokens")
        Map<String, Object> make(Caller caller, @RequestBody Map<String, Object> wish);
    }

    static int freePort() {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static Caller caller() {
        return new Caller("tester", "default", Instant.now().plusSeconds(30), Trace.newId());
    }

    Path certificateFile() {
        return directory.resolve("keys/fleet.crt");
    }

    Path keyFile() {
        return directory.resolve("keys/fleet.key");
    }

    TestDatabase database() {
        return database;
    }

    RunningService echo() {
        return echo;
    }

    Address fleetDoor() {
        return new Address.Tls("127.0.0.1", fleetPort, new PartIdentity.Service("fleet"));
    }

    Address echoDoor() {
        return new Address.Tls("127.0.0.1", echoPort, new PartIdentity.Service("image"));
    }

    /** Of fleet-service, by its own socket. */
    <T> T near(Class<T> contract) {
        return new Parts(near).client(contract, "fleet", new Address.Unix(fleet.socket()));
    }

    /** Who a replica of a service is. */
    Identity service(String name) {
        KeyPair keys = SigningRequest.keys();
        CertificateAnswer answer =
                near(CertificateApi.class).service(caller(), name, new CertificateRequest(SigningRequest.text(keys)));
        return Identity.of(keys.getPrivate(), answer.certificate(), answer.authority());
    }

    String token() {
        return String.valueOf(
                near(Tokens.class).make(caller(), Map.of("uses", 0)).get("token"));
    }

    /** Who a machine is that has joined. */
    Identity node(String name) {
        KeyPair keys = SigningRequest.keys();
        JoinAnswer answer =
                near(JoinApi.class).join(caller(), new JoinRequest(token(), name, SigningRequest.text(keys)));
        return Identity.of(keys.getPrivate(), answer.certificate(), answer.authority());
    }

    static MutualTls as(Identity identity) {
        return new MutualTls(() -> identity);
    }

    @Override
    public void close() throws IOException {
        near.close();
        echo.close();
        fleet.close();
    }
}
