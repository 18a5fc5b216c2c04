package io.longshore.agent.execdriver.libcontainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.apparmor.AppArmor;
import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.SessionLaunch;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.contracts.agent.SessionSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ExecId;
import io.longshore.contracts.stream.Duplex;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Containers on a kernel with AppArmor; the module vm runs it on one. */
class AppArmorVmIT extends SandboxFixture {
    private static final String CONFINED = "longshore-default (enforce)\n";
    private static final String WHO = "cat /proc/self/attr/apparmor/current";

    private static AppArmor loaded = AppArmor.NONE;

    @BeforeAll
    static void load() {
        loaded = AppArmor.load();
        assertThat(loaded).isEqualTo(new AppArmor(true, ""));
        assertThat(AppArmor.look().active()).isTrue();
    }

    @BeforeEach
    void withAppArmor() {
        driver.close();
        host.appArmor = loaded;
        driver = host.open();
    }

    @Test
    void theDefault() throws Exception {
        Launch launch = host.launch(new TestSpecs("sleep", "1000"));
        driver.create(launch, exits);
        int pid = driver.start(launch.id()).pid();
        assertThat(Files.readString(Path.of("/proc/" + pid + "/attr/apparmor/current")))
                .isEqualTo(CONFINED);
        var session = new SessionSpec(
                ExecId.random(),
                launch.id(),
                List.of("cat", "/proc/1/attr/current", "/proc/self/attr/current"),
                List.of(),
                "",
                "",
                false,
                false,
                false);
        driver.sessions().create(new SessionLaunch(launch.spec(), session), (id, exit) -> {});
        try (Duplex stream = driver.sessions().attach(session.id(), new AttachRequest(false, true, true))) {
            driver.sessions().start(session.id());
            assertThat(new String(stream.input().readAllBytes(), StandardCharsets.UTF_8))
                    .contains(CONFINED)
                    .endsWith(CONFINED);
        }
        driver.sessions().destroy(session.id());
        // From outside it is ended as ever.
        driver.signal(launch.id(), 15);
        driver.signal(launch.id(), 9);
        assertThat(exits.next(launch.id()).code()).isEqualTo(137);
    }

    @Test
    void underAnInitAndWithoutNewPrivileges() {
        TestSpecs spec = shell(WHO + "; cat /proc/1/attr/apparmor/current");
        spec.init = true;
        spec.noNewPrivileges = true;
        assertThat(run(spec).output()).isEqualTo(CONFINED + CONFINED);
    }

    /** With every capability, and nothing masked or read-only: so it is the profile that refuses. */
    @Test
    void whatTheProfileForbids() {
        assertThat(open("default").output()).isEqualTo("""
                        longshore-default (enforce)
                        sh: can't create /proc/sysrq-trigger: Permission denied
                        sh: can't create /proc/sys/kernel/domainname: Permission denied
                        sh: can't create /proc/sys/vm/swappiness: Permission denied
                        sh: can't create /sys/kernel/mm/ksm/run: Permission denied
                        mount: mounting none on /tmp failed: Permission denied
                        oom
                        shm
                        """);
    }

    @Test
    void unconfined() {
        assertThat(open("unconfined").output()).isEqualTo("unconfined\noom\nshm\n");
    }

    /** Tries all that is forbidden, and at last what is not. */
    private Result open(String profile) {
        TestSpecs spec = shell(WHO + """
                ; { echo h >/proc/sysrq-trigger
                cat /proc/sys/kernel/domainname >/proc/sys/kernel/domainname
                cat /proc/sys/vm/swappiness >/proc/sys/vm/swappiness
                cat /sys/kernel/mm/ksm/run >/sys/kernel/mm/ksm/run
                mount -t tmpfs none /tmp
                } 2>&1
                echo 10 >/proc/self/oom_score_adj && echo oom
                cat /proc/sys/kernel/shmmni >/proc/sys/kernel/shmmni && echo shm
                """);
        List<String> all = new ArrayList<>(TestSpecs.DOCKER_CAPABILITIES);
        all.addAll(List.of("CAP_SYS_ADMIN", "CAP_SYS_RESOURCE"));
        spec.capabilities = all;
        spec.privileged = true;
        spec.seccomp = "unconfined";
        spec.maskedPaths = List.of();
        spec.readOnlyPaths = List.of();
        spec.appArmor = profile;
        return run(spec);
    }

    @Test
    void aProfileThatIsNotLoaded() {
        TestSpecs spec = new TestSpecs("true");
        spec.appArmor = "no-such-profile";
        Launch launch = host.launch(spec);
        assertThatThrownBy(() -> driver.create(launch, exits))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("set the AppArmor profile no-such-profile: no such file or directory");
    }

    @Test
    void aProfileByName() {
        TestSpecs spec = shell(WHO);
        spec.appArmor = AppArmor.PROFILE;
        assertThat(run(spec).output()).isEqualTo(CONFINED);
    }
}
