package io.longshore.container.figures;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.agent.Sample;
import io.longshore.platform.web.Json;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class StatsAnswerTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

    private static JsonNode json(@Nullable Sample now, @Nullable Sample before) {
        return Json.mapper().readTree(Json.bytes(StatsAnswer.of("abc", "name", now, before)));
    }

    private static Sample sample(
            Instant read,
            @Nullable List<Long> perCpu,
            Sample.Block block,
            long pidsLimit,
            Map<String, Sample.Interface> nets) {
        return new Sample(
                read,
                new Sample.Cpu(100, perCpu, 30, 70, 9_000, 2, 5, 4, 3),
                new Sample.Memory(1_000, perCpu == null ? null : 2_000L, 6, 8_000, Map.of("cache", 1L, "anon", 0L)),
                block,
                new Sample.Pids(7, pidsLimit),
                nets);
    }

    @Test
    void ofAContainerThatDoesNotRun() {
        assertThat(json(null, null)).isEqualTo(Json.mapper().readTree("""
                        {"read":"0001-01-01T00:00:00Z","preread":"0001-01-01T00:00:00Z","pids_stats":{},
                         "blkio_stats":{"io_service_bytes_recursive":null,"io_serviced_recursive":null,"io_queue_recursive":null,
                          "io_service_time_recursive":null,"io_wait_time_recursive":null,"io_merged_recursive":null,"io_time_recursive":null,
                          "sectors_recursive":null},
                         "num_procs":0,"storage_stats":{},
                         "cpu_stats":{"cpu_usage":{"total_usage":0,"usage_in_kernelmode":0,"usage_in_usermode":0},
                          "throttling_data":{"periods":0,"throttled_periods":0,"throttled_time":0}},
                         "precpu_stats":{"cpu_usage":{"total_usage":0,"usage_in_kernelmode":0,"usage_in_usermode":0},
                          "throttling_data":{"periods":0,"throttled_periods":0,"throttled_time":0}},
                         "memory_stats":{},"name":"/name","id":"abc"}"""));
    }

    @Test
    void ofVersionOne() {
        List<Sample.Entry> none = List.of();
        Sample.Block block =
                new Sample.Block(List.of(new Sample.Entry(8, 1, "Read", 12)), none, none, none, none, none, none, none);
        Sample before = sample(NOW.minusSeconds(1), List.of(40L, 60L), block, 0, Map.of());
        JsonNode answer = json(
                sample(NOW, List.of(40L, 60L), block, 50, Map.of("eth0", new Sample.Interface(1, 2, 3, 4, 5, 6, 7, 8))),
                before);
        assertThat(answer.path("read").asString()).isEqualTo("2026-01-02T03:04:05.678Z");
        assertThat(answer.path("preread").asString()).isEqualTo("2026-01-02T03:04:04.678Z");
        assertThat(answer.path("cpu_stats")).isEqualTo(answer.path("precpu_stats"));
        assertThat(answer.path("cpu_stats")).isEqualTo(Json.mapper().readTree("""
                {"cpu_usage":{"total_usage":100,"percpu_usage":[40,60],"usage_in_kernelmode":30,"usage_in_usermode":70},
                 "system_cpu_usage":9000,"online_cpus":2,"throttling_data":{"periods":5,"throttled_periods":4,"throttled_time":3}}"""));
        assertThat(answer.path("memory_stats")).isEqualTo(Json.mapper().readTree("""
                {"usage":1000,"max_usage":2000,"stats":{"anon":0,"cache":1},"failcnt":6,"limit":8000}"""));
        assertThat(answer.path("pids_stats")).isEqualTo(Json.mapper().readTree("{\"current\":7,\"limit\":50}"));
        assertThat(answer.path("blkio_stats").path("io_service_bytes_recursive"))
                .isEqualTo(Json.mapper().readTree("[{\"major\":8,\"minor\":1,\"op\":\"Read\",\"value\":12}]"));
        assertThat(answer.path("blkio_stats").path("io_queue_recursive").isArray())
                .isTrue();
        assertThat(answer.path("networks")).isEqualTo(Json.mapper().readTree("""
                {"eth0":{"rx_bytes":1,"rx_packets":2,"rx_errors":3,"rx_dropped":4,"tx_bytes":5,"tx_packets":6,"tx_errors":7,"tx_dropped":8}}"""));
    }

    @Test
    void ofVersionTwo() {
        Sample.Block block = new Sample.Block(null, null, null, null, null, null, null, null);
        JsonNode answer = json(sample(NOW, null, block, -1, Map.of()), null);
        assertThat(answer.path("cpu_stats").path("cpu_usage").has("percpu_usage"))
                .isFalse();
        assertThat(answer.path("memory_stats").has("max_usage")).isFalse();
        assertThat(answer.path("pids_stats").path("limit").asString()).isEqualTo("18446744073709551615");
        assertThat(answer.path("blkio_stats").path("io_service_bytes_recursive").isNull())
                .isTrue();
        assertThat(answer.path("preread").asString()).isEqualTo("0001-01-01T00:00:00Z");
        assertThat(answer.has("networks")).isFalse();
    }
}
