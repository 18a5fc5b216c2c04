package io.longshore.contracts.network;

import io.longshore.contracts.claim.Owner;
import java.util.List;

/**
 * All that an owner has of networks.
 *
 * @param owner who
 * @param networks ids of those on which it has an endpoint, at most 100; it is to have none on any other
 */
public record KeptEndpoints(Owner owner, List<String> networks) {}
