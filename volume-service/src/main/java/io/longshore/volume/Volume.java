package io.longshore.volume;

import io.longshore.contracts.id.NodeId;
import java.time.Instant;

/**
 * A volume.
 *
 * @param project whose it is
 * @param name unique in the project; 64 hexadecimal digits when anonymous
 * @param driver of the node
 * @param node where its data is
 * @param anonymous whether it was made for one container, without a name
 * @param created when
 */
record Volume(String project, String name, String driver, NodeId node, boolean anonymous, Instant created) {}
