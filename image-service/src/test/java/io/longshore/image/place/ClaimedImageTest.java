package io.longshore.image.place;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.image.ClaimedImage;
import io.longshore.contracts.image.ImageConfig;
import io.longshore.platform.web.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What another part reads of a claimed image, as parts write it. */
class ClaimedImageTest {
    private static final String BEFORE = "{\"id\":\"sha256:" + "b2".repeat(32)
            + "\",\"config\":{},\"diffIds\":[],\"os\":\"linux\",\"architecture\":\"amd64\"}";

    @Test
    void anImageServiceOfBeforeSaysNothingOfNodes() {
        ClaimedImage read = Json.mapper().readValue(BEFORE, ClaimedImage.class);
        assertThat(read.nodes()).isEmpty();
        assertThat(read.movable()).isFalse();
    }

    @Test
    void itIsReadAsItWasWritten() {
        ClaimedImage image = new ClaimedImage(
                Digest.ofHex("b2".repeat(32)),
                Json.mapper().readValue("{}", ImageConfig.class),
                List.of(),
                "linux",
                "amd64",
                List.of(NodeId.parse("a"), NodeId.parse("b")),
                true);
        String json = Json.mapper().writeValueAsString(image);
        assertThat(Json.mapper().readValue(json, ClaimedImage.class)).isEqualTo(image);
    }
}
