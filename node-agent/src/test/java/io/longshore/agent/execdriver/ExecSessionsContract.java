package io.longshore.agent.execdriver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.SessionSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ExecId;
import io.longshore.contracts.stream.Duplex;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the exec sessions of every driver must do. */
public abstract class ExecSessionsContract extends ExecDriverFixture {
    protected final BlockingQueue<Exit> ends = new LinkedBlockingQueue<>();

    private Launch container = launchedLater();

    @SuppressWarnings("NullAway")
    private static Launch launchedLater() {
        return null;
    }

    @BeforeEach
    void aContainerRuns() {
        container = created(new TestSpecs("sleep", "600"));
        driver.start(container.id());
    }

    @AfterEach
    void noSessionIsLeft() {
        driver.sessions().held().forEach(driver.sessions()::destroy);
        assertThat(driver.sessions().held()).isEmpty();
    }

    protected ContainerSpec container() {
        return container.spec();
    }

    protected SessionSpec spec(String... arguments) {
        return new SessionSpec(
                ExecId.random(), container.id(), List.of(arguments), List.of(), "", "", false, false, false);
    }

    protected SessionSpec withInput(String... arguments) {
        SessionSpec spec = spec(arguments);
        return new SessionSpec(
                spec.id(), spec.container(), spec.arguments(), List.of(), "", "", spec.tty(), true, false);
    }

    protected ExecId create(SessionSpec spec) {
        driver.sessions().create(new SessionLaunch(container.spec(), spec), (id, exit) -> ends.add(exit));
        return spec.id();
    }

    protected Exit end() throws InterruptedException {
        Exit exit = ends.poll(20, TimeUnit.SECONDS);
        assertThat(exit).as("the end of a session").isNotNull();
        return java.util.Objects.requireNonNull(exit);
    }

    /** Output and exit code of a session that is run to its end. */
    protected String run(SessionSpec spec) throws Exception {
        ExecId id = create(spec);
        try (Duplex stream = driver.sessions().attach(id, OUTPUT)) {
            driver.sessions().start(id);
            return payload(stream) + "=" + end().code();
        }
    }

    @Test
    void outputAndExitCode() throws Exception {
        assertThat(run(spec("sh", "-c", "echo one; exit 3"))).isEqualTo("1:one\n=3");
        assertThat(run(spec("true"))).isEqualTo("=0");
    }

    @Test
    void inputIsPassedAndItsEndToo() throws Exception {
        ExecId id = create(withInput("cat"));
        try (Duplex stream = driver.sessions().attach(id, new AttachRequest(true, true, true))) {
            driver.sessions().start(id);
            stream.output().write("to and fro".getBytes(StandardCharsets.UTF_8));
            stream.shutdownOutput();
            assertThat(payload(stream)).isEqualTo("1:to and fro");
        }
        assertThat(end().code()).isZero();
    }

    @Test
    void aCommandThatIsNotThere() {
        ExecId id = create(spec("nonexistent-command"));
        CommandNotExecutable refused = catchThrowableOfType(
                CommandNotExecutable.class, () -> driver.sessions().start(id));
        assertThat(refused.exitCode()).isEqualTo(127);
        assertThat(refused.text())
                .startsWith("OCI runtime exec failed: exec failed: unable to start container process: exec: ")
                .endsWith("executable file not found in $PATH");
        assertThat(driver.sessions().held()).doesNotContain(id);
        assertThat(ends).isEmpty();
    }

    @Test
    void aSignalEndsIt() throws Exception {
        ExecId id = create(spec("sleep", "600"));
        driver.sessions().start(id);
        driver.sessions().signal(id, 9);
        assertThat(end().code()).isEqualTo(137);
        assertThatThrownBy(() -> driver.sessions().signal(id, 9)).isInstanceOf(Failure.Conflict.class);
    }

    @Test
    void itEndsWithItsContainer() throws Exception {
        ExecId id = create(spec("sleep", "600"));
        driver.sessions().start(id);
        driver.signal(container.id(), 9);
        exits.next(container.id());
        assertThat(end().code()).isEqualTo(137);
        assertThatThrownBy(() -> create(spec("true"))).isInstanceOf(Failure.Conflict.class);
    }

    @Test
    void theContainerGoesOnAfterIt() throws Exception {
        run(spec("true"));
        exits.hasNone();
        driver.signal(container.id(), 9);
        exits.next(container.id());
    }

    @Test
    void destroyKillsItAndTellsNobody() throws Exception {
        ExecId id = create(spec("sleep", "600"));
        driver.sessions().start(id);
        driver.sessions().destroy(id);
        driver.sessions().destroy(id);
        assertThat(ends.poll(200, TimeUnit.MILLISECONDS)).isNull();
        assertThatThrownBy(() -> driver.sessions().signal(id, 9)).isInstanceOf(Failure.NotFound.class);
    }

    @Test
    void oneThatWasNotStartedGoesWithoutATrace() {
        ExecId id = create(spec("true"));
        assertThatThrownBy(() -> driver.sessions().signal(id, 9)).isInstanceOf(Failure.Conflict.class);
        driver.sessions().destroy(id);
        assertThat(driver.sessions().held()).isEmpty();
    }

    @Test
    void twiceTheSameIsAConflict() {
        SessionSpec spec = spec("true");
        create(spec);
        assertThatThrownBy(() -> create(spec)).isInstanceOf(Failure.Conflict.class);
    }

    @Test
    void withoutATerminalThereIsNoSize() throws Exception {
        ExecId id = create(spec("sleep", "600"));
        driver.sessions().start(id);
        assertThatThrownBy(() -> driver.sessions().resize(id, 10, 10)).isInstanceOf(Failure.Conflict.class);
    }

    @Test
    void manyAtOnce() throws Exception {
        for (int i = 0; i < 20; i++) {
            driver.sessions().start(create(spec("sh", "-c", "exit 5")));
        }
        for (int i = 0; i < 20; i++) {
            assertThat(end().code()).isEqualTo(5);
        }
    }

    @Test
    void nobodyIsThere() {
        assertThatThrownBy(() -> driver.sessions().attach(ExecId.random(), OUTPUT))
                .isInstanceOf(Failure.NotFound.class);
    }

    /** What an attached client reads, to its end. */
    protected static String all(Duplex stream) throws IOException {
        return new String(stream.input().readAllBytes(), StandardCharsets.UTF_8);
    }
}
