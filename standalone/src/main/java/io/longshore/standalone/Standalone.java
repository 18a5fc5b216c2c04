package io.longshore.standalone;

import io.longshore.agent.NodeAgentApplication;
import io.longshore.fleet.authority.CertificateAuthority;
import io.longshore.image.registry.SealingKey;
import io.longshore.platform.run.Part;
import io.longshore.platform.run.RunProperties;
import io.longshore.platform.run.Settings;
import io.longshore.platform.run.StartFailure;
import io.longshore.postgres.OsUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything that the standalone form runs, in the order of starting. Closing stops it in reverse and leaves containers alone. */
final class Standalone implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Standalone.class);

    /** The agent's first sign of life follows its start within a fraction of a second; a busy machine may take longer. */
    private static final Duration JOIN_WITHIN = Duration.ofSeconds(30);

    private static final String LOGIN_KEY = "image.logins.key-file";
    private static final String AUTHORITY = "fleet.authority.certificate-file";
    private static final String AUTHORITY_KEY = "fleet.authority.key-file";
    private static final String AUTHORITY_FILE = "fleet-authority.crt";
    private static final String AUTHORITY_KEY_FILE = "fleet-authority.key";
    private static final String LOGINS = "registry-logins";

    private final Settings settings;
    private final StandaloneProperties properties;
    private final Progress progress;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final CompletableFuture<StartFailure> failure = new CompletableFuture<>();

    Standalone(Settings settings, Progress progress) {
        this.settings = settings;
        this.properties = settings.section(StandaloneProperties.class);
        this.progress = progress;
    }

    /** Starts everything and gives the socket for clients; a {@link StartFailure} when something cannot start. To be closed in either case. */
    Path start() {
        long began = System.nanoTime();
        NodeAgentApplication.checkMachine(settings);
        for (String key : List.of("database.url", "database.user", "database.password")) {
            if (settings.value(key).isPresent()) {
                throw new StartFailure("configuration: " + key + ": the standalone form brings its own PostgreSQL;"
                        + " run the parts as separate processes to use another");
            }
        }
        // Debian gives a system user a group of the same name.
        OsUser postgres = new OsUser(properties.postgresUserOrDefault(), properties.postgresUserOrDefault());
        WorkDirectory work = opened(WorkDirectory.open(properties.workDirectoryOrDefault(), postgres.group()));
        Path log = openLog(work);
        String warning = work.warning();
        if (warning != null) {
            progress.warning(warning);
            LOG.warn("{}", warning);
        }
        Path run = settings.section(RunProperties.class).directoryOrDefault();
        makeRunDirectory(run);
        Database database = opened(Database.start(work.root(), properties.postgresBinariesOrDefault(), postgres));
        database.failure().thenAccept(failure::complete);
        progress.started("PostgreSQL");
        if (settings.value(LOGIN_KEY).isEmpty()) {
            SealingKey.makeIfMissing(key(LOGINS));
        }
        if (hasOwnAuthority()) {
            CertificateAuthority.makeIfMissing(key(AUTHORITY_FILE), key(AUTHORITY_KEY_FILE));
        }
        Parts parts = opened(
                new Parts(part -> database.settings(inWorkDirectory(part), part), part -> progress.started(part.id())));
        parts.start(Applications.SERVICES);
        Joining.await(settings, JOIN_WITHIN);
        parts.start(List.of(Applications.GATEWAY));
        Path socket = parts.socket(Part.GATEWAY);
        progress.ready(socket, work.root(), log, Duration.ofNanos(System.nanoTime() - began));
        LOG.info("ready after {} ms", (System.nanoTime() - began) / 1_000_000);
        opened(IdleCollector.start());
        return socket;
    }

    /** Waits until a part that all others need has ended for good, and gives the reason. */
    StartFailure awaitFailure() throws InterruptedException {
        try {
            return failure.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The agent shares the work directory, and services have their keys there, unless they are told otherwise. */
    private Settings inWorkDirectory(Part part) {
        return switch (part) {
            case AGENT -> orElse("agent.work-directory", properties.workDirectoryOrDefault());
            case IMAGE -> orElse(LOGIN_KEY, key(LOGINS));
            case FLEET ->
                hasOwnAuthority()
                        ? settings.with(Map.of(
                                AUTHORITY, key(AUTHORITY_FILE).toString(),
                                AUTHORITY_KEY, key(AUTHORITY_KEY_FILE).toString()))
                        : settings;
            default -> settings;
        };
    }

    private Settings orElse(String key, Path path) {
        return settings.value(key).isPresent() ? settings : settings.with(Map.of(key, path.toString()));
    }

    private boolean hasOwnAuthority() {
        return settings.value(AUTHORITY).isEmpty()
                && settings.value(AUTHORITY_KEY).isEmpty();
    }

    private Path key(String name) {
        return properties.workDirectoryOrDefault().resolve("keys").resolve(name);
    }

    Duration stopWithin() {
        return properties.stopWithinOrDefault();
    }

    private static Path openLog(WorkDirectory work) {
        Path directory = work.root().resolve("log");
        try {
            if (!Files.isDirectory(directory)) {
                Files.createDirectory(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
        } catch (IOException e) {
            throw new StartFailure("cannot make the log directory " + directory + ": " + e, e);
        }
        return LogFile.open(directory);
    }

    /** Before the parts make their sockets in it: as closed as the gateway wants it, which gives it to a group. */
    private static void makeRunDirectory(Path run) {
        try {
            if (!Files.isDirectory(run)) {
                Files.createDirectories(run);
                Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwxr-x---"));
            }
        } catch (IOException e) {
            throw new StartFailure("cannot make the directory " + run + " for sockets: " + e, e);
        }
    }

    private <T extends AutoCloseable> T opened(T part) {
        synchronized (open) {
            open.push(part);
        }
        return part;
    }

    @Override
    public void close() {
        while (true) {
            AutoCloseable last;
            synchronized (open) {
                last = open.poll();
            }
            if (last == null) {
                return;
            }
            try {
                last.close();
            } catch (Exception e) {
                LOG.warn("{} did not stop in order", last.getClass().getSimpleName(), e);
            }
        }
    }
}
