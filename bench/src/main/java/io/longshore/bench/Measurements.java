package io.longshore.bench;

import io.longshore.testbed.engine.DockerEngine;
import io.longshore.testbed.engine.Memory;
import io.longshore.testbed.engine.Standalone;
import io.longshore.testbed.http.Request;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/** The measurements of one run, in the order of the table. */
final class Measurements {
    /** Pools of connections and the heap have shrunk by then. */
    private static final Duration QUIET = Duration.ofMinutes(2);

    private final Size size;
    private final Engines engines;
    private final DockerEngine docker;
    private final Standalone longshore;
    private final List<Row> rows = new ArrayList<>();

    /**
     * How much is done.
     *
     * @param rounds of each engine, alternated
     * @param slow operations per round on Docker Engine
     * @param fast operations per round on Longshore
     * @param megabytes to an attached client, without a log
     * @param containers at once, for memory
     * @param upgraded containers that run while Longshore is stopped and started again
     * @param warm operations on Longshore before the first round; Docker Engine, whose code is compiled, gets {@link #slowWarm}
     */
    record Size(int rounds, int slow, int fast, int megabytes, int containers, int upgraded, int warm) {
        static final Size FULL = new Size(5, 20, 100, 512, 25, 200, 1_000);
        static final Size QUICK = new Size(5, 4, 20, 128, 10, 40, 60);

        /** Whether it is for a first look only. */
        boolean quick() {
            return equals(QUICK);
        }

        /** Operations on Docker Engine before the first round. */
        int slowWarm() {
            return Math.max(2, slow / 4);
        }

        /** For the page. */
        String text() {
            return String.format(
                    Locale.ROOT,
                    "%d rounds of each engine, alternated, a round of %d operations on Docker Engine and %d on Longshore; before"
                            + " them %d operations on Docker Engine and %d on Longshore, which has a JIT compiler to warm up",
                    rounds,
                    slow,
                    fast,
                    slowWarm(),
                    warm);
        }
    }

    Measurements(Size size, Engines engines) {
        this.size = size;
        this.engines = engines;
        this.docker = engines.docker();
        this.longshore = engines.longshore();
    }

    List<Row> run() throws IOException {
        idleMemory("after its start");
        warmUp();
        Samples[] cycles = alternate(Workload.cycles("none", size.slow), Workload.cycles("none", size.fast));
        rows.add(Row.atMost(
                "API create+start+wait+delete of `true`, no network, keep-alive",
                Row.Figure.of(cycles[0], "ms"),
                Row.Figure.of(cycles[1], "ms"),
                1.0 / 10));
        Path cli = Command.docker();
        Samples[] commands =
                alternate(Workload.commands(cli, "none", size.slow / 2), Workload.commands(cli, "none", size.slow));
        rows.add(Row.atMost(
                "`docker run --rm --network none busybox true`, same command",
                Row.Figure.of(commands[0], "ms"),
                Row.Figure.of(commands[1], "ms"),
                1.0 / 4));
        execs(cli);
        throughput();
        Samples[] rates = alternate(
                Workload.concurrent("none", 32, Math.max(1, size.slow / 10)),
                Workload.concurrent("none", 32, Math.max(2, size.fast / 10)));
        rows.add(Row.atLeast(
                "the same cycle over 32 connections at once",
                Row.Figure.of(rates[0], "/s"),
                Row.Figure.of(rates[1], "/s"),
                10));
        density();
        LockSupport.parkNanos(QUIET.toNanos());
        idleMemory("after all that load and " + QUIET.toMinutes() + " minutes without");
        warmStart();
        upgrade();
        return rows;
    }

    private void execs(Path cli) throws IOException {
        engines.warmUp(Workload.sessions(size.slowWarm()), Workload.sessions(size.warm));
        Samples[] commands = alternate(Workload.execs(cli, size.slow), Workload.execs(cli, size.fast));
        rows.add(Row.atMost(
                "`docker exec CONTAINER true`, same command",
                Row.Figure.of(commands[0], "ms"),
                Row.Figure.of(commands[1], "ms"),
                1.0 / 5));
        Samples[] least = alternate(Workload.listings(cli, size.slow), Workload.listings(cli, size.fast));
        rows.add(Row.told(
                "`docker ps`, same command: the least that one takes, of which most is its own start",
                Row.Figure.of(least[0], "ms"),
                Row.Figure.of(least[1], "ms")));
        Samples[] sessions = alternate(Workload.sessions(size.slow), Workload.sessions(size.fast));
        rows.add(Row.atMost(
                "API exec create+start (detached) of `true`, keep-alive",
                Row.Figure.of(sessions[0], "ms"),
                Row.Figure.of(sessions[1], "ms"),
                1.0 / 5));
    }

    /** With a log it is the log's pace; of zeros, each of which is six bytes in json-file, an eighth is enough. */
    private void throughput() throws IOException {
        for (String log : List.of("none", "json-file")) {
            int megabytes = log.equals("none") ? size.megabytes : size.megabytes / 8;
            Workload output = Workload.attached(log, megabytes);
            engines.warmUp(output, output);
            Samples[] rates = alternate(output, output);
            rows.add(Row.atLeast(
                    "output of `dd if=/dev/zero bs=64k` to an attached client, " + megabytes + " MiB, log driver "
                            + log,
                    Row.Figure.of(rates[0], "MB/s"),
                    Row.Figure.of(rates[1], "MB/s"),
                    1));
        }
    }

    private void idleMemory(String when) throws IOException {
        List<Long> peer = new ArrayList<>();
        docker.processOf("dockerd").ifPresent(process -> peer.add(process.pid()));
        docker.processOf("containerd").ifPresent(process -> peer.add(process.pid()));
        Samples theirs = new Samples();
        Samples ours = new Samples();
        for (int round = 0; round < size.rounds; round++) {
            LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
            theirs.add(Memory.pss(peer) / 1e6);
            ours.add(Memory.pss(longshore.pids()) / 1e6);
        }
        rows.add(Row.bound(
                "memory (PSS) of the whole standalone " + when + ", PostgreSQL included; dockerd and containerd",
                Row.Figure.of(theirs, "MB"),
                Row.Figure.of(ours, "MB"),
                450));
    }

    /** The JIT compiler and the page cache are not what is compared: a daemon that has run for a while is. */
    private void warmUp() throws IOException {
        engines.warmUp(Workload.cycles("none", size.slowWarm()), Workload.cycles("none", size.warm));
    }

    private Samples[] alternate(Workload theirs, Workload ours) throws IOException {
        return engines.alternate(size.rounds, theirs, ours);
    }

    private void density() throws IOException {
        Samples theirs = new Samples();
        Samples ours = new Samples();
        for (int round = 0; round < size.rounds; round++) {
            theirs.add(Density.bytesEach(docker, size.containers) / 1e6);
            ours.add(Density.bytesEach(longshore, size.containers) / 1e6);
        }
        rows.add(Row.bound(
                "memory (PSS) per running container beside its own processes, " + size.containers + " containers",
                Row.Figure.of(theirs, "MB"),
                Row.Figure.of(ours, "MB"),
                1.5));
    }

    private void warmStart() {
        Samples seconds = new Samples();
        for (int i = 0; i < size.rounds; i++) {
            longshore.stop();
            long begin = System.nanoTime();
            longshore.restart();
            seconds.add((System.nanoTime() - begin) / 1e9);
        }
        rows.add(Row.bound("warm start to ready of the whole standalone", null, Row.Figure.of(seconds, "s"), 8));
    }

    /** What an upgrade costs: from the begin of the old one's end until the new one lists all containers as running. */
    private void upgrade() throws IOException {
        List<String> running = Density.start(longshore, size.upgraded);
        Samples seconds = new Samples();
        for (int i = 0; i < size.rounds; i++) {
            long begin = System.nanoTime();
            longshore.stop();
            longshore.restart();
            int found = longshore
                    .call(Request.get("/containers/json"))
                    .expect(200)
                    .json()
                    .size();
            seconds.add((System.nanoTime() - begin) / 1e9);
            if (found != size.upgraded) {
                throw new IOException(found + " of " + size.upgraded + " containers run after a restart of Longshore");
            }
        }
        Density.remove(longshore, running);
        String what = "stop and start of the whole standalone with " + size.upgraded + " running containers";
        rows.add(Row.bound(what, null, Row.Figure.of(seconds, "s"), 10));
    }
}
