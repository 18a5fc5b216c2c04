package io.longshore.standalone.join;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.JoinAnswer;
import io.longshore.contracts.fleet.JoinApi;
import io.longshore.contracts.fleet.JoinRequest;
import io.longshore.contracts.id.Digest;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.file.PrivateDirectory;
import io.longshore.platform.identity.Identity;
import io.longshore.platform.identity.IdentityDirectory;
import io.longshore.platform.identity.MutualTls;
import io.longshore.platform.identity.PartIdentity;
import io.longshore.platform.run.Part;
import io.longshore.platform.telemetry.Trace;
import io.longshore.standalone.migrate.ExternalDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Asks a fleet to let this machine in, and keeps what it is given in the work directory. Asked again after a failure it is the same node. */
final class Join {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int CONNECT_MILLIS = 5_000;
    /** Of an agent, if nobody says. */
    private static final int PORT = 2378;

    private final Path work;

    Join(Path work) {
        this.work = work;
    }

    /** Who this machine is from now on; a {@link Failure} says why it was not let in. */
    JoinAnswer run(JoinOptions options) throws IOException {
        NodeFile node = new NodeFile(work);
        if (node.exists()) {
            throw new Failure.Conflict(
                    "this machine has joined a fleet already: " + work
                            + " has its node.properties; remove the node there, and that file and identity/ here, to join another");
        }
        if (Files.exists(work.resolve("postgres")) || ExternalDatabase.chosen(work)) {
            throw new Failure.Conflict(
                    "this machine is a fleet of its own: " + work + " has its database. Its containers and"
                            + " volumes would be lost to it; use another standalone.work-directory, or remove this one");
        }
        String listen = options.listen() == null ? reached(options.server()) : options.listen();
        IdentityDirectory identity = new IdentityDirectory(PrivateDirectory.make(work.resolve("identity")));
        JoinAnswer answer = ask(options, identity.request());
        requireAnswer(options, answer, identity.keep(answer.certificate(), answer.authority()));
        Map<String, String> values = new LinkedHashMap<>();
        values.put("services.fleet", options.server().toString());
        values.put("identity.directory", work.resolve("identity").toString());
        values.put("listen.agent", listen);
        values.put("agent.node-name", name(options));
        if (options.address() != null) {
            values.put("agent.address", options.address());
        }
        node.write(values);
        return answer;
    }

    private static JoinAnswer ask(JoinOptions options, String request) throws IOException {
        MutualTls tls = MutualTls.introducing(options.token().fingerprint());
        try (Connections connections = new Connections(tls)) {
            JoinApi fleet = new Parts(connections).client(JoinApi.class, Part.FLEET.id(), options.server());
            Caller caller = new Caller("join", "default", Instant.now().plus(LIMIT), Trace.newId());
            return fleet.join(
                    caller, new JoinRequest(options.token().text(), name(options), request, options.availability()));
        }
    }

    /** The other end has proved that it is the fleet; what it says has to be of one piece all the same. */
    private static void requireAnswer(JoinOptions options, JoinAnswer answer, Identity identity) {
        try {
            if (!identity.who().equals(new PartIdentity.Node(answer.node()))
                    || !Digest.of(identity.authority().getEncoded())
                            .hex()
                            .equals(options.token().fingerprint())) {
                throw new Failure.Internal("fleet-service vouched for "
                        + identity.who().uri() + " where node " + answer.node() + " has joined");
            }
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was read cannot be written", e);
        }
    }

    private static String name(JoinOptions options) {
        if (options.name() != null) {
            return options.name();
        }
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            throw new Failure.Invalid("this machine has no host name: give it one with --name", e);
        }
    }

    /** The address of this machine that the server sees, at which others reach it most likely, too. */
    private static String reached(Address server) throws IOException {
        try (Socket probe = new Socket()) {
            probe.connect(server.socketAddress(), CONNECT_MILLIS);
            InetAddress own = probe.getLocalAddress();
            String host = own.getHostAddress();
            return (host.contains(":") ? "[" + host.replaceFirst("%.*", "") + "]" : host) + ":" + PORT;
        } catch (IOException e) {
            throw new Failure.Unavailable(
                    "nobody answers at " + server + ": " + e.getMessage()
                            + "; see that fleet-service runs there, and that its listen.fleet is set",
                    e);
        }
    }
}
