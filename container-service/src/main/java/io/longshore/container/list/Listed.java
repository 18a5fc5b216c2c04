package io.longshore.container.list;

import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore.Head;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a list has of one container, as JSON, but for what time and others change of it.
 *
 * @param row what is kept of the row: enough for its status
 * @param name what its image was called when it was made
 * @param summary the members of the object that the row alone decides, without braces
 * @param named {@code Names} and {@code Image} of one that nobody is linked to and whose image still has its name
 */
@SuppressWarnings("ArrayRecordComponent")
record Listed(Times row, String name, byte[] summary, byte[] named) {
    private static final byte[] STATUS = ",\"Status\":".getBytes(StandardCharsets.US_ASCII);

    /** Of a row: which version it is, and what its status is made of. */
    record Times(
            Head head,
            Digest image,
            int exitCode,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt,
            String health) {
        static Times of(ContainerRow row) {
            return new Times(
                    Head.of(row), row.image(), row.exitCode(), row.startedAt(), row.finishedAt(), Summary.health(row));
        }
    }

    /** Of a row with this summary, which has no {@code Names}. */
    static Listed of(ContainerRow row, Map<String, @Nullable Object> summary) {
        String name = Objects.requireNonNullElse(row.config().image(), "");
        summary.remove("Image");
        summary.remove("Status");
        byte[] object = Json.bytes(summary);
        byte[] members = java.util.Arrays.copyOfRange(object, 1, object.length - 1);
        return new Listed(Times.of(row), name, members, named(List.of("/" + row.name()), name));
    }

    private static byte[] named(List<String> names, String image) {
        return ("\"Names\":" + Json.mapper().writeValueAsString(names) + ",\"Image\":"
                        + Json.mapper().writeValueAsString(image))
                .getBytes(StandardCharsets.UTF_8);
    }

    ContainerId id() {
        return row.head().id();
    }

    /** Bytes that it takes. */
    int size() {
        return summary.length + named.length + 200;
    }

    /**
     * Writes the object.
     *
     * @param isNamed whether its image still has its name
     * @param links under which names others know it
     */
    void writeTo(OutputStream out, boolean isNamed, List<String> links, Instant now) throws IOException {
        out.write('{');
        out.write(summary);
        out.write(',');
        if (isNamed && links.isEmpty()) {
            out.write(named);
        } else {
            out.write(named(
                    Listing.names(row.head().name(), links),
                    isNamed ? name : row.image().value()));
        }
        out.write(STATUS);
        out.write('"');
        out.write(Summary.status(row, now).getBytes(StandardCharsets.US_ASCII));
        out.write('"');
        out.write('}');
    }
}
