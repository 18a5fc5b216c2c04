package io.longshore.agent.linux;

import java.util.List;

/**
 * A process to start with posix_spawn(3), cleanly: in a session of its own, with an empty signal mask, every disposition
 * reset, and no descriptors but those listed.
 *
 * @param path what to execute; /proc/self/fd/N names one of the new process's own descriptors
 * @param arguments argv, the program's name first
 * @param environment as {@code NAME=value}
 * @param descriptors entry i becomes descriptor i of the new process; all above are closed
 */
public record SpawnRequest(String path, List<String> arguments, List<String> environment, List<Fd> descriptors) {
    public SpawnRequest {
        arguments = List.copyOf(arguments);
        environment = List.copyOf(environment);
        descriptors = List.copyOf(descriptors);
        if (descriptors.size() < 3) {
            throw new IllegalArgumentException("a process needs descriptors 0, 1 and 2, got " + descriptors.size());
        }
    }
}
