package io.longshore.bench;

import io.longshore.testbed.engine.Engine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A command of the shell, run to its end. */
final class Command {
    private static final List<Path> CLIS = List.of(Path.of("/usr/local/bin/docker"), Path.of("/usr/bin/docker"));

    private Command() {}

    /** The docker command. */
    static Path docker() {
        return CLIS.stream().filter(Files::isExecutable).findFirst().orElseThrow();
    }

    /** {@code count} times the docker command against that engine, in milliseconds each. */
    static Samples times(Engine engine, Path cli, int count, String... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of(cli.toString()));
        words.addAll(List.of(arguments));
        Samples samples = new Samples();
        for (int i = 0; i < count; i++) {
            samples.add(time(words, Map.of("DOCKER_HOST", "unix://" + engine.socket())));
        }
        return samples;
    }

    /** Runs it and gives its milliseconds; an {@link IOException} with what it said unless it ends with 0. */
    static double time(List<String> words, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().putAll(environment);
        long begin = System.nanoTime();
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = exit(process, words);
        double took = (System.nanoTime() - begin) / 1e6;
        if (code != 0) {
            throw new IOException(words + " with " + environment + " ended with " + code + ": " + said);
        }
        return took;
    }

    private static int exit(Process process, List<String> words) throws IOException {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(words + " takes longer than a minute");
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
    }
}
