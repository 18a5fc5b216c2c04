package io.longshore.bench;

import java.util.Arrays;
import java.util.Random;

/** Measured values of one kind. Not thread-safe. */
public final class Samples {
    private static final int DRAWS = 10_000;

    private double[] values = new double[64];
    private int count;

    public void add(double value) {
        if (count == values.length) {
            values = Arrays.copyOf(values, 2 * count);
        }
        values[count++] = value;
    }

    public void addAll(Samples more) {
        for (int i = 0; i < more.count; i++) {
            add(more.values[i]);
        }
    }

    public int count() {
        return count;
    }

    public double median() {
        return percentile(50);
    }

    /**
     * Between which values the ratio of this median to another one lies with a confidence of 95 %: what 10,000 pairs of samples give that are
     * drawn from both with replacement (percentile bootstrap). The same for the same values.
     */
    public Interval ratioTo(Samples other) {
        Random random = new Random(count);
        Samples ratios = new Samples();
        for (int draw = 0; draw < DRAWS; draw++) {
            ratios.add(drawn(random).median() / other.drawn(random).median());
        }
        return new Interval(ratios.percentile(2.5), ratios.percentile(97.5));
    }

    /** From one value to another. */
    public record Interval(double low, double high) {}

    private Samples drawn(Random random) {
        Samples drawn = new Samples();
        for (int i = 0; i < count; i++) {
            drawn.add(values[random.nextInt(count)]);
        }
        return drawn;
    }

    /** The value below which the given part of a hundred lies (nearest rank). */
    public double percentile(double percent) {
        if (count == 0) {
            throw new IllegalStateException("nothing was measured");
        }
        double[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        return sorted[Math.max(0, (int) Math.ceil(percent / 100 * count) - 1)];
    }
}
