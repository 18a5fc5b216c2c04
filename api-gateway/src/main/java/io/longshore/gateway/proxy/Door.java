package io.longshore.gateway.proxy;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.gateway.route.Route;
import io.longshore.gateway.route.RouteTable;
import io.longshore.gateway.system.Release;
import io.longshore.platform.engine.ApiVersion;
import io.longshore.platform.stream.UnreadBody;
import io.longshore.platform.telemetry.Trace;
import io.longshore.platform.web.FailureAnswer;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Every request comes through here: version, caller, route, and then on to whoever serves it. */
@Component
final class Door implements Filter {
    private static final Logger LOG = LoggerFactory.getLogger(Door.class);
    private static final Pattern VERSIONED = Pattern.compile("/v([0-9][0-9.]*)(/.*)");
    /** Dot segments and path parameters: servers read them differently, so that they could pass for another path behind the door. */
    private static final Pattern AMBIGUOUS =
            Pattern.compile(".*(/\\.{1,2}(/|$)|;|%2e|%00|\\\\).*", Pattern.CASE_INSENSITIVE);

    private static final Duration OWN_LIMIT = Duration.ofSeconds(60);
    private static final String LISTENER = "default";

    private final RouteTable routes = new RouteTable();
    private final Callers callers;
    private final NearProxy near;
    private final PlainProxy plain;
    private final StreamProxy streams;

    Door(Callers callers, NearProxy near, PlainProxy plain, StreamProxy streams) {
        this.callers = callers;
        this.near = near;
        this.plain = plain;
        this.streams = streams;
    }

    @Override
    public void doFilter(ServletRequest from, ServletResponse to, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest request = (HttpServletRequest) from;
        HttpServletResponse response = (HttpServletResponse) to;
        request.setAttribute(FailureAnswer.FROM_CLIENT, true);
        String trace = Trace.newId();
        Release.writeHeaders(response, trace);
        Trace.Scope scope = Trace.open(trace);
        try (scope) {
            admit(request, response, chain, trace);
        } catch (Failure e) {
            refuse(e, request, response);
        } catch (RuntimeException e) {
            refuse(new Failure.Internal("internal error: " + e.getClass().getSimpleName(), e), request, response);
        }
    }

    private static void refuse(Failure failure, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        if (response.isCommitted()) {
            LOG.warn("{} {} cut: {}", request.getMethod(), request.getRequestURI(), failure.text());
            throw new IOException("cut: the answer cannot be finished", failure);
        }
        FailureAnswer.write(failure, request, response);
        response.flushBuffer();
        UnreadBody.drain(request);
    }

    private void admit(HttpServletRequest request, HttpServletResponse response, FilterChain chain, String trace)
            throws IOException, ServletException {
        String uri = request.getRequestURI();
        Matcher versioned = VERSIONED.matcher(uri);
        boolean hasVersion = versioned.matches();
        ApiVersion version = hasVersion ? ApiVersion.parseServed(versioned.group(1)) : ApiVersion.LATEST;
        String path = hasVersion ? versioned.group(2) : uri;
        if (AMBIGUOUS.matcher(path).matches()) {
            throw new Failure.Invalid(
                    "invalid path \"" + path + "\": dot segments, semicolons and backslashes are not taken");
        }
        Route route = routes.find(request.getMethod(), path)
                .filter(found -> !hasVersion || !path.startsWith(RouteTable.OWN_API)) // It has a version of its own.
                .orElseThrow(() -> new Failure.NotFound("page not found"));
        switch (route) {
            case Route.Absent absent -> throw new Failure.NotImplemented(absent.message());
            case Route.Missing missing -> throw new Failure.NotFound(missing.message());
            case Route.Own own -> {
                @Nullable Caller caller = path.equals("/_ping") ? null : callers.ofSocket(LISTENER, trace, OWN_LIMIT);
                chain.doFilter(new InnerRequest(request, path, version, caller), response);
            }
            case Route.Service service -> {
                Caller caller = callers.ofSocket(LISTENER, trace, service.limit());
                pass(new Knock(request, response, version, path, service, caller));
            }
        }
    }

    private void pass(Knock knock) throws IOException {
        switch (knock.route().way()) {
            case PLAIN -> {
                if (!near.pass(knock)) {
                    plain.pass(knock);
                }
            }
            case LATE -> {
                if (!near.pass(knock)) {
                    streams.late(knock);
                }
            }
            case STREAM -> streams.stream(knock);
            case UPGRADE -> streams.upgrade(knock);
            case WEB_SOCKET -> streams.webSocket(knock);
            case UPLOAD -> streams.upload(knock);
        }
    }
}
