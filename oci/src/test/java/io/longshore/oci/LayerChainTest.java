package io.longshore.oci;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.agent.LayerRef;
import io.longshore.contracts.id.Digest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerChainTest {
    @Test
    void chainsAsTheSpecificationSays() {
        Digest a = Digest.of(new byte[] {1});
        Digest b = Digest.of(new byte[] {2});
        Digest ab = Digest.of((a.value() + " " + b.value()).getBytes(StandardCharsets.UTF_8));
        assertThat(LayerChain.of(List.of(a, b, a)))
                .startsWith(new LayerRef(a, a), new LayerRef(ab, b))
                .last()
                .isEqualTo(new LayerRef(Digest.of((ab.value() + " " + a.value()).getBytes(StandardCharsets.UTF_8)), a));
        assertThat(LayerChain.of(List.of())).isEmpty();
    }
}
