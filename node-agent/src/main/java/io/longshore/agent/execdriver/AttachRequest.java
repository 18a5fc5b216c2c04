package io.longshore.agent.execdriver;

/** Which streams to attach to; with a terminal all output is stdout. */
public record AttachRequest(boolean stdin, boolean stdout, boolean stderr) {}
