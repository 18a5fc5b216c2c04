package io.longshore.agent.volumedriver.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.linux.MountFlags;
import org.junit.jupiter.api.Test;

class MountOptionsTest {
    @Test
    void flagsAndDataAreToldApart() {
        assertThat(MountOptions.parse("ro,size=1m,nosuid,uid=5"))
                .isEqualTo(new MountOptions(MountFlags.MS_RDONLY | MountFlags.MS_NOSUID, "size=1m,uid=5"));
        assertThat(MountOptions.parse("rbind")).isEqualTo(new MountOptions(MountFlags.MS_BIND | MountFlags.MS_REC, ""));
        assertThat(MountOptions.parse("")).isEqualTo(new MountOptions(0, ""));
    }

    @Test
    void theLastOfTwoCounts() {
        assertThat(MountOptions.parse("ro,rw").flags()).isZero();
        assertThat(MountOptions.parse("exec,noexec").flags()).isEqualTo(MountFlags.MS_NOEXEC);
    }

    @Test
    void whatMeansNothingHereIsLeftOut() {
        assertThat(MountOptions.parse("defaults,rshared,,vers=4")).isEqualTo(new MountOptions(0, "vers=4"));
    }

    @Test
    void valuesAreFoundByTheirName() {
        assertThat(MountOptions.value("rw,addr=host,myaddr=x", "addr")).isEqualTo("host");
        assertThat(MountOptions.value("rw", "addr")).isEmpty();
    }
}
