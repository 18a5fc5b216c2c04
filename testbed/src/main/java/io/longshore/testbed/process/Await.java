package io.longshore.testbed.process;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Waiting for what comes by itself, asked for again and again; who waits says what it means that it did not come. */
public final class Await {
    /** Between two questions that cost next to nothing. */
    private static final Duration PAUSE = Duration.ofMillis(20);

    private Await() {}

    /** Whether the condition has come true within the time. */
    public static boolean until(Duration atMost, BooleanSupplier condition) {
        return answer(atMost, condition::getAsBoolean, Boolean::booleanValue);
    }

    /** The same of what costs something to find out, with a pause between two attempts. */
    public static boolean until(Duration atMost, Duration pause, BooleanSupplier condition) {
        return answer(atMost, pause, condition::getAsBoolean, Boolean::booleanValue);
    }

    /** The first answer that is as wanted, or the last one within the time. */
    public static <T> T answer(Duration atMost, Supplier<T> question, Predicate<T> wanted) {
        return answer(atMost, PAUSE, question, wanted);
    }

    private static <T> T answer(Duration atMost, Duration pause, Supplier<T> question, Predicate<T> wanted) {
        long end = System.nanoTime() + atMost.toNanos();
        T answer = question.get();
        while (!wanted.test(answer) && System.nanoTime() < end) {
            LockSupport.parkNanos(pause.toNanos());
            answer = question.get();
        }
        return answer;
    }
}
