package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.DockerEngine;
import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.process.Await;
import io.longshore.testbed.process.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * The docker command against one engine. Command lines are split at spaces; single quotes keep a word together. What
 * {@link #run} does is written down in {@link #transcript}, what {@link #probe} does is not.
 */
final class Docker {
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");
    private static final Pattern FIELD = Pattern.compile("\\{\\{((?:\\.\\w+)+)}}");
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Subject subject;
    private final Engine engine;
    private final Path home;
    private final Transcript transcript;

    Docker(Subject subject, Engine engine, Path home) {
        this.subject = subject;
        this.engine = engine;
        this.home = home;
        this.transcript = new Transcript(engine.socket(), home);
    }

    Engine engine() {
        return engine;
    }

    Transcript transcript() {
        return transcript;
    }

    /** A directory of this case's own. */
    Path home() {
        return home;
    }

    Outcome run(String line) {
        return run(line, new byte[0]);
    }

    /** With bytes on standard input, which then ends. */
    Outcome run(String line, byte[] input) {
        Outcome outcome = probe(line, input);
        transcript.add(outcome);
        return outcome;
    }

    /** {@link #run}, and it must succeed. */
    Outcome ok(String line) {
        return run(line).ok();
    }

    Outcome probe(String line) {
        return probe(line, new byte[0]);
    }

    Outcome probe(String line, byte[] input) {
        try (Started started = start(line)) {
            started.send(input);
            started.endInput();
            return started.await(PATIENCE);
        }
    }

    /** With environment variables more than {@link #start} sets. */
    Outcome probe(String line, Map<String, String> more) {
        try (Started started = start(line, more)) {
            started.endInput();
            return started.await(PATIENCE);
        }
    }

    /** The command with its input from one file and its output to another, neither kept in memory; not in the transcript. */
    Outcome transfer(String line, Path from, Path to, Duration atMost) {
        ProcessBuilder builder =
                builder(line, Map.of(), List.of()).redirectInput(from.toFile()).redirectOutput(to.toFile());
        try (Started started = start(line, builder)) {
            return started.await(atMost);
        }
    }

    /** Starts the command and leaves it running; who starts it closes it. */
    Started start(String line) {
        return start(line, Map.of());
    }

    /**
     * {@link #start} for a command that will be interrupted. A command started in the background by a shell ignores SIGINT, and so does
     * all that it starts: whether Ctrl-C has an effect must not depend on how the tests were started.
     */
    Started startInterruptible(String line) {
        return start(line, Map.of(), List.of("/usr/bin/env", "--default-signal=INT"));
    }

    /** Starts docker-compose in the case's directory; who starts it closes it. */
    Started compose(String line) {
        return start("compose " + line, builder("/usr/bin/docker-compose", line, Map.of(), List.of()));
    }

    /** In a terminal of 30 rows and 90 columns: what is sent is typed, what comes is the screen. */
    Started inTerminal(String line) {
        return start(line, Map.of("TERM", "xterm"), List.of(Terminal.program().toString(), "30", "90"));
    }

    private Started start(String line, Map<String, String> more) {
        return start(line, more, List.of());
    }

    private Started start(String line, Map<String, String> more, List<String> before) {
        return start(line, builder(line, more, before));
    }

    private static Started start(String line, ProcessBuilder builder) {
        try {
            return new Started(line, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + builder.command(), e);
        }
    }

    private ProcessBuilder builder(String line, Map<String, String> more, List<String> before) {
        return builder(subject.cli().toString(), line, more, before);
    }

    private ProcessBuilder builder(String program, String line, Map<String, String> more, List<String> before) {
        List<String> words = new ArrayList<>(before);
        words.add(program);
        Matcher word = WORD.matcher(line);
        while (word.find()) {
            words.add(word.group(1) != null ? word.group(1) : word.group(2));
        }
        ProcessBuilder builder = new ProcessBuilder(words).directory(home.toFile());
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.putAll(Map.of(
                "DOCKER_HOST",
                "unix://" + engine.socket(),
                "DOCKER_CONFIG",
                home.toString(),
                "DOCKER_CLI_HINTS",
                "false",
                "HOME",
                home.toString(),
                "PATH",
                "/usr/bin:/bin",
                "TZ",
                "UTC"));
        environment.put("GOMAXPROCS", "1"); // takes up to a quarter off the processor time in which a command starts
        environment.putAll(more);
        return builder;
    }

    /** Waits until the container has ended. Asks the engine itself: a command for each question takes a tenth of a second. */
    void awaitExit(String container) {
        assertThat(Await.answer(PATIENCE, () -> status(container), "exited"::equals))
                .as("status of %s", container)
                .isEqualTo("exited");
    }

    /** Waits until the container has written the text. */
    void awaitLog(String container, String part) {
        String path = "/containers/" + container + "/logs?stdout=1";
        String log = Await.answer(PATIENCE, () -> engine.call(Request.get(path)).text(), text -> text.contains(part));
        assertThat(log).as("log of %s", container).contains(part);
    }

    private String status(String container) {
        return engine.call(Request.get("/containers/" + container + "/json"))
                .json()
                .at("/State/Status")
                .asString();
    }

    /**
     * What the engine says of a container or an image, with each {@code {{.State.Pid}}} in the template replaced; {@code .Mounts.0} is
     * the first of a list. Asks the engine itself, see {@link #awaitExit}.
     */
    String value(String name, String template) {
        Response inspected = engine.call(Request.get("/containers/" + name + "/json"));
        if (inspected.status() == 404) {
            inspected = engine.call(Request.get("/images/" + name + "/json"));
        }
        assertThat(inspected.status())
                .as("inspect %s: %s", name, inspected.text())
                .isEqualTo(200);
        JsonNode found = inspected.json();
        return FIELD.matcher(template).replaceAll(field -> {
            JsonNode value = found.at(field.group(1).replace('.', '/'));
            assertThat(value.isValueNode())
                    .as("a value %s of %s", field.group(), name)
                    .isTrue();
            return Matcher.quoteReplacement(value.asString());
        });
    }

    /** Whether a container of that name or id is there. */
    boolean exists(String container) {
        return engine.call(Request.get("/containers/" + container + "/json")).status() == 200;
    }

    /** What a command says in the engine's mount namespace, which to it is the host's; it must succeed. */
    String inMounts(String... words) {
        long pid = engine instanceof Longshore longshore
                ? longshore.agentPid()
                : ((DockerEngine) engine).processOf("dockerd").orElseThrow().pid();
        List<String> all = new ArrayList<>(
                List.of("nsenter", "--mount=/proc/" + pid + "/ns/mnt", "--pid=/proc/" + pid + "/ns/pid"));
        all.addAll(List.of(words));
        return Program.run(all).ok().out();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
