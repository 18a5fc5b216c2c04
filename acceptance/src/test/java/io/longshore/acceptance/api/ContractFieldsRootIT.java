package io.longshore.acceptance.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.testbed.http.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Answers have the fields that the Engine API's description gives them, those newer than Docker Engine 20.10 included. */
class ContractFieldsRootIT extends ApiCases {
    private static final Pattern DEFINITION = Pattern.compile("^  (\\w+):$");
    private static final Pattern FIELD = Pattern.compile("^      (\\w+):.*");

    /** The fields of a definition, read by indentation. */
    private static Set<String> fields(String definition) throws IOException {
        Optional<Path> description = Description.file();
        assumeTrue(description.isPresent(), "the Engine API's description is not here (-Dacceptance.contract)");
        Set<String> fields = new TreeSet<>();
        boolean inside = false;
        boolean properties = false;
        for (String line : Files.readAllLines(description.get())) {
            Matcher start = DEFINITION.matcher(line);
            if (start.matches()) {
                inside = start.group(1).equals(definition);
            } else if (line.matches("^    \\w.*")) {
                properties = line.equals("    properties:");
            } else if (inside && properties && FIELD.matcher(line).matches()) {
                fields.add(FIELD.matcher(line).replaceFirst("$1"));
            }
        }
        assertThat(fields)
                .as("fields of %s in %s", definition, description.get())
                .isNotEmpty();
        return fields;
    }

    private void has(JsonNode answer, String definition, String... without) throws IOException {
        assumeTrue(form.longshore(), "Docker Engine here is older than the description");
        Set<String> missing = new HashSet<>(fields(definition));
        missing.removeAll(answer.propertyNames());
        missing.removeAll(List.of(without));
        assertThat(missing)
                .as("fields of %s that are not in %s", definition, answer)
                .isEmpty();
    }

    @Test
    void container() throws IOException {
        String id = create("sleep 60", "\"Volumes\":{\"/data\":{}},");
        start(id);
        JsonNode inspected =
                call(Request.get("/containers/" + id + "/json?size=1")).json();
        // The manifest's descriptor is of content in a registry.
        has(inspected, "ContainerInspectResponse", "ImageManifestDescriptor");
        // Without a health check there is no health.
        has(inspected.path("State"), "ContainerState", "Health");
        has(inspected.path("NetworkSettings").path("Networks").path("none"), "EndpointSettings");
        has(inspected.path("Mounts").get(0), "MountPoint");
    }

    @Test
    void info() throws IOException {
        has(
                call(Request.get("/info")).json(),
                "SystemInfo",
                // Removed in 1.42.
                "KernelMemoryTCP",
                // Of bridge networks and their firewall, which are still to come.
                "DefaultAddressPools",
                "FirewallBackend",
                // There are no discovered devices, no containerd and no licence to buy.
                "DiscoveredDevices",
                "Containerd",
                "ProductLicense");
    }

    @Test
    void image() throws IOException {
        // Of content in a registry; and what only some images say.
        has(
                call(Request.get("/images/busybox/json")).json(),
                "ImageInspect",
                "Descriptor",
                "Manifests",
                "OsVersion",
                "Variant");
    }

    @Test
    void networkAndVolume() throws IOException {
        // Peers are those of an overlay network.
        has(call(Request.get("/networks/none")).json(), "Network", "Peers");
        String id = create("true", "\"Volumes\":{\"/data\":{}},");
        String name = call(Request.get("/containers/" + id + "/json"))
                .json()
                .path("Mounts")
                .get(0)
                .path("Name")
                .asString();
        // A driver may give a status; the rest is of Swarm and of GET /system/df.
        has(call(Request.get("/volumes/" + name)).json(), "Volume", "Status", "ClusterVolume", "UsageData");
    }
}
