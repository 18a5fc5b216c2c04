package io.longshore.gateway.proxy;

import io.longshore.contracts.error.Failure;
import io.longshore.gateway.route.Route;
import io.longshore.gateway.route.Services;
import io.longshore.platform.client.ColocatedParts;
import io.longshore.platform.stream.StreamResponse;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletException;
import java.io.IOException;
import org.springframework.stereotype.Component;

/**
 * Passes a request on to a part of this JVM: its servlet serves it on the same thread and answers the client itself
 * ({@code docs/decisions/0013-calls-in-one-jvm.md}).
 */
@Component
final class NearProxy {
    private final ColocatedParts colocated;
    private final Services services;

    NearProxy(ColocatedParts colocated, Services services) {
        this.colocated = colocated;
        this.services = services;
    }

    /** Whether the part is in this JVM; if it is, it has answered. For requests with a small body and an answer by HTTP alone. */
    boolean pass(Knock knock) throws IOException {
        Servlet door = colocated.door(services.address(knock.route().part())).orElse(null);
        if (door == null) {
            return false;
        }
        var _ = knock.caller().remaining(); // refuses one whose time is over
        byte[] body = SmallBody.read(knock.request());
        if (knock.route().way() == Route.Way.LATE) {
            knock.request().setAttribute(StreamResponse.KEPT, true);
        }
        try {
            door.service(
                    new InnerRequest(knock.request(), knock.path(), knock.version(), knock.caller(), body),
                    new InnerResponse(knock.response()));
        } catch (ServletException e) {
            throw new Failure.Internal("internal error: " + e.getClass().getSimpleName(), e);
        }
        return true;
    }
}
