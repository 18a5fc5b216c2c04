package io.longshore.acceptance.running;

import io.longshore.testbed.engine.DockerEngine;
import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.engine.SeparateProcesses;
import io.longshore.testbed.engine.Standalone;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.process.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Starts each engine once for all classes, when the first case asks for it, and ends all of them at the end. An engine belongs to one
 * class at a time, from the first case of an invocation to the check after its last; classes that run at the same time wait for it.
 */
public final class RunningEngines implements ParameterResolver {
    private static final ExtensionContext.Namespace OWN = ExtensionContext.Namespace.create(RunningEngines.class);

    private static final String OVERLAY2 = "overlay2";
    /** Of classes that do not say, so that any of them can be tried with another one. */
    private static final String STORAGE_DRIVER = System.getProperty("acceptance.storage-driver", OVERLAY2);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Started.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        // Of the session: one of two JVMs gets its classes one by one, each as a run of its own.
        All all = context.getStore(ExtensionContext.StoreScope.LAUNCHER_SESSION, OWN)
                .computeIfAbsent(All.class, key -> new All(), All.class);
        ExtensionContext invocation = context;
        while (invocation.getTestMethod().isPresent()) {
            invocation = invocation.getParent().orElseThrow();
        }
        OnStorageDriver on = context.getRequiredTestClass().getAnnotation(OnStorageDriver.class);
        return new Started(all, invocation.getStore(OWN), on == null ? STORAGE_DRIVER : on.value());
    }

    /** The engines that run, as one invocation of a class sees them. */
    public static final class Started {
        private final All all;
        private final ExtensionContext.Store invocation;
        private final String storageDriver;

        private Started(All all, ExtensionContext.Store invocation, String storageDriver) {
            this.all = all;
            this.invocation = invocation;
            this.storageDriver = storageDriver;
        }

        /**
         * The engine of that form with the image {@code busybox}, for this invocation alone until it ends. One that is picked and cannot
         * run here is a failure, not a skip.
         */
        public Engine of(Form form) {
            return invocation
                    .computeIfAbsent(new Kind(form, storageDriver), all::take, Taken.class)
                    .engine();
        }

        /** Checks that this Longshore, if it is one and was asked for, holds what its lists imply, and no more. */
        public void checkLeaks(Form form) {
            Taken taken = invocation.get(new Kind(form, storageDriver), Taken.class);
            if (taken != null && taken.engine() instanceof Longshore longshore) {
                LeakCheck.check(longshore);
            }
        }
    }

    private record Kind(Form form, String storageDriver) {
        /** Of its directory; the first letter tells Longshores apart. */
        String name() {
            String name = form.name().toLowerCase(Locale.ROOT);
            return storageDriver.equals(OVERLAY2) ? name : storageDriver + "-" + name;
        }

        @Override
        public String toString() {
            return name();
        }
    }

    /** An engine that is somebody's until this is closed. */
    private record Taken(Engine engine, Semaphore free) implements AutoCloseable {
        @Override
        public void close() {
            free.release();
        }
    }

    /** The engine of a form, once it has been asked for. */
    private static final class Slot {
        final Semaphore free = new Semaphore(1, true);

        @Nullable
        Engine engine;

        /** It did not start: each case fails at once instead of trying again for minutes. */
        boolean failed;
    }

    /** Closed with the run. */
    private static final class All implements AutoCloseable {
        /** Small and quick to start: what is tested is what it does, not how fast. Hundreds of requests at once need more. */
        private static final List<String> SMALL_JVM = List.of(
                "-Xmx" + System.getProperty("acceptance.heap", "96m"),
                "-Xss512k",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseTransparentHugePages");

        /** It starts its own program anew for each container, which takes up to a quarter less of the processor's time so. */
        private static final Map<String, String> SMALL_GO = Map.of("GOMAXPROCS", "1");

        /** Longer than any class takes, and less than a case has; at full length classes take hours. */
        private static final Duration PATIENCE = Duration.ofMinutes(Integer.getInteger("acceptance.patience", 9));

        private final Path directory;
        private final Map<Kind, Slot> slots = new ConcurrentHashMap<>();

        All() {
            try {
                directory = Files.createTempDirectory("longshore-acceptance-");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Taken take(Kind form) {
            Slot slot = slots.computeIfAbsent(form, none -> new Slot());
            try {
                if (!slot.free.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                    throw new IllegalStateException(form + " was not let go by another class within " + PATIENCE);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for " + form, e);
            }
            try {
                return new Taken(started(form, slot), slot.free);
            } catch (RuntimeException e) {
                slot.free.release();
                throw e;
            }
        }

        private Engine started(Kind form, Slot slot) {
            if (slot.failed) {
                throw new IllegalStateException(form + " did not start, as an earlier case says");
            }
            Engine engine = slot.engine;
            if (engine == null) {
                slot.failed = true;
                engine = start(form);
                slot.engine = engine;
                load(engine);
                slot.failed = false;
            }
            return engine;
        }

        private static void load(Engine running) {
            String loaded = running.call(Request.postTar(
                            "/images/load?quiet=1", Busybox.image().archive()))
                    .text();
            if (running.call(Request.get("/images/busybox/json")).status() != 200) {
                throw new IllegalStateException(
                        running.name() + " did not load busybox: " + loaded + "\n" + running.log());
            }
        }

        private Engine start(Kind kind) {
            Form form = kind.form;
            Path own = directory.resolve(kind.name());
            Map<String, String> driver = Map.of("LONGSHORE_AGENT_STORAGEDRIVER", kind.storageDriver);
            return switch (form) {
                case DOCKER -> {
                    needed(DockerEngine.available(), form, "Debian's docker.io must be installed");
                    yield DockerEngine.start(own, SMALL_GO, kind.storageDriver);
                }
                case STANDALONE -> {
                    needed(Standalone.available(), form, "Longshore's standalone form must be on the class path");
                    yield Standalone.start(own, kind.storageDriver.equals(OVERLAY2) ? Map.of() : driver);
                }
                case PROCESSES -> {
                    needed(SeparateProcesses.available(), form, "Longshore's parts must be on the class path");
                    if (!kind.storageDriver.equals(OVERLAY2)) {
                        throw new IllegalStateException("only the standalone form is started with another driver");
                    }
                    yield SeparateProcesses.start(own, SMALL_JVM);
                }
            };
        }

        private static void needed(boolean available, Form form, String what) {
            if (!available) {
                throw new IllegalStateException(
                        what + " and this must be root, or " + form + " must not be among -Dacceptance.forms");
            }
        }

        /** Ends all of them; what one left behind is a failure of the run, but keeps no other from being ended. */
        @Override
        public void close() {
            List<RuntimeException> left = new ArrayList<>();
            for (Slot slot : slots.values()) {
                try {
                    if (slot.engine != null) {
                        slot.engine.close();
                    }
                } catch (RuntimeException e) {
                    left.add(e);
                }
            }
            Trees.delete(directory);
            if (!left.isEmpty()) {
                RuntimeException first = left.removeFirst();
                left.forEach(first::addSuppressed);
                throw first;
            }
        }
    }
}
