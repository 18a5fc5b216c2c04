package io.longshore.agent.execdriver.libcontainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Function;
import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.agent.execdriver.Exit;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.Recovery;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.stream.Duplex;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A supervisor that is gone takes its container along; one that is slow, stopped, or out of sight does not. */
class LostSupervisorRootIT extends SandboxFixture {
    private static final int SIGKILL = 9;
    private static final int SIGCONT = 18;
    private static final int SIGSTOP = 19;
    private static final AttachRequest ALL = new AttachRequest(true, true, true);

    private final JnaSyscalls syscalls = new JnaSyscalls();

    private int started(Launch launch) {
        driver.create(launch, exits);
        return driver.start(launch.id()).pid();
    }

    private static int supervisorOf(int pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[1]);
    }

    private static void await(String what, BooleanSupplier test) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!test.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            Thread.sleep(5);
        }
    }

    private void restart() {
        driver.close();
        driver = host.open();
    }

    private Path only(String glob, Path where) throws IOException {
        try (var files = Files.newDirectoryStream(where, glob)) {
            return files.iterator().next();
        }
    }

    private Path socket(Launch launch) throws IOException {
        return only(launch.id() + ".[0-9a-f]*", run);
    }

    private void endsBySigkill(Launch launch) {
        driver.signal(launch.id(), SIGKILL);
        Exit exit = exits.next(launch.id());
        assertThat(exit.code()).isEqualTo(137);
        assertThat(exit.error()).isEmpty();
        driver.destroy(launch.id());
    }

    @Test
    void aStoppedSupervisorIsWaitedFor() throws Exception {
        Launch launch = host.launch(new TestSpecs("sleep", "1000"));
        int pid = started(launch);
        int supervisor = supervisorOf(pid);
        syscalls.kill(supervisor, SIGSTOP);
        restart();
        var recovered = CompletableFuture.supplyAsync(() -> driver.recover(launch, exits));
        Thread.sleep(6_000);
        assertThat(recovered).isNotDone();
        assertThat(Leftovers.isGone(pid)).isFalse();
        syscalls.kill(supervisor, SIGCONT);
        assertThat(recovered.get(20, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        Recovery.Alive.class,
                        alive -> assertThat(alive.running().pid()).isEqualTo(pid));
        endsBySigkill(launch);
    }

    /** As if the agent had been killed between the start and its note of it: who joins the container later needs the note. */
    @Test
    void aStartThatWasNotNotedIsNotedWhenItIsFound() throws Exception {
        Launch launch = host.launch(new TestSpecs("sleep", "1000"));
        int pid = started(launch);
        Path note = run.resolve(launch.id() + ".run");
        List<String> lines = Files.readAllLines(note);
        assertThat(lines.getLast()).startsWith(pid + " ");
        Files.write(note, lines.subList(0, lines.size() - 1));
        restart();
        assertThat(driver.recover(launch, exits)).isInstanceOf(Recovery.Alive.class);
        assertThat(Files.readAllLines(note)).isEqualTo(lines);
        endsBySigkill(launch);
    }

    @Test
    void aSupervisorWhoseSocketWasTakenAwayKeepsItsContainer() throws Exception {
        Launch launch = host.launch(new TestSpecs("sleep", "1000"));
        int pid = started(launch);
        Files.delete(socket(launch));
        restart();
        assertThatThrownBy(() -> driver.recover(launch, exits))
                .isInstanceOf(Failure.Internal.class)
                .hasMessageContaining("process " + supervisorOf(pid) + ", lives and does not listen at ");
        assertThat(Leftovers.isGone(pid)).isFalse();
        driver.destroy(launch.id());
    }

    @Test
    void aKilledSupervisorTakesItsContainerAlong() throws Exception {
        Launch launch = host.launch(new TestSpecs("sleep", "1000"));
        int pid = started(launch);
        syscalls.kill(supervisorOf(pid), SIGKILL);
        Exit exit = exits.next(launch.id());
        assertThat(exit.code()).isEqualTo(137);
        assertThat(exit.error()).contains("supervisor was lost");
        assertThat(Leftovers.isGone(pid)).isTrue();
        driver.destroy(launch.id());
    }

    @Test
    void aLostConnectionIsMadeAgain() throws Exception {
        run(new TestSpecs("true")); // the JDK keeps two sockets from the first one it closes on
        Launch launch = host.launch(new TestSpecs("sleep", "1000"));
        Map<String, Integer> before = sockets();
        int pid = started(launch);
        Map<String, Integer> ours = sockets();
        ours.keySet().removeAll(before.keySet());
        assertThat(ours).hasSize(1);
        Function.getFunction("c", "shutdown")
                .invokeInt(new Object[] {ours.values().iterator().next(), 2});
        await("another connection", () -> {
            Map<String, Integer> now = sockets();
            now.keySet().removeAll(before.keySet());
            now.keySet().removeAll(ours.keySet());
            return !now.isEmpty();
        });
        assertThat(Leftovers.isGone(pid)).isFalse();
        exits.hasNone();
        endsBySigkill(launch);
    }

    /** Descriptors of this process's sockets, by inode. */
    private static Map<String, Integer> sockets() {
        Map<String, Integer> found = new HashMap<>();
        try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
            for (Path link : links.toList()) {
                try {
                    String target = Files.readSymbolicLink(link).toString();
                    if (target.startsWith("socket:")) {
                        found.put(target, Integer.parseInt(link.getFileName().toString()));
                    }
                } catch (IOException e) {
                    // The descriptor of the list itself.
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return found;
    }

    @Test
    void anInterruptedCallerDoesNotBreakTheConnection() throws Exception {
        Launch launch = host.launch(new TestSpecs("sleep", "1000"));
        int supervisor = supervisorOf(started(launch));
        syscalls.kill(supervisor, SIGSTOP);
        Map<String, Integer> before = sockets();
        Thread caller = Thread.ofVirtual().start(() -> {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> driver.signal(launch.id(), 15)).isInstanceOf(Failure.Internal.class);
        });
        caller.join();
        syscalls.kill(supervisor, SIGCONT);
        assertThat(sockets().keySet()).containsAll(before.keySet());
        endsBySigkill(launch);
    }

    @Test
    void sigkillNeedsNoSupervisor() throws Exception {
        Launch launch = host.launch(new TestSpecs("sleep", "1000"));
        int pid = started(launch);
        int supervisor = supervisorOf(pid);
        syscalls.kill(supervisor, SIGSTOP);
        driver.signal(launch.id(), SIGKILL);
        assertThat(Leftovers.isGone(pid)).isTrue();
        syscalls.kill(supervisor, SIGCONT);
        Exit exit = exits.next(launch.id());
        assertThat(exit.code()).isEqualTo(137);
        assertThat(exit.error()).isEmpty();
        driver.destroy(launch.id());
    }

    @Test
    void aStoppedSupervisorDoesNotKeepAContainerFromBeingRemoved() throws Exception {
        Launch launch = host.launch(new TestSpecs("sleep", "1000"));
        int pid = started(launch);
        int supervisor = supervisorOf(pid);
        syscalls.kill(supervisor, SIGSTOP);
        driver.destroy(launch.id());
        assertThat(driver.held()).doesNotContain(launch.id());
        await("the supervisor is gone", () -> Leftovers.isGone(supervisor));
        assertThat(Leftovers.isGone(pid)).isTrue();
    }

    @Test
    void recordsOfTheExitOutliveTheRunDirectoryAndAreUsedWhenTheyAreWholeAndOurs() throws Exception {
        assertThat(endedWhileAway(record -> record).code()).isEqualTo(5);
        assertThat(endedWhileAway(record -> "\0".repeat(record.length())).error())
                .contains("supervisor was lost");
        assertThat(endedWhileAway(record -> record.replaceFirst("start_ticks=", "start_ticks=1"))
                        .error())
                .contains("supervisor was lost");
        Launch launch = host.launch(new TestSpecs("sh", "-c", "exit 5"));
        endedUnseen(launch);
        try (var files = Files.newDirectoryStream(run)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        driver = host.open();
        assertThat(driver.recover(launch, exits))
                .isInstanceOfSatisfying(
                        Recovery.Ended.class,
                        ended -> assertThat(ended.exit().code()).isEqualTo(5));
        driver.destroy(launch.id());
        assertThat(Path.of(launch.directory())).isDirectoryNotContaining("glob:**/exit*");
    }

    private interface Change {
        String of(String record);
    }

    private Exit endedWhileAway(Change change) throws Exception {
        Launch launch = host.launch(new TestSpecs("sh", "-c", "exit 5"));
        Path record = endedUnseen(launch);
        Files.writeString(record, change.of(Files.readString(record)));
        driver = host.open();
        Exit exit = ((Recovery.Ended) driver.recover(launch, exits)).exit();
        driver.destroy(launch.id());
        return exit;
    }

    /** Runs a container whose end no driver is told; gives the record. */
    private Path endedUnseen(Launch launch) throws Exception {
        driver.create(launch, (id, exit) -> {});
        String note = Files.readAllLines(run.resolve(launch.id() + ".run")).get(3);
        int supervisor = Integer.parseInt(note.split(" ", -1)[0]);
        driver.start(launch.id());
        driver.close();
        await("the supervisor has ended", () -> Leftovers.isGone(supervisor));
        return only("exit.*", Path.of(launch.directory()));
    }

    @Test
    void aClientThatGoesTakesTheInputWithItAndAnAgentThatStopsDoesNot() throws Exception {
        TestSpecs spec = new TestSpecs("cat");
        spec.openStdin = true;
        spec.stdinOnce = true;
        Launch goes = host.launch(spec);
        started(goes);
        try (Duplex client = driver.attach(goes.id(), ALL)) {
            client.output().write("last words".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(exits.next(goes.id()).code()).isZero();
        assertThat(Files.readString(Path.of(goes.logPath()))).contains("last words");
        driver.destroy(goes.id());

        TestSpecs another = new TestSpecs("cat");
        another.openStdin = true;
        another.stdinOnce = true;
        Launch stays = host.launch(another);
        int pid = started(stays);
        Duplex client = driver.attach(stays.id(), ALL);
        driver.close();
        client.close();
        Thread.sleep(500);
        assertThat(Leftovers.isGone(pid)).isFalse();
        driver = host.open();
        assertThat(driver.recover(stays, exits)).isInstanceOf(Recovery.Alive.class);
        try (Duplex again = driver.attach(stays.id(), ALL)) {
            again.shutdownOutput();
            assertThat(again.input().readAllBytes()).isEmpty();
        }
        assertThat(exits.next(stays.id()).code()).isZero();
        driver.destroy(stays.id());
    }
}
