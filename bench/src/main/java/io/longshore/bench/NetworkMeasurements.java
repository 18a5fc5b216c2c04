package io.longshore.bench;

import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What networks cost; what goes through them is {@link TrafficMeasurements}. */
final class NetworkMeasurements {
    private static final int PORTS_EACH = 10;

    private final Measurements.Size size;
    private final Engines engines;
    private final List<Row> rows = new ArrayList<>();

    NetworkMeasurements(Measurements.Size size, Engines engines) {
        this.size = size;
        this.engines = engines;
    }

    List<Row> run() throws IOException {
        engines.load(Tools.image());
        engines.warmUp(Workload.cycles("bridge", size.slowWarm()), Workload.cycles("bridge", size.warm()));
        lives();
        changes();
        ports();
        return rows;
    }

    private void lives() throws IOException {
        Samples[] cycles = engines.alternate(
                size.rounds(), Workload.cycles("bridge", size.slow()), Workload.cycles("bridge", size.fast()));
        rows.add(Row.atMost(
                "API create+start+wait+delete of `true` on the default bridge, keep-alive",
                Row.Figure.of(cycles[0], "ms"),
                Row.Figure.of(cycles[1], "ms"),
                1.0 / 10));
        Path cli = Command.docker();
        Samples[] commands = engines.alternate(
                size.rounds(),
                Workload.commands(cli, "bridge", Math.max(2, size.slow() / 2)),
                Workload.commands(cli, "bridge", size.slow()));
        rows.add(Row.atMost(
                "`docker run --rm busybox true`, same command",
                Row.Figure.of(commands[0], "ms"),
                Row.Figure.of(commands[1], "ms"),
                1.0 / 4));
        Samples[] rates = engines.alternate(
                size.rounds(),
                Workload.concurrent("bridge", 32, Math.max(1, size.slow() / 10)),
                Workload.concurrent("bridge", 32, Math.max(2, size.fast() / 10)));
        rows.add(Row.atLeast(
                "the same cycle on the default bridge over 32 connections at once",
                Row.Figure.of(rates[0], "/s"),
                Row.Figure.of(rates[1], "/s"),
                10));
    }

    private void changes() throws IOException {
        engines.warmUp(networks(size.slowWarm()), networks(size.warm() / 4));
        Samples[] networks = engines.alternate(size.rounds(), networks(size.slow()), networks(size.fast()));
        rows.add(Row.atMost(
                "API create+delete of a bridge network, keep-alive",
                Row.Figure.of(networks[0], "ms"),
                Row.Figure.of(networks[1], "ms"),
                1.0 / 5));
        engines.warmUp(connects(size.slowWarm()), connects(size.warm() / 4));
        Samples[] connects = engines.alternate(size.rounds(), connects(size.slow()), connects(size.fast()));
        rows.add(Row.atMost(
                "API connect+disconnect of a running container, keep-alive",
                Row.Figure.of(connects[0], "ms"),
                Row.Figure.of(connects[1], "ms"),
                1.0 / 5));
    }

    private static Workload networks(int count) {
        return engine -> {
            Samples samples = new Samples();
            try (UnixHttp http = UnixHttp.connect(engine.socket())) {
                for (int i = 0; i < count; i++) {
                    long begin = System.nanoTime();
                    http.exchange(Request.post("/v1.41/networks/create", "{\"Name\":\"lan\",\"CheckDuplicate\":true}"))
                            .expect(201);
                    http.exchange(Request.delete("/v1.41/networks/lan")).expect(204);
                    samples.add((System.nanoTime() - begin) / 1e6);
                }
            }
            return samples;
        };
    }

    private static Workload connects(int count) {
        return engine -> {
            Samples samples = new Samples();
            engine.call(Request.post("/v1.41/networks/create", "{\"Name\":\"lan\"}"))
                    .expect(201);
            try (UnixHttp http = UnixHttp.connect(engine.socket());
                    Box box = new Box(engine, "", "bridge", List.of(), "sleep", "600")) {
                String body = "{\"Container\":\"" + box.id() + "\"}";
                for (int i = 0; i < count; i++) {
                    long begin = System.nanoTime();
                    http.exchange(Request.post("/v1.41/networks/lan/connect", body))
                            .expect(200);
                    http.exchange(Request.post("/v1.41/networks/lan/disconnect", body))
                            .expect(200);
                    samples.add((System.nanoTime() - begin) / 1e6);
                }
            } finally {
                engine.call(Request.delete("/v1.41/networks/lan")).expect(204);
            }
            return samples;
        };
    }

    /**
     * Docker Engine's processes for each port take gigabytes: it gets a fifth of the ports, and Longshore both so many, beside it, and all of
     * them.
     */
    private void ports() throws IOException {
        int containers = size.quick() ? 20 : 100;
        int few = Math.max(10, containers / 5);
        starts(engines.docker(), few);
        starts(engines.longshore(), few);
        Samples[] theirs = starts(engines.docker(), few);
        Samples[] ours = starts(engines.longshore(), few);
        Samples[] all = starts(engines.longshore(), containers);
        rows.add(Row.told(
                "start of a container that publishes " + PORTS_EACH + " ports, as the first ones",
                Row.Figure.of(theirs[0], "ms"),
                Row.Figure.of(ours[0], "ms")));
        rows.add(Row.told("the same when " + before(few) + ", of the first one's time", growth(theirs), growth(ours)));
        rows.add(Row.bound("the same when " + before(containers), null, growth(all), 1.5));
    }

    private static String before(int containers) {
        return (containers - 5) * PORTS_EACH + " ports are published already";
    }

    private static Row.Figure growth(Samples[] firstAndLast) {
        return new Row.Figure(firstAndLast[1].median() / firstAndLast[0].median(), null, "times");
    }

    /** Milliseconds of the first five starts and of the last five. */
    private static Samples[] starts(Engine engine, int count) throws IOException {
        List<Integer> ports =
                IntStream.rangeClosed(1, PORTS_EACH).map(i -> 8000 + i).boxed().toList();
        Samples[] samples = {new Samples(), new Samples()};
        List<String> paths = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                String path = Box.create(engine, "", "bridge", ports, List.of("sleep", "600"));
                paths.add(path);
                long begin = System.nanoTime();
                engine.call(Request.post(path + "/start")).expect(204);
                double took = (System.nanoTime() - begin) / 1e6;
                if (i < 5) {
                    samples[0].add(took);
                } else if (i >= count - 5) {
                    samples[1].add(took);
                }
            }
        } finally {
            for (String path : paths) {
                Box.remove(engine, path);
            }
        }
        return samples;
    }
}
