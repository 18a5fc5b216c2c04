package io.longshore.contracts.claim;

import java.time.Instant;
import java.util.List;

/**
 * One page of the claims that a service holds, in order of the owner's container id.
 *
 * @param claims at most as many as were asked for; an empty list is the end
 */
public record ClaimPage(List<Held> claims) {
    /**
     * A claim that is held.
     *
     * @param owner by whom
     * @param since since when, so that a sweep can leave young ones alone
     */
    public record Held(Owner owner, Instant since) {}
}
