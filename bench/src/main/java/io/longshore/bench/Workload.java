package io.longshore.bench;

import io.longshore.testbed.engine.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** What is done to an engine in one round. */
@FunctionalInterface
interface Workload {
    /** Runs one round and gives what was measured in it. */
    Samples round(Engine engine) throws IOException;

    /** {@code count} cycles one after another, in milliseconds each. */
    static Workload cycles(int count) {
        return engine -> {
            Samples samples = new Samples();
            try (Cycle cycle = new Cycle(engine)) {
                for (int i = 0; i < count; i++) {
                    samples.add(cycle.run());
                }
            }
            return samples;
        };
    }

    /** {@code perConnection} cycles on each of {@code connections} at once; containers per second. */
    static Workload concurrent(int connections, int perConnection) {
        return engine -> {
            try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
                List<Callable<Void>> clients = new ArrayList<>();
                for (int i = 0; i < connections; i++) {
                    clients.add(() -> {
                        try (Cycle cycle = new Cycle(engine)) {
                            for (int n = 0; n < perConnection; n++) {
                                cycle.run();
                            }
                        }
                        return null;
                    });
                }
                long begin = System.nanoTime();
                for (Future<Void> client : threads.invokeAll(clients)) {
                    client.get();
                }
                Samples samples = new Samples();
                samples.add(connections * perConnection / ((System.nanoTime() - begin) / 1e9));
                return samples;
            } catch (ExecutionException e) {
                throw new IOException(engine.name() + ": " + e.getCause(), e);
            } catch (InterruptedException e) {
                throw new IOException("interrupted", e);
            }
        };
    }

    /** {@code count} times {@code docker run --rm}, in milliseconds each. */
    static Workload commands(Path cli, int count) {
        return engine -> {
            Samples samples = new Samples();
            for (int i = 0; i < count; i++) {
                ProcessBuilder run = new ProcessBuilder(
                                cli.toString(), "run", "--rm", "--network", "none", "busybox", "true")
                        .redirectErrorStream(true);
                run.environment().put("DOCKER_HOST", "unix://" + engine.socket());
                long begin = System.nanoTime();
                Process process = run.start();
                String said =
                        new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
                int code = exit(process);
                samples.add((System.nanoTime() - begin) / 1e6);
                if (code != 0) {
                    throw new IOException("docker run on " + engine.name() + " ended with " + code + ": " + said);
                }
            }
            return samples;
        };
    }

    private static int exit(Process process) throws IOException {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("docker run takes longer than a minute");
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
    }
}
