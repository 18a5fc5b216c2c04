package io.longshore.acceptance.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code --device}, {@code --device-cgroup-rule}, and limits of block devices. */
class DeviceCliRootIT extends CliCases {
    private static final String RUN = "run --rm --network none ";
    /** A device that no container has by default, which root may open for reading at no risk: /dev/kmsg. */
    private static final String LOG = "/dev/kmsg";

    @Test
    void aDeviceCanBeUsed() {
        docker.ok(RUN + "--device " + LOG + " busybox sh -c 'stat -c \"%t:%T %a\" " + LOG + "; : < " + LOG
                        + " && echo opened'")
                .printsMatch("^1:b \\d+\nopened\n$");
    }

    @Test
    void aDeviceHasThePermissionsItIsGiven() {
        docker.ok(
                        RUN + "--device " + LOG
                                + ":/dev/mine:r busybox sh -c ': < /dev/mine && echo read; echo x >> /dev/mine || echo not written'")
                .prints("read\nnot written\n")
                .says("Operation not permitted");
    }

    @Test
    void withoutTheRuleADeviceCannotBeUsed() {
        docker.ok(RUN + "busybox sh -c 'mknod /tmp/log c 1 11 && : < /tmp/log || echo refused'")
                .prints("refused\n");
        docker.ok(RUN + "--device-cgroup-rule \"c 1:11 r\" busybox true".replace("\"", "'"));
        docker.ok(
                        RUN
                                + "--device-cgroup-rule 'c 1:* r' busybox sh -c 'mknod /tmp/log c 1 11 && : < /tmp/log && echo opened'")
                .prints("opened\n");
        docker.ok(
                        RUN
                                + "--device-cgroup-rule 'a *:* rwm' busybox sh -c 'mknod /tmp/log c 1 11 && : < /tmp/log && echo opened'")
                .prints("opened\n");
    }

    @Test
    void aDeviceCanBeAnywhere() {
        docker.ok(RUN + "--device " + LOG + ":/srv/deep/log --device /dev/zero:/dev/sub/zero busybox"
                        + " sh -c 'stat -c \"%t:%T\" /srv/deep/log /dev/sub/zero; : < /srv/deep/log && echo opened'")
                .prints("1:b\n1:5\nopened\n");
    }

    @Test
    void aDirectoryOfDevices() {
        docker.ok(RUN + "--device /dev/net:/dev/mynet busybox sh -c 'stat -c \"%t:%T\" /dev/mynet/tun'")
                .prints("a:c8\n");
    }

    @Test
    void aDeviceThatIsNotThereIsNamed() {
        docker.run(RUN + "--device /dev/nosuch busybox true")
                .exits(125)
                .says("error gathering device information while adding custom device \"/dev/nosuch\"");
        docker.run(RUN + "--device /etc/passwd:/dev/x busybox true").exits(125).says("not a device node");
        docker.ok("ps -aq").prints("");
    }

    @Test
    void aRuleThatIsNoneIsRefused() {
        docker.run("create --network none --device-cgroup-rule 'c 1:2 q' busybox true")
                .saysMatch("invalid device cgroup (rule )?format");
        docker.run("create --network none --device " + LOG + ":/dev/x:q busybox true")
                .saysMatch("bad (device )?mode|invalid device mode|bad format");
        docker.ok("ps -aq").prints("");
    }

    @Test
    void limitsRatesOfBlockDevices() {
        String device = blockDevice();
        String all =
                "for f in read_bps write_bps read_iops write_iops; do cut -d \" \" -f 2 /sys/fs/cgroup/blkio/blkio.throttle.${f}_device; done 2>/dev/null";
        docker.ok(RUN + "--device-read-bps " + device + ":1mb --device-write-bps " + device + ":2mb --device-read-iops "
                        + device + ":30 --device-write-iops " + device + ":40 busybox sh -c '" + all + "'")
                .prints("1048576\n2097152\n30\n40\n");
    }

    @Test
    void aBlockDeviceThatIsNotThereIsNamed() {
        docker.run(RUN + "--device-read-bps /dev/nosuch:1mb busybox true")
                .exits(125)
                .says("/dev/nosuch", "no such file or directory");
        docker.run("create --network none --blkio-weight 5 busybox true")
                .saysMatch("[Rr]ange of blkio weight is from 10 to 1000|discarded");
        docker.ok("ps -aq");
    }

    private static String blockDevice() {
        return Stream.of("/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/loop0")
                .filter(path -> Files.exists(Path.of(path)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no block device here"));
    }
}
