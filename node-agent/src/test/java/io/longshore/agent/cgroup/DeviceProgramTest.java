package io.longshore.agent.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the program answers, run by an interpreter of the few instructions it has; DeviceProgramRootIT has the kernel run it. */
class DeviceProgramTest {
    @ParameterizedTest
    @CsvSource({
        "c, 1, 3, rw, yes", // null
        "c, 1, 3, rwm, yes",
        "c, 1, 3, r, yes",
        "c, 1, 5, w, yes", // zero
        "c, 1, 7, rw, yes", // full
        "c, 1, 8, r, yes", // random
        "c, 1, 9, r, yes", // urandom
        "c, 5, 0, rw, yes", // tty
        "c, 5, 1, rw, yes", // console
        "c, 5, 2, rw, yes", // ptmx
        "c, 136, 0, rw, yes", // a pseudo-terminal
        "c, 136, 1048575, rw, yes",
        "c, 10, 200, rw, yes", // tun
        "c, 10, 229, r, no", // fuse
        "c, 1, 1, r, no", // mem
        "c, 1, 11, r, no", // kmsg
        "c, 1, 11, m, yes", // any node may be made
        "c, 1, 11, rm, no",
        "c, 137, 0, r, no",
        "c, 4095, 1048575, m, yes",
        "b, 8, 0, m, yes",
        "b, 8, 0, r, no",
        "b, 8, 0, w, no",
        "b, 8, 0, rwm, no",
        "b, 1, 3, r, no", // a block device with the numbers of null
        "b, 136, 0, rw, no",
        "c, 3, 1, r, no" // null's numbers the wrong way round
    })
    void dockersDefault(char type, int major, int minor, String access, String answer) {
        assertThat(allows(DeviceProgram.compile(DeviceRule.DOCKER_DEFAULT), type, major, minor, access))
                .isEqualTo(answer.equals("yes"));
    }

    @Test
    void everyFormOfARuleAllowsWhatItSaysAndNoMore() {
        List<String> accesses = List.of("r", "w", "m", "rw", "rm", "wm", "rwm");
        for (char type : new char[] {'b', 'c'}) {
            for (int major : new int[] {DeviceRule.ANY, 0, 8}) {
                for (int minor : new int[] {DeviceRule.ANY, 0, 16}) {
                    for (String access : accesses) {
                        onlyWhatItSays(new DeviceRule(type, major, minor, access), accesses);
                    }
                }
            }
        }
    }

    private static void onlyWhatItSays(DeviceRule rule, List<String> accesses) {
        byte[] program = DeviceProgram.compile(List.of(rule));
        for (char type : new char[] {'b', 'c'}) {
            for (int major : new int[] {0, 8, 9}) {
                for (int minor : new int[] {0, 8, 16}) {
                    for (String asked : accesses) {
                        boolean covered = rule.type() == type
                                && (rule.major() == DeviceRule.ANY || rule.major() == major)
                                && (rule.minor() == DeviceRule.ANY || rule.minor() == minor)
                                && asked.chars()
                                        .allMatch(letter -> rule.access().indexOf(letter) >= 0);
                        assertThat(allows(program, type, major, minor, asked))
                                .as("%s asked for %s %s:%s %s", rule, type, major, minor, asked)
                                .isEqualTo(covered);
                    }
                }
            }
        }
    }

    @Test
    void twoRulesDoNotAddUp() {
        byte[] program = DeviceProgram.compile(List.of(new DeviceRule('b', 8, 0, "r"), new DeviceRule('b', 8, 0, "w")));
        assertThat(allows(program, 'b', 8, 0, "r")).isTrue();
        assertThat(allows(program, 'b', 8, 0, "w")).isTrue();
        assertThat(allows(program, 'b', 8, 0, "rw")).isFalse();
    }

    @Test
    void asManyRulesAsFit() {
        var longest = new DeviceRule('b', 8, 1, "r");
        byte[] program = DeviceProgram.compile(Collections.nCopies(DeviceProgram.MOST_RULES, longest));
        assertThat(program).hasSize(4096 * 8);
        assertThat(allows(program, 'b', 8, 1, "w")).isFalse();
        assertThatThrownBy(() -> DeviceProgram.compile(Collections.nCopies(DeviceProgram.MOST_RULES + 1, longest)))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("too many device rules (512): a container can have at most 511");
    }

    @Test
    void noRulesAreNoProgram() {
        assertThatThrownBy(() -> DeviceProgram.compile(List.of())).hasMessageContaining("no device rules");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "rr", "rwmr", "rwx"})
    void accessOfOtherLettersIsRefused(String access) {
        assertThatThrownBy(() -> new DeviceRule('c', 1, 3, access)).hasMessageContaining("\"c 1:3 " + access + "\"");
    }

    @Test
    void otherTypesAndNumbersAreRefused() {
        assertThatThrownBy(() -> new DeviceRule('p', 1, 3, "r")).hasMessageContaining("\"p 1:3 r\"");
        assertThatThrownBy(() -> new DeviceRule('c', -2, 3, "r")).hasMessageContaining("\"c -2:3 r\"");
        assertThatThrownBy(() -> new DeviceRule('c', 1, -2, "r")).hasMessageContaining("\"c 1:-2 r\"");
    }

    private static boolean allows(byte[] program, char type, int major, int minor, String access) {
        int bits = (access.contains("m") ? 1 : 0) | (access.contains("r") ? 2 : 0) | (access.contains("w") ? 4 : 0);
        int kind = type == 'b' ? 1 : 2;
        long answer = run(
                program,
                ByteBuffer.allocate(12)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(bits << 16 | kind)
                        .putInt(major)
                        .putInt(minor));
        assertThat(answer).isBetween(0L, 1L);
        return answer == 1;
    }

    /** As Documentation/bpf/standardization/instruction-set.rst says; jumps only forward, and none out of the program. */
    private static long run(byte[] program, ByteBuffer context) {
        ByteBuffer code = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
        long[] registers = new long[11];
        for (int at = 0; at < program.length / 8; at++) {
            int destination = code.get(at * 8 + 1) & 0xf;
            int source = code.get(at * 8 + 1) >> 4 & 0xf;
            int offset = code.getShort(at * 8 + 2);
            long immediate = code.getInt(at * 8 + 4);
            switch (code.get(at * 8) & 0xff) {
                case 0x61 -> {
                    assertThat(source).as("register with the context").isEqualTo(1);
                    registers[destination] = Integer.toUnsignedLong(context.getInt(offset));
                }
                case 0xb7 -> registers[destination] = immediate;
                case 0xbf -> registers[destination] = registers[source];
                case 0x57 -> registers[destination] &= immediate;
                case 0x77 -> registers[destination] >>>= immediate;
                case 0x55 -> {
                    assertThat(offset).isNotNegative();
                    at += registers[destination] == immediate ? 0 : offset;
                }
                case 0x95 -> {
                    return registers[0];
                }
                default -> throw new AssertionError("instruction " + at + " is unknown: " + code.get(at * 8));
            }
        }
        throw new AssertionError("the program runs off its end");
    }
}
