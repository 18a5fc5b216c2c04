package io.longshore.gateway.proxy;

import io.longshore.contracts.Caller;
import io.longshore.gateway.route.ApiVersion;
import io.longshore.gateway.route.Route;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/**
 * One request at the door, as far as it is understood.
 *
 * @param target path without the version, and query, as received
 * @param route who serves it
 * @param caller on whose behalf
 */
record Knock(
        HttpServletRequest request,
        HttpServletResponse response,
        ApiVersion version,
        String target,
        Route.Service route,
        Caller caller) {}
