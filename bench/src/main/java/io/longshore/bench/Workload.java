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

/** What is done to an engine in one round. */
@FunctionalInterface
interface Workload {
    /** Runs one round and gives what was measured in it. */
    Samples round(Engine engine) throws IOException;

    /** {@code count} cycles on that network one after another, in milliseconds each. */
    static Workload cycles(String network, int count) {
        return engine -> {
            Samples samples = new Samples();
            try (Cycle cycle = new Cycle(engine, network)) {
                for (int i = 0; i < count; i++) {
                    samples.add(cycle.run());
                }
            }
            return samples;
        };
    }

    /** {@code perConnection} cycles on that network on each of {@code connections} at once; containers per second. */
    static Workload concurrent(String network, int connections, int perConnection) {
        return engine -> {
            try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
                List<Callable<Void>> clients = new ArrayList<>();
                for (int i = 0; i < connections; i++) {
                    clients.add(() -> {
                        try (Cycle cycle = new Cycle(engine, network)) {
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

    /** {@code count} times {@code docker run --rm} on that network, in milliseconds each. */
    static Workload commands(Path cli, String network, int count) {
        return engine -> Command.times(engine, cli, count, "run", "--rm", "--network", network, "busybox", "true");
    }

    /** {@code count} times {@code docker exec} in a container that runs, in milliseconds each. */
    static Workload execs(Path cli, int count) {
        return engine -> {
            try (Idle container = new Idle(engine)) {
                return Command.times(engine, cli, count, "exec", container.id(), "true");
            }
        };
    }

    /** {@code count} times {@code docker ps}, in milliseconds each. */
    static Workload listings(Path cli, int count) {
        return engine -> Command.times(engine, cli, count, "ps");
    }

    /** {@code count} exec sessions made and started, detached, over one kept connection, in milliseconds each. */
    static Workload sessions(int count) {
        return engine -> {
            Samples samples = new Samples();
            try (Idle container = new Idle(engine)) {
                for (int i = 0; i < count; i++) {
                    samples.add(container.exec());
                }
            }
            return samples;
        };
    }

    /** Megabytes per second that an attached client gets of {@code megabytes} of zeros, from the first byte to the last. */
    static Workload attached(String logDriver, int megabytes) {
        return engine -> {
            Samples samples = new Samples();
            samples.add(Throughput.rate(engine, logDriver, megabytes));
            return samples;
        };
    }
}
