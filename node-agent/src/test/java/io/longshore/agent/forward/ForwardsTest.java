package io.longshore.agent.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.networkdriver.NetworkDriver.Place;
import io.longshore.agent.networkdriver.PortForwarding;
import io.longshore.agent.networkdriver.simulated.SimulatedNetworkDriver;
import io.longshore.contracts.agent.Forward;
import io.longshore.contracts.agent.ForwardSet;
import io.longshore.contracts.agent.ForwardState;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.agent.Port;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForwardsTest {
    @TempDir
    private Path directory;

    private final ContainerId web = ContainerId.random();
    private final ContainerId other = ContainerId.random();
    private final AtomicLong clock = new AtomicLong();

    @SuppressWarnings("NullAway.Init")
    private Forwards forwards;

    @BeforeEach
    void begin() throws IOException {
        forwards = open();
    }

    /** A life of the agent. */
    private Forwards open() throws IOException {
        return new Forwards(
                new Stubborn(new SimulatedNetworkDriver("bridge", Place.SANDBOX)),
                directory.resolve("forwards"),
                Json.mapper(),
                clock::get);
    }

    /** Of which containers ports can neither be taken nor given up, at the moment. */
    private final Set<ContainerId> stuck = new HashSet<>();

    private final class Stubborn implements PortForwarding {
        private final PortForwarding driver;

        Stubborn(PortForwarding driver) {
            this.driver = driver;
        }

        private void check(ContainerId container) {
            if (stuck.contains(container)) {
                throw new Failure.Internal("the kernel is out of memory");
            }
        }

        @Override
        public List<PublishedPort> forward(Forward wanted, List<PublishedPort> earlier) {
            check(wanted.container());
            return driver.forward(wanted, earlier);
        }

        @Override
        public void unforward(ContainerId container) {
            check(container);
            driver.unforward(container);
        }
    }

    private static Forward forward(ContainerId id, long start, Port... ports) {
        return new Forward(id, start, "web", "e", "192.0.2.2", "", List.of(ports));
    }

    private static Port fixed(int number) {
        return new Port(80, "tcp", "", number, number);
    }

    private static Port any() {
        return new Port(80, "tcp", "", 0, 0);
    }

    private static int number(List<PublishedPort> ports) {
        return ports.getFirst().hostPort();
    }

    private void tell(long revision, Forward... all) {
        forwards.tell(new ForwardSet(4, revision, List.of(all)));
    }

    private boolean isFree(int number) {
        ContainerId probe = ContainerId.random();
        try {
            forwards.take(probe, forward(probe, 1, fixed(number)));
            forwards.release(probe, 1);
            return true;
        } catch (Failure.Conflict e) {
            assertThat(e.text()).contains("port is already allocated");
            return false;
        }
    }

    @Test
    void whatWasTakenIsHeldInTheNextLifeToo() throws IOException {
        int number = number(forwards.take(web, forward(web, 1, any())));
        forwards.take(other, forward(other, 1, fixed(8080)));
        forwards.release(other, 1);
        forwards = open();
        assertThat(isFree(number)).isFalse();
        assertThat(isFree(8080)).isTrue();
        assertThat(number(forwards.take(web, forward(web, 2, any()))))
                .as("again")
                .isEqualTo(number);
    }

    @Test
    void aStartHasTwoMinutesUntilItsContainerIsNamed() {
        forwards.take(web, forward(web, 1, fixed(8080)));
        tell(1);
        assertThat(isFree(8080)).isFalse();
        clock.addAndGet(Duration.ofSeconds(121).toNanos());
        tell(2);
        assertThat(isFree(8080)).isTrue();
    }

    @Test
    void whichStartsAreNotYetNamedIsSaid() {
        forwards.take(web, forward(web, 3, fixed(8080)));
        assertThat(forwards.tell(new ForwardSet(4, 1, List.of())))
                .isEqualTo(new ForwardState(1, List.of(new ForwardState.Start(web, 3))));
        assertThat(forwards.tell(new ForwardSet(4, 1, null)).starting()).hasSize(1);
        assertThat(forwards.tell(new ForwardSet(4, 2, List.of(forward(web, 3, fixed(8080))))))
                .isEqualTo(new ForwardState(2, List.of()));
        assertThat(forwards.tell(new ForwardSet(5, 7, null)).revision())
                .as("what it does not have")
                .isZero();
    }

    @Test
    void whoIsNamedNoMoreGivesBack() {
        forwards.take(web, forward(web, 1, fixed(8080)));
        tell(1, forward(web, 1, fixed(8080)));
        tell(2);
        assertThat(isFree(8080)).isTrue();
    }

    @Test
    void whoIsStartedAgainKeepsItWhateverIsSaidOfTheTimeBefore() {
        forwards.take(web, forward(web, 1, fixed(8080)));
        tell(1, forward(web, 1, fixed(8080)));
        tell(2, forward(web, 1));
        assertThat(isFree(8080)).as("about to be started by its node").isFalse();
        forwards.take(web, forward(web, 2, fixed(8080)));
        tell(3);
        assertThat(isFree(8080)).as("by a command").isFalse();
        forwards.release(web, 1);
        assertThat(isFree(8080)).as("another start's").isFalse();
        assertThatThrownBy(() -> forwards.take(web, forward(web, 1, fixed(8081))))
                .isInstanceOf(Failure.Conflict.class);
    }

    @Test
    void whatIsMissingIsTakenWhenItIsFree() {
        forwards.take(other, forward(other, 1, fixed(8080)));
        tell(1, forward(other, 1, fixed(8080)), forward(web, 1, fixed(8080), new Port(81, "tcp", "", 8081, 8081)));
        assertThat(isFree(8081)).as("all or none").isTrue();
        tell(2, forward(web, 1, fixed(8080), new Port(81, "tcp", "", 8081, 8081)));
        assertThat(isFree(8080)).isFalse();
        assertThat(isFree(8081)).isFalse();
    }

    @Test
    void anotherNodesNumberIsTakenInstead() {
        forwards.take(web, forward(web, 1, any()));
        tell(1, forward(web, 1, fixed(8080)));
        assertThat(isFree(8080)).isFalse();
    }

    @Test
    void whatComesLateIsNotTaken() {
        tell(2, forward(web, 1, fixed(8080)));
        tell(1);
        forwards.tell(new ForwardSet(3, 9, List.of()));
        assertThat(isFree(8080)).isFalse();
        forwards.tell(new ForwardSet(5, 1, List.of()));
        assertThat(isFree(8080)).isTrue();
    }

    @Test
    void whatCannotBeGivenUpIsTriedAgainAndHoldsUpNothingElse() {
        ContainerId third = ContainerId.random();
        tell(1, forward(web, 1, fixed(8080)), forward(other, 1, fixed(8081)));
        stuck.add(web);
        Forward more = forward(third, 1, fixed(8082));
        assertThat(forwards.tell(new ForwardSet(4, 2, List.of(more))).revision())
                .as("to be told again")
                .isEqualTo(1);
        assertThat(isFree(8080)).isFalse();
        assertThat(isFree(8081)).isTrue();
        assertThat(isFree(8082)).isFalse();
        stuck.clear();
        assertThat(forwards.tell(new ForwardSet(4, 2, List.of(more))).revision())
                .isEqualTo(2);
        assertThat(isFree(8080)).isTrue();
    }

    @Test
    void whatCouldNotBeGivenUpIsTakenAnewWhenItIsNamedAgain() {
        tell(1, forward(web, 1, fixed(8080)));
        stuck.add(web);
        assertThatThrownBy(() -> forwards.release(web, 1)).isInstanceOf(Failure.Internal.class);
        stuck.clear();
        tell(2, forward(web, 1, fixed(8080)));
        assertThat(isFree(8080)).isFalse();
        tell(3);
        assertThat(isFree(8080)).isTrue();
    }

    @Test
    void filesOfWhatIsOverGo() throws IOException {
        Path files = directory.resolve("forwards");
        forwards.take(web, forward(web, 1, fixed(8080)));
        forwards.take(other, forward(other, 1, fixed(8081)));
        Files.writeString(files.resolve(web + ".tmp"), "{");
        stuck.add(web);
        stuck.add(other);
        forwards = open();
        assertThat(files).isDirectoryNotContaining(file -> file.toString().endsWith(".tmp"));
        tell(1, forward(other, 1, fixed(8081)));
        assertThat(files.toFile().list()).containsExactly(other.value());
        stuck.clear();
        tell(2, forward(other, 1, fixed(8081)));
        assertThat(isFree(8081)).isFalse();
        tell(3);
        assertThat(files).isEmptyDirectory();
    }

    @Test
    void onlyWhatCanBeForwarded() {
        assertThatThrownBy(() -> forwards.take(web, forward(web, 1, new Port(80, "sctp", "", 80, 80))))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("80/sctp");
        assertThatThrownBy(() -> forwards.take(other, forward(web, 1, fixed(80))))
                .isInstanceOf(Failure.Invalid.class);
    }
}
