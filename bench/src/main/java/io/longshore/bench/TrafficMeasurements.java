package io.longshore.bench;

import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.process.Program;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;

/** What goes through networks. */
final class TrafficMeasurements {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern WRK = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
    private static final Pattern DNSPERF = Pattern.compile("Queries per second:\\s+([0-9.]+)");

    private final Engines engines;
    /** Of a flow. */
    private final int seconds;
    /** Rounds, of which each gives one sample only, that depends on the processors it got. */
    private final int flows;

    TrafficMeasurements(Measurements.Size size, Engines engines) {
        this.engines = engines;
        this.seconds = size.quick() ? 1 : 3;
        this.flows = size.quick() ? size.rounds() : 3 * size.rounds();
    }

    List<Row> run() throws IOException {
        engines.load(Tools.image());
        List<Row> rows = new ArrayList<>();
        Samples[] between = engines.alternate(flows, this::betweenContainers, this::betweenContainers);
        rows.add(Row.notLess(
                "iperf3 from container to container on the default bridge", between[0], between[1], "Gbit/s"));
        Samples[] published = engines.alternate(flows, this::toPublished, this::toPublished);
        rows.add(Row.notLess(
                "iperf3 from the node to a published port, by the bridge's address",
                published[0],
                published[1],
                "Gbit/s"));
        Samples[] requests = engines.alternate(flows, this::requests, this::requests);
        rows.add(Row.notLess(
                "wrk (16 connections) from the node to busybox httpd at a published port",
                requests[0],
                requests[1],
                "/s"));
        Samples[] names = engines.alternate(flows, this::names, this::names);
        rows.add(Row.notLess(
                "dnsperf in a container for the name of another, queries answered", names[0], names[1], "/s"));
        return rows;
    }

    private Samples betweenContainers(Engine engine) throws IOException {
        try (Box server = new Box(engine, "", "bridge", List.of(), "iperf3", "-s")) {
            settle();
            try (Box client = new Box(engine, "", "bridge", List.of(), iperf(server.address(), 5201))) {
                return gigabits(client.output());
            }
        }
    }

    private Samples toPublished(Engine engine) throws IOException {
        try (Box server = new Box(engine, "", "bridge", List.of(5201), "iperf3", "-s")) {
            settle();
            return gigabits(Program.run(engine.inNetwork(List.of(iperf(server.gateway(), server.published(5201)))))
                    .ok()
                    .out());
        }
    }

    private String[] iperf(String address, int port) {
        return new String[] {"iperf3", "-c", address, "-p", String.valueOf(port), "-t", String.valueOf(seconds), "-J"};
    }

    private static Samples gigabits(String report) {
        Samples samples = new Samples();
        samples.add(
                JSON.readTree(report).at("/end/sum_received/bits_per_second").asDouble() / 1e9);
        return samples;
    }

    private Samples requests(Engine engine) throws IOException {
        try (Box server = new Box(engine, "", "bridge", List.of(80), "httpd", "-f", "-p", "80", "-h", "/www")) {
            settle();
            String url = "http://" + server.gateway() + ":" + server.published(80) + "/page";
            return rate(
                    WRK,
                    Program.run(engine.inNetwork(List.of("wrk", "-t", "1", "-c", "16", "-d", seconds + "s", url)))
                            .ok()
                            .out());
        }
    }

    private Samples names(Engine engine) throws IOException {
        engine.call(Request.post("/v1.41/networks/create", "{\"Name\":\"lan\"}"))
                .expect(201);
        try (Box target = new Box(engine, Tools.ASKED, "lan", List.of(), "sleep", "600");
                Box client = new Box(
                        engine,
                        "",
                        "lan",
                        List.of(),
                        "dnsperf",
                        "-s",
                        "127.0.0.11",
                        "-d",
                        "/queries",
                        "-l",
                        String.valueOf(seconds))) {
            String report = client.output();
            if (!report.contains("NOERROR")) {
                throw new IOException(engine.name() + " does not know " + target.id() + " by its name: " + report);
            }
            return rate(DNSPERF, report);
        } finally {
            engine.call(Request.delete("/v1.41/networks/lan")).expect(204);
        }
    }

    private static Samples rate(Pattern pattern, String report) throws IOException {
        Matcher found = pattern.matcher(report);
        if (!found.find()) {
            throw new IOException("no figure in " + report);
        }
        Samples samples = new Samples();
        samples.add(Double.parseDouble(found.group(1)));
        return samples;
    }

    /** Servers listen within that. */
    private static void settle() {
        LockSupport.parkNanos(500_000_000);
    }
}
