package io.longshore.agent.figures;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.agent.Sample;
import io.longshore.contracts.agent.Tick;
import io.longshore.platform.web.Json;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatsLineTest {
    @Test
    void isReadAsItWasWritten() {
        List<Sample.Entry> entries =
                List.of(new Sample.Entry(8, 0, "Read", 1), new Sample.Entry(8, 0, "", Long.MAX_VALUE));
        Tick full = new Tick(new Sample(
                Instant.parse("2026-01-02T03:04:05.123456789Z"),
                new Sample.Cpu(1, List.of(2L, 3L), 4, 5, 6, 7, 8, 9, 10),
                new Sample.Memory(11, 12L, 13, Long.MAX_VALUE, Map.of("cache", 14L)),
                new Sample.Block(entries, List.of(), null, null, null, null, null, entries),
                new Sample.Pids(15, -1),
                Map.of("eth0", new Sample.Interface(1, 2, 3, 4, 5, 6, 7, 8))));
        Tick idle = new Tick(null);
        String lines = StatsLine.of(full) + StatsLine.of(idle) + StatsLine.of(full);
        assertThat(lines.lines()).hasSize(3);
        assertThat(Json.mapper().readerFor(Tick.class).<Tick>readValues(lines).readAll())
                .containsExactly(full, idle, full);
    }
}
