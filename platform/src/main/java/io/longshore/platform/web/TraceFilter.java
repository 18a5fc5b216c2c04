package io.longshore.platform.web;

import io.longshore.contracts.Caller;
import io.longshore.platform.telemetry.Trace;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;

/** Puts the caller's trace id into the log lines of the request's thread. */
final class TraceFilter implements Filter {
    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        String id = ((HttpServletRequest) request).getHeader(Caller.TRACE_HEADER);
        if (id == null || !Trace.isId(id)) {
            chain.doFilter(request, response);
            return;
        }
        Trace.Scope scope = Trace.open(id);
        try (scope) {
            chain.doFilter(request, response);
        }
    }
}
