package io.longshore.container.drain;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.container.request.Samples;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.contracts.id.ContainerId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MobilityTest {
    private static final Duration TEN_MINUTES = Duration.ofMinutes(10);
    private static final String ANEW = "\"Labels\": {\"io.longshore.placement.move\": \"true\"}";

    private static ContainerRow row(String config, String host) {
        var complete = Samples.complete(Samples.request("\"Cmd\": [\"sleep\"]" + comma(config), host), Samples.image());
        return Samples.row(Samples.ID, Instant.EPOCH, complete);
    }

    private static String comma(String members) {
        return members.isEmpty() ? "" : ", " + members;
    }

    private static @Nullable String stays(ContainerRow row) {
        return Mobility.stays(row, Surroundings.of(List.of(row)), TEN_MINUTES);
    }

    @Test
    void whatHasNothingToLoseMayLeave() {
        assertThat(stays(row("", ""))).isNull();
        assertThat(stays(row("", "").in(ContainerState.RUNNING))).contains("would be lost");
        assertThat(stays(row("", "").in(ContainerState.EXITED))).contains("would be lost");
        assertThat(stays(row("", "\"ReadonlyRootfs\": true").in(ContainerState.RUNNING)))
                .isNull();
        assertThat(stays(row(ANEW, "").in(ContainerState.RUNNING))).isNull();
        assertThat(stays(row(ANEW.replace("true", "yes"), "").in(ContainerState.EXITED)))
                .contains("would be lost");
        assertThat(stays(row(ANEW, "\"Tmpfs\": {\"/run\": \"\"}").in(ContainerState.RUNNING)))
                .isNull();
    }

    @Test
    void whoseFilesItsNodeIsAsked() {
        assertThat(Mobility.mayHoldCopies(row("", ""), Map.of())).isTrue();
        assertThat(Mobility.mayHoldCopies(row("", ""), Map.of("io.longshore.placement.move", "true")))
                .isFalse();
        assertThat(Mobility.mayHoldCopies(row("", "\"ReadonlyRootfs\": true"), Map.of()))
                .isFalse();
    }

    @Test
    void whatIsTheNodesKeepsIt() {
        assertThat(stays(row(ANEW, "\"Binds\": [\"/srv:/data\"]")))
                .isEqualTo("bind mount of /srv, which is this node's");
        assertThat(stays(row(ANEW, "\"Binds\": [\"data:/data\"]"))).isEqualTo("volume data does not leave this node");
        assertThat(stays(row(
                        ANEW,
                        "\"Devices\": [{\"PathOnHost\": \"/dev/fuse\", \"PathInContainer\": \"/dev/fuse\","
                                + " \"CgroupPermissions\": \"rwm\"}]")))
                .isEqualTo("device /dev/fuse is this node's");
    }

    @Test
    void neitherThePausedNorThoseThatRemoveThemselvesNorTheSlow() {
        assertThat(stays(row(ANEW, "").in(ContainerState.PAUSED))).contains("it is paused");
        assertThat(stays(row(ANEW, "\"AutoRemove\": true"))).contains("--rm");
        ContainerRow patient = row(ANEW + ", \"StopTimeout\": 601", "").in(ContainerState.RUNNING);
        assertThat(stays(patient)).isEqualTo("its stop may take 601 s, longer than the drain has left: stop it");
        assertThat(stays(patient.in(ContainerState.EXITED))).isNull();
        assertThat(stays(row(ANEW + ", \"StopTimeout\": -1", "").in(ContainerState.RUNNING)))
                .contains("for ever");
    }

    @Test
    void thoseThatNeedEachOtherStayTogether() {
        ContainerId other = ContainerId.parse("b2".repeat(32));
        ContainerRow joined = row(ANEW, "");
        Surroundings around = new Surroundings(Map.of(other, "sidecar"), Map.of(other, Set.of(joined.id())), Map.of());
        assertThat(Mobility.stays(joined, around, TEN_MINUTES))
                .isEqualTo("container sidecar and this one share namespaces or a link, and one node");
        ContainerRow joiner = row(ANEW, "\"IpcMode\": \"container:" + other + "\"");
        assertThat(stays(joiner)).startsWith("container " + other.shortForm() + " and this one share namespaces");
    }
}
