package io.longshore.agent.execdriver;

import java.time.Instant;

/** A process that runs: its id as the node sees it, and when its program was executed. */
public record Running(int pid, Instant startedAt) {}
