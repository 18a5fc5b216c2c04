package io.longshore.agent.state;

import io.longshore.contracts.id.ContainerId;
import java.util.List;
import java.util.Map;

/**
 * What the disk remembers, in no particular order.
 *
 * @param whole containers to take up again
 * @param halfMade those whose create was never answered, or whose removal had begun: what is left of them is to be removed
 * @param damaged those whose files cannot be read, and why: they are left as they are
 */
public record Inventory(List<StoredContainer> whole, List<ContainerId> halfMade, Map<ContainerId, String> damaged) {}
