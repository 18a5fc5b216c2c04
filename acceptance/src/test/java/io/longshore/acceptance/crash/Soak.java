package io.longshore.acceptance.crash;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** A long run, and the line that records it, with counts, seed and time: printed, and added to the file {@code -Dacceptance.record} names. */
public final class Soak {
    private final String form;
    private final String what;
    private final long seed;
    private final long began = System.nanoTime();

    /** @param seed 0 for none */
    public Soak(String form, String what, long seed) {
        this.form = form;
        this.what = what;
        this.seed = seed;
        System.out.println(form + ": " + what + (seed == 0 ? "" : ", seed " + seed));
    }

    /** It has passed. */
    public void done(String outcome) {
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        String row = "| " + Instant.now().truncatedTo(ChronoUnit.MINUTES) + " | " + form + " | " + what + " | "
                + (seed == 0 ? "" : seed) + " | " + took.toSeconds() + " s | " + outcome + " |\n";
        System.out.print(row);
        String file = System.getProperty("acceptance.record", "");
        if (!file.isEmpty()) {
            try {
                Files.writeString(Path.of(file), row, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot write the record " + file, e);
            }
        }
    }
}
