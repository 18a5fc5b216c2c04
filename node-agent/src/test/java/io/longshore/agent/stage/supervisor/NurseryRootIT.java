package io.longshore.agent.stage.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.Call;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.stage.Arg;
import io.longshore.agent.stage.Op;
import io.longshore.agent.stage.Spawner;
import io.longshore.agent.stage.StageProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The process of which supervisors are forked. */
class NurseryRootIT {
    @Test
    void supervisorsAreOursUnderTheirOwnNames() throws Exception {
        try (Bench bench = new Bench();
                Bench.Supervised one = bench.create(config -> config);
                Bench.Supervised two = bench.create(config -> config)) {
            for (Bench.Supervised each : List.of(one, two)) {
                each.client.awaitCreated(Bench.SOON);
                ProcessHandle supervisor = ProcessHandle.of(each.supervisor).orElseThrow();
                assertThat(supervisor.parent()).contains(ProcessHandle.current());
                assertThat(commandLine(each.supervisor)).startsWith("longshore-supervisor\0" + each.config.id() + "\0");
                // Neither the program nor what the nursery had open is left.
                assertThat(links(each.supervisor)).noneMatch(link -> link.contains("memfd"));
            }
            one.start("/bin/sh", "-c", "exit 3");
            two.start("/bin/sh", "-c", "exit 4");
            assertThat(one.waitFor()).isEqualTo(3);
            assertThat(two.waitFor()).isEqualTo(4);
        }
    }

    private static List<String> links(long pid) throws IOException {
        List<String> links = new ArrayList<>();
        try (Stream<Path> entries = Files.list(Path.of("/proc/" + pid, "fd"))) {
            for (Path entry : entries.toList()) {
                links.add(Files.readSymbolicLink(entry).toString());
            }
        }
        return links;
    }

    @Test
    void anotherOneTakesThePlaceOfOneThatWasKilled() throws Exception {
        try (Bench bench = new Bench();
                Bench.Supervised before = bench.run(config -> config, "/bin/sleep", "60")) {
            ProcessHandle nursery = nursery();
            nursery.destroyForcibly();
            Bench.eventually("the nursery is gone", () -> !nursery.isAlive());
            try (Bench.Supervised after = bench.sh("exit 5")) {
                assertThat(after.waitFor()).isEqualTo(5);
            }
            assertThat(ProcessHandle.of(before.supervisor)).isPresent();
        }
    }

    @Test
    void oneThatWasStoppedIsKilled() throws Exception {
        try (Bench bench = new Bench()) {
            ProcessHandle nursery = nursery();
            assertThat(new ProcessBuilder("kill", "-STOP", Long.toString(nursery.pid()))
                            .start()
                            .waitFor())
                    .isZero();
            assertThatThrownBy(() -> bench.sh("exit 6"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("did not answer within PT10S and is killed: try again");
            try (Bench.Supervised after = bench.sh("exit 6")) {
                assertThat(after.waitFor()).isEqualTo(6);
            }
            Bench.eventually("the nursery is gone", () -> !nursery.isAlive());
        }
    }

    @Test
    void itEndsWithTheSpawner() throws Exception {
        ProcessHandle nursery;
        try (Bench bench = new Bench()) {
            assertThat(bench.directory).isDirectory();
            nursery = nursery();
            assertThat(nursery.isAlive()).isTrue();
        }
        Bench.eventually("the nursery is gone", () -> !nursery.isAlive());
    }

    @Test
    void whatCannotBePlacedIsNamed() throws Exception {
        StageProgram.Builder placing = StageProgram.placing();
        placing.start(Op.of(Call.OPENAT, Arg.CWD, Arg.text("/nowhere/tasks"), Arg.number(1), Arg.NULL)
                .label("place supervisors nowhere"));
        try (NativePool pool = new NativePool("nursery", 1, 1)) {
            assertThatThrownBy(() -> Spawner.open(new JnaSyscalls(), pool, placing.build()))
                    .isInstanceOfSatisfying(
                            ErrnoException.class,
                            e -> assertThat(e.is(Errno.ENOENT)).isTrue())
                    .hasMessageContaining("place supervisors nowhere");
        }
        Bench.eventually("the nursery is gone", () -> nurseries().isEmpty());
    }

    private static List<ProcessHandle> nurseries() {
        return ProcessHandle.current()
                .children()
                .filter(child -> commandLine(child.pid()).startsWith("longshore-nursery"))
                .toList();
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid, "cmdline"));
        } catch (IOException e) {
            return ""; // it has gone
        }
    }

    private static ProcessHandle nursery() {
        assertThat(nurseries()).hasSize(1);
        return nurseries().getFirst();
    }
}
