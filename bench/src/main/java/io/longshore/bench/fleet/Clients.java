package io.longshore.bench.fleet;

import io.longshore.bench.Samples;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/** Clients at once, each on a keep-alive connection of its own. */
record Clients(Path socket, int connections) {
    private static final Duration DEADLINE = Duration.ofMinutes(2);

    /**
     * What many requests took.
     *
     * @param each milliseconds of each, from its first byte to the last of the answer
     * @param seconds of all of them
     * @param answers in no order
     */
    record Outcome(Samples each, double seconds, List<Response> answers) {
        double rate() {
            return each.count() / seconds;
        }
    }

    /** Sends {@code count} requests, as fast as they are answered; the first with an unexpected status ends it. */
    Outcome send(int count, int status, IntFunction<Request> requests) throws IOException {
        AtomicInteger next = new AtomicInteger();
        Samples each = new Samples();
        List<Response> answers = new ArrayList<>();
        long begin = System.nanoTime();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                all.add(threads.submit(() -> {
                    Samples own = new Samples();
                    List<Response> got = new ArrayList<>();
                    try (UnixHttp http = UnixHttp.connect(socket, DEADLINE)) {
                        for (int n = next.getAndIncrement(); n < count; n = next.getAndIncrement()) {
                            Request request = requests.apply(n);
                            long sent = System.nanoTime();
                            got.add(http.exchange(request).expect(status));
                            own.add((System.nanoTime() - sent) / 1e6);
                        }
                    }
                    synchronized (each) {
                        each.addAll(own);
                        answers.addAll(got);
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return new Outcome(each, (System.nanoTime() - begin) / 1e9, answers);
    }
}
