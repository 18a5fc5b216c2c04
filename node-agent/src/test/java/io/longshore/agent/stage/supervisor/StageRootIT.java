package io.longshore.agent.stage.supervisor;

import static io.longshore.agent.stage.Arg.number;
import static io.longshore.agent.stage.Arg.strings;
import static io.longshore.agent.stage.Arg.text;
import static io.longshore.agent.stage.supervisor.Bench.SOON;
import static io.longshore.agent.stage.supervisor.Bench.alive;
import static io.longshore.agent.stage.supervisor.Bench.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.longshore.agent.linux.Call;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ProcessFlags;
import io.longshore.agent.stage.Arg;
import io.longshore.agent.stage.Op;
import io.longshore.agent.stage.StageProgram;
import io.longshore.agent.stage.StageProgram.Section;
import io.longshore.agent.stage.SupervisorConfig;
import io.longshore.agent.stage.supervisor.SupervisorStatus.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StageRootIT {
    private Bench bench;

    @BeforeEach
    void setUp() throws IOException {
        bench = newBench();
    }

    Bench newBench() throws IOException {
        return new Bench();
    }

    @AfterEach
    void tearDown() throws Exception {
        bench.close();
    }

    @Test
    void echoInNamespacesOfItsOwn() throws Exception {
        try (Bench.Supervised process = bench.create(config -> config)) {
            SupervisorStatus created = process.client.awaitCreated(SOON);
            assertThat(created.startTicks()).isPositive();
            assertThat(Files.readString(Path.of("/proc/" + created.pid() + "/comm")))
                    .startsWith("longshore-stage");
            Attachment attached = process.attach(false);
            process.start("/bin/sh", "-c", "echo hello; echo $$; echo oops >&2; ls /");

            Frames frames = Frames.readAll(attached.input());

            assertThat(process.waitFor()).isZero();
            assertThat(frames.out()).isEqualTo("hello\n1\nbin\ndev\nold\nproc\ntmp\n");
            assertThat(frames.err()).isEqualTo("oops\n");
            attached.close();
            ExitRecord record = ExitRecord.read(process.exitFile()).orElseThrow();
            assertThat(record.status()).isZero();
            assertThat(record.pid()).isEqualTo(created.pid());
            assertThat(record.startTicks()).isEqualTo(created.startTicks());
            assertThat(record.finished()).isAfterOrEqualTo(record.started());
            assertThat(record.started()).isAfter(created.created());
            assertThat(process.socket()).doesNotExist();
        }
    }

    @Test
    void exitCodesAndSignals() throws Exception {
        try (Bench.Supervised process = bench.sh("exit 42")) {
            assertThat(process.waitFor()).isEqualTo(42);
        }
        try (Bench.Supervised process = bench.sh("trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done")) {
            eventually("it is ready", () -> Files.size(process.logFile()) > 0);
            process.client.signal(15, SOON);
            assertThat(process.waitFor()).isEqualTo(7);
        }
        try (Bench.Supervised process = bench.sh("sleep 1000")) {
            process.client.signal(9, SOON);
            assertThat(process.waitFor()).isEqualTo(137);
            assertThat(ExitRecord.read(process.exitFile()).orElseThrow().status())
                    .isEqualTo(137);
        }
    }

    @Test
    void aFailingCallIsReportedWithListIndexErrorAndLabel() throws Exception {
        try (Bench.Supervised process = custom(builder -> bench.container(builder)
                .child(Op.of(Call.CHDIR, text("/nowhere")).label("enter /nowhere")))) {
            StageFailure failure = catchThrowableOfType(StageFailure.class, () -> process.client.awaitCreated(SOON));
            assertThat(failure.report().section()).contains(Section.CHILD);
            assertThat(failure.report().index()).isEqualTo(7);
            assertThat(failure).hasMessage("CHILD 7: enter /nowhere: ENOENT: no such file or directory");
            assertThat(process.socket())
                    .as("the paths can be used again at once")
                    .doesNotExist();
            assertThat(process.exitFile()).doesNotExist();
            assertThat(Path.of(process.exitFile() + ".tmp")).doesNotExist();
            eventually("nothing is left", () -> !alive(process.supervisor));
        }
        try (Bench.Supervised process = custom(builder -> builder.prepare(Op.of(Call.CHDIR, text("/nowhere"))))) {
            assertThatThrownBy(() -> process.client.awaitCreated(SOON)).hasMessageContaining("PREPARE 0: ENOENT");
        }
        try (Bench.Supervised process =
                custom(builder -> builder.parent(Op.of(Call.FCHDIR, StageProgram.CHILD_PIDFD)))) {
            assertThatThrownBy(() -> process.client.awaitCreated(SOON)).hasMessageContaining("PARENT 0: ENOTDIR");
        }
    }

    @Test
    void commandNotFoundAndNotExecutableAreToldApart() throws Exception {
        try (Bench.Supervised process = bench.create(config -> config)) {
            process.client.awaitCreated(SOON);
            StageFailure failure = catchThrowableOfType(
                    StageFailure.class,
                    () -> process.client.start(Bench.execute(process.program, "/bin/missing"), SOON));
            assertThat(failure.report().section()).contains(Section.START);
            assertThat(failure.report().errno()).isEqualTo(Errno.ENOENT);
        }
        Files.writeString(bench.root.resolve("bin/plain"), "text");
        try (Bench.Supervised process = bench.create(config -> config)) {
            process.client.awaitCreated(SOON);
            StageProgram.Builder start = StageProgram.startAfter(process.program);
            for (String candidate : List.of("/sbin/plain", "/bin/plain", "/tmp/plain")) {
                start.start(Op.of(Call.EXECVE, text(candidate), strings(List.of("plain")), strings(List.of()))
                        .tolerate(Errno.ENOENT, Errno.EACCES)
                        .label(candidate));
            }
            StageFailure failure =
                    catchThrowableOfType(StageFailure.class, () -> process.client.start(start.build(), SOON));
            assertThat(failure.report().errno()).isEqualTo(Errno.EACCES);
            assertThat(failure.report().index()).isEqualTo(1);
            assertThat(failure.report().label()).isEqualTo("/bin/plain");
        }
        Files.createSymbolicLink(bench.root.resolve("bin/loop"), Path.of("loop"));
        try (Bench.Supervised process = bench.create(config -> config)) {
            process.client.awaitCreated(SOON);
            StageProgram.Builder start = StageProgram.startAfter(process.program);
            for (String candidate :
                    List.of("/bin/busybox/true", "/bin/loop/true", "/" + "x".repeat(300) + "/true", "/bin/true")) {
                start.start(Op.of(Call.EXECVE, text(candidate), strings(List.of("true")), strings(List.of()))
                        .tolerate(Errno.ENOENT, Errno.EACCES));
            }
            process.client.start(start.build(), SOON);
            assertThat(process.waitFor()).isZero();
        }
    }

    @Test
    void toleratedErrorsSkipsSlotsAndPseudoCalls() throws Exception {
        Path canary = Files.createDirectories(bench.root.resolve("tmp/canary"));
        Arg.Block digits = Arg.space(24);
        try (Bench.Supervised process = custom(builder -> {
            Arg.Slot proc = builder.slot("proc");
            Arg.Slot child = builder.slot("child");
            return bench.container(builder.prepare(Op.of(Call.OPENAT, Arg.CWD, text("/proc"), number(0))
                                    .save(proc))
                            .parent(
                                    Op.decimal(StageProgram.CHILD_PID, digits),
                                    Op.of(Call.OPENAT, proc, digits, number(0))
                                            .save(child)
                                            .label("open /proc/PID")))
                    .child(
                            Op.of(Call.UNLINKAT, Arg.CWD, text("/tmp/none"), number(0x200))
                                    .tolerate(Errno.ENOENT)
                                    .skipOnError(1),
                            Op.of(Call.UNLINKAT, Arg.CWD, text("/tmp/canary"), number(0x200)),
                            Op.of(Call.GETPID).skipOnSuccess(1),
                            Op.of(Call.UNLINKAT, Arg.CWD, text("/tmp/canary"), number(0x200)));
        })) {
            process.start("/bin/true");
            assertThat(process.waitFor()).isZero();
            assertThat(canary).exists();
        }
    }

    @Test
    void descriptorsAndSignalsOfSupervisorAndProcessAreClean() throws Exception {
        try (Bench.Supervised process =
                bench.run(config -> config.stdin(SupervisorConfig.Stdin.OPEN), "/bin/sleep", "1000")) {
            var container = descriptors(process.pid());
            assertThat(container.keySet()).containsExactly(0, 1, 2);
            assertThat(container.values()).allMatch(target -> target.startsWith("pipe:"));
            var supervisor = descriptors(process.supervisor);
            assertThat(supervisor.values().stream()
                            .map(target -> target.replaceAll("[0-9]+", "N"))
                            .sorted()
                            .collect(Collectors.joining("\n")))
                    .isEqualTo(String.join(
                            "\n",
                            "/dev/null",
                            "/dev/null",
                            "/dev/null",
                            process.exitFile().toString().replaceAll("[0-9]+", "N") + ".tmp",
                            process.logFile().toString().replaceAll("[0-9]+", "N"),
                            "anon_inode:[pidfd]",
                            "pipe:[N]",
                            "pipe:[N]",
                            "pipe:[N]",
                            "socket:[N]",
                            "socket:[N]"));
            assertThat(status(process.pid(), "SigBlk")).isEqualTo("0000000000000000");
            assertThat(status(process.pid(), "SigIgn")).isEqualTo("0000000000000000");
            assertThat(status(process.supervisor, "SigBlk")).isEqualTo("0000000000000000");
            assertThat(status(process.supervisor, "SigIgn"))
                    .as("all but SIGKILL, SIGCHLD and SIGSTOP")
                    .isEqualTo("fffffffffffafeff");
            process.client.signal(9, SOON);
            assertThat(process.waitFor()).isEqualTo(137);
        }
    }

    /** As an exec session does it: a supervisor of its own, born into the namespaces of a process that runs. */
    @Test
    void aSecondProcessJoinsTheNamespacesOfTheFirst() throws Exception {
        try (Bench.Supervised first = bench.sh("echo mark > /tmp/mark; sleep 1000")) {
            long joined = Bench.NAMESPACES & ~ProcessFlags.CLONE_NEWPID;
            try (Bench.Supervised second = custom(builder -> {
                Arg.Slot target = builder.slot("target");
                return builder.prepare(
                                Op.of(Call.PIDFD_OPEN, number(first.pid())).save(target),
                                Op.of(Call.SETNS, target, number(ProcessFlags.CLONE_NEWPID))
                                        .label("the pid namespace, for the child"))
                        .child(Op.of(Call.SETNS, target, number(joined)).label("the other namespaces"));
            })) {
                second.start(
                        "/bin/sh",
                        "-c",
                        "cat /tmp/mark; [ $$ -gt 1 ] && echo inside; cat /proc/1/cmdline | tr '\\0' ' '");
                assertThat(second.waitFor()).isZero();
                assertThat(Files.readString(second.logFile())).contains("mark", "inside", "sleep 1000");
            }
            assertThat(alive(first.pid())).isTrue();
        }
    }

    @Test
    void argumentsUpToTheKernelsLimitAndNotBeyond() throws Exception {
        List<String> environment = IntStream.range(0, 15)
                .mapToObj(i -> "V" + i + "=" + "x".repeat(100_000))
                .toList();
        try (Bench.Supervised process = bench.create(config -> config)) {
            process.client.awaitCreated(SOON);
            process.client.start(
                    StageProgram.startAfter(process.program)
                            .start(Op.of(
                                    Call.EXECVE,
                                    text("/bin/sh"),
                                    strings(List.of("sh", "-c", "exit ${#V14}")),
                                    strings(environment)))
                            .build(),
                    SOON);
            assertThat(process.waitFor()).isEqualTo(100_000 & 0xff);
        }
        try (Bench.Supervised process = bench.create(config -> config)) {
            process.client.awaitCreated(SOON);
            StageProgram tooLong = StageProgram.startAfter(process.program)
                    .start(Op.of(
                            Call.EXECVE, text("/bin/sh"), strings(List.of("x".repeat(140_000))), strings(List.of())))
                    .build();
            assertThatThrownBy(() -> process.client.start(tooLong, SOON)).hasMessageContaining("E2BIG");
        }
    }

    /** prctl(PR_GET_DUMPABLE), asked by supervisor and process themselves and told by the name of a directory they make. */
    @Test
    void supervisorAndProcessAreNotDumpable() throws Exception {
        Arg.Block inSupervisor = Arg.space(24);
        Arg.Block inProcess = Arg.space(24);
        Files.createDirectories(bench.root.resolve("tmp/s"));
        Files.createDirectories(bench.root.resolve("tmp/c"));
        try (Bench.Supervised process = custom(builder -> {
            Arg.Slot dumpable = builder.slot("dumpable");
            Arg.Slot s = builder.slot("s");
            Arg.Slot c = builder.slot("c");
            return builder.prepare(
                            Op.of(Call.OPENAT, Arg.CWD, text(bench.root + "/tmp/s"), number(0))
                                    .save(s),
                            Op.of(Call.OPENAT, Arg.CWD, text(bench.root + "/tmp/c"), number(0))
                                    .save(c),
                            Op.of(Call.PRCTL, number(3)).save(dumpable),
                            Op.decimal(dumpable, inSupervisor),
                            Op.of(Call.MKDIRAT, s, inSupervisor, number(0700)))
                    .child(
                            Op.of(Call.PRCTL, number(3)).save(dumpable),
                            Op.decimal(dumpable, inProcess),
                            Op.of(Call.MKDIRAT, c, inProcess, number(0700)));
        })) {
            process.client.awaitCreated(SOON);
            assertThat(bench.root.resolve("tmp/s").toFile().list()).containsExactly("0");
            assertThat(bench.root.resolve("tmp/c").toFile().list()).containsExactly("0");
        }
    }

    @Test
    void abortAndALostAgentLeaveNothing() throws Exception {
        try (Bench.Supervised process = bench.create(config -> config)) {
            int pid = process.client.awaitCreated(SOON).pid();
            process.client.abort(SOON);
            eventually(
                    "all is gone", () -> !alive(pid) && !alive(process.supervisor) && !Files.exists(process.socket()));
            assertThat(process.client.status().state()).isEqualTo(State.ABORTED);
        }
        try (Bench.Supervised process = bench.create(config -> config)) {
            int pid = process.client.awaitCreated(SOON).pid();
            process.client.close();
            eventually(
                    "all is gone", () -> !alive(pid) && !alive(process.supervisor) && !Files.exists(process.socket()));
            assertThat(process.exitFile()).doesNotExist();
        }
    }

    private Bench.Supervised custom(UnaryOperator<StageProgram.Builder> build) throws IOException {
        return bench.new Supervised(config -> config, build);
    }

    private static Map<Integer, String> descriptors(int pid) throws IOException {
        var found = new TreeMap<Integer, String>();
        try (var links = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
            for (Path link : links) {
                found.put(
                        Integer.parseInt(link.getFileName().toString()),
                        Files.readSymbolicLink(link).toString());
            }
        }
        return found;
    }

    private static String status(int pid, String key) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith(key + ":"))
                .map(line -> line.substring(key.length() + 1).strip())
                .findFirst()
                .orElseThrow();
    }
}
