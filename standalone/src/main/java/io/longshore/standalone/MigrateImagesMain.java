package io.longshore.standalone;

import io.longshore.contracts.error.Failure;
import io.longshore.gateway.GatewayProperties;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.run.RunProperties;
import io.longshore.platform.run.Settings;
import io.longshore.platform.run.StartFailure;
import io.longshore.platform.web.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpStatus;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** {@code ./longshore migrate-images}: has a running Longshore bring all images to the system registry, and shows how that goes. */
public final class MigrateImagesMain {
    /** Longest wait for the next image; one takes ten minutes at most. */
    private static final Duration EACH = Duration.ofMinutes(11);

    private static final URI IMAGES = URI.create("http://longshore/api/v1/system-registry/images");
    /** Longest answer that says why there is none, in bytes. */
    private static final int MAX_REFUSAL = 64 << 10;

    private MigrateImagesMain() {}

    /** Ends with status 1 and the reason unless the registry has all images. */
    public static void main(String[] arguments) {
        try {
            migrate(socket(Settings.load(List.of(arguments), System.getenv())));
        } catch (Failure e) {
            fail(e.text());
        } catch (StartFailure | IllegalArgumentException e) {
            fail(String.valueOf(e.getMessage()));
        }
    }

    private static Path socket(Settings settings) {
        return settings.section(GatewayProperties.class).socketOrDefault(settings.section(RunProperties.class));
    }

    private static void migrate(Path socket) {
        try (Connections connections = new Connections()) {
            connections.send(
                    new HttpUriRequestBase("POST", IMAGES), new Address.Unix(socket), EACH, MigrateImagesMain::show);
        } catch (IOException e) {
            throw new Failure.Unavailable(
                    "no answer from Longshore at " + socket + " (" + e.getMessage()
                            + "); ./longshore status says whether it runs. Images that were brought are there: try again",
                    e);
        }
    }

    private static Void show(ClassicHttpResponse response) throws IOException {
        if (response.getCode() != HttpStatus.SC_OK) {
            byte[] body = response.getEntity().getContent().readNBytes(MAX_REFUSAL);
            throw new Failure.Conflict(refusal(new String(body, StandardCharsets.UTF_8)));
        }
        String last = "the answer was cut off: Longshore was stopped, or its image-service; try again";
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.getEntity().getContent(), StandardCharsets.UTF_8))) {
            for (String text = lines.readLine(); text != null; text = lines.readLine()) {
                JsonNode line = Json.mapper().readTree(text);
                if (line.has("id")) {
                    System.out.println(image(line));
                } else if (line.has("error")) {
                    last = line.get("error").asString();
                } else {
                    System.out.println(line.path("status").asString());
                    return null;
                }
            }
        } catch (JacksonException e) {
            throw new IOException("its answer is no JSON: " + Json.problem(e), e);
        }
        throw new Failure.Unavailable(last);
    }

    private static String image(JsonNode line) {
        StringBuilder text =
                new StringBuilder(String.format("%-18s", line.path("status").asString()));
        text.append(line.path("id").asString().replace("sha256:", ""), 0, 12);
        line.path("names").forEach(name -> text.append(' ').append(name.asString()));
        if (!line.path("project").asString().equals("default")) {
            text.append(" (project ").append(line.path("project").asString()).append(')');
        }
        return line.has("error") ? text + ": " + line.get("error").asString() : text.toString();
    }

    private static String refusal(String body) {
        try {
            return Json.mapper().readTree(body).path("message").asString(body);
        } catch (JacksonException e) {
            return body;
        }
    }

    private static void fail(String message) {
        System.err.println("longshore: " + message);
        System.exit(1);
    }
}
