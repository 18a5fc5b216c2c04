package io.longshore.agent.linux;

/**
 * A pipe (pipe(2)), closed on exec. Closing it closes both ends.
 *
 * @param output what is read
 * @param input what is written
 */
public record Pipe(Fd output, Fd input) implements AutoCloseable {
    @Override
    public void close() {
        output.close();
        input.close();
    }
}
