package io.longshore.agent.graphdriver;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;

/** A layer cannot go: something stands on it. */
public final class LayerInUse extends Failure.Conflict {
    public LayerInUse(Digest chainId, String user) {
        super("layer " + chainId + " is in use by " + user);
    }
}
