package io.longshore.acceptance.running;

import java.util.Set;
import org.junit.jupiter.api.parallel.ResourceLocksProvider;

/**
 * A lock of each class's own: classes with {@code @Execution(CONCURRENT)} and this one run beside each other, and what is in one of
 * them in one thread. Without it the mode would hold for the forms and the cases of a class too.
 */
public final class OwnThread implements ResourceLocksProvider {
    @Override
    public Set<Lock> provideForClass(Class<?> testClass) {
        return Set.of(new Lock(testClass.getName()));
    }
}
