package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.plugin.VolumePlugin;
import io.longshore.testbed.process.Await;
import io.longshore.testbed.process.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;

/**
 * Cases with a volume plugin called {@code plugged}: a process beside each engine, which ends with the tests. Docker Engine asks every
 * plugin that it once used whenever it lists volumes, and waits long for one that is gone.
 */
abstract class PluginCases extends VolumeCases {
    static final String NAME = "plugged";

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Map<Path, VolumePlugin> PLUGINS = new ConcurrentHashMap<>();

    /** Set before each case. */
    @SuppressWarnings("NullAway.Init")
    VolumePlugin plugin;

    @BeforeEach
    void forgetCalls() {
        plugin = PLUGINS.computeIfAbsent(docker.engine().plugins(), PluginCases::started);
        plugin.forget();
    }

    private static VolumePlugin started(Path sockets) {
        try {
            Path home = Files.createTempDirectory("longshore-plugin-");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> Trees.delete(home)));
            return VolumePlugin.start(sockets.resolve(NAME + ".sock"), home, home.resolve("volumes"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The methods that the plugin was called for and that change something, in order. */
    List<String> changes() {
        return plugin.calls().stream()
                .map(call -> call.replaceFirst(" ID=\\S+", ""))
                .filter(call -> call.matches("(Create|Remove|Mount|Unmount) .*"))
                .toList();
    }

    /** Waits until there are so many of these calls. */
    void awaitCalls(String method, int number) {
        assertThat(Await.answer(PATIENCE, () -> plugin.calls(method), calls -> calls.size() >= number))
                .as(method)
                .hasSize(number);
    }

    static void await(BooleanSupplier condition) {
        assertThat(Await.until(PATIENCE, condition)).as("within " + PATIENCE).isTrue();
    }
}
