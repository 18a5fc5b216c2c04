package io.longshore.contracts.agent;

import java.util.List;

/**
 * What changed on an agent.
 *
 * @param instance names the agent's revision count; it is new when the count began anew
 * @param revision the latest revision; ask from here next
 * @param containers the changed ones, oldest change first; the latest state of each container only
 * @param complete whether {@code containers} is the whole list, because the asked revision is unknown or too old: what is not in it is gone
 */
public record Changes(String instance, long revision, List<Observed> containers, boolean complete) {}
