package io.longshore.agent.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.linux.jna.JnaSeccompLibrary;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What an OCI runtime is told is what our own filter does: its form is Docker's, so it is read back and compiled. */
class OciFilterTest {
    private static final int X86_64 = 0xC000003E;
    private static final int I386 = 0x40000003;
    private static final int LAST_CALL = 470;

    private final SeccompFilters filters =
            new SeccompFilters(new JnaSeccompLibrary(new JnaSyscalls()), new KernelVersion(6, 1));

    private void same(String profile, List<String> capabilities) throws IOException {
        byte[] own = filters.filter(profile, capabilities);
        Map<String, Object> told = filters.ociFilter(profile, capabilities).orElseThrow();
        byte[] back = filters.filter(new String(Json.bytes(told), StandardCharsets.UTF_8), capabilities);
        for (int architecture : new int[] {X86_64, I386}) {
            for (int call = 0; call <= LAST_CALL; call++) {
                for (long argument : new long[] {0, 8, 0x7e020000, 0xffffffffL}) {
                    assertThat(Bpf.run(back, architecture, call, argument))
                            .as("call %d of %x with %x", call, architecture, argument)
                            .isEqualTo(Bpf.run(own, architecture, call, argument));
                }
            }
        }
    }

    @Test
    void theDefaultProfile() throws IOException {
        same(SeccompFilters.DEFAULT, List.of());
        same(SeccompFilters.DEFAULT, List.of("CAP_SYS_ADMIN", "CAP_SYS_PTRACE"));
    }

    @Test
    void aProfileOfAClient() throws IOException {
        same("""
                {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 5, "syscalls": [
                  {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"},
                  {"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]},
                  {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
                   "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
                  {"names": ["ptrace"], "action": "SCMP_ACT_KILL_PROCESS"},
                  {"names": ["mount"], "action": "SCMP_ACT_TRACE", "errnoRet": 7}]}""", List.of());
    }

    @Test
    void noneForTheUnconfined() {
        assertThat(filters.ociFilter(SeccompFilters.UNCONFINED, List.of())).isEmpty();
    }
}
