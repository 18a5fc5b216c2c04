package io.longshore.bench;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One line of the table.
 *
 * @param docker the peer's figure, null where there is no counterpart
 * @param target in words, empty where there is none
 * @param met whether it is
 * @param interval of the ratio, empty where it is not told
 */
record Row(String what, @Nullable Figure docker, Figure longshore, String target, boolean met, String interval) {
    Row(String what, @Nullable Figure docker, Figure longshore, String target, boolean met) {
        this(what, docker, longshore, target, met, "");
    }

    /** A median and, where single operations were measured, what 99 of 100 stay below. */
    record Figure(double median, @Nullable Double p99, String unit) {
        static Figure of(Samples samples, String unit) {
            return new Figure(samples.median(), samples.count() >= 20 ? samples.percentile(99) : null, unit);
        }

        String text(double value) {
            return String.format(
                    Locale.ROOT, value < 10 ? "%.2f %s" : value < 100 ? "%.1f %s" : "%.0f %s", value, unit);
        }
    }

    /** Longshore's figure may be at most this part of Docker's. */
    static Row atMost(String what, Figure docker, Figure longshore, double part) {
        return new Row(
                what,
                docker,
                longshore,
                String.format(Locale.ROOT, "at most 1/%.0f", 1 / part),
                longshore.median() <= docker.median() * part);
    }

    /** Longshore's figure must be at least so many times Docker's. */
    static Row atLeast(String what, Figure docker, Figure longshore, double times) {
        return new Row(
                what,
                docker,
                longshore,
                times == 1 ? "at least as much" : String.format(Locale.ROOT, "at least %.0f times", times),
                longshore.median() >= docker.median() * times);
    }

    /** Longshore's figure must be at least Docker's; with the interval that the rounds leave open for the ratio. */
    static Row notLess(String what, Samples docker, Samples longshore, String unit) {
        Row row = atLeast(what, Figure.of(docker, unit), Figure.of(longshore, unit), 1);
        Samples.Interval ratio = longshore.ratioTo(docker);
        return new Row(
                what,
                row.docker,
                row.longshore,
                row.target,
                row.met,
                String.format(Locale.ROOT, " (%.3f to %.3f)", ratio.low(), ratio.high()));
    }

    /** An absolute bound on Longshore's figure. */
    static Row bound(String what, @Nullable Figure docker, Figure longshore, double most) {
        return new Row(what, docker, longshore, "at most " + longshore.text(most), longshore.median() <= most);
    }

    /** Without a target. */
    static Row told(String what, Figure docker, Figure longshore) {
        return new Row(what, docker, longshore, "", true);
    }

    String markdown() {
        String ratio = docker == null
                ? ""
                : String.format(Locale.ROOT, "%.3f", longshore.median() / docker.median()) + interval;
        return String.join(
                " | ",
                "| " + what,
                cell(docker, false),
                cell(docker, true),
                cell(longshore, false),
                cell(longshore, true),
                ratio,
                target,
                (target.isEmpty() ? "" : met ? "yes" : "**no**") + " |");
    }

    private static String cell(@Nullable Figure figure, boolean p99) {
        if (figure == null) {
            return "";
        }
        Double value = p99 ? figure.p99() : Double.valueOf(figure.median());
        return value == null ? "" : figure.text(value);
    }
}
