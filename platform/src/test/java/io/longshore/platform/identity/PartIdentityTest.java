package io.longshore.platform.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.NodeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartIdentityTest {
    @Test
    void isReadAsItIsWritten() {
        for (PartIdentity each :
                new PartIdentity[] {new PartIdentity.Node(new NodeId("n-1")), new PartIdentity.Service("container")}) {
            assertThat(PartIdentity.parse(each.uri())).isEqualTo(each);
        }
        assertThat(new PartIdentity.Node(new NodeId("n-1")).uri()).isEqualTo("longshore://node/n-1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "longshore://node/",
                "longshore://node/A",
                "longshore://node/a/b",
                "longshore://node/a?x",
                "longshore://service/a1",
                "longshore://user/a",
                "https://node/a",
                "longshore://node/a\n"
            })
    void whatIsNobodysIsRefused(String uri) {
        assertThatThrownBy(() -> PartIdentity.parse(uri)).isInstanceOf(Failure.Invalid.class);
    }
}
