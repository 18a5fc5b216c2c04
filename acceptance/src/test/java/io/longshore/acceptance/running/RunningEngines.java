package io.longshore.acceptance.running;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.engine.DockerEngine;
import io.longshore.acceptance.engine.Engine;
import io.longshore.acceptance.engine.SeparateProcesses;
import io.longshore.acceptance.engine.Standalone;
import io.longshore.acceptance.engine.Trees;
import io.longshore.acceptance.http.Request;
import io.longshore.acceptance.image.Busybox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Starts each engine once for all classes, when the first case asks for it, and ends all of them at the end of the run. */
public final class RunningEngines implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Started.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(ExtensionContext.Namespace.GLOBAL)
                .computeIfAbsent(Started.class, key -> new Started(), Started.class);
    }

    /** The engines that run. Closed with the run. */
    public static final class Started implements AutoCloseable {
        /** Small and quick to start: what is tested is what it does, not how fast. */
        private static final List<String> SMALL_JVM = List.of("-Xmx96m", "-Xss512k", "-XX:TieredStopAtLevel=1");

        private static final List<String> JVM = List.of("-Xmx256m", "-XX:TieredStopAtLevel=1");

        private final Path directory;
        private final Map<Form, Engine> engines = new EnumMap<>(Form.class);

        Started() {
            try {
                directory = Files.createTempDirectory("longshore-acceptance-");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** The engine of that form with the image {@code busybox}; aborts the case if this machine or build has none. */
        public synchronized Engine of(Form form) {
            Engine running = engines.get(form);
            if (running == null) {
                running = start(form);
                engines.put(form, running);
                load(running);
            }
            return running;
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
                    assumeTrue(DockerEngine.available(), "Debian's docker.io is not installed, or this is not root");
                    yield DockerEngine.start(own);
                }
                case STANDALONE -> {
                    assumeTrue(Standalone.available(), "Longshore's standalone form is not built, or this is not root");
                    yield Standalone.start(own, JVM);
                }
                case PROCESSES -> {
                    assumeTrue(SeparateProcesses.available(), "Longshore's parts are not built, or this is not root");
                    yield SeparateProcesses.start(own, SMALL_JVM);
                }
            };
        }

        @Override
        public void close() {
            engines.values().forEach(Engine::close);
            Trees.delete(directory);
        }
    }
}
