package io.longshore.testworld.image;

import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.image.ClaimedImage;
import io.longshore.contracts.image.ImageApi;
import io.longshore.contracts.image.ImageClaim;
import io.longshore.contracts.image.ImageConfig;
import io.longshore.contracts.image.ImagePlace;
import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;
import io.longshore.platform.web.Json;
import io.longshore.testworld.MemoryClaims;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.RestController;

/** Two images: {@code busybox}, and {@code data}, which has a volume. */
@LongshoreService(Part.IMAGE)
public class TestImages {
    /** The service. */
    @RestController
    public static class Images implements ImageApi {
        private static final Digest BUSYBOX = Digest.ofHex("b2".repeat(32));
        private static final Digest DATA = Digest.ofHex("d2".repeat(32));

        private final MemoryClaims claims = new MemoryClaims();
        private final List<NodeId> holders = new CopyOnWriteArrayList<>();
        private final List<NodeId> placed = new CopyOnWriteArrayList<>();
        private volatile boolean movable = true;
        private volatile boolean away;
        private volatile Consumer<ContainerId> meanwhile = owner -> {};
        private volatile Digest busyboxNow = BUSYBOX;

        /** What is claimed. */
        public MemoryClaims claims() {
            return claims;
        }

        @Override
        public ClaimedImage claim(Caller caller, ImageClaim claim) {
            boolean data = claim.image().equals("data") || claim.image().equals(DATA.value());
            if (!data && !claim.image().equals("busybox") && !claim.image().equals(BUSYBOX.value())) {
                throw new Failure.NotFound("No such image: " + claim.image() + ":latest");
            }
            claims.take(claim.owner());
            String config = data ? "{\"Cmd\": [\"sleep\"], \"Volumes\": {\"/data\": {}}}" : "{\"Cmd\": [\"sleep\"]}";
            return new ClaimedImage(
                    data ? DATA : BUSYBOX,
                    Json.mapper().readValue(config, ImageConfig.class),
                    List.of(Digest.ofHex("c3".repeat(32))),
                    "linux",
                    "amd64",
                    List.copyOf(holders),
                    movable);
        }

        /** From now on these nodes alone hold the images, which can or cannot be brought to others. */
        public void held(List<NodeId> nodes, boolean nowMovable) {
            holders.clear();
            holders.addAll(nodes);
            movable = nowMovable;
            placed.clear();
            meanwhile = owner -> {};
        }

        /** What happens while an image is brought for a container, until it is said anew who holds them. */
        public void meanwhile(Consumer<ContainerId> now) {
            meanwhile = now;
        }

        /** The nodes to which an image was brought since. */
        public List<NodeId> placed() {
            return placed;
        }

        @Override
        public void place(Caller caller, ImagePlace place) {
            if (!movable) {
                throw new Failure.Unavailable("there is no system registry");
            }
            meanwhile.accept(place.owner().container());
            if (!holders.contains(place.node())) {
                placed.add(place.node());
                holders.add(place.node());
            }
        }

        @Override
        public List<Digest> descendants(Caller caller, String image) {
            return switch (image) {
                case "busybox" -> List.of(BUSYBOX);
                case "data" -> List.of(DATA);
                default -> List.of();
            };
        }

        @Override
        public Map<String, Digest> resolve(Caller caller, Set<String> names) {
            Map<String, Digest> resolved = new HashMap<>(Map.of("busybox", busyboxNow, "data", DATA));
            resolved.keySet().retainAll(names);
            return resolved;
        }

        /** The name busybox leads to another image from now on; gives the one before. */
        public Digest retag(Digest image) {
            Digest before = busyboxNow;
            busyboxNow = image;
            return before;
        }

        @Override
        public int count(Caller caller) {
            return 2;
        }

        /** Whether no claim can be given up from now on. */
        public void away(boolean now) {
            away = now;
        }

        @Override
        public void release(Caller caller, List<Owner> owners) {
            if (away) {
                throw new Failure.Unavailable("the images are away");
            }
            claims.release(owners);
        }

        @Override
        public ClaimPage list(Caller caller, @Nullable String after, int limit) {
            return claims.page(after, limit);
        }
    }
}
