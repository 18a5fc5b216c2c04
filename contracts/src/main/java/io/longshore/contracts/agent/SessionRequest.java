package io.longshore.contracts.agent;

/**
 * A session to be made.
 *
 * @param epoch as in {@link ApplyRequest}
 * @param spec what is to run, and where
 */
public record SessionRequest(long epoch, SessionSpec spec) {}
