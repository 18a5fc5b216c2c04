package io.longshore.agent.execdriver;

/** What was found of a container after a restart of the agent. */
public sealed interface Recovery {
    /** It runs, and the listener will be told its end. */
    record Alive(Running running) implements Recovery {}

    /** It ended meanwhile; the listener is not told. Nothing is left but what {@link ExecDriver#destroy} removes. */
    record Ended(Exit exit) implements Recovery {}

    /** There is nothing: it was never started, or the machine has been restarted since. */
    record Absent() implements Recovery {}
}
