package io.longshore.contracts.fleet;

import io.longshore.contracts.id.NodeId;

/**
 * Who a machine is from now on.
 *
 * @param node its identity
 * @param certificate for its key, PEM
 * @param authority the certificate of who vouched for it, and vouches for all that it may speak to, PEM
 */
public record JoinAnswer(NodeId node, String certificate, String authority) {}
