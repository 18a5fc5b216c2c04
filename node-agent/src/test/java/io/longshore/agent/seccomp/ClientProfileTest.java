package io.longshore.agent.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.SeccompLibrary;
import io.longshore.agent.linux.jna.JnaSeccompLibrary;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Profiles that come with requests, compiled with the real library. */
class ClientProfileTest {
    private static final int X86_64 = 0xC000003E;
    private static final int I386 = 0x40000003;
    private static final int ALLOW = 0x7fff0000;
    private static final int ENOSYS = 0x00050026;

    private final SeccompFilters filters =
            new SeccompFilters(new JnaSeccompLibrary(new JnaSyscalls()), new KernelVersion(6, 1));

    private byte[] compile(String profile, String... capabilities) throws IOException {
        return filters.filter(profile.replace('\'', '"'), List.of(capabilities));
    }

    private static int fail(int errno) {
        return 0x00050000 | errno;
    }

    @Test
    void whatIsNotNamedGetsTheDefault() throws IOException {
        byte[] filter = compile(
                "{'defaultAction': 'SCMP_ACT_ERRNO', 'syscalls': [{'names': ['read', 'no_such_call', 'fchmodat2'], 'action': 'SCMP_ACT_ALLOW'},"
                        + "{'name': 'write', 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 5}, {'names': ['getpid'], 'action': 'SCMP_ACT_KILL'}]}");
        assertThat(Bpf.run(filter, X86_64, 0)).as("read").isEqualTo(ALLOW);
        assertThat(Bpf.run(filter, X86_64, 1)).as("write").isEqualTo(fail(5));
        assertThat(Bpf.run(filter, X86_64, 39)).as("getpid").isZero();
        assertThat(Bpf.run(filter, X86_64, 2)).as("open").isEqualTo(fail(1));
        assertThat(Bpf.run(filter, X86_64, 452))
                .as("fchmodat2, newer than the library")
                .isEqualTo(ALLOW);
        assertThat(Bpf.run(filter, X86_64, 440))
                .as("older than the newest named")
                .isEqualTo(fail(1));
        assertThat(Bpf.run(filter, X86_64, 453)).as("newer than all named").isEqualTo(ENOSYS);
        assertThat(Bpf.run(filter, I386, 3)).as("another architecture").isZero();
    }

    @Test
    void architectures() throws IOException {
        for (String text : List.of(
                "'architectures': ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86']",
                "'archMap': [{'architecture': 'SCMP_ARCH_AARCH64', 'subArchitectures': ['SCMP_ARCH_ARM']},"
                        + "{'architecture': 'SCMP_ARCH_X86_64', 'subArchitectures': ['SCMP_ARCH_X86']}]")) {
            byte[] filter = compile("{'defaultAction': 'SCMP_ACT_ERRNO', " + text
                    + ", 'syscalls': [{'names': ['read'], 'action': 'SCMP_ACT_ALLOW'}]}");
            assertThat(Bpf.run(filter, I386, 3)).as("read, i386").isEqualTo(ALLOW);
            assertThat(Bpf.run(filter, X86_64, 0)).as("read").isEqualTo(ALLOW);
        }
    }

    @Test
    void argumentsAndTheirAlternatives() throws IOException {
        byte[] filter = compile(
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': ['personality'], 'action': 'SCMP_ACT_ERRNO', 'args': ["
                        + "{'index': 0, 'value': 8, 'op': 'SCMP_CMP_EQ'}, {'index': 0, 'value': 9, 'op': 'SCMP_CMP_EQ'}]},"
                        + "{'names': ['clone'], 'action': 'SCMP_ACT_ERRNO', 'args': [{'index': 0, 'value': 2114060288, 'valueTwo': 0, 'op': 'SCMP_CMP_MASKED_EQ'}]},"
                        + "{'names': ['socket'], 'action': 'SCMP_ACT_ERRNO', 'args': [{'index': 0, 'value': 18446744073709551615, 'op': 'SCMP_CMP_EQ'}]}]}");
        assertThat(Bpf.run(filter, X86_64, 135, 8)).isEqualTo(fail(1));
        assertThat(Bpf.run(filter, X86_64, 135, 9)).isEqualTo(fail(1));
        assertThat(Bpf.run(filter, X86_64, 135, 7)).isEqualTo(ALLOW);
        assertThat(Bpf.run(filter, X86_64, 56, 0x11)).isEqualTo(fail(1));
        assertThat(Bpf.run(filter, X86_64, 56, 0x10000000)).isEqualTo(ALLOW);
        assertThat(Bpf.run(filter, X86_64, 41, -1)).isEqualTo(fail(1));
    }

    @Test
    void capabilitiesKernelsAndArchitecturesDecide() throws IOException {
        String profile = "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': ["
                + "{'names': ['mkdir'], 'action': 'SCMP_ACT_ERRNO', 'excludes': {'caps': ['CAP_SYS_ADMIN']}},"
                + "{'names': ['rmdir'], 'action': 'SCMP_ACT_ERRNO', 'includes': {'caps': ['CAP_SYS_ADMIN', 'CAP_CHOWN']}},"
                + "{'names': ['chmod'], 'action': 'SCMP_ACT_ERRNO', 'includes': {'minKernel': '99.1'}},"
                + "{'names': ['chown'], 'action': 'SCMP_ACT_ERRNO', 'includes': {'arches': ['s390x']}}]}";
        byte[] without = compile(profile, "CAP_CHOWN");
        byte[] with = compile(profile, "CAP_CHOWN", "CAP_SYS_ADMIN");
        assertThat(Bpf.run(without, X86_64, 83)).as("mkdir").isEqualTo(fail(1));
        assertThat(Bpf.run(with, X86_64, 83)).as("mkdir").isEqualTo(ALLOW);
        assertThat(Bpf.run(without, X86_64, 84)).as("rmdir").isEqualTo(ALLOW);
        assertThat(Bpf.run(with, X86_64, 84)).as("rmdir").isEqualTo(fail(1));
        assertThat(Bpf.run(with, X86_64, 90)).as("chmod").isEqualTo(ALLOW);
        assertThat(Bpf.run(with, X86_64, 92)).as("chown").isEqualTo(ALLOW);
    }

    @Test
    void aProfileOfTooManyRulesIsNotEvenCompiled() {
        SeccompLibrary none = new SeccompLibrary() {
            @Override
            public byte[] compile(int defaultAction, List<String> architectures, List<Rule> rules) {
                throw new AssertionError("compiled " + rules.size() + " rules");
            }

            @Override
            public int number(String call) {
                throw new AssertionError("looked for " + call);
            }
        };
        String rules = IntStream.range(0, 4_200)
                .mapToObj(i ->
                        "{\"name\": \"read\", \"action\": \"SCMP_ACT_ERRNO\", \"args\": [{\"index\": 0, \"value\": " + i
                                + ", \"op\": \"SCMP_CMP_EQ\"}]}")
                .collect(Collectors.joining(","));
        String profile = "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [" + rules + "]}";
        SeccompFilters strict = new SeccompFilters(none, new KernelVersion(6, 1));
        assertThatThrownBy(() -> strict.filter(profile, List.of()))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("the seccomp profile is too large: it comes to 4200 rules, and at most 4096 are compiled");
    }

    @Test
    void unconfinedIsNoFilter() throws IOException {
        assertThat(compile("unconfined")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{| Decoding seccomp profile failed",
                "[]| it is no JSON object",
                "{}| there is no defaultAction",
                "{'defaultAction': 'SCMP_ACT_PERHAPS'}| unknown action \"SCMP_ACT_PERHAPS\"",
                "{'defaultAction': 'SCMP_ACT_NOTIFY'}| unknown action",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': ['x']}| unknown architecture \"x\"",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': ['SCMP_ARCH_X86'], 'archMap': [{}]}| use either 'architectures' or 'archMap'",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'name': 'read', 'names': ['write'], 'action': 'SCMP_ACT_LOG'}]}| either 'name' or 'names'",
                "{'defaultAction': 'SCMP_ACT_ERRNO', 'defaultErrnoRet': 70000}| defaultErrnoRet 70000 is not between 0 and 4095",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': ['read'], 'action': 'SCMP_ACT_LOG', 'args': [{'index': 6, 'op': 'SCMP_CMP_EQ'}]}]}| no argument 6",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': ['read'], 'action': 'SCMP_ACT_LOG', 'args': [{'op': '='}]}]}| unknown operator \"=\"",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': ['read'], 'action': 'SCMP_ACT_LOG', 'args': [{'value': -1, 'op': 'SCMP_CMP_EQ'}]}]}| no number of 64 bits",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': ['read'], 'action': 'SCMP_ACT_LOG', 'includes': {'minKernel': 'new'}}]}| invalid kernel version: new",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'flags': ['SECCOMP_FILTER_FLAG_NEW_LISTENER']}| SECCOMP_FILTER_FLAG_NEW_LISTENER",
            })
    void whatIsWrongIsNamed(String profile, String message) {
        assertThatThrownBy(() -> compile(profile))
                .isInstanceOf(Failure.class)
                .hasMessageContaining(message.replace('\'', '\''));
    }

    @Test
    void sizesAreBounded() {
        String names = IntStream.range(0, 30_000).mapToObj(i -> "'c" + i + "'").collect(Collectors.joining(","));
        assertThatThrownBy(() -> compile("{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': [" + names
                        + "], 'action': 'SCMP_ACT_LOG'}]}"))
                .hasMessageContaining("more than 20000 calls");
        assertThatThrownBy(() -> compile("{" + " ".repeat(2 << 20) + "}")).hasMessageContaining("at most 1048576");
        assertThatThrownBy(() -> compile("[".repeat(100_000))).isInstanceOf(Failure.Invalid.class);
        String arguments = IntStream.range(0, 8_000)
                .mapToObj(i -> "{'names': ['read'], 'action': 'SCMP_ACT_ERRNO', 'args': [{'index': 0, 'value': " + i
                        + ", 'op': 'SCMP_CMP_EQ'}]}")
                .collect(Collectors.joining(","));
        assertThatThrownBy(() -> compile("{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [" + arguments + "]}"))
                .isInstanceOf(Failure.Invalid.class);
    }

    /** Whatever comes, the answer is a filter or a refusal. */
    @Test
    void garbageIsRefusedInOrder() throws IOException {
        String profile =
                "{'defaultAction': 'SCMP_ACT_ERRNO', 'syscalls': [{'names': ['read', 'write'], 'action': 'SCMP_ACT_ALLOW', 'args': [{'index': 0, 'value': 1, 'op': 'SCMP_CMP_EQ'}]}]}";
        Random random = new Random(7);
        for (int i = 0; i < 2_000; i++) {
            StringBuilder text = new StringBuilder(profile);
            for (int change = random.nextInt(4); change >= 0; change--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.deleteCharAt(at);
                    case 1 -> text.setCharAt(at, "{}[]':,x09".charAt(random.nextInt(10)));
                    default -> text.insert(at, text.substring(at, Math.min(text.length(), at + 20)));
                }
            }
            try {
                assertThat(compile(text.toString()).length % 8).isZero();
            } catch (Failure e) {
                assertThat(e.text().length()).isLessThan(1_000);
            }
        }
    }
}
