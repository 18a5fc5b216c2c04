package io.longshore.contracts.network;

import io.longshore.contracts.agent.NetworkSpec;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A network as its project sees it.
 *
 * @param spec what nodes make of it
 * @param predefined whether it can neither be removed nor be made
 * @param created when its project got it
 * @param labels of its maker
 * @param answer the Engine API's (Network), with no containers
 */
public record NetworkDescription(
        NetworkSpec spec,
        boolean predefined,
        Instant created,
        Map<String, String> labels,
        Map<String, @Nullable Object> answer) {}
