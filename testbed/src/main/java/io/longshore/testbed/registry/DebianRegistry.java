package io.longshore.testbed.registry;

import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.process.Program;
import io.longshore.testbed.process.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Debian's docker-registry with its content in a directory of its own, on a port of 127.0.0.1 or of another address: of this network
 * namespace, or of another process's. Closing it ends it and deletes its directory.
 */
public final class DebianRegistry implements AutoCloseable {
    /** Whom a registry with users knows, with password {@link #PASSWORD}. */
    public static final String USER = "keeper";

    public static final String PASSWORD = "secret";

    private static final Path BINARY = Path.of("/usr/bin/docker-registry");
    /** htpasswd(1) with bcrypt, at its lowest cost. */
    private static final String HTPASSWD = USER + ":$2y$05$hsvQJ/Z7ZoeHKWbyQqdYkOXppkU/TGdF9iYK0zQuE/fTiGeRNsPce\n";

    private static final String MANIFEST = "application/vnd.docker.distribution.manifest.";
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final long PATIENCE_MILLIS = 20_000;

    private final Path directory;
    private final String address;
    private final int port;
    private final List<String> inNamespace;
    private final boolean users;
    private Process process;

    /**
     * What a registry is to have.
     *
     * @param address where it listens
     * @param users whether only {@link #USER} is let in, with a password
     * @param identity by which it is known over TLS; null for plain HTTP
     * @param tokens whose tokens let in; null for nobody's
     * @param clients certificate, in PEM, of who has to vouch for clients; null where none has to show a certificate
     */
    public record Options(
            String address,
            boolean users,
            @Nullable Identity identity,
            @Nullable Tokens tokens,
            @Nullable Path clients) {
        public Options(String address, boolean users, @Nullable Identity identity, @Nullable Tokens tokens) {
            this(address, users, identity, tokens, null);
        }

        /** Plain HTTP on 127.0.0.1 for anybody. */
        public static final Options OPEN = new Options("127.0.0.1", false, null, null);
        /** {@link #USER} alone. */
        public static final Options WITH_USERS = new Options("127.0.0.1", true, null, null);
    }

    /** A certificate and its key, in PEM. */
    public record Identity(Path certificate, Path key) {}

    /**
     * A token server.
     *
     * @param realm its URL
     * @param certificate by whose key tokens are signed, in PEM
     */
    public record Tokens(String realm, Path certificate) {}

    private DebianRegistry(Path directory, Options options, @Nullable ProcessHandle neighbour) {
        this.directory = directory;
        this.address = options.address;
        this.users = options.users;
        this.inNamespace = PrivateAddress.network(neighbour);
        try {
            this.port = freePort();
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("htpasswd"), HTPASSWD);
            Files.writeString(directory.resolve("config.yml"), configuration(options));
            this.process = serve();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start docker-registry in " + directory, e);
        }
    }

    /** Whether Debian's docker-registry and skopeo are installed. */
    public static boolean available() {
        return Files.isExecutable(BINARY) && Files.isExecutable(Path.of("/usr/bin/skopeo"));
    }

    /**
     * Starts one.
     *
     * @param directory made for it
     * @param neighbour a process in whose network namespace it is to be; null for this one
     */
    public static DebianRegistry start(Path directory, Options options, @Nullable ProcessHandle neighbour) {
        return new DebianRegistry(directory, options, neighbour);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private String configuration(Options options) {
        StringBuilder yaml = new StringBuilder("""
                version: 0.1
                log: {level: info}
                storage:
                  filesystem: {rootdirectory: %s/content}
                  delete: {enabled: true}
                http:
                  addr: %s:%d
                """.formatted(directory, address, port));
        if (options.identity != null) {
            yaml.append("  tls: {certificate: ").append(options.identity.certificate);
            yaml.append(", key: ").append(options.identity.key);
            yaml.append(options.clients == null ? "}\n" : ", clientcas: [" + options.clients + "]}\n");
        }
        if (options.users) {
            yaml.append("auth:\n  htpasswd: {realm: keepers, path: ")
                    .append(directory)
                    .append("/htpasswd}\n");
        }
        if (options.tokens != null) {
            yaml.append("auth:\n  token: {realm: \"").append(options.tokens.realm);
            yaml.append("\", service: ").append(TokenServer.SERVICE);
            yaml.append(", issuer: ").append(TokenServer.ISSUER);
            yaml.append(", rootcertbundle: ").append(options.tokens.certificate).append("}\n");
        }
        return yaml.toString();
    }

    private Process serve() throws IOException {
        Path log = directory.resolve("log");
        Files.deleteIfExists(log);
        List<String> command = new ArrayList<>(inNamespace);
        command.addAll(List.of(
                BINARY.toString(), "serve", directory.resolve("config.yml").toString()));
        Process started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        long end = System.currentTimeMillis() + PATIENCE_MILLIS;
        while (!Files.readString(log).contains("listening on")) {
            if (!started.isAlive() || System.currentTimeMillis() > end) {
                started.destroyForcibly();
                throw new IOException("docker-registry did not start: " + Files.readString(log));
            }
            pause();
        }
        return started;
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Host and port, as in a reference. */
    public String host() {
        return address + ":" + port;
    }

    /** Brings an image into it. */
    public void put(SavedImage image, String name, String... options) {
        try {
            Path archive = Files.write(directory.resolve("put.tar"), image.archive());
            List<String> arguments = new ArrayList<>(List.of("copy", "--quiet", "--dest-tls-verify=false"));
            if (users) {
                arguments.addAll(List.of("--dest-creds", USER + ":" + PASSWORD));
            }
            arguments.addAll(List.of(options));
            arguments.addAll(List.of("docker-archive:" + archive, "docker://" + host() + "/" + name));
            skopeo(arguments.toArray(String[]::new));
            Files.delete(archive);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Brings a list of images into it, each for the platform that is its key: {@code linux/amd64}. */
    public void putList(String name, Map<String, SavedImage> images) {
        // As skopeo's transport dir has it: manifests and blobs by their digests, and the list as manifest.json.
        Path list = directory.resolve("list");
        List<Map<String, Object>> members = new ArrayList<>();
        try {
            Files.createDirectory(list);
            for (Map.Entry<String, SavedImage> image : images.entrySet()) {
                Path archive = Files.write(
                        directory.resolve("put.tar"), image.getValue().archive());
                Path member = directory.resolve("member");
                skopeo("copy", "--quiet", "--format=v2s2", "docker-archive:" + archive, "dir:" + member);
                byte[] manifest = Files.readAllBytes(member.resolve("manifest.json"));
                String digest = SavedImage.digest(manifest);
                Files.move(member.resolve("manifest.json"), member.resolve(digest + ".manifest.json"));
                try (Stream<Path> files = Files.list(member)) {
                    for (Path file : files.toList()) {
                        Files.move(file, list.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                    }
                }
                Files.delete(member);
                String[] platform = image.getKey().split("/");
                members.add(Map.of(
                        "mediaType",
                        MANIFEST + "v2+json",
                        "digest",
                        "sha256:" + digest,
                        "size",
                        manifest.length,
                        "platform",
                        Map.of("os", platform[0], "architecture", platform[1])));
            }
            String type = MANIFEST + "list.v2+json";
            Files.write(
                    list.resolve("manifest.json"),
                    JSON.writeValueAsBytes(Map.of("schemaVersion", 2, "mediaType", type, "manifests", members)));
            String target = "docker://" + host() + "/" + name;
            skopeo("copy", "--quiet", "--all", "--dest-tls-verify=false", "dir:" + list, target);
            Trees.delete(list);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What skopeo prints with these arguments, in the registry's network namespace. */
    public String skopeo(String... arguments) {
        List<String> command = new ArrayList<>(inNamespace);
        command.addAll(List.of("skopeo", "--insecure-policy"));
        command.addAll(List.of(arguments));
        return Program.run(command).ok().out();
    }

    /** The file of a blob. */
    public Path blob(String hex) {
        return directory
                .resolve("content/docker/registry/v2/blobs/sha256")
                .resolve(hex.substring(0, 2))
                .resolve(hex)
                .resolve("data");
    }

    /** Ends it, content left. */
    public void stop() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Lets it stand still: it takes connections, and answers nobody. */
    public void standStill() {
        signal("STOP");
    }

    /** Lets it go on. */
    public void goOn() {
        signal("CONT");
    }

    private void signal(String name) {
        Program.run(List.of("kill", "-" + name, String.valueOf(process.pid()))).ok();
    }

    /** Starts it again. */
    public void restart() {
        restart(true);
    }

    /** Starts it again, as one that deletes or that refuses to. */
    public void restart(boolean deletes) {
        Path file = directory.resolve("config.yml");
        try {
            Files.writeString(
                    file,
                    Files.readString(file)
                            .replaceFirst("delete: \\{enabled: \\w+}", "delete: {enabled: " + deletes + "}"));
            process = serve();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        stop();
        Trees.delete(directory);
    }
}
