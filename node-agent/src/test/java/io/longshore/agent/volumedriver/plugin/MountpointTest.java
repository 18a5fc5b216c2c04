package io.longshore.agent.volumedriver.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MountpointTest {
    private static final List<Path> OURS = List.of(Path.of("/var/lib/longshore"), Path.of("/run/longshore"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/mnt/volumes/data",
                "/var/lib/longshore-plugin/data",
                "/run/longshore2",
                "/var/lib/docker-volumes/x",
                "/srv",
                "/tmp/a b/ü",
                "/usrlocal"
            })
    void placesOfVolumes(String text) throws Exception {
        assertThat(Mountpoint.parse(text, OURS).path()).isEqualTo(Path.of(text));
        assertThat(Mountpoint.shown(text, OURS)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''| it is empty",
                "data| it is not absolute",
                "../data| it is not absolute",
                "/mnt/../etc| it is not in full",
                "/mnt/.| it is not in full",
                "/| it has /bin in it",
                "/var| it has",
                "/run| it has",
                "/etc| no volume may be in /etc",
                "/etc/longshore| no volume may be in /etc",
                "/proc/self/root| no volume may be in /proc",
                "/sys/fs| no volume may be in /sys",
                "/dev/shm| no volume may be in /dev",
                "/root| no volume may be in /root",
                "/var/lib/docker/volumes/x/_data| no volume may be in /var/lib/docker",
                "/var/lib/longshore| no volume may be in /var/lib/longshore",
                "/var/lib/longshore/volumes/x/_data| no volume may be in /var/lib/longshore",
                "/run/longshore/longshore.sock| no volume may be in /run/longshore"
            })
    void placesOfOthers(String text, String why) {
        assertThatThrownBy(() -> Mountpoint.parse(text, OURS))
                .isInstanceOf(Mountpoint.Refused.class)
                .hasMessageStartingWith(why);
        assertThat(Mountpoint.shown(text, OURS)).isEmpty();
    }

    @Test
    void textThatIsNoPath() {
        for (String text : List.of("/mnt/a\0b", "/mnt/\u001b[2J", "/mnt/\u202e", "/mnt/" + "a".repeat(4_100))) {
            assertThatThrownBy(() -> Mountpoint.parse(text, OURS)).isInstanceOf(Mountpoint.Refused.class);
        }
    }
}
