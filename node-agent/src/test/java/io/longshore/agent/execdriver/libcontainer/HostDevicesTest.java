package io.longshore.agent.execdriver.libcontainer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.Specs;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.contracts.agent.ContainerSpec.Device;
import io.longshore.contracts.agent.ContainerSpec.Security;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

class HostDevicesTest {
    private final HostDevices devices = new HostDevices(new JnaSyscalls());

    private static Security asking(Path path) {
        Security plain = Specs.of(List.of(), "true").spec(ContainerId.random()).security();
        ObjectNode node = Json.mapper().valueToTree(plain);
        node.set("devices", Json.mapper().valueToTree(List.of(new Device(path.toString(), "/dev/x", "rwm"))));
        return Json.mapper().treeToValue(node, Security.class);
    }

    @Test
    void aDirectoryWithoutDevicesIsNone(@TempDir Path directory) throws IOException {
        Files.createFile(directory.resolve("f"));
        assertThatThrownBy(() -> devices.asked(asking(directory)))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageEndingWith(directory + "\": not a device node");
    }

    @Test
    void aFileSystemIsNotSearchedForDevices(@TempDir Path directory) throws IOException {
        for (int i = 0; i < 101; i++) {
            Path sub = Files.createDirectory(directory.resolve("d" + i));
            for (int j = 0; j < 100; j++) {
                Files.createFile(sub.resolve("f" + j));
            }
        }
        assertThatThrownBy(() -> devices.asked(asking(directory)))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageEndingWith(
                        directory + "\": more than 10000 files are in it; name the devices, or a smaller directory");
    }
}
