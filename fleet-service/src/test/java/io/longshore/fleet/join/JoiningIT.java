package io.longshore.fleet.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.JoinAnswer;
import io.longshore.contracts.fleet.JoinApi;
import io.longshore.contracts.fleet.JoinRequest;
import io.longshore.contracts.id.NodeId;
import io.longshore.fleet.FleetServiceApplication;
import io.longshore.fleet.authority.CertificateAuthority;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.data.TestDatabase;
import io.longshore.platform.identity.PartIdentity;
import io.longshore.platform.identity.Pem;
import io.longshore.platform.identity.SigningRequest;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.telemetry.Trace;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.service.annotation.DeleteExchange;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.PostExchange;

class JoiningIT {
    private static final TestDatabase DATABASE = TestDatabase.create("fleet");

    @TempDir
    static Path directory;

    private static RunningService service;
    private static Connections connections;
    private static JoinApi door;
    private static Tokens tokens;

    /** Longshore's own API. */
    interface Tokens {
        @GetExchange("/api/v1/join-tokens")
        List<Map<String, @Nullable Object>> list(Caller caller);

        @PostExchange("/api/v1/join-tokens")
        Map<String, @Nullable Object> make(Caller caller, @RequestBody Map<String, Object> wish);

        @DeleteExchange("/api/v1/join-tokens/{id}")
        void remove(Caller caller, @PathVariable String id);
    }

    @BeforeAll
    static void start() {
        Path certificate = directory.resolve("keys/fleet.crt");
        Path key = directory.resolve("keys/fleet.key");
        CertificateAuthority.makeIfMissing(certificate, key);
        Map<String, Object> values = new HashMap<>(DATABASE.settings());
        values.put("run.directory", directory.resolve("run").toString());
        values.put("fleet.authority.certificate-file", certificate.toString());
        values.put("fleet.authority.key-file", key.toString());
        service = ServiceRunner.start(FleetServiceApplication.class, Settings.of(values));
        connections = new Connections();
        Address address = new Address.Unix(service.socket());
        door = new Parts(connections).client(JoinApi.class, "fleet", address);
        tokens = new Parts(connections).client(Tokens.class, "fleet", address);
    }

    @AfterAll
    static void stop() throws IOException {
        connections.close();
        service.close();
    }

    private static Caller caller() {
        return new Caller("admin", "none", Instant.now().plusSeconds(30), Trace.newId());
    }

    private static String token(Map<String, Object> wish) {
        return String.valueOf(tokens.make(caller(), wish).get("token"));
    }

    private static JoinRequest request(String token, String name, KeyPair keys) {
        return new JoinRequest(token, name, SigningRequest.text(keys));
    }

    private static JoinAnswer join(String token, String name) {
        return door.join(caller(), request(token, name, SigningRequest.keys()));
    }

    private static void refused(String token, String name, String reason) {
        assertThatThrownBy(() -> join(token, name))
                .isInstanceOf(Failure.Unauthenticated.class)
                .hasMessageContaining(reason)
                .hasMessageNotContaining(token.substring(token.length() - 64));
    }

    @Test
    void aMachineWithATokenIsANode() throws Exception {
        KeyPair keys = SigningRequest.keys();
        String token = token(Map.of());
        JoinAnswer answer = door.join(caller(), request(token, "one.example", keys));
        X509Certificate certificate =
                Pem.certificates("certificate", answer.certificate()).getFirst();
        certificate.verify(
                Pem.certificates("authority", answer.authority()).getFirst().getPublicKey());
        assertThat(certificate.getPublicKey()).isEqualTo(keys.getPublic());
        assertThat(PartIdentity.of(certificate)).isEqualTo(new PartIdentity.Node(answer.node()));
        // The answer was lost: it asks once more.
        JoinAnswer again = door.join(caller(), request(token, "one.example", keys));
        assertThat(again.node()).isEqualTo(answer.node());
        refused(token, "two.example", "is used up");
        assertThat(DATABASE.jdbc()
                        .sql("select count(*) from certificate where subject = ?")
                        .param("longshore://node/" + answer.node())
                        .query(Integer.class)
                        .single())
                .isEqualTo(2);
        // Nor does its key let in anybody by another token.
        String other = token(Map.of());
        assertThatThrownBy(() -> door.join(caller(), request(other, "three.example", keys)))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("node one.example");
        assertThat(join(other, "three.example").node()).isNotEqualTo(answer.node());
    }

    @Test
    void aTokenLetsInAsManyAsItSays() throws Exception {
        String token = token(Map.of("uses", 10));
        List<Callable<JoinAnswer>> machines = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            String name = "many-" + i;
            machines.add(() -> join(token, name));
        }
        Set<NodeId> nodes = new HashSet<>();
        int refused = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<JoinAnswer> each : threads.invokeAll(machines)) {
                try {
                    nodes.add(each.get().node());
                } catch (ExecutionException e) {
                    assertThat(e.getCause())
                            .isInstanceOf(Failure.Unauthenticated.class)
                            .hasMessageContaining("is used up");
                    refused++;
                }
            }
        }
        assertThat(nodes).hasSize(10);
        assertThat(refused).isEqualTo(22);
    }

    @Test
    void tokensOfOthersAndForgedOnesAreRefused() {
        String token = token(Map.of("uses", 0));
        int secret = token.length() - 64;
        refused(token.substring(0, secret) + "0".repeat(64), "forged", "is not known");
        refused(token.replaceFirst("-[0-9a-f]{12}-", "-000000000000-"), "forged", "is not known");
        refused("longshore-join-" + "0".repeat(64) + token.substring(15 + 64), "foreign", "is of another fleet");
        refused(token + "0", "wrong", "this is no join token");
        assertThat(join(token, "right").node()).isNotNull();
    }

    @Test
    void anExpiredTokenIsRefusedAndOneThatIsRemovedToo() {
        Map<String, @Nullable Object> made = tokens.make(caller(), Map.of("expiresInSeconds", 60, "uses", 0));
        String token = String.valueOf(made.get("token"));
        assertThat(join(token, "in-time").node()).isNotNull();
        DATABASE.jdbc()
                .sql("update join_token set expires = now() - interval '1 second' where id = ?")
                .param(made.get("id"))
                .update();
        refused(token, "late", "has expired at");
        assertThat(tokens.list(caller()))
                .noneMatch(each -> String.valueOf(made.get("id")).equals(each.get("id")));
        Map<String, @Nullable Object> other = tokens.make(caller(), Map.of("uses", 0));
        tokens.remove(caller(), String.valueOf(other.get("id")));
        refused(String.valueOf(other.get("token")), "removed", "is not known");
        assertThatThrownBy(() -> tokens.remove(caller(), String.valueOf(other.get("id"))))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining("no such join token");
    }

    @Test
    void namesAreTakenOnce() {
        String token = token(Map.of("uses", 0));
        join(token, "taken");
        assertThatThrownBy(() -> join(token, "taken"))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("a node named taken has joined already");
        DATABASE.jdbc()
                .sql("insert into node (id, version, name, agent_address, labels, info, last_seen)"
                        + " values ('old', 0, 'there-before', 'unix:/a', '{}', '{}', now())")
                .update();
        try {
            assertThatThrownBy(() -> join(token, "there-before")).isInstanceOf(Failure.Conflict.class);
        } finally {
            DATABASE.jdbc().sql("delete from node where id = 'old'").update();
        }
        for (String name : List.of("", "a b", "-a", "a\nb", "x".repeat(254), "../a")) {
            assertThatThrownBy(() -> join(token, name)).as(name).isInstanceOf(Failure.Invalid.class);
        }
    }

    @Test
    void aTokenIsToldOnceAndNotKept() {
        Map<String, @Nullable Object> made = tokens.make(caller(), Map.of("expiresInSeconds", 600, "uses", 3));
        String token = String.valueOf(made.get("token"));
        String secret = token.substring(token.length() - 64);
        Map<String, @Nullable Object> listed = tokens.list(caller()).stream()
                .filter(each -> String.valueOf(made.get("id")).equals(each.get("id")))
                .findFirst()
                .orElseThrow();
        assertThat(listed)
                .doesNotContainKey("token")
                .containsEntry("usesLeft", 3)
                .containsEntry("createdBy", "admin");
        assertThat(listed.get("expires")).isEqualTo(made.get("expires"));
        String rows = DATABASE.jdbc()
                .sql("select string_agg(join_token::text, ' ') from join_token")
                .query(String.class)
                .single();
        assertThat(rows).contains(String.valueOf(made.get("id"))).doesNotContain(secret);
        for (Map<String, Object> wish : List.<Map<String, Object>>of(
                Map.of("expiresInSeconds", 59),
                Map.of("expiresInSeconds", 2_592_001),
                Map.of("uses", -1),
                Map.of("uses", 10_001))) {
            assertThatThrownBy(() -> tokens.make(caller(), wish))
                    .as(wish.toString())
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageContaining(wish.keySet().iterator().next());
        }
    }

    @Test
    void aRequestThatCannotBeReadUsesNothing() {
        String token = token(Map.of());
        assertThatThrownBy(() -> door.join(caller(), new JoinRequest(token, "broken", "no request")))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("certificate request");
        assertThat(join(token, "whole").node()).isNotNull();
    }
}
