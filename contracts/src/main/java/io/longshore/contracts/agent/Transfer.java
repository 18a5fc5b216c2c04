package io.longshore.contracts.agent;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.longshore.contracts.agent.LoadedImage.LoadedLayer;
import io.longshore.contracts.error.ErrorKind;
import io.longshore.contracts.id.Digest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of what an agent tells while it moves layers from or to a registry: a step of one layer, or, as the last line, how all of it
 * ended. Exactly one of {@code step}, {@code loaded}, {@code pushed} and {@code error} is there.
 *
 * @param layer digest of the layer's blob for a pull, its diff id for a push
 * @param step what it has come to
 * @param current bytes done, where the step has some
 * @param total bytes in all
 * @param loaded all layers of a pull, lowest first, held as after a load
 * @param pushed all layers of a push, lowest first
 * @param error why it failed
 * @param message in words
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Transfer(
        @Nullable Digest layer,
        @Nullable Step step,
        long current,
        long total,
        @Nullable List<LoadedLayer> loaded,
        @Nullable List<PushedLayer> pushed,
        @Nullable ErrorKind error,
        @Nullable String message) {

    /** What a layer has come to. */
    public enum Step {
        ALREADY_EXISTS,
        QUEUED,
        WAITING,
        DOWNLOADING,
        VERIFYING,
        DOWNLOADED,
        EXTRACTING,
        PULLED,
        PREPARING,
        PUSHING,
        PUSHED,
        MOUNTED,
        LAYER_EXISTS
    }

    /**
     * A layer as the registry has it now.
     *
     * @param gzip whether it is compressed so; else it is with zstd
     */
    public record PushedLayer(Digest digest, long size, boolean gzip) {}

    /** A step without bytes. */
    public static Transfer of(Digest layer, Step step) {
        return of(layer, step, 0, 0);
    }

    /** A step that has come so far. */
    public static Transfer of(Digest layer, Step step, long current, long total) {
        return new Transfer(layer, step, current, total, null, null, null, null);
    }

    /** The end of a pull. */
    public static Transfer loaded(List<LoadedLayer> layers) {
        return new Transfer(null, null, 0, 0, layers, null, null, null);
    }

    /** The end of a push. */
    public static Transfer pushed(List<PushedLayer> layers) {
        return new Transfer(null, null, 0, 0, null, layers, null, null);
    }

    /** The end of what failed. */
    public static Transfer failed(ErrorKind kind, String message) {
        return new Transfer(null, null, 0, 0, null, null, kind, message);
    }
}
