package io.longshore.bench.fleet;

import io.longshore.bench.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table of what was measured. */
final class Figures {
    private final List<String> lines = new ArrayList<>();
    private boolean met = true;

    /** Something without a distribution. */
    void told(String what, double value, String unit) {
        add(what, String.format(Locale.ROOT, value < 100 ? "%.1f %s" : "%.0f %s", value, unit), "", "", "");
    }

    /** Milliseconds. */
    void times(String what, Samples samples) {
        add(
                what,
                String.format(Locale.ROOT, "%.2f ms", samples.median()),
                String.format(Locale.ROOT, "%.2f ms", samples.percentile(99)),
                "",
                "");
    }

    /** One that has a target. */
    void target(String what, double value, String unit, boolean atLeast, double target) {
        boolean holds = atLeast ? value >= target : value <= target;
        met &= holds;
        add(
                what,
                String.format(Locale.ROOT, "%.4g %s", value, unit),
                "",
                String.format(Locale.ROOT, "at %s %.4g %s", atLeast ? "least" : "most", target, unit),
                holds ? "yes" : "**no**");
    }

    private void add(String what, String median, String p99, String target, String holds) {
        lines.add("| " + String.join(" | ", what, median, p99, target, holds) + " |");
        System.err.println(lines.getLast());
    }

    boolean met() {
        return met;
    }

    String table() {
        return "| what | median | p99 | target | met |\n| --- | --- | --- | --- | --- |\n" + String.join("\n", lines);
    }
}
