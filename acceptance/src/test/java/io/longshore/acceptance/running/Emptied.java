package io.longshore.acceptance.running;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.http.Request;
import tools.jackson.databind.JsonNode;

/** An engine without anything but the image {@code busybox}: what a failed case left would be in the way of the next class. */
public final class Emptied {
    private static final String NO_TAG = "<none>:<none>";

    private Emptied() {}

    /** Removes all containers, networks, volumes and other images. */
    public static void of(Engine engine) {
        for (JsonNode container :
                engine.call(Request.get("/containers/json?all=1")).json()) {
            remove(engine, "/containers/" + container.path("Id").asString() + "?force=1&v=1");
        }
        for (JsonNode network : engine.call(Request.get("/networks?filters=%7B%22type%22:%5B%22custom%22%5D%7D"))
                .json()) {
            remove(engine, "/networks/" + network.path("Id").asString());
        }
        for (JsonNode volume : engine.call(Request.get("/volumes")).json().path("Volumes")) {
            remove(engine, "/volumes/" + volume.path("Name").asString());
        }
        for (JsonNode image : engine.call(Request.get("/images/json")).json()) {
            JsonNode tags = image.path("RepoTags");
            if (tags.isEmpty() || tags.path(0).asString().equals(NO_TAG)) {
                remove(engine, "/images/" + image.path("Id").asString());
            } else {
                for (JsonNode tag : tags) {
                    if (!tag.asString().equals("busybox:latest")) {
                        remove(engine, "/images/" + tag.asString());
                    }
                }
            }
        }
    }

    private static void remove(Engine engine, String path) {
        assertThat(engine.call(Request.delete(path)).status())
                .as("DELETE %s", path)
                .isIn(200, 204, 404);
    }
}
