package io.longshore.container.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.longshore.contracts.agent.BindUse;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.agent.VolumeUse;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.volume.VolumeClaim;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MountPointsTest {
    private static CreateRequest complete(String config, String host) {
        CreateRequest request = Samples.request(config, host);
        RequestCheck.check(request);
        return Samples.complete(request, Samples.image());
    }

    private static Mount only(String host) {
        List<Mount> mounts = Samples.mounts(complete("", host));
        assertThat(mounts).hasSize(1);
        return mounts.getFirst();
    }

    private static void refused(String host, String words) {
        assertThatThrownBy(() -> Samples.mounts(complete("", host)))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(words);
    }

    @Test
    void aBindHasCleanPathsAndIsMadeIfItIsMissing() {
        assertThat(only("\"Binds\": [\"/a//b/./:/c/:ro,rslave,z\"]"))
                .isEqualTo(new Mount(
                        Mount.Kind.BIND,
                        "/a/b",
                        "/c",
                        true,
                        List.of(),
                        false,
                        "ro,rslave,z",
                        VolumeUse.WHOLE,
                        new BindUse("rslave", true, true, true)));
    }

    @Test
    void aBindWithANameIsAVolume() {
        Mount mount = only("\"Binds\": [\"data:/c:nocopy\"]");
        assertThat(mount.kind()).isEqualTo(Mount.Kind.VOLUME);
        assertThat(mount.source()).isEqualTo("data");
        assertThat(mount.copyUp()).isFalse();
        assertThat(only("\"Binds\": [\"data:/c\"]").mode()).isEqualTo("z");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                ":/b| invalid volume specification: ':/b'",
                "/a:ro| invalid volume specification: '/a:ro'",
                "a:b:c:d| invalid volume specification: 'a:b:c:d'",
                "/a:/b:what| invalid mode: what",
                "/a:/b:ro,ro| invalid mode: ro,ro",
                "/a:/| destination can't be '/'",
                "/a:/x/..| destination can't be '/'",
                "/a:b| invalid mount path: 'b' mount path must be absolute",
                "v1:/b:shared| field BindOptions must not be specified",
            })
    void bindsThatAreNone(String bind, String words) {
        refused("\"Binds\": [\"" + bind + "\"]", words);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ro",
                "rw",
                "z",
                "Z",
                "ro,z",
                "rprivate",
                "rshared,ro,Z",
                "nocopy",
                "ro,nocopy",
                "cached,ro",
            })
    void modesThatAre(String mode) {
        assertThat(MountMode.isMode(mode)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ro,rw", "z,Z", "shared,slave", ",", "ro,", "RO", "copy", "bind"})
    void modesThatAreNot(String mode) {
        assertThat(MountMode.isMode(mode)).isFalse();
    }

    @Test
    void theLongFormOfABind() {
        String bind =
                "\"Mounts\": [{\"Type\": \"bind\", \"Source\": \"/a\", \"Target\": \"/b\", \"ReadOnly\": true, \"BindOptions\": %s}]";
        assertThat(only(bind.formatted("null")).bind()).isEqualTo(BindUse.PLAIN);
        assertThat(only(bind.formatted("{\"NonRecursive\": true, \"Propagation\": \"slave\"}"))
                        .bind())
                .isEqualTo(new BindUse("slave", false, true, false));
        assertThat(only(bind.formatted("{\"ReadOnlyNonRecursive\": true, \"CreateMountpoint\": true}"))
                        .bind())
                .isEqualTo(new BindUse("rprivate", true, false, true));
        assertThat(only(bind.formatted("{\"ReadOnlyForceRecursive\": true}"))
                        .bind()
                        .readOnlyBelow())
                .isTrue();
        refused(bind.formatted("{\"Propagation\": \"up\"}"), "invalid propagation mode: up");
        refused(bind.formatted("{\"NonRecursive\": 5}"), "BindOptions.NonRecursive: want true or false, got 5");
        refused(
                bind.formatted("{\"ReadOnlyNonRecursive\": true, \"ReadOnlyForceRecursive\": true}"),
                "mount options conflict");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"Type\": \"bind\", \"Target\": \"/b\"| field Source must not be empty",
                "\"Type\": \"bind\", \"Source\": \"/a\"| field Target must not be empty",
                "\"Type\": \"bind\", \"Source\": \"a\", \"Target\": \"/b\"| invalid mount path: 'a' mount path must be absolute",
                "\"Type\": \"bind\", \"Source\": \"/a\", \"Target\": \"/b\", \"VolumeOptions\": {}| field VolumeOptions must not be specified",
                "\"Type\": \"volume\", \"Source\": \"aa\", \"Target\": \"/b\", \"BindOptions\": {}| field BindOptions must not be specified",
                "\"Type\": \"volume\", \"Target\": \"/b\", \"ReadOnly\": true| must not set ReadOnly mode when using anonymous volumes",
                "\"Type\": \"volume\", \"Target\": \"/b\", \"VolumeOptions\": {\"Subpath\": \"x\"}| must not set Subpath when using anonymous volumes",
                "\"Type\": \"volume\", \"Source\": \"aa\", \"Target\": \"/b\", \"VolumeOptions\": {\"Subpath\": \"../x\"}| subpath must be a relative path within the volume",
                "\"Type\": \"volume\", \"Source\": \"aa\", \"Target\": \"/b\", \"VolumeOptions\": {\"Subpath\": \"/x\"}| subpath must be a relative path within the volume",
                "\"Type\": \"tmpfs\", \"Source\": \"aa\", \"Target\": \"/b\"| field Source must not be specified",
                "\"Type\": \"bind\", \"Source\": \"/a\", \"Target\": \"/b\", \"BindOptions\": {\"ReadOnlyForceRecursive\": true}| !ReadOnly && BindOptions.ReadOnlyForceRecursive",
            })
    void mountsThatAreNone(String mount, String words) {
        refused("\"Mounts\": [{" + mount + "}]", words);
    }

    @Test
    void theLongFormOfAVolume() {
        CreateRequest complete = complete("", """
                "Mounts": [{"Type": "volume", "Source": "data", "Target": "/b", "VolumeOptions": {"NoCopy": true,
                 "Labels": {"a": "b"}, "Subpath": "x/y", "DriverConfig": {"Name": "local", "Options": {"type": "tmpfs"}}}}]""");
        assertThat(MountPoints.of(complete, name -> List.of()).volumes())
                .containsExactly(new VolumeClaim.Wanted(
                        "data", "/b", "local", Map.of("type", "tmpfs"), Map.of("a", "b"), false));
        assertThat(Samples.mounts(complete)).singleElement().satisfies(mount -> {
            assertThat(mount.volume().subpath()).isEqualTo("x/y");
            assertThat(mount.copyUp()).isFalse();
        });
    }

    @Test
    void theOptionsOfATmpfs() {
        String tmpfs = "\"Mounts\": [{\"Type\": \"tmpfs\", \"Target\": \"/b\", \"TmpfsOptions\": {\"Options\": %s}}]";
        assertThat(only(tmpfs.formatted("[[\"exec\"], [\"uid\", \"5\"]]")).options())
                .contains("exec", "uid=5");
        refused(tmpfs.formatted("[[\"what\"]]"), "invalid tmpfs option \"what\"");
        refused(tmpfs.formatted("[\"exec\"]"), "invalid option array length or type");
    }

    @Test
    void onlyTheLongFormNeedsItsSource() {
        CreateRequest complete = complete("", """
                "Binds": ["/a:/b"], "Mounts": [{"Type": "bind", "Source": "/c", "Target": "/d"},
                 {"Type": "bind", "Source": "/e", "Target": "/f", "BindOptions": {"CreateMountpoint": true}}]""");
        assertThat(MountPoints.of(complete, name -> List.of()).sources()).containsExactly("/c");
    }

    @Test
    void oneOfItsOwnBeatsAnothersAndBothBeatWhatTheImageWants() {
        CreateRequest complete = complete(
                "\"Volumes\": {\"/a\": {}, \"/b\": {}, \"/c\": {}}",
                "\"Binds\": [\"/host:/a\"], \"VolumesFrom\": [\"other:ro\"]");
        List<Mount> others = List.of(
                new Mount(Mount.Kind.VOLUME, "theirs", "/a", false, List.of(), true),
                new Mount(Mount.Kind.VOLUME, "shared", "/b", false, List.of(), true));
        MountPoints points = MountPoints.of(complete, name -> name.equals("other") ? others : List.of());
        assertThat(points.volumes())
                .extracting(VolumeClaim.Wanted::name, VolumeClaim.Wanted::destination, VolumeClaim.Wanted::inherited)
                .containsExactly(tuple("shared", "/b", true), tuple(null, "/c", false));
        assertThat(MountPoints.takenFrom(complete)).containsExactly("other");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''| volumes-from specification cannot be an empty string",
                "x:what| invalid mode: what",
                "x:rslave| invalid mode: rslave",
                "x:nocopy| invalid mode: nocopy",
            })
    void volumesFromThatAreNone(String from, String words) {
        assertThatThrownBy(() -> RequestCheck.check(Samples.request("", "\"VolumesFrom\": [\"" + from + "\"]")))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(words);
    }

    @Test
    void twoOfItsOwnOnOnePlaceAreRefused() {
        refused("\"Binds\": [\"/a:/x\", \"data:/x/\"]", "Duplicate mount point: /x");
        refused("\"Binds\": [\"/a:/x\"], \"Tmpfs\": {\"/x\": \"\"}", "Duplicate mount point: /x");
    }
}
