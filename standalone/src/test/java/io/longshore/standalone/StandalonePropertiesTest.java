package io.longshore.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class StandalonePropertiesTest {
    @Test
    void programsOfPostgresAreInTheWorkDirectoryUnlessSaidOtherwise() {
        Path work = Path.of("/srv/longshore");
        assertThat(new StandaloneProperties(work, null, null, null).postgresBinariesOrDefault())
                .isEqualTo(Path.of("/srv/longshore/postgres"));
        assertThat(new StandaloneProperties(work, Path.of("/opt/postgres"), null, null).postgresBinariesOrDefault())
                .isEqualTo(Path.of("/opt/postgres"));
        assertThatThrownBy(() -> new StandaloneProperties(work, Path.of("postgres"), null, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("standalone.postgres-binaries: \"postgres\" is not an absolute path");
    }
}
