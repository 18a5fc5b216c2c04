package io.longshore.bench;

import io.longshore.testbed.engine.Memory;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.image.TarArchive;
import io.longshore.testbed.registry.DebianRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** How fast an image comes from a registry beside the engine, of which nothing is there, and what that takes. */
final class PullMeasurements {
    private static final int MEGABYTE = 1 << 20;

    private final Measurements.Size size;
    private final Engines engines;
    private final Path directory;
    private final List<Row> rows = new ArrayList<>();

    /** @param directory for the registries */
    PullMeasurements(Measurements.Size size, Engines engines, Path directory) {
        this.size = size;
        this.engines = engines;
        this.directory = directory;
    }

    List<Row> run() throws IOException {
        // Once and before any pull: what the first one leaves in the heap is memory that pulls take, too.
        long idle = Memory.pss(engines.longshore().pids());
        try (DebianRegistry theirs = DebianRegistry.start(
                        directory.resolve("theirs"),
                        DebianRegistry.Options.OPEN,
                        engines.docker().processOf("dockerd").orElseThrow());
                DebianRegistry ours =
                        DebianRegistry.start(directory.resolve("ours"), DebianRegistry.Options.OPEN, null)) {
            SavedImage large = image("large", 6, 39 * MEGABYTE + MEGABYTE / 2);
            measure("cold pull of 6 layers of 237 MB in all, from a registry on loopback", large, idle, theirs, ours);
            SavedImage many = image("many", 60, MEGABYTE);
            measure("cold pull of 60 layers of 1 MB each", many, idle, theirs, ours);
        }
        return rows;
    }

    private void measure(String what, SavedImage image, long idle, DebianRegistry theirs, DebianRegistry ours)
            throws IOException {
        String name = image.tags().getFirst();
        theirs.put(image, name);
        ours.put(image, name);
        AtomicLong most = new AtomicLong();
        Workload watched = engine -> watched(most, () -> pull(ours, name).round(engine));
        engines.warmUp(pull(theirs, name), watched);
        Samples[] took = engines.alternate(size.rounds(), pull(theirs, name), watched);
        rows.add(Row.atMost(what, Row.Figure.of(took[0], "ms"), Row.Figure.of(took[1], "ms"), 1.0 / 2));
        Samples above = new Samples();
        above.add(Math.max(0, most.get() - idle) / 1e6);
        rows.add(Row.bound(
                "the most memory (PSS) of the whole standalone during these pulls, above what it had before the first of all",
                null,
                Row.Figure.of(above, "MB"),
                150));
    }

    /** One pull, in milliseconds; nothing of the image is left. */
    private static Workload pull(DebianRegistry registry, String name) {
        return engine -> {
            String reference = registry.host() + "/" + name;
            long begin = System.nanoTime();
            Response answer = engine.call(Request.post("/v1.41/images/create?fromImage=" + reference))
                    .expect(200);
            Samples samples = new Samples();
            samples.add((System.nanoTime() - begin) / 1e6);
            if (answer.text().contains("\"error\"")) {
                throw new IOException(engine.name() + " cannot pull " + reference + ": " + answer.text());
            }
            engine.call(Request.get("/v1.41/images/" + reference + "/json")).expect(200);
            engine.call(Request.delete("/v1.41/images/" + reference)).expect(200);
            return samples;
        };
    }

    private interface Work {
        Samples run() throws IOException;
    }

    /** An {@link IOException} when the memory could not be read, or was not once. */
    private Samples watched(AtomicLong most, Work work) throws IOException {
        // No interrupt, which would fail a read.
        AtomicBoolean done = new AtomicBoolean();
        FutureTask<Long> watch = new FutureTask<>(() -> mostUntil(done));
        Thread.ofPlatform().start(watch);
        Samples took;
        try {
            took = work.run();
        } finally {
            done.set(true);
        }
        try {
            most.accumulateAndGet(watch.get(), Math::max);
        } catch (ExecutionException e) {
            throw new IOException(
                    "the memory of " + engines.longshore().name() + " was not watched: " + e.getCause(), e);
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
        return took;
    }

    private long mostUntil(AtomicBoolean done) throws IOException {
        long most = 0;
        while (!done.get()) {
            most = Math.max(most, Memory.pss(engines.longshore().pids()));
            LockSupport.parkNanos(50_000_000);
        }
        if (most == 0) {
            throw new IOException("no sample of it");
        }
        return most;
    }

    /** Layers as a distribution's are: of files from 1 kB to 1 MB, which gzip makes a bit more than a third of. */
    private static SavedImage image(String name, int layers, int bytes) {
        Random random = new Random(7);
        List<byte[]> content = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            TarArchive tar = new TarArchive().directory("layer" + layer + "/", 0755);
            int left = bytes;
            for (int file = 0; left > 0; file++) {
                int length = Math.min(left, 1024 << random.nextInt(11));
                tar.file("layer" + layer + "/file" + file, 0644, compressible(random, length));
                left -= length;
            }
            content.add(tar.bytes());
        }
        return new SavedImage(List.of(name + ":latest"), Map.of("Cmd", List.of("sh")), content);
    }

    private static byte[] compressible(Random random, int length) {
        byte[] bytes = new byte[length];
        byte[] noise = new byte[24];
        for (int at = 0; at < length; at += 64) {
            random.nextBytes(noise);
            System.arraycopy(noise, 0, bytes, at, Math.min(noise.length, length - at));
        }
        return bytes;
    }
}
