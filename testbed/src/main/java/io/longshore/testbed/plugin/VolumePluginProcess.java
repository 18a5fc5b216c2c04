package io.longshore.testbed.plugin;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The plugin's process: Docker's volume plugin protocol on a unix socket, with a directory for each volume. It needs nothing but a JDK.
 * Every call is a line of the file {@code calls}; a file {@code answers/<method>} takes the place of that method's answer, see
 * {@link VolumePlugin#answers}.
 */
final class VolumePluginProcess {
    private static final Pattern LENGTH = Pattern.compile("content-length: *(\\d+)");
    private static final Pattern FIELD = Pattern.compile("\"(\\w+)\" *: *\"([^\"]*)\"");
    private static final Pattern OPTIONS = Pattern.compile("\"Opts\" *: *\\{([^}]*)}");

    private final Path home;
    private final Path volumes;

    private VolumePluginProcess(Path home, Path volumes) {
        this.home = home;
        this.volumes = volumes;
    }

    /** Serves until it is killed, or whoever started it is gone: {@code SOCKET HOME VOLUMES}. */
    public static void main(String[] arguments) throws IOException {
        Path socket = Path.of(arguments[0]);
        VolumePluginProcess plugin = new VolumePluginProcess(Path.of(arguments[1]), Path.of(arguments[2]));
        Files.deleteIfExists(socket);
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket), 64);
            Thread.ofVirtual().start(VolumePluginProcess::endWithInput);
            System.out.println("ready");
            while (true) {
                SocketChannel client = server.accept();
                Thread.ofVirtual().start(() -> plugin.serve(client));
            }
        }
    }

    private static void endWithInput() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            System.err.println("input fails: " + e);
        }
        System.exit(0);
    }

    private void serve(SocketChannel client) {
        try (client;
                InputStream in = Channels.newInputStream(client);
                OutputStream out = Channels.newOutputStream(client)) {
            String head = head(in);
            Matcher length = LENGTH.matcher(head.toLowerCase(Locale.ROOT));
            String body = new String(
                    in.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0), StandardCharsets.UTF_8);
            String method = head.substring(head.indexOf('/') + 1, head.indexOf(" HTTP"));
            method = method.substring(method.indexOf('.') + 1);
            log(method, body);
            answer(method, body, out);
        } catch (IOException | InterruptedException e) {
            System.err.println("a call failed: " + e);
        }
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the request ends in its head: " + head);
            }
            head.write(next);
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    private synchronized void log(String method, String body) throws IOException {
        String fields = FIELD.matcher(body)
                .results()
                .map(field -> " " + field.group(1) + "=" + field.group(2))
                .collect(Collectors.joining());
        Files.writeString(
                home.resolve("calls"), method + fields + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void answer(String method, String body, OutputStream out) throws IOException, InterruptedException {
        Path instead = home.resolve("answers").resolve(method);
        String text = Files.exists(instead) ? Files.readString(instead) : regular(method, body);
        if (text.equals("hang")) {
            Thread.sleep(Long.MAX_VALUE);
        }
        if (text.equals("hang up")) {
            return;
        }
        if (text.startsWith("HTTP/")) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            return;
        }
        if (text.startsWith("endless ")) {
            endless(text.substring("endless ".length()), out);
            return;
        }
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        out.write(("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.plugins.v1.1+json\r\nContent-Length: "
                        + content.length + "\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        out.write(content);
    }

    /** Goes on for as long as anybody reads. */
    private static void endless(String where, OutputStream out) throws IOException {
        String begin =
                "HTTP/1.1 200 OK\r\n" + (where.equals("head") ? "" : "Content-Length: 99999999999\r\n\r\n{\"Err\":\"");
        out.write(begin.getBytes(StandardCharsets.US_ASCII));
        byte[] more = (where.equals("head") ? "X-More: " + "x".repeat(1_000) + "\r\n" : "x".repeat(1_000))
                .getBytes(StandardCharsets.US_ASCII);
        while (true) {
            out.write(more);
        }
    }

    private synchronized String regular(String method, String body) throws IOException {
        String name = field(body, "Name");
        Path volume = volumes.resolve(name);
        return switch (method) {
            case "Activate" -> "{\"Implements\":[\"VolumeDriver\"]}";
            case "Capabilities" -> "{\"Capabilities\":{\"Scope\":\"global\"}}";
            case "List" -> "{\"Volumes\":[" + String.join(",", all()) + "]}";
            case "Create" -> create(volume, body);
            default -> Files.isDirectory(volume) ? of(method, volume) : error("no such volume here: " + name);
        };
    }

    private String create(Path volume, String body) throws IOException {
        Matcher options = OPTIONS.matcher(body);
        String given = options.find() ? options.group(1) : "";
        if (given.contains("\"size\"")) {
            return error("size is no option of this plugin");
        }
        Files.createDirectories(volume);
        Files.writeString(home.resolve("options").resolve(volume.getFileName()), given);
        return "{}";
    }

    private String of(String method, Path volume) throws IOException {
        return switch (method) {
            case "Get" -> "{\"Volume\":" + described(volume, true) + "}";
            case "Mount", "Path" -> "{\"Mountpoint\":\"" + volume + "\"}";
            case "Remove" -> {
                try (Stream<Path> files = Files.walk(volume)) {
                    for (Path file : files.toList().reversed()) {
                        Files.delete(file);
                    }
                }
                yield "{}";
            }
            case "Unmount" -> "{}";
            default -> error("no such method: " + method);
        };
    }

    private List<String> all() throws IOException {
        try (Stream<Path> all = Files.list(volumes)) {
            return all.sorted().map(volume -> described(volume, false)).toList();
        }
    }

    private static String described(Path volume, boolean whole) {
        return "{\"Name\":\"" + volume.getFileName() + "\",\"Mountpoint\":\"" + volume + "\""
                + (whole ? ",\"CreatedAt\":\"2020-02-02T02:02:02Z\",\"Status\":{\"health\":\"good\",\"copies\":3}" : "")
                + "}";
    }

    private static String error(String text) {
        return "{\"Err\":\"" + text + "\"}";
    }

    private static String field(String body, String name) {
        return FIELD.matcher(body)
                .results()
                .filter(field -> field.group(1).equals(name))
                .map(field -> field.group(2))
                .findFirst()
                .orElse("none");
    }
}
