/**
 * Networks that are Linux bridges of this node: a veth pair for each endpoint, one nftables table for all that is forwarded, published and
 * kept apart.
 */
@NullMarked
package io.longshore.agent.networkdriver.bridge;

import org.jspecify.annotations.NullMarked;
