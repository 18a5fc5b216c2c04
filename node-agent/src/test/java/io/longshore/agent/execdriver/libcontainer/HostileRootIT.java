package io.longshore.agent.execdriver.libcontainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.execdriver.CommandNotExecutable;
import io.longshore.agent.execdriver.Exit;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.Recovery;
import io.longshore.agent.execdriver.Running;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.contracts.agent.ContainerSpec.Limit;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.agent.ContainerSpec.Namespace;
import io.longshore.contracts.agent.ContainerSpec.Namespaces;
import io.longshore.contracts.agent.ContainerSpec.Resources;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images and specifications that mean harm or are wrong, and processes that are killed. */
@Timeout(60)
class HostileRootIT extends SandboxFixture {
    private void refused(TestSpecs spec, Class<? extends Failure> kind, String message) {
        Launch launch = host.launch(spec);
        assertThatThrownBy(() -> {
                    driver.create(launch, exits);
                    driver.start(launch.id());
                })
                .isInstanceOf(kind)
                .hasMessageContaining(message);
        assertThat(driver.held()).doesNotContain(launch.id());
    }

    @ParameterizedTest
    @CsvSource({
        "foo, unable to find user foo: no matching entries in passwd file",
        "app:nogroup, unable to find group nogroup: no matching entries in group file",
        "2147483648, uids and gids must be in range 0-2147483647",
        "4294967296, uids and gids must be in range 0-2147483647",
        "-1, uids and gids must be in range 0-2147483647",
        "0x0, unable to find user 0x0",
        "99999999999999999999, unable to find user 99999999999999999999"
    })
    void wrongUsers(String user, String message) {
        TestSpecs spec = new TestSpecs("true");
        spec.user = user;
        refused(spec, Failure.Invalid.class, message);
    }

    @ParameterizedTest
    @CsvSource({
        "1000, uid=1000(app) gid=1000(app) groups=10(wheel) 50(extra) 1000(app)",
        "1001, uid=2000(1001) gid=2000 groups=2000",
        "app:extra, uid=1000(app) gid=50(extra) groups=50(extra)",
        "app:77, uid=1000(app) gid=77 groups=77",
        "4242, uid=4242 gid=0(root) groups=0(root)",
        "2147483647, uid=2147483647 gid=0(root) groups=0(root)"
    })
    void users(String user, String expected) {
        TestSpecs spec = new TestSpecs("id");
        spec.user = user;
        assertThat(run(spec).output().strip().replace(",", " ")).isEqualTo(expected);
    }

    @Test
    void additionalGroups() {
        TestSpecs spec = new TestSpecs("id", "-G");
        spec.additionalGroups = List.of("extra", "99");
        assertThat(run(spec).output().strip().split(" ")).containsExactlyInAnyOrder("0", "10", "50", "99");
        spec = new TestSpecs("true");
        spec.additionalGroups = List.of("nogroup");
        refused(spec, Failure.Invalid.class, "Unable to find group nogroup");
    }

    @ParameterizedTest
    @ValueSource(strings = {"passwd", "group"})
    void hostileAccountFiles(String name) throws Exception {
        Path file = host.root.resolve("etc/" + name);
        TestSpecs spec = new TestSpecs("id", "-u");
        spec.user = "app:extra";
        TestSpecs additional = new TestSpecs("true");
        additional.additionalGroups = List.of("extra");
        for (String made : List.of("mkfifo", "mknod -m 666 %s c 1 5", "mknod -m 666 %s b 7 0", "mkdir", "ln -s /dev")) {
            Files.deleteIfExists(file);
            sh(made.contains("%s") ? made.formatted(file) : made + " " + file);
            refused(spec, Failure.Invalid.class, "/etc/" + name + " of the image is not a regular file");
            refused(additional, Failure.Invalid.class, "/etc/" + name + " of the image is not a regular file");
        }
        Files.delete(file);
        Files.createSymbolicLink(file, Path.of("/proc/kmsg"));
        refused(spec, Failure.Invalid.class, "no matching entries in " + name + " file");
        Files.delete(file);
        try (var made = new RandomAccessFile(file.toFile(), "rw")) {
            made.setLength(2L << 30);
        }
        refused(spec, Failure.Invalid.class, "/etc/" + name + " of the image is larger than");
        refused(additional, Failure.Invalid.class, "/etc/" + name + " of the image is larger than");
        Files.delete(file);
        Files.createSymbolicLink(file, Path.of("/../../../../etc/machine-" + name));
        assertThat(run(new TestSpecs("true")).code())
                .as("a symlink stays inside")
                .isZero();
        Files.delete(file);
        Files.writeString(file, "x".repeat(3 << 20) + "\napp:x:7:7::/:\nextra:x:50:\n");
        assertThat(run(spec).output()).contains(name.equals("passwd") ? "7\n" : "1000\n");
    }

    private static void sh(String line) throws Exception {
        assertThat(new ProcessBuilder("sh", "-c", line).start().waitFor())
                .as(line)
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 7, 8, 9, 10, 12, 20, 40})
    void workingDirectoryOnALeakedDescriptor(int fd) {
        for (String path : List.of("/proc/self/fd/" + fd, "/proc/1/fd/" + fd, "/proc/self/fd/" + fd + "/x")) {
            TestSpecs spec = new TestSpecs("pwd");
            spec.workingDirectory = path;
            refused(spec, Failure.Invalid.class, "working directory " + path);
        }
        TestSpecs spec = shell("pwd; cd ..; pwd; test -e bin/busybox && echo own root");
        spec.workingDirectory = "/proc/self/fd/" + fd + "/../../..";
        assertThat(run(spec).output()).isEqualTo("/proc\n/\nown root\n");
    }

    /** Opened for appending, and nothing appended: where the wall is missing this changes no setting of the machine. */
    @Test
    void aWorkingDirectoryIsBehindNoWall() {
        for (String path : List.of("/proc/sys/kernel", "/proc/self/../sys/kernel", "/proc/sys/kernel/../kernel")) {
            TestSpecs spec = shell("pwd; (: >> ./core_pattern) 2>&1");
            spec.workingDirectory = path;
            assertThat(run(spec).output())
                    .startsWith("/proc/sys/kernel\n")
                    .endsWith("can't create ./core_pattern: Read-only file system\n");
        }
        TestSpecs spec = shell("ls -A . | wc -l; ls -A /sys/kernel/debug/.. | wc -l; (: > ./x) 2>&1");
        spec.maskedPaths = List.of("/sys/kernel");
        spec.workingDirectory = "/sys/kernel";
        assertThat(run(spec).output()).startsWith("0\n").endsWith("can't create ./x: Read-only file system\n");
        spec.workingDirectory = "/sys/kernel/security";
        refused(spec, Failure.Invalid.class, "/sys/kernel/security");
    }

    @Test
    void aWorkingDirectoryThatIsAFile() {
        TestSpecs spec = new TestSpecs("pwd");
        spec.workingDirectory = "/etc/passwd";
        refused(spec, Failure.Invalid.class, "Cannot mkdir: /etc/passwd is not a directory");
    }

    @ParameterizedTest
    @ValueSource(strings = {"proc", "sys", "dev"})
    void systemDirectoriesThatAreSymlinks(String name) throws IOException {
        Path outside = Files.createDirectories(directory.resolve("outside"));
        Files.createSymbolicLink(host.root.resolve(name), Path.of("../../../../../../" + outside));
        refused(new TestSpecs("true"), Failure.Invalid.class, "\"/" + name + "\" must be a directory in the image");
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void mountPointsThroughSymlinksStayInside() throws IOException {
        Path outside = Files.createDirectories(directory.resolve("outside"));
        Files.createSymbolicLink(host.root.resolve("out"), Path.of("../".repeat(20) + outside));
        TestSpecs spec = shell("touch /out/made && echo yes");
        spec.mounts = List.of(new Mount(Mount.Kind.TMPFS, "", "/out/sub", false, List.of(), false));
        Launch launch = host.launch(spec);
        assertThatThrownBy(() -> driver.create(launch, exits)).isInstanceOf(Failure.class);
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void anImagesOwnDevNullIsNotUsedForMasks() throws IOException {
        Path dev = Files.createDirectories(host.root.resolve("dev"));
        Files.createSymbolicLink(dev.resolve("null"), Path.of("/proc/sysrq-trigger"));
        assertThat(output("stat -c '%t:%T' /proc/keys /dev/null")).isEqualTo("1:3\n1:3\n");
    }

    @Test
    void commandsThatCannotBeExecuted() throws IOException {
        Files.writeString(host.root.resolve("bin/plain"), "no program");
        refused(
                new TestSpecs("plain"),
                CommandNotExecutable.class,
                "exec: \"plain\": executable file not found in $PATH");
        refused(new TestSpecs("/bin/plain"), CommandNotExecutable.class, "exec: \"/bin/plain\": permission denied");
        refused(new TestSpecs("/tmp"), CommandNotExecutable.class, "exec: \"/tmp\": permission denied");
        refused(new TestSpecs("/bin/plain/x"), CommandNotExecutable.class, "not a directory");
        refused(new TestSpecs(""), CommandNotExecutable.class, "exec: \"\": ");
        Path script = Files.writeString(host.root.resolve("bin/script"), "no interpreter line");
        script.toFile().setExecutable(true);
        refused(new TestSpecs("/bin/script"), CommandNotExecutable.class, "exec format error");
        refused(new TestSpecs("true", "x".repeat(3 << 20)), CommandNotExecutable.class, "argument list too long");
    }

    /** It executes the stage's own binary, which is sealed and finds nothing to do there (CVE-2019-5736). */
    @Test
    void aScriptThatNamesProcSelfExe() throws IOException {
        Path script = Files.writeString(host.root.resolve("bin/evil"), "#!/proc/self/exe\n");
        script.toFile().setExecutable(true);
        assertThat(run(new TestSpecs("/bin/evil")).code()).isNotZero();
        assertThat(run(new TestSpecs("true")).code()).isZero();
    }

    @Test
    void wrongFields() {
        TestSpecs spec = new TestSpecs("true");
        spec.hostname = "h".repeat(65);
        refused(spec, Failure.Invalid.class, "set the host name");
        spec = new TestSpecs("true");
        spec.limits = List.of(new Limit("nofile", 200, 100));
        refused(spec, Failure.Invalid.class, "set ulimit nofile=200:100: invalid argument");
        spec = new TestSpecs("true");
        spec.limits = List.of(new Limit("nofile", 1 << 30, 1 << 30));
        refused(spec, Failure.Invalid.class, "set ulimit nofile=");
        refused(new TestSpecs("true", "a\0b"), Failure.Invalid.class, "must not contain a NUL");
        refused(new TestSpecs("tr\0ue"), Failure.Invalid.class, "must not contain a NUL");
        spec = new TestSpecs("true");
        spec.mounts = List.of(new Mount(Mount.Kind.BIND, "/nonexistent/source", "/x", false, List.of(), false));
        refused(spec, Failure.Invalid.class, "bind source path does not exist: /nonexistent/source");
        spec = new TestSpecs("true");
        spec.mounts = List.of(new Mount(Mount.Kind.BIND, directory.toString(), "/etc/passwd", false, List.of(), false));
        refused(spec, Failure.Invalid.class, "not a directory");
    }

    @Test
    void supervisorKilled() throws IOException {
        Launch launch = host.launch(new TestSpecs("sleep", "1000"));
        driver.create(launch, exits);
        Running running = driver.start(launch.id());
        ProcessHandle.of(parentOf(running.pid())).orElseThrow().destroyForcibly();
        Exit exit = exits.next(launch.id());
        assertThat(exit.code()).isEqualTo(137);
        assertThat(exit.error()).contains("supervisor was lost");
        assertThat(Leftovers.isGone(running.pid())).isTrue();
        driver.destroy(launch.id());
    }

    @Test
    void supervisorKilledWhileTheAgentIsAway() throws Exception {
        Launch launch = host.launch(new TestSpecs("sleep", "1000"));
        driver.create(launch, exits);
        Running running = driver.start(launch.id());
        long supervisor = parentOf(running.pid());
        driver.close();
        ProcessHandle.of(supervisor).orElseThrow().destroyForcibly();
        driver = host.open();
        assertThat(driver.recover(launch, exits)).isInstanceOfSatisfying(Recovery.Ended.class, ended -> {
            assertThat(ended.exit().code()).isEqualTo(137);
            assertThat(ended.exit().startedAt()).isEqualTo(running.startedAt());
            assertThat(ended.exit().error()).contains("supervisor was lost");
        });
        assertThat(Leftovers.isGone(running.pid())).isTrue();
    }

    @Test
    void destroyByAnAgentThatKnowsNothing() {
        Launch launch = host.launch(new TestSpecs("sleep", "1000"));
        driver.create(launch, exits);
        Running running = driver.start(launch.id());
        driver.close();
        driver = host.open();
        assertThat(driver.held()).contains(launch.id());
        driver.destroy(launch.id());
        assertThat(driver.held()).doesNotContain(launch.id());
        assertThat(Leftovers.isGone(running.pid())).isTrue();
    }

    @Test
    void aForkBombEnds() {
        Launch launch = host.launch(shell("while true; do sh -c 'while true; do sleep 0.01 & done' & done"));
        driver.create(launch, exits);
        driver.start(launch.id());
        driver.signal(launch.id(), 9);
        assertThat(exits.next(launch.id()).code()).isEqualTo(137);
        driver.destroy(launch.id());
    }

    /** Where the kernel does not end the others with the first one, who begins another and goes has to be stopped to be killed. */
    @Test
    void processesThatRunAwayAmongTheNodesProcessesEnd() throws IOException {
        TestSpecs spec = shell("export R='sh -c \"$R\" &'; for i in 1 2 3 4; do sh -c \"$R\"; done; exec sleep 1000");
        spec.namespaces =
                new Namespaces(Namespace.PRIVATE, new Namespace(Namespace.From.HOST, null), Namespace.PRIVATE);
        spec.resources = new Resources(0, 0, 0, 0, 0, 0, "", "", 300, null);
        Launch launch = host.launch(spec);
        driver.create(launch, exits);
        Path command = Path.of("/proc/" + driver.start(launch.id()).pid() + "/cmdline");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!Files.readString(command).startsWith("sleep")) {
            assertThat(System.nanoTime()).isLessThan(deadline);
        }
        driver.signal(launch.id(), 9);
        assertThat(exits.next(launch.id()).code()).isEqualTo(137);
        driver.destroy(launch.id());
        assertThat(driver.held()).doesNotContain(launch.id());
    }

    @Test
    void aHundredInARow() {
        for (int i = 0; i < 100; i++) {
            assertThat(run(new TestSpecs("true")).code()).isZero();
        }
    }

    private static long parentOf(int pid) throws IOException {
        return Long.parseLong(Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("PPid:"))
                .map(line -> line.substring(5).strip())
                .findFirst()
                .orElseThrow());
    }
}
