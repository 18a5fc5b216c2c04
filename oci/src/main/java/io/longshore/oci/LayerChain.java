package io.longshore.oci;

import io.longshore.contracts.agent.LayerRef;
import io.longshore.contracts.id.Digest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Chain ids: what names a layer together with all layers under it (OCI image spec, config.md, Layer ChainID). */
public final class LayerChain {
    /**
     * Most layers of an image. Overlay takes up to 500, but the page limit of mount(2) leaves room for about 125 of Docker's names, and
     * Docker stops there too.
     */
    public static final int MAX_LAYERS = 125;

    private LayerChain() {}

    /** The chain id of a layer on top of a parent; a lowest layer's is its diff id. */
    public static Digest chainId(@Nullable Digest parent, Digest diffId) {
        return parent == null ? diffId : Digest.of((parent + " " + diffId).getBytes(StandardCharsets.US_ASCII));
    }

    /** The layers with these diff ids, lowest first, each with its chain id. */
    public static List<LayerRef> of(List<Digest> diffIds) {
        List<LayerRef> layers = new ArrayList<>(diffIds.size());
        Digest parent = null;
        for (Digest diffId : diffIds) {
            parent = chainId(parent, diffId);
            layers.add(new LayerRef(parent, diffId));
        }
        return List.copyOf(layers);
    }
}
