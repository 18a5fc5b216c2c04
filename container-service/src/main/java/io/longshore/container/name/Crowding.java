package io.longshore.container.name;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * How far the random names of projects are used up, as far as names that were taken tell: where many are, the next ones begin with more
 * digits, instead of trying in vain what is rarely free. Thread-safe.
 */
public final class Crowding {
    /** After so many names it is tried whether fewer digits will do again. */
    private static final int SPAN = 64;

    private static final int MOST = 8;

    /** For how many names of a project it is crowded, {@link #SPAN} for each attempt that is left out. Of the others nothing is kept. */
    private final ConcurrentMap<String, Integer> left = new ConcurrentHashMap<>();

    /** The first attempt of a new name; see {@link RandomNames#next}. */
    public int firstAttempt(String project) {
        Integer now = left.computeIfPresent(project, (name, names) -> names > 1 ? names - 1 : null);
        return now == null ? 0 : (now + SPAN - 1) / SPAN;
    }

    /** A name of this attempt was taken. */
    public void taken(String project, int attempt) {
        left.merge(project, Math.min(attempt + 1, MOST) * SPAN, Math::max);
    }
}
