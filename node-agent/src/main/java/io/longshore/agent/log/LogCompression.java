package io.longshore.agent.log;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compresses the older files of logs that ask for it, one at a time, on a thread of its own. Supervisors rotate meanwhile, and while there
 * is no agent, without knowing of it: a file keeps its number, and is removed under both of its names when its time has come.
 *
 * <p>What an agent that was killed at any moment leaves is put right by the next: a half-written file has another name and is removed; of
 * two whole ones the compressed one stays; what was compressed after the supervisor had removed it is removed again.
 */
public final class LogCompression implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogCompression.class);
    private static final long PAUSE_MILLIS = 2_000;
    private static final String UNFINISHED = ".gz.tmp";

    private final Supplier<? extends Collection<ContainerLog>> logs;
    private final Thread thread = new Thread(this::run, "log-compression");
    /** By path, the newest file as it was before all older ones were last seen to be compressed. */
    private final Map<Path, Seen> done = new HashMap<>();

    private volatile boolean closed;

    /** A newest file: as long as nothing of it changes nothing is rotated. */
    private record Seen(@Nullable Object key, @Nullable FileTime written, long size) {
        static Seen now(Path path) throws IOException {
            BasicFileAttributes file = LogFile.attributesOf(path);
            return file == null
                    ? new Seen(null, null, 0)
                    : new Seen(file.fileKey(), file.lastModifiedTime(), file.size());
        }
    }

    /** @param logs of the containers that there are now and whose older files are to be compressed */
    public LogCompression(Supplier<? extends Collection<ContainerLog>> logs) {
        this.logs = logs;
        thread.setDaemon(true);
    }

    /** Begins. */
    public void start() {
        thread.start();
    }

    /** Ends, leaving what is being compressed to the next agent. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    private void run() {
        while (!closed) {
            try {
                round();
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.warn("compressing logs failed, it is tried again", e);
            }
        }
    }

    /** Looks at every log once. */
    void round() {
        Set<Path> present = new HashSet<>();
        for (ContainerLog log : logs.get()) {
            if (closed) {
                return;
            }
            present.add(log.path());
            try {
                Seen newest = Seen.now(log.path());
                if (!newest.equals(done.get(log.path()))) {
                    compress(log);
                    done.put(log.path(), newest);
                }
            } catch (IOException e) {
                if (!closed) {
                    LOG.warn("cannot compress older files of {}, it is tried again: {}", log.path(), e.toString());
                }
            }
        }
        done.keySet().retainAll(present);
    }

    private void compress(ContainerLog log) throws IOException {
        removeUnfinished(log);
        var numbers = CountedFiles.numbers(log);
        if (numbers.isEmpty()) {
            return;
        }
        // The newest first: when a container writes faster than this goes, the oldest will be gone before their turn.
        for (long number : numbers.descendingSet()) {
            if (number <= numbers.last() - (log.files() - 1)) {
                Files.deleteIfExists(log.numbered(number));
                Files.deleteIfExists(log.zipped(number));
            } else if (Files.exists(log.zipped(number))) {
                Files.deleteIfExists(log.numbered(number));
            } else {
                compress(log, number);
            }
        }
    }

    private static void compress(ContainerLog log, long number) throws IOException {
        Path plain = log.numbered(number);
        Path zipped = log.zipped(number);
        Path unfinished = plain.resolveSibling(plain.getFileName() + UNFINISHED);
        try {
            Gzip.pack(plain, unfinished);
            Files.move(unfinished, zipped, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            // Rotated away, or the container is being removed.
            return;
        } finally {
            Files.deleteIfExists(unfinished);
        }
        // In this order, and the supervisor in the other: one of the two sees what the other has done.
        if (!Files.deleteIfExists(plain)) {
            Files.deleteIfExists(zipped);
        }
    }

    private static void removeUnfinished(ContainerLog log) throws IOException {
        String prefix = log.path().getFileName() + ".";
        Path directory = Objects.requireNonNull(log.path().getParent(), "a log lies in a directory");
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                if (name.startsWith(prefix) && name.endsWith(UNFINISHED)) {
                    Files.deleteIfExists(entry);
                }
            }
        } catch (NoSuchFileException e) {
            // The container is being removed.
        }
    }
}
