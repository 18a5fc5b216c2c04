package io.longshore.agent.container;

import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.agent.execdriver.Running;
import io.longshore.agent.feed.ChangesFeed;
import io.longshore.agent.state.Outcome;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.Health;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One container of this node: what it is doing, who waits for it. An operation holds its operation lock for as long as the drivers work;
 * the state itself is guarded by the monitor, held only for some assignments and for publishing, so that readers never wait for a driver.
 */
final class Container {
    /** More clients than this do not wait for one start: it bounds what a client that attaches in a loop can hold. */
    private static final int MAX_WAITING = 256;

    private final ContainerId id;
    private final ChangesFeed feed;
    private final ReentrantLock operation = new ReentrantLock();

    private Phase phase = Phase.CREATING;
    private @Nullable ContainerSpec spec;
    private long starts;
    private @Nullable Running running;
    private List<PublishedPort> published = List.of();
    private @Nullable Outcome outcome;
    private boolean held;
    private boolean flushed = true;
    private boolean open;
    private final Restarts restarts = new Restarts();
    private @Nullable Health health;
    private CompletableFuture<Observed> end = new CompletableFuture<>();
    private final List<Attachment> waiting = new ArrayList<>();
    private volatile @Nullable Observed observed;

    Container(ContainerId id, ChangesFeed feed) {
        this.id = id;
        this.feed = feed;
    }

    ContainerId id() {
        return id;
    }

    /** Runs one operation at a time on this container; waits for the one before as long as the caller has time. */
    <T> T exclusively(Caller caller, Supplier<T> work) {
        try {
            if (!operation.tryLock(caller.remaining().toNanos(), TimeUnit.NANOSECONDS)) {
                throw new Failure.DeadlineExceeded("another operation on container " + id.shortForm()
                        + " did not end in the time allowed for this request");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("the agent is stopping", e);
        }
        return unlocking(work);
    }

    /** As above, for the agent's own work, which no caller waits for. */
    <T> T exclusively(Supplier<T> work) {
        operation.lock();
        return unlocking(work);
    }

    private <T> T unlocking(Supplier<T> work) {
        try {
            return work.get();
        } finally {
            operation.unlock();
        }
    }

    /** The latest published state, null before the first. */
    @Nullable
    Observed observed() {
        return observed;
    }

    synchronized Phase phase() {
        return phase;
    }

    synchronized @Nullable ContainerSpec specOrNull() {
        return spec;
    }

    /** What it should be; only of a container that is known to have been created. */
    synchronized ContainerSpec spec() {
        if (spec == null) {
            throw new Failure.Internal("the specification of container " + id.shortForm()
                    + " cannot be read on this node; remove the container with force");
        }
        return spec;
    }

    synchronized long starts() {
        return starts;
    }

    synchronized @Nullable Outcome outcome() {
        return outcome;
    }

    /** Whether it still holds what a running container holds, though it may have ended. */
    synchronized boolean held() {
        return held;
    }

    /** Is completed with the state after the end of the present start. */
    synchronized CompletableFuture<Observed> end() {
        return end;
    }

    /** It was found to hold something although it does not run. */
    synchronized void holding() {
        held = true;
    }

    synchronized void released() {
        held = false;
    }

    /** Whether what the disk knows of it would outlast a power cut. */
    synchronized boolean flushed() {
        return flushed;
    }

    synchronized void flushed(boolean done) {
        flushed = done;
    }

    // ---- transitions, each made by whoever holds the operation lock, but for ended(), which comes when it comes

    private void take(ContainerSpec wanted) {
        spec = wanted;
        restarts.policy(wanted.restart());
    }

    /** What it is to be has changed, but for what only a new start can change. */
    synchronized void updated(ContainerSpec wanted) {
        take(wanted);
    }

    /** The same, and what is published of it has changed if it runs. */
    synchronized Observed reconnected(ContainerSpec wanted, List<PublishedPort> ports) {
        take(wanted);
        published = ports;
        return publish();
    }

    /** It exists; {@code ended} and {@code count} tell of earlier starts. */
    synchronized void created(ContainerSpec wanted, long count, @Nullable Outcome ended) {
        take(wanted);
        starts = count;
        outcome = ended;
        phase = count > 0 ? Phase.EXITED : Phase.CREATED;
        publish();
    }

    /** It exists, but what it is cannot be read or found out: all that is left is to remove it. */
    synchronized void broken(@Nullable ContainerSpec wanted, Outcome why) {
        if (wanted != null) {
            take(wanted);
        }
        starts = why.start();
        outcome = why;
        held = true;
        phase = Phase.EXITED;
        publish();
    }

    synchronized void starting(long number, @Nullable Health unchecked) {
        health = unchecked;
        phase = Phase.STARTING;
        starts = number;
        held = true;
        end = new CompletableFuture<>();
    }

    /** From now on clients attach at once; those who came before are to be connected by the caller, before the process runs. */
    synchronized List<Attachment> open() {
        open = true;
        List<Attachment> due = List.copyOf(waiting);
        waiting.clear();
        return due;
    }

    /** It runs, unless it has ended already. */
    synchronized Observed runs(Running process, List<PublishedPort> ports) {
        if (phase == Phase.STARTING) {
            published = ports;
            phase = Phase.RUNNING;
            running = process;
            open = true;
            return publish();
        }
        Observed known = observed;
        return known == null ? publish() : known;
    }

    /** It may have been running when an earlier life of the agent ended: what became of it is being found out. */
    synchronized void resuming(ContainerSpec wanted, long count, @Nullable Outcome before) {
        take(wanted);
        outcome = before;
        starting(count, health);
    }

    /**
     * It ended. Of no effect when that end is known or of no interest any more.
     *
     * @return after which pause it is to be started again, null if it is not
     */
    synchronized @Nullable Duration ended(Outcome how) {
        if (!phase.mayEnd() || how.start() != starts) {
            return null;
        }
        Duration pause = restarts.after(how);
        phase = pause == null ? Phase.EXITED : Phase.RESTARTING;
        outcome = how;
        running = null;
        open = false;
        end.complete(publish());
        return pause;
    }

    /** Its processes are frozen, or go on; false, and of no effect, when it has ended meanwhile. */
    synchronized boolean paused(boolean now) {
        if (phase != Phase.RUNNING && phase != Phase.PAUSED) {
            return false;
        }
        phase = now ? Phase.PAUSED : Phase.RUNNING;
        publish();
        return true;
    }

    // ---- what its restart policy remembers

    /** The latest start that a command has made. */
    synchronized long commanded() {
        return restarts.commanded();
    }

    /** Whether what a command has stopped must stay so after a power cut. */
    synchronized boolean restartsMatter() {
        return restarts.matters();
    }

    /** What an earlier life of the agent wrote down. */
    synchronized void resumeRestarts(long commanded, long stopped, boolean thisBoot) {
        restarts.resume(commanded, stopped, thisBoot);
    }

    /** A command makes this start. */
    synchronized void startedByCommand(long number) {
        restarts.begin(number);
    }

    /** A command is about to stop it; one that waits for its next start ends here. */
    synchronized void stoppedByCommand() {
        restarts.stop(starts);
        if (phase == Phase.RESTARTING) {
            phase = Phase.EXITED;
            publish();
        }
    }

    /** The agent begins; true if it is to be started now. */
    synchronized boolean restartsAtBegin() {
        boolean due = phase == Phase.EXITED
                && starts > 0
                && spec != null
                && outcome != null
                && restarts.atBegin(outcome, starts);
        if (due) {
            phase = Phase.RESTARTING;
            publish();
        }
        return due;
    }

    // ---- its health

    synchronized @Nullable Health health() {
        return health;
    }

    /** What the latest check has found; published when it changes where the container stands. */
    synchronized void healthIs(@Nullable Health found) {
        Health before = health;
        health = found;
        boolean news = before == null || found == null || before.status() != found.status();
        if (news && phase != Phase.STARTING && phase != Phase.CREATING) {
            publish();
        } else {
            observed = observed == null ? null : state(observed.revision());
        }
    }

    /** The start came to nothing: it is again what it was before, with the reason added. */
    synchronized void failed(long before, Outcome why) {
        phase = before > 0 ? Phase.EXITED : Phase.CREATED;
        starts = before;
        outcome = why;
        running = null;
        open = false;
        end.complete(publish());
    }

    synchronized void removing() {
        phase = Phase.REMOVING;
    }

    /** It is gone. {@code told} is whether others ever knew of it. */
    synchronized void removed(boolean told) {
        phase = Phase.REMOVED;
        if (told) {
            publish();
        }
    }

    // ---- attachments

    /** Registers a client for the next start; null when the container can be attached to right now. */
    synchronized @Nullable Attachment await(AttachRequest request) {
        if (!phase.mayAttach()) {
            throw new Failure.Conflict("container " + id.shortForm() + " is being removed");
        }
        if (open) {
            return null;
        }
        if (waiting.size() >= MAX_WAITING) {
            throw new Failure.Conflict(
                    MAX_WAITING + " clients wait for the start of container " + id.shortForm() + " already");
        }
        Attachment attachment = new Attachment(request);
        waiting.add(attachment);
        return attachment;
    }

    /** A waiting client went away. */
    synchronized void withdraw(Attachment attachment) {
        waiting.remove(attachment);
    }

    /** Nobody needs to wait any more. */
    void cancelWaiting() {
        List<Attachment> due;
        synchronized (this) {
            due = List.copyOf(waiting);
            waiting.clear();
        }
        due.forEach(Attachment::cancel);
    }

    private Observed publish() {
        Observed now = feed.publish(state(0));
        observed = now;
        return now;
    }

    private Observed state(long revision) {
        Running process = running;
        Outcome how = outcome;
        // While it runs, only the time of the end before is of interest, as in Docker.
        Outcome shown = process == null ? how : null;
        return new Observed(
                id,
                spec == null ? 0 : spec.generation(),
                revision,
                phase.status(),
                starts,
                restarts.count(phase == Phase.RESTARTING ? starts + 1 : starts),
                process == null ? 0 : process.pid(),
                process != null ? process.startedAt() : how == null ? null : how.startedAt(),
                how == null ? null : how.finishedAt(),
                shown == null ? 0 : shown.exitCode(),
                shown != null && shown.oomKilled(),
                shown == null ? "" : shown.error(),
                health,
                process == null ? List.of() : published);
    }
}
