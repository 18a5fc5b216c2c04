package io.longshore.gateway.proxy;

import io.longshore.contracts.Caller;
import io.longshore.gateway.route.Route;
import io.longshore.platform.engine.ApiVersion;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/**
 * One request at the door, as far as it is understood.
 *
 * @param path without the version, as received
 * @param route who serves it
 * @param caller on whose behalf
 */
record Knock(
        HttpServletRequest request,
        HttpServletResponse response,
        ApiVersion version,
        String path,
        Route.Service route,
        Caller caller) {
    /** The path, and the query as received. */
    String target() {
        String query = request.getQueryString();
        return query == null ? path : path + "?" + query;
    }
}
