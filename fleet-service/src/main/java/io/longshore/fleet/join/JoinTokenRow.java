package io.longshore.fleet.join;

import io.longshore.contracts.id.Digest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A token as the database has it.
 *
 * @param hash of its secret
 * @param usesLeft null for any number
 */
record JoinTokenRow(
        String id,
        Digest hash,
        Instant created,
        String createdBy,
        Instant expires,
        @Nullable Integer usesLeft) {}
