package io.longshore.agent.execdriver.libcontainer.figures;

import io.longshore.agent.linux.NativePool;
import io.longshore.contracts.agent.ProcessTable;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Runs ps(1) of the node, without a shell and with an environment of its own. */
final class Ps {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    /** Some hundred bytes for each of as many processes as a machine may have. */
    private static final int LONGEST = 16 << 20;
    /** Longest argument that execve(2) takes is 128 KiB. */
    private static final int LONGEST_LIST = 100_000;

    private static final Map<String, String> ENVIRONMENT =
            Map.of("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL", "C.UTF-8");

    private final NativePool pool;

    /** @param pool where it is waited for */
    Ps(NativePool pool) {
        this.pool = pool;
    }

    /** What a run left: its exit code, and the beginnings of what it wrote. */
    private record Printed(int code, String out, String err) {}

    /** Lists these processes; some options cannot be together with a list of them, and then all are listed and the others left out. */
    ProcessTable list(List<String> arguments, Set<Integer> pids) {
        String list = pids.stream().map(String::valueOf).collect(Collectors.joining(","));
        Printed printed = null;
        if (list.length() <= LONGEST_LIST) {
            List<String> chosen = new ArrayList<>(arguments);
            chosen.add("-q" + list);
            printed = run(chosen);
        }
        if (printed == null || printed.code != 0) {
            printed = run(arguments);
        }
        if (printed.code != 0) {
            String reason = printed.err.lines().findFirst().orElse("exit status " + printed.code);
            throw new Failure.Internal("ps: " + reason);
        }
        return PsTable.parse(printed.out, pids);
    }

    private Printed run(List<String> arguments) {
        try {
            return pool.call(() -> runHere(arguments), LIMIT.multipliedBy(2));
        } catch (IOException e) {
            throw new Failure.Internal("ps: " + e.getMessage(), e);
        }
    }

    private static Printed runHere(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("ps"));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(ENVIRONMENT);
        Process process = start(builder);
        Thread.ofVirtual().name("ps-clock").start(() -> endInTime(process));
        try (InputStream out = process.getInputStream();
                InputStream err = process.getErrorStream()) {
            process.getOutputStream().close();
            byte[] printed = out.readNBytes(LONGEST);
            if (out.read() >= 0) {
                throw new IOException("it prints more than " + LONGEST + " bytes");
            }
            String said = new String(err.readNBytes(1024), StandardCharsets.UTF_8);
            int code = process.waitFor();
            return new Printed(code, new String(printed, StandardCharsets.UTF_8), said);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static Process start(ProcessBuilder builder) throws IOException {
        try {
            return builder.start();
        } catch (IOException e) {
            // As Docker Engine has it; Java says where it looked and why in words of its own.
            throw new IOException("exec: \"ps\": executable file not found in $PATH", e);
        }
    }

    private static void endInTime(Process process) {
        try {
            if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
    }
}
