package io.longshore.standalone;

import io.longshore.agent.NodeAgentApplication;
import io.longshore.fleet.authority.CertificateAuthority;
import io.longshore.image.registry.SealingKey;
import io.longshore.platform.run.Part;
import io.longshore.platform.run.Settings;
import io.longshore.platform.run.StartFailure;
import io.longshore.postgres.OsUser;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything that the standalone form runs, in the order of starting. Closing stops it in reverse and leaves containers alone. */
final class Standalone implements Form {
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
    private volatile @Nullable Path clients;

    Standalone(Settings settings, Progress progress) {
        this.settings = settings;
        this.properties = settings.section(StandaloneProperties.class);
        this.progress = progress;
    }

    @Override
    public void start() {
        long began = System.nanoTime();
        NodeAgentApplication.checkMachine(settings);
        for (String key : List.of("database.url", "database.user", "database.password")) {
            if (settings.value(key).isPresent()) {
                throw new StartFailure("configuration: " + key + ": the standalone form brings its own PostgreSQL;"
                        + " ./longshore migrate-db moves what is in it to another, which up uses from then on");
            }
        }
        // Debian gives a system user a group of the same name.
        OsUser postgres = new OsUser(properties.postgresUserOrDefault(), properties.postgresUserOrDefault());
        Ground ground = opened(Ground.open(settings, postgres.group(), progress));
        WorkDirectory work = ground.work();
        Database database = opened(Database.open(work.root(), properties.postgresBinariesOrDefault(), postgres));
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
        progress.ready(socket, work.root(), ground.log(), Duration.ofNanos(System.nanoTime() - began));
        LOG.info("ready after {} ms", (System.nanoTime() - began) / 1_000_000);
        opened(IdleCollector.start());
        clients = socket;
    }

    /** The socket for clients, once it has started. */
    Path socket() {
        return Objects.requireNonNull(clients);
    }

    @Override
    public StartFailure awaitFailure() throws InterruptedException {
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

    @Override
    public Duration stopWithin() {
        return properties.stopWithinOrDefault();
    }

    private <T extends AutoCloseable> T opened(T part) {
        synchronized (open) {
            open.push(part);
        }
        return part;
    }

    @Override
    public void close() {
        close(open);
    }

    /** In reverse, what fails notwithstanding. */
    static void close(Deque<AutoCloseable> open) {
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
