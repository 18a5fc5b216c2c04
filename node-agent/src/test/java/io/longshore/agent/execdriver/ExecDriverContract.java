package io.longshore.agent.execdriver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.longshore.contracts.agent.ProcessTable;
import io.longshore.contracts.agent.Sample;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.stream.Duplex;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every exec driver must do, whatever runs behind it. */
public abstract class ExecDriverContract extends ExecDriverFixture {
    @Test
    void exitCodes() {
        assertThat(run(new TestSpecs("true"))).isZero();
        assertThat(run(new TestSpecs("false"))).isEqualTo(1);
        assertThat(run(new TestSpecs("sh", "-c", "exit 7"))).isEqualTo(7);
    }

    @Test
    void timesAreInOrder() {
        Instant before = Instant.now().minusSeconds(1);
        ContainerId id = created(new TestSpecs("sleep", "0.2")).id();
        Running running = driver.start(id);
        Exit exit = exits.next(id);
        assertThat(running.pid()).isPositive();
        assertThat(running.startedAt()).isAfter(before);
        assertThat(exit.startedAt()).isEqualTo(running.startedAt());
        assertThat(exit.finishedAt()).isAfterOrEqualTo(exit.startedAt().plusMillis(190));
        assertThat(exit.oomKilled()).isFalse();
        assertThat(exit.error()).isEmpty();
    }

    @Test
    void whoAttachesBeforeTheStartMissesNothing() throws IOException {
        ContainerId id = created(new TestSpecs("echo", "hello")).id();
        try (Duplex stream = driver.attach(id, OUTPUT)) {
            driver.start(id);
            assertThat(payload(stream)).isEqualTo("1:hello\n");
        }
        exits.next(id);
    }

    @Test
    void everyAttachedClientGetsTheOutput() throws IOException {
        ContainerId id = created(new TestSpecs("echo", "for all")).id();
        try (Duplex one = driver.attach(id, OUTPUT);
                Duplex two = driver.attach(id, OUTPUT);
                Duplex errors = driver.attach(id, new AttachRequest(false, false, true))) {
            driver.start(id);
            assertThat(payload(one)).isEqualTo("1:for all\n");
            assertThat(payload(two)).isEqualTo("1:for all\n");
            assertThat(payload(errors)).isEmpty();
        }
        exits.next(id);
    }

    @Test
    void theLogIsCompleteWhenTheEndIsTold() throws IOException {
        Launch launch = created(new TestSpecs("echo", "logged"));
        driver.start(launch.id());
        exits.next(launch.id());
        assertThat(Files.readString(Path.of(launch.logPath())))
                .contains("\"log\":\"logged\\n\"")
                .contains("\"stream\":\"stdout\"");
    }

    @Test
    void logDriverNoneWritesNone() {
        var spec = new TestSpecs("echo", "unheard");
        spec.logDriver = "none";
        Launch launch = created(spec);
        driver.start(launch.id());
        exits.next(launch.id());
        assertThat(Path.of(launch.logPath())).doesNotExist();
    }

    @Test
    void inputReachesTheProcessAndItsEndEndsIt() throws IOException {
        var spec = new TestSpecs("cat");
        spec.openStdin = true;
        spec.stdinOnce = true;
        ContainerId id = created(spec).id();
        try (Duplex stream = driver.attach(id, new AttachRequest(true, true, true))) {
            driver.start(id);
            stream.output().write("there and back".getBytes(StandardCharsets.UTF_8));
            stream.shutdownOutput();
            assertThat(payload(stream)).isEqualTo("1:there and back");
        }
        assertThat(exits.next(id).code()).isZero();
    }

    @Test
    void sigkillEndsIt() {
        ContainerId id = started(new TestSpecs("sleep", "1000"));
        driver.signal(id, 9);
        assertThat(exits.next(id).code()).isEqualTo(137);
        assertThatThrownBy(() -> driver.signal(id, 9)).isInstanceOf(Failure.Conflict.class);
    }

    @Test
    void attachToOneThatEndedGivesTheEnd() throws IOException {
        ContainerId id = started(new TestSpecs("true"));
        exits.next(id);
        try (Duplex stream = driver.attach(id, OUTPUT)) {
            assertThat(payload(stream)).isEmpty();
        } catch (Failure.Conflict e) {
            assertThat(e.text()).contains(id.value());
        }
    }

    @Test
    void whatIsNotThereIsNotFound() {
        ContainerId unknown = ContainerId.random();
        assertThatThrownBy(() -> driver.start(unknown)).isInstanceOf(Failure.NotFound.class);
        assertThatThrownBy(() -> driver.signal(unknown, 15)).isInstanceOf(Failure.NotFound.class);
        assertThatThrownBy(() -> driver.resize(unknown, 24, 80)).isInstanceOf(Failure.NotFound.class);
        assertThatThrownBy(() -> driver.attach(unknown, OUTPUT)).isInstanceOf(Failure.NotFound.class);
        driver.destroy(unknown);
    }

    @Test
    void aSecondCreateOrStartIsConflict() {
        Launch launch = created(new TestSpecs("sleep", "1000"));
        assertThatThrownBy(() -> driver.create(launch, exits)).isInstanceOf(Failure.Conflict.class);
        driver.start(launch.id());
        assertThatThrownBy(() -> driver.start(launch.id())).isInstanceOf(Failure.Conflict.class);
        assertThatThrownBy(() -> driver.resize(launch.id(), 24, 80))
                .as("no terminal")
                .isInstanceOf(Failure.Conflict.class);
    }

    @Test
    void signalBeforeTheStartIsConflict() {
        ContainerId id = created(new TestSpecs("true")).id();
        assertThatThrownBy(() -> driver.signal(id, 15)).isInstanceOf(Failure.Conflict.class);
    }

    @Test
    void aCommandThatIsNotThere() {
        ContainerId id = created(new TestSpecs("nonexistent-command")).id();
        var failure = catchThrowableOfType(CommandNotExecutable.class, () -> driver.start(id));
        assertThat(failure.exitCode()).isEqualTo(127);
        assertThat(failure.text())
                .startsWith("failed to create task for container: ")
                .endsWith("exec: \"nonexistent-command\": executable file not found in $PATH");
        assertThat(driver.held()).doesNotContain(id);
    }

    @Test
    void aPathThatIsNotThere() {
        ContainerId id = created(new TestSpecs("/bin/nonexistent", "x")).id();
        assertThatThrownBy(() -> driver.start(id))
                .isInstanceOf(CommandNotExecutable.class)
                .hasMessageEndingWith("exec: \"/bin/nonexistent\": stat /bin/nonexistent: no such file or directory");
    }

    @Test
    void aContainerStartsAgainAfterItsEnd() {
        var spec = new TestSpecs("sh", "-c", "exit 3");
        Launch launch = launch(spec);
        for (int i = 0; i < 3; i++) {
            driver.create(launch, exits);
            driver.start(launch.id());
            assertThat(exits.next(launch.id()).code()).isEqualTo(3);
            driver.destroy(launch.id());
        }
    }

    @Test
    void destroyEndsWhatRunsAndTellsNobody() {
        ContainerId id = started(new TestSpecs("sleep", "1000"));
        assertThat(driver.held()).contains(id);
        driver.destroy(id);
        driver.destroy(id);
        assertThat(driver.held()).doesNotContain(id);
        assertThatThrownBy(() -> driver.signal(id, 9)).isInstanceOf(Failure.NotFound.class);
    }

    @Test
    void destroyOfOneThatWasNeverStarted() {
        ContainerId id = created(new TestSpecs("true")).id();
        driver.destroy(id);
        assertThat(driver.held()).doesNotContain(id);
    }

    @Test
    void aRestartedAgentFindsItAgain() {
        Launch launch = created(new TestSpecs("sleep", "1000"));
        Running running = driver.start(launch.id());
        restart();
        assertThat(driver.recover(launch, exits)).isEqualTo(new Recovery.Alive(running));
        assertThat(driver.held()).contains(launch.id());
        driver.signal(launch.id(), 9);
        Exit exit = exits.next(launch.id());
        assertThat(exit.code()).isEqualTo(137);
        assertThat(exit.startedAt()).isEqualTo(running.startedAt());
        assertThat(exit.error()).isEmpty();
    }

    @Test
    void aRestartedAgentLearnsTheEnd() throws InterruptedException {
        Launch launch = launch(new TestSpecs("sh", "-c", "sleep 0.3; exit 5"));
        driver.create(launch, (id, exit) -> {});
        Running running = driver.start(launch.id());
        driver.close();
        Thread.sleep(600);
        driver = open();
        assertThat(driver.recover(launch, exits)).isInstanceOfSatisfying(Recovery.Ended.class, ended -> {
            assertThat(ended.exit().code()).isEqualTo(5);
            assertThat(ended.exit().startedAt()).isEqualTo(running.startedAt());
        });
    }

    @Test
    void whatWasNotStartedIsAbsentAfterARestart() {
        Launch createdOnly = created(new TestSpecs("true"));
        Launch unknown = launch(new TestSpecs("true"));
        restart();
        assertThat(driver.recover(createdOnly, exits)).isEqualTo(new Recovery.Absent());
        assertThat(driver.recover(unknown, exits)).isEqualTo(new Recovery.Absent());
        assertThat(driver.held()).doesNotContainAnyElementsOf(List.of(createdOnly.id(), unknown.id()));
        driver.destroy(createdOnly.id());
    }

    @Test
    void figuresOfWhatRuns() {
        ContainerId id = started(new TestSpecs("sleep", "1000"));
        Figures figures = driver.figures().orElseThrow();
        Sample sample = figures.sample(id);
        assertThat(sample.read()).isBetween(Instant.now().minusSeconds(20), Instant.now());
        assertThat(sample.pids().current()).isEqualTo(1);
        assertThat(sample.cpu().total()).isPositive();
        assertThat(sample.cpu().system()).isGreaterThan(sample.cpu().total());
        assertThat(sample.cpu().online()).isPositive();
        assertThat(sample.memory().usage()).isPositive();
        assertThat(sample.memory().limit()).isGreaterThan(sample.memory().usage());
        assertThat(sample.memory().details()).isNotEmpty();
        assertThat(sample.networks()).isEmpty();
        ProcessTable table = figures.processes(id, List.of("-ef"));
        assertThat(table.titles()).startsWith("UID", "PID").endsWith("CMD");
        assertThat(table.processes())
                .singleElement()
                .satisfies(process ->
                        assertThat(process).hasSameSizeAs(table.titles()).last().isEqualTo("sleep 1000"));
        Sample later = figures.sample(id);
        assertThat(later.cpu().total()).isGreaterThanOrEqualTo(sample.cpu().total());
        assertThat(later.cpu().system()).isGreaterThanOrEqualTo(sample.cpu().system());
    }

    @Test
    void noFiguresOfWhatDoesNotRun() {
        Figures figures = driver.figures().orElseThrow();
        ContainerId created = created(new TestSpecs("sleep", "1000")).id();
        ContainerId ended = started(new TestSpecs("true"));
        exits.next(ended);
        for (ContainerId id : List.of(created, ended)) {
            assertThatThrownBy(() -> figures.sample(id)).isInstanceOf(Failure.Conflict.class);
            assertThatThrownBy(() -> figures.processes(id, List.of("-ef")))
                    .isInstanceOf(Failure.Conflict.class)
                    .hasMessage("container " + id + " is not running");
        }
        assertThatThrownBy(() -> figures.sample(ContainerId.random())).isInstanceOf(Failure.NotFound.class);
        assertThatThrownBy(() -> figures.processes(ContainerId.random(), List.of()))
                .isInstanceOf(Failure.NotFound.class);
    }

    @Test
    void figuresAreThereAfterARestart() {
        Launch launch = created(new TestSpecs("sleep", "1000"));
        driver.start(launch.id());
        restart();
        driver.recover(launch, exits);
        assertThat(driver.figures().orElseThrow().sample(launch.id()).pids().current())
                .isEqualTo(1);
    }

    protected void restart() {
        driver.close();
        driver = open();
    }
}
