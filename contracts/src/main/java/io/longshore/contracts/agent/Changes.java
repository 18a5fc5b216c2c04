package io.longshore.contracts.agent;

import java.util.List;

/**
 * What changed on an agent.
 *
 * @param instance names the agent's revision count; it is new when the count began anew
 * @param revision the latest revision; ask from here next
 * @param containers the changed ones, oldest change first; the latest state of each container only
 * @param sessions the changed exec sessions, likewise
 * @param complete whether both are the whole lists, because the asked revision is unknown or too old: what is not in them is gone
 */
public record Changes(
        String instance, long revision, List<Observed> containers, List<ObservedSession> sessions, boolean complete) {}
