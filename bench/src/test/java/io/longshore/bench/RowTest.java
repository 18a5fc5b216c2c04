package io.longshore.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowTest {
    private static Samples samples(int from, int to) {
        Samples samples = new Samples();
        for (int i = to; i >= from; i--) {
            samples.add(i);
        }
        return samples;
    }

    @Test
    void percentilesAreByNearestRank() {
        Samples samples = samples(1, 200);
        assertThat(samples.count()).isEqualTo(200);
        assertThat(samples.median()).isEqualTo(100);
        assertThat(samples.percentile(99)).isEqualTo(198);
        assertThat(samples.percentile(100)).isEqualTo(200);
    }

    @Test
    void nothingMeasuredHasNoMedian() {
        assertThatThrownBy(() -> new Samples().median()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void atMostIsMetAtTheBoundAndMissedAboveIt() {
        Row.Figure docker = Row.Figure.of(samples(200, 200), "ms");
        assertThat(Row.atMost("x", docker, Row.Figure.of(samples(20, 20), "ms"), 0.1)
                        .met())
                .isTrue();
        assertThat(Row.atMost("x", docker, Row.Figure.of(samples(21, 21), "ms"), 0.1)
                        .met())
                .isFalse();
    }

    @Test
    void atLeastWantsMore() {
        Row.Figure docker = Row.Figure.of(samples(8, 8), "/s");
        assertThat(Row.atLeast("x", docker, Row.Figure.of(samples(80, 80), "/s"), 10)
                        .met())
                .isTrue();
        assertThat(Row.atLeast("x", docker, Row.Figure.of(samples(79, 79), "/s"), 10)
                        .met())
                .isFalse();
    }

    @Test
    void notLessTellsWhatTheRoundsLeaveOpen() {
        Row less = Row.notLess("x", samples(100, 120), samples(99, 119), "/s");
        assertThat(less.met()).isFalse();
        assertThat(less.markdown())
                .matches(".* 0\\.991 \\(0\\.9\\d\\d to 1\\.0\\d\\d\\) \\| at least as much \\| \\*\\*no\\*\\* \\|");
        assertThat(Row.notLess("x", samples(100, 120), samples(100, 120), "/s").met())
                .isTrue();
    }

    @Test
    void fewSamplesHaveNoPercentile() {
        Row row = Row.atMost("what", Row.Figure.of(samples(1, 5), "ms"), Row.Figure.of(samples(1, 100), "ms"), 0.5);
        assertThat(row.markdown())
                .isEqualTo("| what | 3.00 ms |  | 50.0 ms | 99.0 ms | 16.667 | at most 1/2 | **no** |");
    }

    @Test
    void whatHasNoTargetIsNeitherMetNorMissed() {
        Row row = Row.told("what", Row.Figure.of(samples(1, 5), "ms"), Row.Figure.of(samples(1, 5), "ms"));
        assertThat(row.markdown()).isEqualTo("| what | 3.00 ms |  | 3.00 ms |  | 1.000 |  |  |");
        assertThat(row.met()).isTrue();
    }

    @Test
    void thePageHasMachineAndTable() throws IOException {
        Row row = Row.bound("idle", null, new Row.Figure(300, null, "MB"), 450);
        assertThat(Report.page(List.of(row), "quick", "| spawn | 1.00 ms |"))
                .contains(
                        "kernel: ",
                        "processors",
                        "| idle |  |  | 300 MB |  |  | at most 450 MB | yes |",
                        "Where the time of a start goes",
                        "| spawn | 1.00 ms |");
        assertThat(Report.page(List.of(row), "quick", ""))
                .endsWith("| yes |\n")
                .doesNotContain("Where the time of a start goes");
    }
}
