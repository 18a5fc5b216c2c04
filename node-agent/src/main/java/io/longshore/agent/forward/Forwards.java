package io.longshore.agent.forward;

import io.longshore.agent.networkdriver.PortForwarding;
import io.longshore.contracts.agent.Forward;
import io.longshore.contracts.agent.ForwardSet;
import io.longshore.contracts.agent.ForwardState;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * The ports that this node holds for containers on others: taken before such a container starts, held over restarts of the agent, and given up
 * when who knows all containers names it no more. What was taken is written down before that is answered; the kernel holds nothing
 * that outlives the agent and is not made anew at its start. Thread-safe.
 */
public final class Forwards {
    private static final Logger LOG = LoggerFactory.getLogger(Forwards.class);
    /** So long a start may last until its container is among all that there are. */
    static final Duration UNCONFIRMED = Duration.ofMinutes(2);

    private final PortForwarding driver;
    private final ForwardFiles files;
    private final LongSupplier nanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ContainerId, Taken> taken = new HashMap<>();
    /** Of which was said that they cannot be had, so that it is said once. */
    private final Set<ContainerId> refused = new HashSet<>();
    /** Of which an earlier life has left a file, and that could not be taken again. */
    private final Set<ContainerId> lost = new HashSet<>();

    private long epoch;
    private long revision;

    /**
     * @param since by the clock, when they were taken
     * @param confirmed whether they were among all that there are since then
     */
    private record Taken(Held held, long since, boolean confirmed) {}

    /**
     * Takes again what an earlier life of the agent held.
     *
     * @param directory where that is written down
     * @param nanos a clock that only goes forward
     */
    public Forwards(PortForwarding driver, Path directory, JsonMapper json, LongSupplier nanos) throws IOException {
        this.driver = driver;
        this.files = new ForwardFiles(directory, json);
        this.nanos = nanos;
        for (Held held : files.load()) {
            try {
                List<PublishedPort> ports = driver.forward(held.again(), held.ports());
                taken.put(held.forward().container(), new Taken(new Held(held.forward(), ports), now(), true));
            } catch (RuntimeException e) {
                lost.add(held.forward().container());
                LOG.warn(
                        "ports of container {} on another node cannot be taken again, until that is told again: {}",
                        held.forward().name(),
                        text(e));
            }
        }
    }

    private long now() {
        return nanos.getAsLong();
    }

    /** See {@code AgentForwardApi.take}. */
    public List<PublishedPort> take(ContainerId container, Forward wanted) {
        check(container, wanted);
        lock.lock();
        try {
            Taken before = taken.get(container);
            if (before != null && before.held().forward().start() > wanted.start()) {
                throw new Failure.Conflict("ports for start " + wanted.start() + " of container "
                        + container.shortForm() + " are asked for after those for start "
                        + before.held().forward().start());
            }
            return take(wanted, before == null ? List.of() : before.held().ports(), false);
        } finally {
            lock.unlock();
        }
    }

    private static void check(ContainerId container, Forward wanted) {
        if (!wanted.container().equals(container)) {
            throw new Failure.Invalid("the path names container " + container + ", the forward " + wanted.container());
        }
        wanted.ports().forEach(port -> {
            if (!port.protocol().equals("tcp") && !port.protocol().equals("udp")) {
                throw new Failure.Invalid("port " + port.port() + "/" + port.protocol() + " of container "
                        + container.shortForm() + " is not forwarded: only tcp and udp are");
            }
        });
    }

    /** With none of this container's ports held if it fails, or with what is given up later if that fails, too. */
    private List<PublishedPort> take(Forward wanted, List<PublishedPort> earlier, boolean confirmed) {
        ContainerId container = wanted.container();
        try {
            List<PublishedPort> ports = driver.forward(wanted, earlier);
            Held held = new Held(wanted, ports);
            taken.put(container, new Taken(held, now(), confirmed));
            files.write(held);
            refused.remove(container);
            return ports;
        } catch (IOException e) {
            throw undone(
                    container,
                    new Failure.Internal(
                            "cannot write down which ports are taken for container " + wanted.name() + ": "
                                    + e.getMessage(),
                            e));
        } catch (RuntimeException e) {
            throw undone(container, e);
        }
    }

    private <E extends RuntimeException> E undone(ContainerId container, E why) {
        try {
            giveUp(container);
        } catch (RuntimeException e) {
            why.addSuppressed(e);
        }
        return why;
    }

    /** If that fails it is as before, but for its ports, of which nothing is sure: it is given up or taken anew when all are told next. */
    private void giveUp(ContainerId container) {
        try {
            driver.unforward(container);
            files.delete(container);
            taken.remove(container);
        } catch (IOException e) {
            doubt(container);
            throw new Failure.Internal(
                    "cannot delete what is written down of the ports of container " + container + ": " + e.getMessage(),
                    e);
        } catch (RuntimeException e) {
            doubt(container);
            throw e;
        }
    }

    private void doubt(ContainerId container) {
        taken.computeIfPresent(
                container,
                (_, before) -> new Taken(new Held(before.held().forward(), List.of()), before.since(), true));
    }

    /** See {@code AgentForwardApi.release}. */
    public void release(ContainerId container, long start) {
        lock.lock();
        try {
            Taken held = taken.get(container);
            if (held != null && held.held().forward().start() <= start) {
                giveUp(container);
            }
        } finally {
            lock.unlock();
        }
    }

    /** See {@code AgentForwardApi.tell}. */
    public ForwardState tell(ForwardSet all) {
        lock.lock();
        try {
            boolean news = all.epoch() > epoch || (all.epoch() == epoch && all.revision() > revision);
            if (all.forwards() != null && news && become(all.forwards())) {
                epoch = all.epoch();
                revision = all.revision();
            }
            List<ForwardState.Start> starting = taken.values().stream()
                    .filter(each -> !each.confirmed())
                    .map(each -> each.held().forward())
                    .map(each -> new ForwardState.Start(each.container(), each.start()))
                    .toList();
            return new ForwardState(all.epoch() == epoch ? revision : 0, starting);
        } finally {
            lock.unlock();
        }
    }

    /** Whether all that is not wanted is gone; else it is to be told again. */
    private boolean become(List<Forward> all) {
        Map<ContainerId, Forward> wanted = new HashMap<>();
        all.forEach(each -> wanted.put(each.container(), each));
        boolean gone = true;
        for (Map.Entry<ContainerId, Taken> each : List.copyOf(taken.entrySet())) {
            if (!wanted.containsKey(each.getKey()) && isOver(each.getValue())) {
                gone &= isGone(each.getKey(), each.getValue());
            }
        }
        refused.retainAll(wanted.keySet());
        wanted.values().forEach(this::mend);
        return forgetLost(wanted.keySet()) && gone;
    }

    private boolean isGone(ContainerId container, Taken held) {
        try {
            giveUp(container);
            return true;
        } catch (RuntimeException e) {
            // Said once: then there is nothing sure of its ports.
            if (!held.held().ports().isEmpty()) {
                LOG.warn(
                        "ports of container {} on another node are not given up yet, and are tried again: {}",
                        held.held().forward().name(),
                        text(e));
            }
            return false;
        }
    }

    private boolean forgetLost(Set<ContainerId> wanted) {
        lost.removeAll(taken.keySet());
        boolean gone = true;
        for (ContainerId each : List.copyOf(lost)) {
            try {
                if (!wanted.contains(each)) {
                    files.delete(each);
                    lost.remove(each);
                }
            } catch (IOException e) {
                LOG.warn(
                        "the file of ports of container {}, which is over, is deleted later: {}", each, e.getMessage());
                gone = false;
            }
        }
        return gone;
    }

    private boolean isOver(Taken one) {
        return one.confirmed() || now() - one.since() > UNCONFIRMED.toNanos();
    }

    private void mend(Forward wanted) {
        Taken before = taken.get(wanted.container());
        if (before == null) {
            if (!wanted.ports().isEmpty()) {
                mend(wanted, List.of());
            }
            return;
        }
        Held held = before.held();
        if (held.forward().start() > wanted.start()) {
            // It is about to be started again, and what was told is of the time before.
            return;
        }
        if (wanted.ports().isEmpty() || held.isLike(wanted)) {
            taken.put(wanted.container(), new Taken(held, before.since(), true));
        } else {
            mend(wanted, held.ports());
        }
    }

    private void mend(Forward wanted, List<PublishedPort> earlier) {
        try {
            check(wanted.container(), wanted);
            take(wanted, earlier, true);
        } catch (RuntimeException e) {
            if (refused.add(wanted.container())) {
                LOG.warn(
                        "ports of container {} on another node do not answer here, until they are free: {}",
                        wanted.name(),
                        text(e));
            }
        }
    }

    private static String text(RuntimeException e) {
        return e instanceof Failure failure ? failure.text() : e.toString();
    }
}
