package io.longshore.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.Caller;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.telemetry.Trace;
import io.longshore.platform.web.CallerHeaders;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The Engine's paths of one service, as the gateway calls them. */
final class Engine {
    private static final ContentType TAR = ContentType.create("application/x-tar");

    private final Connections connections;
    private final Path socket;
    private final String project;
    private final String version;

    Engine(Connections connections, Path socket, String project, String version) {
        this.connections = connections;
        this.socket = socket;
        this.project = project;
        this.version = version;
    }

    /** The same client, speaking another version. */
    Engine speaking(String other) {
        return new Engine(connections, socket, project, other);
    }

    Caller caller() {
        return new Caller("tester", project, Instant.now().plus(Duration.ofSeconds(60)), Trace.newId());
    }

    record Reply(int status, String body) {
        Reply is(int expected) {
            assertThat(status).as(body).isEqualTo(expected);
            return this;
        }

        JsonNode json() {
            return Json.mapper().readTree(body);
        }

        String message() {
            return json().path("message").asString("");
        }

        List<JsonNode> lines() {
            return body.lines().map(Json.mapper()::readTree).toList();
        }
    }

    Reply get(String path) {
        return call("GET", path, null, TAR);
    }

    Reply post(String path) {
        return call("POST", path, new byte[0], TAR);
    }

    Reply post(String path, byte[] body) {
        return call("POST", path, body, TAR);
    }

    Reply put(String path, String json) {
        return call("PUT", path, json.getBytes(StandardCharsets.UTF_8), ContentType.APPLICATION_JSON);
    }

    Reply delete(String path) {
        return call("DELETE", path, null, TAR);
    }

    private Reply call(String method, String path, byte @Nullable [] body, ContentType type) {
        HttpUriRequestBase request = new HttpUriRequestBase(method, URI.create(path));
        CallerHeaders.write(caller(), request::addHeader);
        request.addHeader(Caller.API_VERSION_HEADER, version);
        if (body != null) {
            request.setEntity(new ByteArrayEntity(body, type));
        }
        try {
            return connections.send(
                    request,
                    new Address.Unix(socket),
                    Duration.ofSeconds(60),
                    response -> new Reply(
                            response.getCode(),
                            response.getEntity() == null
                                    ? ""
                                    : EntityUtils.toString(response.getEntity(), StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new AssertionError(method + " " + path, e);
        }
    }

    static String filters(Map<String, ?> filters) {
        return "filters=" + URLEncoder.encode(Json.mapper().writeValueAsString(filters), StandardCharsets.UTF_8);
    }
}
