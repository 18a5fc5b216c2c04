package io.longshore.gateway.proxy;

import io.longshore.contracts.error.Failure;
import io.longshore.gateway.route.Services;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Replicas;
import io.longshore.platform.stream.Relay;
import io.longshore.platform.stream.ResponseHead;
import io.longshore.platform.web.CallerHeaders;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.net.URI;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.springframework.stereotype.Component;

/** Passes on a small request and its answer over kept connections. */
@Component
final class PlainProxy {
    private final Connections connections;
    private final Services services;

    PlainProxy(Connections connections, Services services) {
        this.connections = connections;
        this.services = services;
    }

    void pass(Knock knock) throws IOException {
        HttpUriRequestBase outgoing = outgoing(knock);
        Replicas replicas = services.address(knock.route().part());
        boolean[] answered = {false};
        try {
            replicas.call((address, connect) -> connections.send(
                    outgoing,
                    address,
                    new Connections.Limits(connect, knock.caller().remaining()),
                    Connections.Again.SAFE,
                    answer -> {
                        answered[0] = true;
                        relay(answer, knock.response());
                        return answered;
                    }));
        } catch (IOException e) {
            if (answered[0]) {
                throw e; // The client or the service is gone in the middle of an answer: all that is left is to cut it.
            }
            throw failure(knock, replicas, e);
        }
    }

    private static Failure failure(Knock knock, Replicas replicas, IOException e) {
        String part = knock.route().part().id();
        if (e instanceof SocketTimeoutException) {
            return new Failure.DeadlineExceeded(
                    "deadline exceeded: " + part + " at " + replicas + " did not answer in time", e);
        }
        return new Failure.Unavailable(
                part + " at " + replicas + " does not answer: " + String.valueOf(e.getMessage()), e);
    }

    private static HttpUriRequestBase outgoing(Knock knock) throws IOException {
        HttpUriRequestBase outgoing = new HttpUriRequestBase(knock.request().getMethod(), URI.create("/"));
        outgoing.setPath(knock.target());
        for (ResponseHead.Header header :
                Headers.forService(knock.request(), knock.version().toString())) {
            outgoing.addHeader(header.name(), header.value());
        }
        CallerHeaders.write(knock.caller(), outgoing::setHeader);
        byte[] body = SmallBody.read(knock.request());
        if (body.length > 0) {
            outgoing.setEntity(new ByteArrayEntity(body, null));
        }
        return outgoing;
    }

    private static void relay(ClassicHttpResponse answer, HttpServletResponse response) throws IOException {
        response.setStatus(answer.getCode());
        for (Header header : answer.getHeaders()) {
            if (Headers.passes(header.getName())) {
                response.addHeader(header.getName(), header.getValue());
            }
        }
        HttpEntity entity = answer.getEntity();
        if (entity == null) {
            return;
        }
        if (entity.getContentLength() >= 0) {
            response.setContentLengthLong(entity.getContentLength());
        }
        try (InputStream body = entity.getContent()) {
            Relay.copy(body, response.getOutputStream());
        }
    }
}
