package io.longshore.agent.execdriver.libcontainer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeFactsTest {
    @TempDir
    private Path processors;

    private void throttled(String processor) throws IOException {
        Files.createDirectories(processors.resolve(processor).resolve("thermal_throttle"));
    }

    @Test
    void processorsThatSayHowHotTheyAre() throws IOException {
        throttled("cpu0");
        throttled("cpu10");
        throttled("cpu2");
        throttled("cpufreq");
        throttled("cpu123456");
        throttled("xcpu0");
        Files.createDirectories(processors.resolve("cpu1/topology"));
        Files.createFile(processors.resolve("online"));
        assertThat(NodeFacts.throttling(processors))
                .containsExactly(
                        processors + "/cpu0/thermal_throttle",
                        processors + "/cpu10/thermal_throttle",
                        processors + "/cpu2/thermal_throttle");
    }

    @Test
    void asManyAsAStageProgramHasRoomFor() throws IOException {
        for (int i = 0; i < NodeFacts.MOST_THROTTLING + 1; i++) {
            throttled("cpu" + i);
        }
        assertThat(NodeFacts.throttling(processors)).hasSize(NodeFacts.MOST_THROTTLING);
    }

    @Test
    void aNodeThatSaysNothingOfItsProcessorsHasNone() throws IOException {
        assertThat(NodeFacts.throttling(processors)).isEmpty();
        assertThat(NodeFacts.throttling(processors.resolve("nosuch"))).isEmpty();
    }
}
