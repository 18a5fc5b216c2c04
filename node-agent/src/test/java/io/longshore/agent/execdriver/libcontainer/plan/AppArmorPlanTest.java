package io.longshore.agent.execdriver.libcontainer.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.agent.stage.SupervisorConfig;
import org.junit.jupiter.api.Test;

/** By which profile a process is confined, and when that is said. */
class AppArmorPlanTest extends PlanFixture {
    private static final String FILE = "openat(AT_FDCWD, \"/proc/self/attr/apparmor/exec\"";

    private static final String DEFAULT = "write(file, {22 bytes}, 22) # set the AppArmor profile longshore-default\n";
    private static final String MINE = "write(file, {9 bytes}, 9) # set the AppArmor profile mine\n";

    private final TestSpecs spec = new TestSpecs("true");

    private String session() {
        return SessionPlan.create(
                        spec.build(),
                        new CgroupPath("/longshore/" + ID),
                        facts,
                        SupervisorConfig.of(ID, "/run/s.sock", "/data/c/exit"))
                .print();
    }

    @Test
    void aNodeThatHasItConfinesByItsOwn() {
        facts = UNIFIED;
        String plan = print(spec);
        assertThat(plan).contains("child file = " + FILE).contains(DEFAULT);
        // The container's own /proc, and all that is mounted for it, comes later.
        assertThat(plan.indexOf(FILE))
                .isLessThan(plan.indexOf("fsopen(\"proc\""))
                .isLessThan(plan.indexOf("MS_PRIVATE"));
        String session = session();
        assertThat(session).contains(DEFAULT);
        assertThat(session.indexOf(FILE)).isPositive().isLessThan(session.indexOf("setns("));
    }

    @Test
    void whoAsksForNoneOrAnotherGetsIt() {
        facts = UNIFIED;
        spec.appArmor = "unconfined";
        assertThat(print(spec)).doesNotContain("apparmor");
        assertThat(session()).doesNotContain("apparmor");
        spec.appArmor = "mine";
        assertThat(print(spec)).contains(MINE);
        assertThat(session()).contains(MINE);
    }

    @Test
    void aNodeWithoutItDoesWithout() {
        assertThat(print(spec)).doesNotContain("apparmor");
        assertThat(session()).doesNotContain("apparmor");
        // Who asks for one by name must not run without it: there is no such file, and the start fails.
        spec.appArmor = "mine";
        assertThat(print(spec)).contains(MINE);
    }
}
