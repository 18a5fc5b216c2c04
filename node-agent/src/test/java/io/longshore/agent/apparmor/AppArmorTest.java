package io.longshore.agent.apparmor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppArmorTest {
    @TempDir
    Path directory;

    @Test
    void whetherTheKernelHasIt() throws IOException {
        Path parameter = directory.resolve("enabled");
        assertThat(AppArmor.enabled(parameter)).isFalse();
        Files.writeString(parameter, "N\n");
        assertThat(AppArmor.enabled(parameter)).isFalse();
        Files.writeString(parameter, "Y\n");
        assertThat(AppArmor.enabled(parameter)).isTrue();
    }

    @Test
    void whetherTheProfileIsLoaded() throws IOException {
        Path profiles = directory.resolve("profiles");
        assertThat(AppArmor.lists(profiles)).isFalse();
        Files.writeString(profiles, "longshore-default-2 (enforce)\n/usr/bin/man (enforce)\n");
        assertThat(AppArmor.lists(profiles)).isFalse();
        Files.writeString(profiles, "/usr/bin/man (enforce)\nlongshore-default (enforce)\n");
        assertThat(AppArmor.lists(profiles)).isTrue();
    }

    @Test
    void theDefaultIsForNodesThatHaveIt() {
        var active = new AppArmor(true, "");
        assertThat(active.profile("default")).isEqualTo("longshore-default");
        assertThat(active.profile("unconfined")).isEmpty();
        assertThat(active.profile("mine")).isEqualTo("mine");
        assertThat(AppArmor.NONE.profile("default")).isEmpty();
        assertThat(AppArmor.NONE.profile("mine")).isEqualTo("mine");
    }
}
