package io.longshore.gateway.proxy;

import io.longshore.contracts.Caller;
import io.longshore.gateway.route.ApiVersion;
import io.longshore.platform.web.CallerHeaders;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A request for the gateway's own controllers: without the version in its path, and with the caller that the door found. */
final class OwnRequest extends HttpServletRequestWrapper {
    private final String path;
    private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    OwnRequest(HttpServletRequest request, String path, ApiVersion version, @Nullable Caller caller) {
        super(request);
        this.path = path;
        headers.put(Caller.API_VERSION_HEADER, version.toString());
        if (caller != null) {
            CallerHeaders.write(caller, headers::put);
        }
    }

    @Override
    public String getRequestURI() {
        return path;
    }

    @Override
    public String getServletPath() {
        return path;
    }

    @Override
    public @Nullable String getHeader(String name) {
        return name.toLowerCase(Locale.ROOT).startsWith("longshore-") ? headers.get(name) : super.getHeader(name);
    }
}
