package io.longshore.agent.dns;

import io.longshore.agent.etc.ResolvConf;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The name servers of the node's resolv.conf, which is read anew when it has changed. For one thread. */
final class NodeServers {
    /** What says that a file is another: it is replaced by rename, or written in place. */
    private record Version(
            FileTime modified, long size, @Nullable Object key) {}

    private static final Logger LOG = LoggerFactory.getLogger(NodeServers.class);

    /** Between two looks at the file. */
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** A hundred times what any has. */
    private static final int LARGEST = 64 << 10;

    private final Path file;
    private long looked;
    private @Nullable Version version;
    private List<InetAddress> servers = List.of();

    NodeServers(Path file) {
        this.file = file;
        this.looked = System.nanoTime() - LOOK_NANOS;
    }

    /** In the file's order; none if there is no file. A file that cannot be read leaves those that it had. */
    List<InetAddress> servers() {
        long now = System.nanoTime();
        if (now - looked >= LOOK_NANOS) {
            looked = now;
            look();
        }
        return servers;
    }

    private void look() {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            Version found = new Version(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
            if (!found.equals(version)) {
                servers = read();
                version = found;
            }
        } catch (NoSuchFileException e) {
            servers = List.of();
            version = null;
        } catch (IOException e) {
            LOG.warn("cannot read the name servers in {}: {}", file, e.getMessage());
        }
    }

    private List<InetAddress> read() throws IOException {
        try (var in = Files.newInputStream(file)) {
            String text = new String(in.readNBytes(LARGEST), StandardCharsets.UTF_8);
            List<InetAddress> found = ResolvConf.parse(text).servers();
            return found.subList(0, Math.min(found.size(), DnsView.MAX_SERVERS));
        }
    }
}
