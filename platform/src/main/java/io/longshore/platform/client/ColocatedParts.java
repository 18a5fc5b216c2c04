package io.longshore.platform.client;

import jakarta.servlet.Servlet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The parts that run in this JVM, by the address they listen at. A contract call to one of them is a call of its controller, on the
 * caller's thread: a hop over HTTP cost a third of a container's whole cycle here ({@code docs/decisions/0013-calls-in-one-jvm.md}).
 * What the gateway passes on from outside goes to the part's servlet; streams take the socket all the same. Thread-safe.
 */
public final class ColocatedParts {
    private final Map<Address, Part> parts = new ConcurrentHashMap<>();

    /** Looking a controller up takes longer than calling it. */
    private record Part(
            Servlet door, Function<Class<?>, @Nullable Object> controllers, Map<Class<?>, Optional<Object>> known) {
        Optional<Object> find(Class<?> contract) {
            return known.computeIfAbsent(contract, type -> Optional.ofNullable(controllers.apply(type)));
        }
    }

    /**
     * A part answers at this address from now on; {@code door} serves its requests, {@code controllers} gives what implements a contract
     * there, null for none.
     */
    public void moveIn(Address address, Servlet door, Function<Class<?>, @Nullable Object> controllers) {
        parts.put(address, new Part(door, controllers, new ConcurrentHashMap<>()));
    }

    /** It does not any more: calls go to its socket again, where they find out. */
    public void moveOut(Address address) {
        parts.remove(address);
    }

    /** What serves HTTP requests at one of these addresses, if that is in this JVM. The request must carry the headers of a caller. */
    public Optional<Servlet> door(Replicas replicas) {
        return Optional.ofNullable(near(replicas)).map(Part::door);
    }

    /** What implements the contract at one of these addresses, if that is in this JVM. */
    <T> Optional<T> find(Class<T> contract, Replicas replicas) {
        Part part = near(replicas);
        return part == null ? Optional.empty() : part.find(contract).map(contract::cast);
    }

    private @Nullable Part near(Replicas replicas) {
        List<Address> addresses = replicas.addresses();
        for (int i = 0; i < addresses.size(); i++) {
            Part part = parts.get(addresses.get(i));
            if (part != null) {
                return part;
            }
        }
        return null;
    }
}
