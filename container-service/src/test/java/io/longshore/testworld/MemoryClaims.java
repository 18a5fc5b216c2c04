package io.longshore.testworld;

import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Claims in memory. */
public final class MemoryClaims {
    private final Map<Owner, Instant> held = new ConcurrentHashMap<>();

    /** Takes one. */
    public void take(Owner owner) {
        held.putIfAbsent(owner, Instant.now());
    }

    /** Gives some up. */
    public void release(List<Owner> owners) {
        owners.forEach(held::remove);
    }

    /** What one holds is another's from now on. */
    public void move(Owner from, Owner to) {
        Instant since = held.remove(from);
        if (since != null) {
            held.put(to, since);
        }
    }

    /** Who holds some. */
    public List<Owner> owners() {
        return List.copyOf(held.keySet());
    }

    /** How many are held. */
    public int size() {
        return held.size();
    }

    /** A page of them. */
    public ClaimPage page(@Nullable String after, int limit) {
        return new ClaimPage(held.entrySet().stream()
                .map(entry -> new ClaimPage.Held(entry.getKey(), entry.getValue()))
                .filter(claim ->
                        after == null || claim.owner().container().value().compareTo(after) > 0)
                .sorted(Comparator.comparing(claim -> claim.owner().container().value()))
                .limit(limit)
                .toList());
    }
}
