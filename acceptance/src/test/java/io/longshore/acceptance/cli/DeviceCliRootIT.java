package io.longshore.acceptance.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code --device}, {@code --device-cgroup-rule}, and limits of block devices. */
class DeviceCliRootIT extends CliCases {
    private static final String RUN = "run --rm --network none ";
    /** A device that no container has by default, which root may open at no risk. */
    private static final String FUSE = "/dev/fuse";

    @Test
    void aDeviceCanBeUsed() {
        docker.ok(RUN + "--device " + FUSE + " busybox sh -c 'stat -c \"%t:%T %a\" " + FUSE + "; true < " + FUSE
                        + " && echo opened'")
                .printsMatch("^a:e5 \\d+\nopened\n$");
    }

    @Test
    void aDeviceHasThePermissionsItIsGiven() {
        docker.ok(
                        RUN + "--device " + FUSE
                                + ":/dev/mine:r busybox sh -c 'true < /dev/mine && echo read; true >> /dev/mine || echo not written'")
                .prints("read\nnot written\n")
                .says("Operation not permitted");
    }

    @Test
    void withoutTheRuleADeviceCannotBeUsed() {
        docker.ok(RUN + "busybox sh -c 'mknod /tmp/fuse c 10 229 && true < /tmp/fuse || echo refused'")
                .prints("refused\n");
        docker.ok(RUN + "--device-cgroup-rule \"c 10:229 r\" busybox true".replace("\"", "'"));
        docker.ok(
                        RUN
                                + "--device-cgroup-rule 'c 10:* r' busybox sh -c 'mknod /tmp/fuse c 10 229 && true < /tmp/fuse && echo opened'")
                .prints("opened\n");
        docker.ok(
                        RUN
                                + "--device-cgroup-rule 'a *:* rwm' busybox sh -c 'mknod /tmp/fuse c 10 229 && true < /tmp/fuse && echo opened'")
                .prints("opened\n");
    }

    @Test
    void aDeviceCanBeAnywhere() {
        docker.ok(
                        RUN + "--device " + FUSE + ":/srv/deep/fuse --device /dev/zero:/dev/sub/zero busybox"
                                + " sh -c 'stat -c \"%t:%T\" /srv/deep/fuse /dev/sub/zero; true < /srv/deep/fuse && echo opened'")
                .prints("a:e5\n1:5\nopened\n");
    }

    @Test
    void aDirectoryOfDevices() {
        docker.ok(RUN + "--device /dev/net:/dev/mynet busybox sh -c 'stat -c \"%t:%T\" /dev/mynet/tun'")
                .prints("a:c8\n");
    }

    @Test
    void aDeviceThatIsNotThereIsNamed() {
        docker.run(RUN + "--device /dev/nosuch busybox true")
                .exits(127)
                .says("error gathering device information while adding custom device \"/dev/nosuch\"");
        docker.run(RUN + "--device /etc/passwd:/dev/x busybox true").exits(125).says("not a device node");
        docker.ok("ps -aq").prints("");
    }

    @Test
    void aRuleThatIsNoneIsRefused() {
        docker.run("create --network none --device-cgroup-rule 'c 1:2 q' busybox true")
                .saysMatch("invalid device cgroup (rule )?format");
        docker.run("create --network none --device " + FUSE + ":/dev/x:q busybox true")
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

    /** The docker command takes what is not there for a command that is not there: 127. */
    @Test
    void aBlockDeviceThatIsNotThereIsNamed() {
        docker.run(RUN + "--device-read-bps /dev/nosuch:1mb busybox true")
                .exits(127)
                .says("/dev/nosuch", "no such file or directory");
        docker.ok("ps -aq").prints("");
    }

    @Test
    @LongshoreOnly("Docker Engine drops weights before it looks at them where the kernel has no CFQ")
    void aWeightHasItsRange() {
        docker.run("create --network none --blkio-weight 5 busybox true")
                .saysMatch("[Rr]ange of blkio weight is from 10 to 1000|discarded");
    }

    private static String blockDevice() {
        return Stream.of("/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/loop0")
                .filter(path -> Files.exists(Path.of(path)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no block device here"));
    }
}
