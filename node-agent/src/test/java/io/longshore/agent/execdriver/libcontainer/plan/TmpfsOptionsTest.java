package io.longshore.agent.execdriver.libcontainer.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.MountFlags;
import io.longshore.contracts.agent.TmpfsOptionNames;
import io.longshore.contracts.error.Failure;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TmpfsOptionsTest {
    @Test
    void whatACreateTakesIsDone() {
        for (String flag : TmpfsOptionNames.FLAGS) {
            assertThat(parse(flag).settings()).as(flag).isEmpty();
        }
        for (String setting : TmpfsOptionNames.SETTINGS) {
            assertThat(parse(setting + "=1").settings()).as(setting).isEqualTo(Map.of(setting, "1"));
        }
    }

    @Test
    void aFlagClearsItsOpposite() {
        assertThat(parse("exec").attributes() & MountFlags.MOUNT_ATTR_NOEXEC).isZero();
        assertThat(parse("exec", "noexec").attributes() & MountFlags.MOUNT_ATTR_NOEXEC)
                .isNotZero();
        assertThat(parse("noatime", "strictatime").attributes() & MountFlags.MOUNT_ATTR_NOATIME)
                .isZero();
        assertThat(parse("ro").attributes() & MountFlags.MOUNT_ATTR_RDONLY).isNotZero();
    }

    @Test
    void anythingElseIsRefusedByName() {
        for (String option : List.of("lowerdir=/etc", "bind", "size")) {
            assertThatThrownBy(() -> parse(option))
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageContaining(option)
                    .hasMessageContaining("/run");
        }
    }

    private static TmpfsOptions parse(String... options) {
        return TmpfsOptions.parse("/run", false, List.of(options));
    }
}
