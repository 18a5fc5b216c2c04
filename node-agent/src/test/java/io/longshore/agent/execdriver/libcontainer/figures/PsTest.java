package io.longshore.agent.execdriver.libcontainer.figures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.NativePool;
import io.longshore.contracts.agent.ProcessTable;
import io.longshore.contracts.agent.Sample.Interface;
import io.longshore.contracts.error.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PsTest {
    private static final int SELF = (int) ProcessHandle.current().pid();

    private final NativePool pool = new NativePool("ps-test", 1, 1);

    @TempDir
    private Path directory;

    @AfterEach
    void close() {
        pool.close();
    }

    private ProcessTable list(String arguments) {
        List<String> words = Arrays.stream(arguments.split(" ")).toList();
        return new Ps(pool).list(PsArguments.check(words), Set.of(SELF));
    }

    @Test
    void tableAsDockerReadsIt() {
        String printed = """
                UID          PID    PPID  C STIME TTY          TIME CMD
                root          17       1  0 10:00 ?        00:00:01 sh -c  echo   a
                root           9       1  0 10:00 ?        00:00:00 other
                root          18      17  0 10:00 ?        00:00:00
                """;
        ProcessTable table = PsTable.parse(printed, Set.of(17, 18));
        assertThat(table.titles()).containsExactly("UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD");
        assertThat(table.processes())
                .containsExactly(
                        List.of("root", "17", "1", "0", "10:00", "?", "00:00:01", "sh -c echo a"),
                        List.of("root", "18", "17", "0", "10:00", "?", "00:00:00"));
    }

    @Test
    void threadsGoWithTheirProcess() {
        String printed = "  PID COMMAND\n 17 a\n  - -\n  9 b\n  - -\n";
        assertThat(PsTable.parse(printed, Set.of(17)).processes())
                .containsExactly(List.of("17", "a"), List.of("-", "-"));
    }

    @Test
    void tableWithoutPidIsAnError() {
        assertThatThrownBy(() -> PsTable.parse("USER COMMAND\nroot sh\n", Set.of(1)))
                .isInstanceOf(Failure.Internal.class)
                .hasMessage("Couldn't find PID field in ps output");
        assertThatThrownBy(() -> PsTable.parse("", Set.of(1))).hasMessage("Couldn't find PID field in ps output");
        assertThatThrownBy(() -> PsTable.parse("PID\nPID\n", Set.of(1))).hasMessageStartingWith("Unexpected pid 'PID'");
    }

    @Test
    void onlyTheAskedForAreListed() {
        assertThat(list("-ef").processes())
                .singleElement()
                .satisfies(row -> assertThat(row).contains(String.valueOf(SELF)));
        assertThat(list("-o pid,comm").processes()).containsExactly(List.of(String.valueOf(SELF), "java"));
        // Together with a list of processes these do not work.
        assertThat(list("aux").processes()).hasSize(1);
        assertThat(list("axf -o pid").processes()).containsExactly(List.of(String.valueOf(SELF)));
    }

    @Test
    void whatPsSaysIsTheMessage() {
        assertThatThrownBy(() -> list("--no-such-option"))
                .isInstanceOf(Failure.Internal.class)
                .hasMessageStartingWith("ps: error: ");
        assertThatThrownBy(() -> list("-o comm")).hasMessage("Couldn't find PID field in ps output");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-o user=PID",
                "-ouser=PID",
                "-o pid,user=PID",
                "-o user=xPIDx",
                "-o comm=PID,pid",
                "o user=PID",
                "--format user=PID",
                "-o pid=x,user=PID",
                "-eopid=x,user=PID"
            })
    void noOtherColumnIsTitledPid(String arguments) {
        assertThatThrownBy(() -> list(arguments))
                .isInstanceOf(Failure.Internal.class)
                .hasMessageEndingWith("is not allowed");
    }

    @Test
    void thePidColumnMayBeTitled() {
        for (String fine : List.of(
                "-o pid=PID",
                "-opid=PIDS",
                "o pid=PID",
                "-o user=USER",
                "--format=pid,comm",
                "-eo pid=PID,comm=NAME",
                "-eopid=PID")) {
            assertThatCode(() -> PsArguments.check(List.of(fine.split(" "))))
                    .as(fine)
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void argumentsAreBounded() {
        assertThatThrownBy(() -> PsArguments.check(List.of("-o\tuser"))).isInstanceOf(Failure.Invalid.class);
        assertThatThrownBy(() -> PsArguments.check(List.of("a\0b"))).isInstanceOf(Failure.Invalid.class);
        assertThatThrownBy(() -> PsArguments.check(Collections.nCopies(65, "x")))
                .isInstanceOf(Failure.Invalid.class);
        assertThatThrownBy(() -> PsArguments.check(List.of("x".repeat(4_097)))).isInstanceOf(Failure.Invalid.class);
    }

    @Test
    void noShellReadsThem() {
        Path canary = directory.resolve("canary");
        for (String hostile : List.of(";touch %s", "$(touch %s)", "`touch %s`", "|touch %s", ">%s", "-o>%s")) {
            assertThatThrownBy(() -> list(hostile.formatted(canary)))
                    .as(hostile)
                    .isInstanceOf(Failure.class);
        }
        assertThat(Files.exists(canary)).isFalse();
    }

    @Test
    void interfacesOfEndpointsAreCounted() {
        String text = """
                Inter-|   Receive                                                |  Transmit
                 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                    lo:    1000      10    0    0    0     0          0         0     1000      10    0    0    0     0       0          0
                 tunl0:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
                  eth0: 5338      36    1    2    0     0          0         0      648       8    3    4    0     0       0          0
                """;
        assertThat(InterfaceCounters.parse(text))
                .containsOnlyKeys("eth0")
                .containsValue(new Interface(5338, 36, 1, 2, 648, 8, 3, 4));
    }
}
