package io.longshore.agent.stage;

import static io.longshore.agent.stage.Arg.CWD;
import static io.longshore.agent.stage.Arg.NULL;
import static io.longshore.agent.stage.Arg.number;
import static io.longshore.agent.stage.Arg.strings;
import static io.longshore.agent.stage.Arg.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.Call;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.MountFlags;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.ProcessFlags;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class StageProgramTest {
    private final SupervisorConfig config = SupervisorConfig.of("c1", "/run/x/sock", "/run/x/exit");

    @Test
    void printSaysWhatStraceWould() {
        StageProgram.Builder builder =
                StageProgram.create(config).cloneFlags(ProcessFlags.CLONE_NEWNS | ProcessFlags.CLONE_NEWPID);
        Arg.Slot dir = builder.slot("root");
        StageProgram program = builder.prepare(Op.of(Call.OPENAT, CWD, text("/r"), number(OpenFlags.O_PATH))
                        .save(dir)
                        .tolerate(Errno.ENOENT, Errno.EACCES)
                        .skipOnError(1)
                        .label("open the root"))
                .prepare(Op.of(Call.FCHDIR, dir))
                .child(Op.of(
                        Call.MOUNT,
                        text("proc"),
                        text("/proc"),
                        text("proc"),
                        number(MountFlags.MS_NOSUID | MountFlags.MS_NOEXEC),
                        NULL))
                .build();
        StageProgram start = StageProgram.startAfter(program)
                .start(Op.of(Call.EXECVE, text("/bin/sh"), strings(List.of("sh", "-c", "a\"b")), strings(List.of())))
                .build();

        assertThat(program.print()).isEqualTo("""
                clone3 CLONE_NEWNS|CLONE_NEWPID
                prepare 0: root = openat(AT_FDCWD, "/r", O_PATH) tolerates ENOENT, EACCES else skip 1 # open the root
                prepare 1: fchdir(root)
                child 0: mount("proc", "/proc", "proc", MS_NOSUID|MS_NOEXEC, 0)
                """);
        assertThat(start.print()).isEqualTo("start 0: execve(\"/bin/sh\", [\"sh\", \"-c\", \"a\\\"b\"], [])\n");
    }

    @Test
    void encodesOperationsRelocationsAndText() {
        StageProgram.Builder builder = StageProgram.create(config);
        Arg.Slot slot = builder.slot("x");
        StageProgram program = builder.child(Op.of(Call.EXECVE, text("/a"), strings(List.of("/a", "b")), NULL, slot)
                        .save(slot)
                        .label("why"))
                .build();

        ByteBuffer bytes = ByteBuffer.wrap(program.encode()).order(ByteOrder.LITTLE_ENDIAN);

        assertThat(bytes.getInt(8)).isEqualTo(bytes.capacity());
        assertThat(bytes.getInt(12)).as("slots").isEqualTo(3);
        assertThat(bytes.getInt(28)).as("prepare").isZero();
        assertThat(bytes.getInt(36)).as("child").isEqualTo(1);
        assertThat(bytes.getInt(44)).as("relocations").isEqualTo(2);
        int op = ProgramEncoder.HEADER_SIZE;
        assertThat(bytes.getInt(op)).isEqualTo(Call.EXECVE.number());
        assertThat(bytes.getShort(op + 4)).as("pointer, pointer, value, slot").isEqualTo((short) 0b10_00_01_01);
        assertThat(bytes.get(op + 6)).isEqualTo((byte) 2);
        int blob = op + ProgramEncoder.OP_SIZE + 2 * 8;
        assertThat(blob + bytes.getInt(48)).isEqualTo(bytes.capacity());
        assertThat(string(bytes, blob + (int) bytes.getLong(op + 16))).isEqualTo("/a");
        assertThat(string(bytes, blob + bytes.getInt(op + 12))).isEqualTo("why");
        int relocation = op + ProgramEncoder.OP_SIZE;
        long argv = bytes.getLong(op + 24);
        assertThat(bytes.getInt(relocation)).isEqualTo((int) argv);
        assertThat(bytes.getInt(relocation + 8)).isEqualTo((int) argv + 8);
        assertThat(string(bytes, blob + bytes.getInt(relocation + 12))).isEqualTo("b");
    }

    @Test
    void aBlockUsedTwiceIsOneMemory() {
        Arg.Block digits = Arg.space(24);
        StageProgram program = StageProgram.create(config)
                .parent(Op.decimal(StageProgram.CHILD_PID, digits), Op.of(Call.MKDIRAT, CWD, digits, number(0700)))
                .build();

        ByteBuffer bytes = ByteBuffer.wrap(program.encode()).order(ByteOrder.LITTLE_ENDIAN);

        int op = ProgramEncoder.HEADER_SIZE;
        assertThat(bytes.getLong(op + 24)).isEqualTo(bytes.getLong(op + ProgramEncoder.OP_SIZE + 24));
    }

    @Test
    void refusesWhatTheStageWouldRefuse() {
        assertThatThrownBy(() -> StageProgram.create(config)
                        .child(Op.of(Call.SETSID).skipOnSuccess(1))
                        .build())
                .hasMessageContaining("CHILD 0 (setsid) skips past the end");
        assertThatThrownBy(() -> StageProgram.create(config).start(Op.of(Call.SETSID)))
                .hasMessageContaining("no list START");
        assertThatThrownBy(() -> StageProgram.create(config)
                        .child(Op.of(Call.MKDIRAT, CWD, text("a\0b")))
                        .build()
                        .encode())
                .hasMessageContaining("NUL");
        assertThatThrownBy(() -> Op.of(Call.MOUNT, NULL, NULL, NULL, NULL, NULL, NULL, NULL))
                .hasMessageContaining("at most 6");
        assertThatThrownBy(() -> StageProgram.create(config)
                        .child(Op.of(Call.EXECVE, text("x".repeat(5 << 20))))
                        .build()
                        .encode())
                .hasMessageContaining("at most 4194304");
    }

    private static String string(ByteBuffer bytes, int at) {
        int end = at;
        while (bytes.get(end) != 0) {
            end++;
        }
        byte[] text = new byte[end - at];
        bytes.get(at, text);
        return new String(text, StandardCharsets.UTF_8);
    }
}
