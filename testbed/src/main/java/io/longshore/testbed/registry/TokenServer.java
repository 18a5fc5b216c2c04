package io.longshore.testbed.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.longshore.testbed.process.Trees;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A token server (distribution project, Token Authentication Specification), over TLS, in a process of its own, in whichever network namespace. Its
 * users have the password {@link DebianRegistry#PASSWORD}: {@link DebianRegistry#USER} may read and write, {@link #READER} only read, and
 * what {@link #LATE} gets has expired. Nobody without a name gets any right.
 */
public final class TokenServer implements AutoCloseable {
    public static final String READER = "reader";
    public static final String LATE = "late";

    static final String SERVICE = "test-registry";
    static final String ISSUER = "test-issuer";
    private static final char[] NONE = new char[0];
    private static final long PATIENCE_MILLIS = 20_000;

    private final Process process;
    private final Path directory;
    private final String realm;

    private TokenServer(Process process, Path directory, String realm) {
        this.process = process;
        this.directory = directory;
        this.realm = realm;
    }

    /**
     * Starts one.
     *
     * @param directory for its log; made
     * @param address where it listens
     * @param identity by which it is known
     * @param signing by whose key tokens are signed
     * @param neighbour a process in whose network namespace it is to be; null for this one
     */
    public static TokenServer start(
            Path directory,
            String address,
            DebianRegistry.Identity identity,
            DebianRegistry.Identity signing,
            @Nullable ProcessHandle neighbour) {
        List<String> command = new ArrayList<>(PrivateAddress.network(neighbour));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx48m",
                "-cp",
                ownClasses(),
                TokenServer.class.getName(),
                address,
                signing.certificate().toString(),
                signing.key().toString(),
                identity.certificate().toString(),
                identity.key().toString()));
        try {
            Files.createDirectories(directory);
            Path log = directory.resolve("tokens.log");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            return new TokenServer(process, directory, "https://" + address + ":" + port(process, log) + "/token");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start a token server in " + directory, e);
        }
    }

    private static String ownClasses() {
        return Path.of(URI.create(TokenServer.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toString()))
                .toString();
    }

    private static String port(Process process, Path log) throws IOException {
        long end = System.currentTimeMillis() + PATIENCE_MILLIS;
        while (true) {
            String said = Files.readString(log);
            if (said.startsWith("port ") && said.endsWith("\n")) {
                return said.substring("port ".length(), said.indexOf('\n'));
            }
            if (!process.isAlive() || System.currentTimeMillis() > end) {
                process.destroyForcibly();
                throw new IOException("the token server did not start: " + said);
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }

    /** Its URL. */
    public String realm() {
        return realm;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
        Trees.delete(directory);
    }

    /** Serves until it is killed: address, certificate and key of the signatures, and those of TLS. */
    public static void main(String[] arguments) throws IOException, GeneralSecurityException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(arguments[0], 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls(certificate(arguments[3]), key(arguments[4]))));
        Answers answers = new Answers(certificate(arguments[1]), key(arguments[2]));
        server.createContext("/token", answers::answer);
        server.start();
        System.out.println("port " + server.getAddress().getPort());
    }

    private static Certificate certificate(String file) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static PrivateKey key(String file) throws IOException, GeneralSecurityException {
        String pem = Files.readString(Path.of(file)).replaceAll("-----[^-]+-----", "");
        byte[] der = Base64.getMimeDecoder().decode(pem);
        return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
    }

    private static SSLContext tls(Certificate certificate, PrivateKey key)
            throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", key, NONE, new Certificate[] {certificate});
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NONE);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }

    /** Who gets what. */
    private record Answers(Certificate certificate, PrivateKey key) {
        void answer(HttpExchange exchange) throws IOException {
            try (exchange) {
                String user = user(exchange.getRequestHeaders().getFirst("Authorization"));
                boolean known = List.of("", DebianRegistry.USER, READER, LATE).contains(user);
                byte[] body = (known
                                ? "{\"token\":\""
                                        + token(user, exchange.getRequestURI().getRawQuery()) + "\"}"
                                : "{}")
                        .getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(known ? 200 : 401, body.length);
                exchange.getResponseBody().write(body);
            } catch (GeneralSecurityException e) {
                throw new IOException(e);
            }
        }

        /** The user's name; empty for nobody, and a question mark for a wrong password. */
        private static String user(@Nullable String header) {
            if (header == null) {
                return "";
            }
            String pair =
                    new String(Base64.getDecoder().decode(header.substring("Basic ".length())), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            return pair.substring(colon + 1).equals(DebianRegistry.PASSWORD) ? pair.substring(0, colon) : "?";
        }

        private String token(String user, @Nullable String query) throws GeneralSecurityException {
            List<String> rights = user.equals(READER) ? List.of("pull") : List.of("pull", "push");
            String access = Stream.of((query == null ? "" : query).split("&"))
                    .filter(parameter -> parameter.startsWith("scope=") && !user.isEmpty())
                    .map(parameter -> URLDecoder.decode(parameter.substring(6), StandardCharsets.UTF_8))
                    .flatMap(scopes -> Stream.of(scopes.split(" ")))
                    .map(scope -> access(scope, rights))
                    .collect(Collectors.joining(",", "[", "]"));
            long now = Instant.now().getEpochSecond() - (user.equals(LATE) ? 86_400 : 0);
            String claims = String.format(
                    Locale.ROOT,
                    "{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":\"%s\",\"exp\":%d,\"nbf\":%d,\"iat\":%d,\"jti\":\"%s\",\"access\":%s}",
                    ISSUER,
                    user,
                    SERVICE,
                    now + 300,
                    now - 10,
                    now,
                    UUID.randomUUID(),
                    access);
            String header = "{\"typ\":\"JWT\",\"alg\":\"ES256\",\"x5c\":[\""
                    + Base64.getEncoder().encodeToString(certificate.getEncoded()) + "\"]}";
            String signed = encoded(header.getBytes(StandardCharsets.UTF_8)) + "."
                    + encoded(claims.getBytes(StandardCharsets.UTF_8));
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(key);
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + "." + encoded(signature.sign());
        }

        /** Of a scope {@code repository:NAME:ACTIONS}, with those actions that the user may do. */
        private static String access(String scope, List<String> rights) {
            int name = scope.indexOf(':') + 1;
            int actions = scope.lastIndexOf(':') + 1;
            String granted = Stream.of(scope.substring(actions).split(","))
                    .filter(rights::contains)
                    .map(action -> "\"" + action + "\"")
                    .collect(Collectors.joining(",", "[", "]"));
            return "{\"type\":\"" + scope.substring(0, name - 1) + "\",\"name\":\"" + scope.substring(name, actions - 1)
                    + "\",\"actions\":" + granted + "}";
        }

        private static String encoded(byte[] bytes) {
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        }
    }
}
