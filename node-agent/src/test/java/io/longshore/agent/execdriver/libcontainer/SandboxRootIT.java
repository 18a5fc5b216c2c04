package io.longshore.agent.execdriver.libcontainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.execdriver.CommandNotExecutable;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.contracts.agent.ContainerSpec.Limit;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a container looks like from inside. */
class SandboxRootIT extends SandboxFixture {
    private static final int CAP_SYS_RESOURCE = 24;

    @Test
    void credentialsOfRoot() {
        assertThat(output("grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp:)' /proc/1/status | tr -d ' \\t'"))
                .isEqualTo("""
                        Uid:0000
                        Gid:0000
                        Groups:010
                        CapInh:0000000000000000
                        CapPrm:00000000a80425fb
                        CapEff:00000000a80425fb
                        CapBnd:00000000a80425fb
                        CapAmb:0000000000000000
                        NoNewPrivs:0
                        Seccomp:2
                        """);
    }

    @Test
    void credentialsOfAnotherUser() {
        TestSpecs spec = shell(
                "grep -E '^(Uid|Gid|Groups|Cap)' /proc/1/status | tr -d ' \\t'; echo $HOME; echo hi >/dev/stderr");
        spec.user = "app";
        assertThat(run(spec).output()).isEqualTo("""
                        Uid:1000100010001000
                        Gid:1000100010001000
                        Groups:10501000
                        CapInh:0000000000000000
                        CapPrm:0000000000000000
                        CapEff:0000000000000000
                        CapBnd:00000000a80425fb
                        CapAmb:0000000000000000
                        /home/app
                        hi
                        """);
    }

    @Test
    void aTerminalBesideTheNodesDevices() {
        TestSpecs spec = shell("test -t 0 && test -t 1 && stty size; test -e /dev/kmsg && echo devices");
        spec.tty = true;
        spec.mounts.add(new Mount(Mount.Kind.BIND, "/dev", "/dev", false, List.of(), false));
        assertThat(run(spec).output()).isEqualTo("24 80\r\ndevices\r\n");
    }

    @Test
    void whatASearchOfThePathFinds() throws IOException {
        Files.createSymbolicLink(host.root.resolve("etc/loop"), Path.of("loop"));
        TestSpecs found = new TestSpecs("true");
        found.environment = List.of("PATH=/etc/passwd:/etc/loop:/" + "x".repeat(300) + ":/bin");
        assertThat(run(found).code()).isZero();
        TestSpecs plain = new TestSpecs("passwd");
        plain.environment = List.of("PATH=/etc");
        Launch launch = host.launch(plain);
        driver.create(launch, exits);
        assertThatThrownBy(() -> driver.start(launch.id()))
                .isInstanceOf(CommandNotExecutable.class)
                .hasMessageEndingWith("exec: \"passwd\": executable file not found in $PATH")
                .extracting(e -> ((CommandNotExecutable) e).exitCode())
                .isEqualTo(127);
    }

    @Test
    void theSupervisorOutlivesAWantOfMemory() throws IOException {
        TestSpecs spec = new TestSpecs("sleep", "1000");
        spec.oomScoreAdjust = 300;
        Launch launch = host.launch(spec);
        driver.create(launch, exits);
        String process = Integer.toString(driver.start(launch.id()).pid());
        String supervisor = status(process, "PPid");
        boolean mayLower = (Long.parseUnsignedLong(status("self", "CapEff"), 16) >> CAP_SYS_RESOURCE & 1) == 1;
        assertThat(oomScoreAdjust(process)).isEqualTo("300");
        assertThat(oomScoreAdjust(supervisor)).isEqualTo(mayLower ? "-999" : oomScoreAdjust("self"));
        driver.destroy(launch.id());
    }

    private static String oomScoreAdjust(String process) throws IOException {
        return Files.readString(Path.of("/proc", process, "oom_score_adj")).strip();
    }

    private static String status(String process, String key) throws IOException {
        return Files.readAllLines(Path.of("/proc", process, "status")).stream()
                .filter(line -> line.startsWith(key + ":"))
                .map(line -> line.substring(key.length() + 1).strip())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void noNewPrivilegesAndUnconfined() {
        TestSpecs spec = shell("grep -E '^(NoNewPrivs|Seccomp:)' /proc/1/status | tr -d '\\t'");
        spec.noNewPrivileges = true;
        assertThat(run(spec).output()).isEqualTo("NoNewPrivs:1\nSeccomp:2\n");
        spec = shell("grep -E '^(NoNewPrivs|Seccomp:)' /proc/1/status | tr -d '\\t'");
        spec.seccomp = "unconfined";
        assertThat(run(spec).output()).isEqualTo("NoNewPrivs:0\nSeccomp:0\n");
    }

    @Test
    void seccompAndCapabilitiesRefuse() {
        assertThat(output("mount -t tmpfs none /tmp 2>&1; unshare -m true 2>&1; hostname x 2>&1"))
                .contains("Operation not permitted")
                .contains("hostname: sethostname: Operation not permitted");
    }

    /** Sockets of the kernel's ciphers (AF_ALG), which have been a way out of containers, while others are to be had. */
    @Test
    void socketsOfTheKernelsCiphersAreRefused() throws IOException {
        String ask = "for my $family (1, 38) { print socket(my $s, $family, 5, 0) ? qq(made\\n) : qq($!\\n); }";
        assertThat(run(perl(ask)).output()).isEqualTo("made\nOperation not permitted\n");
        TestSpecs free = perl(ask);
        free.seccomp = "unconfined";
        // The kernel may have none of them.
        assertThat(run(free).output()).startsWith("made\n").doesNotContain("not permitted");
    }

    /** With the node's perl, as busybox makes no calls that it is told to. */
    private TestSpecs perl(String program) throws IOException {
        for (String name : List.of("lib", "lib64")) {
            Path link = host.root.resolve(name);
            if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
                Files.createSymbolicLink(link, Path.of("usr", name));
            }
        }
        TestSpecs spec = new TestSpecs("/usr/bin/perl", "-e", program);
        spec.mounts = List.of(new Mount(Mount.Kind.BIND, "/usr", "/usr", true, List.of(), false));
        return spec;
    }

    @Test
    void environment() {
        TestSpecs spec = new TestSpecs("env");
        spec.environment = List.of("A=1", "B=two words=");
        assertThat(run(spec).output()).isEqualTo("""
                        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
                        HOSTNAME=testhost
                        A=1
                        B=two words=
                        HOME=/root
                        """);
    }

    @Test
    void onlyThreeDescriptorsAndACleanSignalState() {
        assertThat(output("ls /proc/self/fd; readlink /proc/self/fd/0; umask")
                        + run(new TestSpecs("grep", "-E", "^Sig(Blk|Ign)", "/proc/1/status"))
                                .output())
                .isEqualTo("""
                        0
                        1
                        2
                        3
                        /dev/null
                        0022
                        SigBlk:\t0000000000000000
                        SigIgn:\t0000000000000000
                        """);
    }

    @Test
    void namesAndNamespaces() throws IOException {
        TestSpecs spec = shell("hostname; cat /proc/sys/kernel/domainname; echo $$; ls /sys/class/net; ip addr show lo"
                + " | grep -c 127.0.0.1; for n in mnt pid uts ipc net; do readlink /proc/self/ns/$n; done");
        spec.domainname = "example.org";
        String output = run(spec).output();
        assertThat(output).startsWith("testhost\nexample.org\n1\nlo\n1\n");
        for (String name : List.of("mnt", "pid", "uts", "ipc", "net")) {
            String ours =
                    Files.readSymbolicLink(Path.of("/proc/self/ns/" + name)).toString();
            assertThat(output).contains(name + ":[").doesNotContain(ours);
        }
    }

    @Test
    void filesFromTheAgent() {
        assertThat(output("cat /etc/hostname /etc/hosts /etc/resolv.conf; test -e /.dockerenv && echo marked"))
                .isEqualTo("testhost\n127.0.0.1\tlocalhost\nnameserver 192.0.2.1\nmarked\n");
    }

    @Test
    void aDanglingResolvConfGivesWay() throws IOException {
        Files.createSymbolicLink(host.root.resolve("etc/resolv.conf"), Path.of("../run/systemd/stub.conf"));
        assertThat(output("cat /etc/resolv.conf")).isEqualTo("nameserver 192.0.2.1\n");
    }

    @Test
    void mountsAreDockers() {
        String mounts = output("cat /proc/self/mounts");
        assertThat(mounts)
                .contains("proc /proc proc rw,nosuid,nodev,noexec,relatime")
                .contains(" /dev tmpfs rw,nosuid,size=65536k,mode=755")
                .contains(" /dev/pts devpts rw,nosuid,noexec,relatime,gid=5,mode=620,ptmxmode=666")
                .contains(" /dev/mqueue mqueue rw,nosuid,nodev,noexec,relatime")
                .contains(" /dev/shm tmpfs rw,nosuid,nodev,noexec,relatime,size=65536k")
                .contains("sysfs /sys sysfs ro,nosuid,nodev,noexec,relatime")
                .contains(" /proc/sys proc ro,")
                .contains(" /proc/keys tmpfs ");
        assertThat(mounts.lines().filter(line -> line.contains(" / "))).hasSize(1);
    }

    @Test
    void maskedAndReadOnlyPaths() {
        assertThat(output("cat /proc/keys | wc -c; stat -c '%F %t:%T' /proc/keys; ls /sys/firmware | wc -l; "
                        + "echo 1 > /proc/sys/kernel/shmmax 2>&1 || echo refused"))
                .startsWith("0\ncharacter special file 1:3\n0\n")
                .contains("refused\n")
                .contains("Read-only file system");
    }

    @Test
    void devices() {
        boolean kcore = Files.exists(Path.of("/proc/kcore"));
        assertThat(
                        output(
                                "cd /dev; ls | tr '\\n' ' '; echo; stat -c '%n %a %t:%T' null tty; for l in fd stdin ptmx core; do readlink $l; done;"
                                        + " head -c 3 /dev/zero | wc -c; echo x > /dev/null && echo ok; mknod /tmp/sda b 8 0 && cat /tmp/sda 2>&1"))
                .isEqualTo("""
                        %sfd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero\s
                        null 666 1:3
                        tty 666 5:0
                        /proc/self/fd
                        /proc/self/fd/0
                        pts/ptmx
                        %s3
                        ok
                        cat: can't open '/tmp/sda': Operation not permitted
                        """.formatted(kcore ? "core " : "", kcore ? "/proc/kcore\n" : ""));
    }

    @Test
    void terminal() {
        TestSpecs spec =
                shell("tty; test -t 0 && test -t 2 && echo yes; ls -l /dev/console | cut -c1; stty size; echo $TERM");
        spec.tty = true;
        assertThat(run(spec).output()).isEqualTo("/dev/pts/0\r\nyes\r\nc\r\n24 80\r\nxterm\r\n");
    }

    @Test
    void workingDirectoryIsMadeAndEntered() {
        TestSpecs spec = new TestSpecs("pwd");
        spec.workingDirectory = "/srv/new/deep";
        assertThat(run(spec).output()).isEqualTo("/srv/new/deep\n");
        assertThat(host.root.resolve("srv/new/deep")).isDirectory();
    }

    @Test
    void readOnlyRootWithAWritableTmpfs() {
        TestSpecs spec = shell("touch /x 2>&1; for f in hosts hostname resolv.conf; do (: >> /etc/$f) 2>&1; done;"
                + " touch /run/me && echo written; grep ' /run ' /proc/mounts");
        spec.readOnlyRoot = true;
        spec.mounts =
                List.of(new Mount(Mount.Kind.TMPFS, "", "/run", false, List.of("size=1m", "exec", "mode=1750"), false));
        assertThat(run(spec).output())
                .startsWith("""
                        touch: /x: Read-only file system
                        sh: can't create /etc/hosts: Read-only file system
                        sh: can't create /etc/hostname: Read-only file system
                        sh: can't create /etc/resolv.conf: Read-only file system
                        written
                        """)
                .contains("tmpfs /run tmpfs rw,nosuid,nodev,relatime,size=1024k,mode=1750");
    }

    @Test
    void volumesAndBindMounts() throws IOException {
        Path volume = Files.createDirectories(directory.resolve("volume"));
        Path file = Files.writeString(directory.resolve("one-file"), "content\n");
        host.volumes.put("/data", volume.toString());
        TestSpecs spec = shell("echo kept > /data/f; cat /conf/file; echo x > /conf/file; touch /ro/y; true");
        spec.mounts = List.of(
                new Mount(Mount.Kind.VOLUME, "v", "/data", false, List.of(), false),
                new Mount(Mount.Kind.BIND, file.toString(), "/conf/file", true, List.of(), false),
                new Mount(Mount.Kind.BIND, volume.toString(), "/ro", true, List.of(), false));
        assertThat(run(spec).output()).isEqualTo("""
                        content
                        sh: can't create /conf/file: Read-only file system
                        touch: /ro/y: Read-only file system
                        """);
        assertThat(volume.resolve("f")).hasContent("kept\n");
    }

    @Test
    void sessionKeyring() {
        TestSpecs spec = shell("cat /proc/keys");
        spec.maskedPaths = List.of();
        assertThat(run(spec).output()).contains(" keyring   _ses." + spec.id + ": ");
    }

    @Test
    void cgroupNamespace() {
        TestSpecs spec = shell("cut -d: -f3 /proc/self/cgroup | sort -u");
        spec.cgroupNamespace = "private";
        assertThat(run(spec).output()).isEqualTo("/\n");
        spec.cgroupNamespace = "host";
        assertThat(run(spec).output()).contains("/" + spec.id);
    }

    @Test
    void limitsAndOomScore() {
        TestSpecs spec = shell("ulimit -n; ulimit -c; cat /proc/self/oom_score_adj");
        spec.limits = List.of(new Limit("nofile", 64, 128), new Limit("core", 0, 0));
        spec.oomScoreAdjust = 500;
        assertThat(run(spec).output()).isEqualTo("64\n0\n500\n");
    }

    @Test
    void hostNetwork() throws IOException {
        host.sandbox = new io.longshore.agent.networkdriver.Sandbox.Host();
        assertThat(output("readlink /proc/self/ns/net").strip())
                .isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString());
    }

    @Test
    void privileged() {
        TestSpecs spec = shell(
                "grep CapEff /proc/1/status; grep -c ' /proc/keys ' /proc/mounts; mount -t tmpfs x /tmp && echo can");
        spec.privileged = true;
        spec.capabilities = List.of("CAP_SYS_ADMIN", "CAP_CHOWN", "CAP_DAC_OVERRIDE");
        assertThat(run(spec).output()).isEqualTo("CapEff:\t0000000000200003\n0\ncan\n");
    }
}
