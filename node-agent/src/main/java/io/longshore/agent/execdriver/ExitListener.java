package io.longshore.agent.execdriver;

/**
 * Is told the end of a process: once, on a thread of the driver that may block but holds up nothing but this process.
 *
 * @param <I> what names it: the id of a container or of an exec session
 */
@FunctionalInterface
public interface ExitListener<I> {
    /** All output has been written, and of a container no process is left, when this is called. */
    void exited(I id, Exit exit);
}
