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
                "/srv/data/",
                "/tmp/a b/ü",
                "/usrlocal/data"
            })
    void placesOfVolumes(String text) throws Exception {
        assertThat(Mountpoint.parse(text, OURS).path()).isEqualTo(Path.of(text));
        assertThat(Mountpoint.shown(text, OURS)).isEqualTo(Path.of(text).toString());
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
                "/| no volume is right below the root",
                "/tmp| no volume is right below the root",
                "//home/| no volume is right below the root",
                "/var/lib| it has /var/lib/containerd in it",
                "/etc| no volume",
                "/etc/ssh| no volume may be in /etc",
                "/etc/longshore| no volume may be in /etc",
                "/proc/self/root| no volume may be in /proc",
                "/sys/fs| no volume may be in /sys",
                "/dev/shm| no volume may be in /dev",
                "/root/.ssh| no volume may be in /root",
                "/var/log/journal| no volume may be in /var/log",
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
