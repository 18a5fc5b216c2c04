package io.longshore.agent.volumedriver.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.volumedriver.VolumeDriver;
import io.longshore.agent.volumedriver.VolumeDriverContract;
import io.longshore.agent.volumedriver.VolumeName;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver with a plugin that is a process of its own, and does well or ill. */
class PluginVolumeDriverRootIT extends VolumeDriverContract {
    private static final VolumeName DATA = VolumeName.parse("data");

    @TempDir
    private Path home;

    @SuppressWarnings("NullAway.Init")
    private PluginNode node;

    @BeforeEach
    void begin() {
        node = new PluginNode(home, directory);
    }

    @AfterEach
    void end() {
        node.close();
    }

    @Override
    protected VolumeDriver driver() {
        return node.driver();
    }

    private ContainerId mounted(VolumeDriver driver) {
        ContainerId container = ContainerId.random();
        driver.mount(DATA, container);
        return container;
    }

    @Test
    void optionsArriveAndDataIsWhereThePluginHasIt() throws Exception {
        VolumeDriver driver = driver();
        driver.create(DATA, Map.of("colour", "blue"));
        assertThat(node.plugin().options("data")).isEqualTo("\"colour\":\"blue\"");
        Path place = driver.mount(DATA, ContainerId.random());
        Files.writeString(place.resolve("file"), "written");
        assertThat(directory.resolve("data/file")).hasContent("written");
        assertThat(place).startsWithRaw(home);
    }

    @Test
    void eachHolderIsMountedAndUnmountedOnce() {
        VolumeDriver driver = driver();
        driver.create(DATA, Map.of());
        ContainerId one = mounted(driver);
        assertThat(driver.mount(DATA, one)).exists();
        ContainerId two = mounted(driver);
        driver.unmount(DATA, one);
        driver.unmount(DATA, one);
        driver.unmount(DATA, two);
        assertThat(node.plugin().calls("Mount")).containsExactly(call(one), call(two));
        assertThat(node.plugin().calls("Unmount")).containsExactly(call(one), call(two));
        assertThat(node.mounts()).isEmpty();
    }

    private static String call(ContainerId holder) {
        return "Name=data ID=" + holder;
    }

    @Test
    void anotherLifeKnowsWhatIsMounted() {
        VolumeDriver first = driver();
        first.create(DATA, Map.of());
        ContainerId one = mounted(first);
        ContainerId two = mounted(first);
        VolumeDriver second = driver();
        assertThat(second.holders()).containsExactlyInAnyOrder(one, two);
        second.mount(DATA, one);
        second.release(one);
        second.release(two);
        second.release(ContainerId.random());
        assertThat(node.plugin().calls("Mount")).hasSize(2);
        assertThat(node.plugin().calls("Unmount")).containsExactly(call(one), call(two));
        assertThat(driver().holders()).isEmpty();
    }

    @Test
    void aPluginThatIsAwayHearsOfTheEndWhenItIsBack() {
        VolumeDriver driver = driver();
        driver.create(DATA, Map.of());
        ContainerId container = mounted(driver);
        node.plugin().kill();
        driver.unmount(DATA, container);
        assertThatThrownBy(() -> driver.mount(DATA, container)).hasMessageContaining("does not listen");
        assertThat(driver.holders()).containsExactly(container);
        node.plugin().restart();
        driver.mount(DATA, container);
        assertThat(node.plugin().calls("Unmount")).containsExactly(call(container));
        assertThat(node.plugin().calls("Mount")).containsExactly(call(container), call(container));
    }

    @Test
    void aPluginThatIsBackIsToldEvenIfNobodyAsks() {
        VolumeDriver driver = driver();
        driver.create(DATA, Map.of());
        ContainerId container = mounted(driver);
        node.plugin().kill();
        driver.unmount(DATA, container);
        node.plugin().restart();
        node.await(() -> !node.plugin().calls("Unmount").isEmpty());
        assertThat(node.plugin().calls("Unmount")).containsExactly(call(container));
        assertThat(driver.holders()).isEmpty();
    }

    @Test
    void anUnmountThatFailsIsTheEndOfIt() {
        VolumeDriver driver = driver();
        driver.create(DATA, Map.of());
        ContainerId container = mounted(driver);
        node.plugin().answers("Unmount", "{\"Err\":\"busy\"}");
        driver.unmount(DATA, container);
        assertThat(driver.holders()).isEmpty();
        driver.unmount(DATA, container);
        assertThat(node.plugin().calls("Unmount")).hasSize(1);
        assertThat(node.mounts()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"Err\":\"not yet\"}", "hang", "hang up", "not json"})
    void anUnmountThatWasNotSentIsStillToCome(String answer) {
        VolumeDriver first = driver();
        first.create(DATA, Map.of());
        ContainerId container = mounted(first);
        VolumeDriver second = driver();
        node.plugin().answers("Activate", answer);
        second.unmount(DATA, container);
        assertThat(second.holders()).containsExactly(container);
        assertThatThrownBy(() -> second.mount(DATA, container))
                .hasMessageContaining("error while mounting volume 'data'");
        node.plugin().answersWell("Activate");
        // Behind a call that hangs it is busy for as long as that may take.
        node.await(() -> isMounted(second, container));
        assertThat(second.mount(DATA, container)).exists();
        assertThat(node.plugin().calls("Unmount")).containsExactly(call(container));
        assertThat(node.plugin().calls("Mount")).hasSize(2);
    }

    private static boolean isMounted(VolumeDriver driver, ContainerId container) {
        try {
            driver.mount(DATA, container);
            return true;
        } catch (Failure e) {
            return false;
        }
    }

    @Test
    void anUnmountThatHangsHoldsNobodyForLong() {
        // Who waits for the plugin waits for all of this; who does not, for two seconds.
        Duration deadline = Duration.ofSeconds(12);
        VolumeDriver driver = node.driver(deadline);
        driver.create(DATA, Map.of());
        ContainerId container = mounted(driver);
        node.plugin().answers("Unmount", "hang");
        long begin = System.nanoTime();
        driver.unmount(DATA, container);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(deadline);
        assertThat(node.mounts()).isEmpty();
        node.plugin().answersWell("Unmount");
        driver.mount(DATA, container);
        assertThat(node.plugin().calls("Unmount")).hasSize(1);
        assertThat(node.plugin().calls("Mount")).hasSize(2);
    }

    @Test
    void aMountThatWasRefusedIsNotUnmounted() {
        VolumeDriver driver = driver();
        driver.create(DATA, Map.of());
        node.plugin().answers("Mount", "{\"Err\":\"no\\u001b[31m space\"}");
        ContainerId container = ContainerId.random();
        assertThatThrownBy(() -> driver.mount(DATA, container))
                .isInstanceOf(Failure.Internal.class)
                .hasMessage("error while mounting volume 'data': no?[31m space");
        driver.unmount(DATA, container);
        assertThat(node.plugin().calls("Unmount")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hang",
                "hang up",
                "not json",
                "[1,2]",
                "null",
                "",
                "{\"Mountpoint\":",
                "{\"Mountpoint\":{\"a\":1}}",
                "{\"Mountpoint\":\"\"}",
                "{\"Mountpoint\":\"/\"}",
                "{\"Mountpoint\":\"relative\"}",
                "{\"Mountpoint\":\"../up\"}",
                "{\"Mountpoint\":\"/proc/1/root\"}",
                "{\"Mountpoint\":\"/sys\"}",
                "{\"Mountpoint\":\"/etc\"}",
                "{\"Mountpoint\":\"/nowhere/at/all\"}",
                "{\"Mountpoint\":\"/tmp/a\\u0000b\"}",
                "endless body",
                "endless head",
                "HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\nshort",
                "HTTP/1.1 301 Moved\r\nLocation: http://localhost/\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno",
                "HTTP/9.9 what\r\n\r\n",
            })
    void aMountThatIsAnsweredBadlyFailsAndIsTakenBack(String answer) {
        VolumeDriver driver = driver();
        driver.create(DATA, Map.of());
        node.plugin().answers("Mount", answer);
        ContainerId container = ContainerId.random();
        assertThatThrownBy(() -> driver.mount(DATA, container))
                .isInstanceOf(Failure.Internal.class)
                .hasMessageContaining("error while mounting volume 'data'");
        driver.unmount(DATA, container);
        assertThat(driver.holders()).isEmpty();
        assertThat(node.mounts()).isEmpty();
        node.plugin().answersWell("Mount");
        assertThat(driver.mount(DATA, container)).exists();
    }

    @Test
    void directoriesOfOursAndLinksAreNoMountPoints() throws Exception {
        VolumeDriver driver = driver();
        driver.create(DATA, Map.of());
        Path secret = Files.createDirectories(home.resolve("ours/secret"));
        Path link = Files.createSymbolicLink(home.resolve("link"), secret);
        Path below = Files.createDirectories(home.resolve("aside/below"));
        Path through = Files.createSymbolicLink(home.resolve("through"), below.getParent());
        for (Path place : List.of(secret, secret.getParent(), home, link, through.resolve("below"))) {
            node.plugin().answers("Mount", "{\"Mountpoint\":\"" + place + "\"}");
            ContainerId container = ContainerId.random();
            assertThatThrownBy(() -> driver.mount(DATA, container))
                    .as("%s", place)
                    .hasMessageContaining("volume plugin good says that it is at \"" + place + "\", which is refused");
            driver.unmount(DATA, container);
        }
        node.plugin().answers("Mount", "{\"Mountpoint\":\"" + below + "\"}");
        assertThat(driver.mount(DATA, ContainerId.random())).isDirectory();
    }

    @Test
    void whatWasMountedStaysWhatItWasWhateverBecomesOfThePath() throws Exception {
        VolumeDriver driver = driver();
        driver.create(DATA, Map.of());
        Path place = driver.mount(DATA, ContainerId.random());
        Files.move(directory.resolve("data"), directory.resolve("moved"));
        Files.createSymbolicLink(directory.resolve("data"), Path.of("/etc"));
        assertThat(place.resolve("passwd")).doesNotExist();
        Files.delete(directory.resolve("data"));
        Files.move(directory.resolve("moved"), directory.resolve("data"));
    }

    @Test
    void createAndRemoveSayWhatThePluginSays() {
        VolumeDriver driver = driver();
        assertThatThrownBy(() -> driver.create(DATA, Map.of("size", "1")))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("create data: size is no option of this plugin");
        driver.create(DATA, Map.of());
        node.plugin().answers("Remove", "{\"Err\":\"still there\"}");
        assertThatThrownBy(() -> driver.remove(DATA)).hasMessage("remove data: still there");
        assertThat(driver.list()).containsExactly(DATA);
    }

    @Test
    void whatABrokenPluginSaysIsNotThatAVolumeIsGone() {
        VolumeDriver driver = driver();
        driver.create(DATA, Map.of());
        String broken = "HTTP/1.1 500 Broken\r\nContent-Length: 15\r\n\r\n{\"Err\":\"no db\"}";
        for (String method : List.of("Remove", "Get", "List", "Mount")) {
            node.plugin().answers(method, broken);
        }
        assertThatThrownBy(() -> driver.remove(DATA)).hasMessageContaining("remove data: VolumeDriver.Remove: no db");
        assertThatThrownBy(() -> driver.mount(DATA, ContainerId.random())).isInstanceOf(Failure.Internal.class);
        node.plugin().answersWell("List");
        assertThatThrownBy(() -> driver.remove(DATA)).hasMessageContaining("remove data: VolumeDriver.Remove: no db");
        node.plugin().answersWell("Remove");
        driver.remove(DATA);
        node.plugin().answers("Remove", broken);
        driver.remove(DATA);
        assertThatThrownBy(() -> driver.mount(DATA, ContainerId.random()))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining("no such volume: data");
    }

    @Test
    void itIsReadyWhileItAnswers() {
        VolumeDriver driver = driver();
        assertThat(driver.ready()).isTrue();
        node.plugin().kill();
        assertThat(driver.ready()).isFalse();
        node.plugin().restart();
        assertThat(driver.ready()).isTrue();
    }

    @Test
    void aPluginThatHangsIsGivenUp() {
        VolumeDriver driver = driver();
        node.plugin().answers("Get", "hang");
        assertThatThrownBy(() -> driver.create(DATA, Map.of()))
                .isInstanceOf(Failure.DeadlineExceeded.class)
                .hasMessageContaining("did not answer VolumeDriver.Get within 3 s");
    }
}
