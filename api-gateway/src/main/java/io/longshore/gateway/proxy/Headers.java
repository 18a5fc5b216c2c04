package io.longshore.gateway.proxy;

import io.longshore.contracts.Caller;
import io.longshore.platform.stream.ResponseHead;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Which headers pass the door. Those of one hop do not (RFC 9110, 7.6.1), and none that parts use among themselves: a client must not
 * be able to say who it is.
 */
final class Headers {
    private static final String OWN = "longshore-";

    private static final Set<String> STAY = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "host",
            "content-length",
            "expect",
            "date",
            "server");

    private Headers() {}

    static boolean passes(String name) {
        return !STAY.contains(name.toLowerCase(Locale.ROOT)) && !own(name);
    }

    /** Whether it is one that parts use among themselves. */
    static boolean own(String name) {
        return name.regionMatches(true, 0, OWN, 0, OWN.length());
    }

    /** The request's headers for a service, the version of the API among them. */
    static List<ResponseHead.Header> forService(HttpServletRequest request, String version) {
        List<ResponseHead.Header> headers = new ArrayList<>();
        for (String name : Collections.list(request.getHeaderNames())) {
            if (passes(name)) {
                for (String value : Collections.list(request.getHeaders(name))) {
                    headers.add(new ResponseHead.Header(name, value));
                }
            }
        }
        headers.add(new ResponseHead.Header(Caller.API_VERSION_HEADER, version));
        return headers;
    }
}
