package io.longshore.standalone;

import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.run.StartFailure;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;

/**
 * What the training run for the start-up cache does: the lives of a hundred containers, through the socket as a client would. The
 * cache keeps which methods that took and how they branched, so that the compiler knows from the first request on what is worth its time.
 */
final class Training {
    /** With three times as many the first requests are no quicker, and each start compiles more for good. */
    private static final int CONTAINERS = 100;

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int TAR_END = 1024;
    private static final String CONTAINER = """
            {"Image":"training","Cmd":["true"],"HostConfig":{"NetworkMode":"none","LogConfig":{"Type":"json-file"}}}""";

    private final Connections connections;
    private final Address gateway;

    private Training(Connections connections, Path socket) {
        this.connections = connections;
        this.gateway = new Address.Unix(socket);
    }

    /** Runs it; a {@link StartFailure} names the request that failed. */
    static void run(Path socket) {
        try (Connections connections = new Connections()) {
            Training training = new Training(connections, socket);
            // An archive without entries.
            training.send(
                    "POST", "/images/create?fromSrc=-&repo=training", new byte[TAR_END], ContentType.DEFAULT_BINARY);
            for (int i = 0; i < CONTAINERS; i++) {
                training.container();
            }
            training.get("/events?since=0&until=1");
            training.get("/info");
        } catch (IOException e) {
            throw new StartFailure("the training run failed: " + e.getMessage(), e);
        }
    }

    private void container() throws IOException {
        byte[] body = CONTAINER.getBytes(StandardCharsets.UTF_8);
        byte[] created = send("POST", "/v1.41/containers/create", body, ContentType.APPLICATION_JSON);
        String path = "/v1.41/containers/"
                + Json.mapper().readTree(created).path("Id").asString();
        send("POST", path + "/start", new byte[0], ContentType.APPLICATION_JSON);
        send("POST", path + "/wait", new byte[0], ContentType.APPLICATION_JSON);
        get(path + "/json");
        get("/v1.41/containers/json?all=1");
        get(path + "/logs?stdout=1");
        send("DELETE", path, new byte[0], ContentType.APPLICATION_JSON);
    }

    private void get(String path) throws IOException {
        send("GET", path, new byte[0], ContentType.APPLICATION_JSON);
    }

    private byte[] send(String method, String path, byte[] body, ContentType type) throws IOException {
        HttpUriRequestBase request = new HttpUriRequestBase(method, URI.create(path));
        if (body.length > 0) {
            request.setEntity(new ByteArrayEntity(body, type));
        }
        return connections.send(request, gateway, LIMIT, answer -> read(method + " " + path, answer));
    }

    private static byte[] read(String request, ClassicHttpResponse answer) throws IOException {
        byte[] body = new byte[0];
        if (answer.getEntity() != null) {
            try (InputStream content = answer.getEntity().getContent()) {
                body = content.readAllBytes();
            }
        }
        if (answer.getCode() > 299) {
            throw new IOException(
                    request + " answered " + answer.getCode() + ": " + new String(body, StandardCharsets.UTF_8));
        }
        return body;
    }
}
