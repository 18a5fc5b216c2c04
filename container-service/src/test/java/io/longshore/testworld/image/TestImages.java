package io.longshore.testworld.image;

import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
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
        private volatile Digest busyboxNow = BUSYBOX;

        /** What is claimed. */
        public MemoryClaims claims() {
            return claims;
        }

        @Override
        public ClaimedImage claim(Caller caller, ImageClaim claim) {
            boolean data = claim.image().equals("data");
            if (!data && !claim.image().equals("busybox")) {
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
                    List.of(),
                    true);
        }

        @Override
        public void place(Caller caller, ImagePlace place) {
            // Nodes without layers: every image is everywhere.
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

        @Override
        public void release(Caller caller, List<Owner> owners) {
            claims.release(owners);
        }

        @Override
        public ClaimPage list(Caller caller, @Nullable String after, int limit) {
            return claims.page(after, limit);
        }
    }
}
