package io.longshore.platform.client;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.web.Failures;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client of a contract that calls a {@link ColocatedParts colocated} part's controller, and anybody else over HTTP. Either way a call is refused
 * inside a transaction and when its time is over, and what is no {@link Failure} becomes one that tells nothing of its cause. A near call
 * cannot be cut off at the deadline: what it waits for has deadlines of its own, taken from the same caller.
 */
final class NearOrFar<T> implements InvocationHandler {
    private static final Logger LOG = LoggerFactory.getLogger(NearOrFar.class);

    private final Class<T> contract;
    private final ColocatedParts colocated;
    private final Supplier<Replicas> replicas;
    private final T far;

    private NearOrFar(Class<T> contract, ColocatedParts colocated, Supplier<Replicas> replicas, T far) {
        this.contract = contract;
        this.colocated = colocated;
        this.replicas = replicas;
        this.far = far;
    }

    static <T> T of(Class<T> contract, ColocatedParts colocated, Supplier<Replicas> replicas, T far) {
        return contract.cast(Proxy.newProxyInstance(
                contract.getClassLoader(),
                new Class<?>[] {contract},
                new NearOrFar<>(contract, colocated, replicas, far)));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        boolean call = method.getDeclaringClass() != Object.class;
        T near = call ? colocated.find(contract, replicas.get()).orElse(null) : null;
        if (near != null) {
            OpenTransaction.refuse(contract.getSimpleName() + "." + method.getName());
            refuseLate(arguments);
        }
        try {
            return method.invoke(near == null ? far : near, arguments);
        } catch (InvocationTargetException e) {
            Throwable problem = Objects.requireNonNullElse(e.getCause(), e);
            throw near == null ? problem : failure(method, problem);
        }
    }

    private static void refuseLate(@Nullable Object @Nullable [] arguments) {
        if (arguments != null && arguments.length > 0 && arguments[0] instanceof Caller caller) {
            var _ = caller.remaining();
        }
    }

    private Failure failure(Method method, Throwable problem) {
        if (problem instanceof Error error) {
            throw error;
        }
        if (problem instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        Failure failure = Failures.of(problem);
        if (failure instanceof Failure.Internal && !(problem instanceof Failure)) {
            LOG.error("{}.{} failed", contract.getSimpleName(), method.getName(), problem);
        }
        return failure;
    }
}
