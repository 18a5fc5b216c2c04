package io.longshore.platform.client;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.web.HttpStatuses;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.function.Supplier;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.web.service.invoker.HttpExchangeAdapter;
import org.springframework.web.service.invoker.HttpRequestValues;
import org.springframework.web.util.DefaultUriBuilderFactory;
import org.springframework.web.util.UriBuilderFactory;
import tools.jackson.core.JacksonException;

/** Sends the calls of a contract interface to one part. */
final class ContractCalls implements HttpExchangeAdapter {
    private static final UriBuilderFactory URIS = new DefaultUriBuilderFactory();
    /** Longest answer read into memory, in bytes; pages of a contract are far shorter. */
    private static final int LONGEST_ANSWER = 64 * 1024 * 1024;

    private final Connections connections;
    private final Supplier<Peer> peer;

    ContractCalls(Connections connections, Supplier<Peer> peer) {
        this.connections = connections;
        this.peer = peer;
    }

    private static final class Answer {
        private final String part;
        private final int status;
        private final byte[] body;

        Answer(String part, int status, byte[] body) {
            this.part = part;
            this.status = status;
            this.body = body;
        }
    }

    @Override
    public boolean supportsRequestAttributes() {
        return true;
    }

    @Override
    public void exchange(HttpRequestValues values) {
        call(values);
    }

    @Override
    public HttpHeaders exchangeForHeaders(HttpRequestValues values) {
        throw new UnsupportedOperationException("contracts have no answer in headers");
    }

    @Override
    public <T> @Nullable T exchangeForBody(HttpRequestValues values, ParameterizedTypeReference<T> type) {
        Answer answer = call(values);
        if (answer.body.length == 0) {
            return null;
        }
        try {
            return Json.mapper().readValue(answer.body, Json.mapper().constructType(type.getType()));
        } catch (JacksonException e) {
            throw new Failure.Internal(
                    answer.part + " answered something else than the contract says: " + Json.problem(e), e);
        }
    }

    @Override
    public ResponseEntity<Void> exchangeForBodilessEntity(HttpRequestValues values) {
        return ResponseEntity.status(HttpStatusCode.valueOf(call(values).status))
                .build();
    }

    @Override
    public <T> ResponseEntity<T> exchangeForEntity(HttpRequestValues values, ParameterizedTypeReference<T> type) {
        throw new UnsupportedOperationException("contracts answer a value, not an entity");
    }

    private Answer call(HttpRequestValues values) {
        HttpUriRequestBase request = request(values);
        String call = request.getMethod() + " " + request.getPath();
        OpenTransaction.refuse(call);
        Peer called = peer.get();
        try {
            return called.replicas()
                    .call((target, connect) -> connections.send(
                            request,
                            target,
                            new Connections.Limits(connect, deadline(values)),
                            response -> read(called, call, response)));
        } catch (IOException e) {
            throw failure(call, called, e);
        }
    }

    private static Failure failure(String call, Peer called, IOException e) {
        String where = called.name() + " at " + called.replicas();
        if (e instanceof SocketTimeoutException) {
            return new Failure.DeadlineExceeded(
                    "deadline exceeded: " + where + " did not answer " + call + " in time", e);
        }
        return new Failure.Unavailable(where + " does not answer " + call + ": " + String.valueOf(e.getMessage()), e);
    }

    private static Duration deadline(HttpRequestValues values) {
        Caller caller = (Caller) values.getAttributes().get(CallerParameter.ATTRIBUTE);
        if (caller == null) {
            throw new IllegalStateException("a contract method without a Caller: " + values.getUriTemplate());
        }
        return caller.remaining();
    }

    private static HttpUriRequestBase request(HttpRequestValues values) {
        HttpMethod method = values.getHttpMethod();
        String template = values.getUriTemplate();
        if (method == null || template == null) {
            throw new IllegalStateException("a contract method needs a method and a path: " + values);
        }
        URI uri = URIS.expand(template, values.getUriVariables());
        HttpUriRequestBase request = new HttpUriRequestBase(method.name(), uri);
        values.getHeaders().forEach((name, all) -> {
            if (!name.equalsIgnoreCase("Content-Type")) {
                all.forEach(value -> request.addHeader(name, value));
            }
        });
        Object body = values.getBodyValue();
        if (body != null) {
            request.setEntity(new ByteArrayEntity(Json.bytes(body), ContentType.APPLICATION_JSON));
        }
        return request;
    }

    private static Answer read(Peer called, String call, ClassicHttpResponse response) throws IOException {
        int status = response.getCode();
        byte[] body = body(response.getEntity());
        if (status < 200 || status > 299) {
            Header kind = response.getFirstHeader(HttpStatuses.KIND_HEADER);
            throw called.answered(HttpStatuses.failure(status, kind == null ? null : kind.getValue(), body), call);
        }
        return new Answer(called.name(), status, body);
    }

    private static byte[] body(@Nullable HttpEntity entity) throws IOException {
        if (entity == null) {
            return new byte[0];
        }
        try (InputStream in = entity.getContent()) {
            byte[] body = in.readNBytes(LONGEST_ANSWER + 1);
            if (body.length > LONGEST_ANSWER) {
                throw new Failure.Internal("an answer of more than " + LONGEST_ANSWER + " bytes");
            }
            return body;
        } finally {
            EntityUtils.consume(entity);
        }
    }
}
