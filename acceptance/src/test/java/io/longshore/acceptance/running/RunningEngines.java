package io.longshore.acceptance.running;

import io.longshore.testbed.engine.DockerEngine;
import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.engine.SeparateProcesses;
import io.longshore.testbed.engine.Standalone;
import io.longshore.testbed.engine.Trees;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.image.Busybox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Starts each engine once for all classes of this JVM, when the first case asks for it, and ends all of them at the end. */
public final class RunningEngines implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Started.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        // Of the session: one of two JVMs gets its classes one by one, each as a run of its own.
        return context.getStore(ExtensionContext.StoreScope.LAUNCHER_SESSION, ExtensionContext.Namespace.GLOBAL)
                .computeIfAbsent(Started.class, key -> new Started(), Started.class);
    }

    /** The engines that run. Closed with the run. */
    public static final class Started implements AutoCloseable {
        /** Small and quick to start: what is tested is what it does, not how fast. */
        private static final List<String> SMALL_JVM =
                List.of("-Xmx96m", "-Xss512k", "-XX:TieredStopAtLevel=1", "-XX:+UseTransparentHugePages");

        /** It starts its own program anew for each container, which takes up to a quarter less of the processor's time so. */
        private static final Map<String, String> SMALL_GO = Map.of("GOMAXPROCS", "1");

        private final Path directory;
        private final Map<Form, Engine> engines = new EnumMap<>(Form.class);
        /** Those that did not start, so that each case fails at once instead of trying again for minutes. */
        private final Set<Form> failed = EnumSet.noneOf(Form.class);

        Started() {
            try {
                directory = Files.createTempDirectory("longshore-acceptance-");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** The engine of that form with the image {@code busybox}. One that is picked and cannot run here is a failure, not a skip. */
        public synchronized Engine of(Form form) {
            if (failed.contains(form)) {
                throw new IllegalStateException(form + " did not start, as an earlier case says");
            }
            return engines.computeIfAbsent(form, this::started);
        }

        private Engine started(Form form) {
            try {
                Engine running = start(form);
                load(running);
                return running;
            } catch (RuntimeException e) {
                failed.add(form);
                throw e;
            }
        }

        /** Checks that the Longshores among them hold what their lists imply, and no more. */
        public synchronized void checkLeaks(Form form) {
            if (engines.get(form) instanceof Longshore longshore) {
                LeakCheck.check(longshore);
            }
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

        private Engine start(Form form) {
            Path own = directory.resolve(form.name().toLowerCase(Locale.ROOT));
            return switch (form) {
                case DOCKER -> {
                    needed(DockerEngine.available(), form, "Debian's docker.io must be installed");
                    yield DockerEngine.start(own, SMALL_GO);
                }
                case STANDALONE -> {
                    needed(Standalone.available(), form, "Longshore's standalone form must be on the class path");
                    yield Standalone.start(own);
                }
                case PROCESSES -> {
                    needed(SeparateProcesses.available(), form, "Longshore's parts must be on the class path");
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
            for (Engine engine : engines.values()) {
                try {
                    engine.close();
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
