package io.longshore.bench;

import java.util.Arrays;

/** Measured values of one kind. Not thread-safe. */
final class Samples {
    private double[] values = new double[64];
    private int count;

    void add(double value) {
        if (count == values.length) {
            values = Arrays.copyOf(values, 2 * count);
        }
        values[count++] = value;
    }

    void addAll(Samples more) {
        for (int i = 0; i < more.count; i++) {
            add(more.values[i]);
        }
    }

    int count() {
        return count;
    }

    double median() {
        return percentile(50);
    }

    /** The value below which the given part of a hundred lies (nearest rank). */
    double percentile(double percent) {
        if (count == 0) {
            throw new IllegalStateException("nothing was measured");
        }
        double[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        return sorted[Math.max(0, (int) Math.ceil(percent / 100 * count) - 1)];
    }
}
