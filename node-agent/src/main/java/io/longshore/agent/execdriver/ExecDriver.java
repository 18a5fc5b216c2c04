package io.longshore.agent.execdriver;

import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.stream.Duplex;
import java.util.Optional;
import java.util.Set;

/**
 * Runs a container's first process, in classic Docker's sense of an exec driver. A start is two steps: {@link #create} makes
 * everything but runs nothing of the image, {@link #start} lets the process go; whoever attaches in between misses nothing.
 *
 * <p>Thread-safe, but one operation at a time per container is the caller's job ({@link #signal}, {@link #resize} and
 * {@link #attach} may come at any time). Containers outlive the driver object and its process: {@link #recover} finds them
 * again. Every method blocks at most some seconds, on virtual threads without pinning their carrier. Failures:
 * {@code NotFound} for a container that was never created or is destroyed, {@code Conflict} when its state forbids the verb,
 * {@code Invalid} when the specification is at fault, {@code Internal} when the machine is.
 */
public interface ExecDriver extends AutoCloseable {
    /** As {@code ContainerSpec.runtime} names it: {@code longshore}, {@code simulated}. */
    String name();

    /** Other names that {@code ContainerSpec.runtime} may say: of runtimes by which this driver makes containers, too. */
    default Set<String> runtimes() {
        return Set.of();
    }

    /**
     * Prepares a start: log, supervisor, cgroup, namespaces and mounts, up to but not including the image's own code. If it
     * fails, all that was made is undone. {@code Conflict} if it is created already.
     *
     * @param listener is told the end, once; it may come before {@link #start} has returned
     */
    void create(Launch launch, ExitListener<ContainerId> listener);

    /**
     * Lets the process go, and returns when its program has been executed.
     *
     * @throws CommandNotExecutable when it cannot be executed, with the exit code to show; the listener is not told
     * @throws io.longshore.contracts.error.Failure.Invalid when user or working directory are at fault; as above
     */
    Running start(ContainerId id);

    /** Sends a signal (1 to 64) to the first process. {@code Conflict} if it does not run. */
    void signal(ContainerId id, int signal);

    /** Sets the terminal's size. {@code Conflict} if it has no terminal. */
    void resize(ContainerId id, int rows, int columns);

    /**
     * Subscribes to output, and to input if asked. What is read is Docker's attach stream: frames of an 8-byte head (1 or 2
     * for stdout or stderr, three zeros, the length big-endian) and payload, or raw bytes with a terminal. It ends when all
     * output has ended; a subscriber that does not read is cut off with an error after a time. What is written is the
     * process's standard input, and the end of it ends that if the specification says {@code stdinOnce}. Good between
     * {@link #create} and the end of the container. When this returns, output can no longer be missed.
     */
    Duplex attach(ContainerId id, AttachRequest request);

    /**
     * The root of the file system as the first process sees it, with all that is mounted there, volumes and tmpfs too; empty when none runs,
     * and from a driver whose processes have none. It stays good to the end of the process, whose number nobody else can have had.
     */
    default Optional<ContainerRoot> root(ContainerId id) {
        return Optional.empty();
    }

    /**
     * Finds a container again that an earlier life of the agent created, by the launch it was created with. A process whose
     * supervisor is gone cannot be waited for any more: it is killed and reported as exit 137 with an error that says so.
     * One that was created and not started is destroyed and reported as {@link Recovery.Absent}.
     */
    Recovery recover(Launch launch, ExitListener<ContainerId> listener);

    /**
     * Removes all that the driver holds of a container, killing what runs: processes, cgroups, namespaces, sockets. The
     * container's directory and its log stay. No error when nothing is known of it. The listener is not told any more.
     */
    void destroy(ContainerId id);

    /** What it can tell of running containers; empty if nothing. */
    default Optional<Figures> figures() {
        return Optional.empty();
    }

    /** The containers of which anything is left on this machine, whoever made it: what {@link #destroy} could remove. */
    Set<ContainerId> held();

    /** What can be changed of a container that runs. */
    ExecControls controls();

    /** Further processes in containers that run. */
    ExecSessions sessions();

    /** Lets go of threads and connections; the containers run on. */
    @Override
    void close();
}
