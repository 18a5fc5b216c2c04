package io.longshore.oci.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.oci.fixture.TestImage;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DocumentTest {
    private static final String D = "{\"digest\":\"sha256:" + "0".repeat(64) + "\",\"size\":1}";
    private static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";

    private static Document parse(String json, String type) {
        return Document.parse("doc", json.replace('\'', '"').replace("D", D).getBytes(StandardCharsets.UTF_8), type);
    }

    @Test
    void readsBothKinds() {
        assertThat(parse("{'schemaVersion':2,'config':D,'layers':[D,D],'x':{}}", OCI_MANIFEST))
                .isInstanceOfSatisfying(
                        Document.Manifest.class, m -> assertThat(m.layers()).hasSize(2));
        assertThat(parse("{'schemaVersion':2,'manifests':[D]}", OCI_INDEX))
                .isInstanceOfSatisfying(
                        Document.Index.class, m -> assertThat(m.manifests()).hasSize(1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'schemaVersion':2,'config':D,'layers':[],'manifests':[]} | both",
                "{'schemaVersion':2,'config':D,'layers':[],'Manifests':[]} | both",
                "{'schemaVersion':2} | neither",
                "{'schemaVersion':1,'config':D,'layers':[]} | unsupported schemaVersion 1",
                "{'schemaVersion':2,'mediaType':'application/vnd.oci.image.index.v1+json','config':D,'layers':[]} | media type",
                "{'schemaVersion':2,'mediaType':'application/vnd.docker.distribution.manifest.v2+json','config':D,'layers':[]} | found as",
                "{'schemaVersion':2,'config':D,'layers':[],'layers':[D]} | uplicate",
                "{'schemaVersion':2,'config':D,'layers':[{'digest':'sha256:zz','size':1}]} | invalid digest",
                "[] | no JSON object",
                "null | no JSON object",
                "{'schemaVersion':2,'config':D,'layers':[]} {} | railing",
            })
    void confusionIsInvalid(String json, String message) {
        assertThatThrownBy(() -> parse(json, OCI_MANIFEST))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(message);
    }

    @Test
    void depthAndSizeAreBounded() {
        String deep =
                "{'schemaVersion':2,'config':D,'layers':[],'x':" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
        assertThatThrownBy(() -> parse(deep, OCI_MANIFEST)).isInstanceOf(Failure.Invalid.class);
        assertThatThrownBy(() -> Document.parse("doc", new byte[(4 << 20) + 1], null))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("at most 4194304");
    }

    @Test
    void configurationIsRead() {
        TestImage image = TestImage.busybox("b").config("Entrypoint", "just a string");
        ImageConfiguration read = ImageConfiguration.parse("c", image.configuration());
        assertThat(read.diffIds()).isEqualTo(image.diffIds());
        assertThat(read.config()).isNotNull();
        assertThat(read.config().command()).containsExactly("sh");
        assertThat(read.config().entrypoint()).containsExactly("just a string");
        assertThat(read.steps()).hasSize(4);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{} | rootfs.type",
                "{'os':'windows','rootfs':{'type':'layers','diff_ids':[]}} | windows",
                "{'rootfs':{'type':'layers','diff_ids':['sha256:12']}} | invalid digest",
                "{'config':{'Labels':{'a\\u0000b':'c'}},'rootfs':{'type':'layers'}} | label \"a\\0b\" has a NUL",
                "{'config':{'Labels':{'k':'v\\u0000'}},'rootfs':{'type':'layers'}} | label \"k\" has a NUL",
                "{'created':'+999999-01-01T00:00:00Z','rootfs':{'type':'layers'}} | created \"+999999",
                "{'config':7,'rootfs':{'type':'layers','diff_ids':[]}} | not valid"
            })
    void badConfigurationIsInvalid(String json, String message) {
        byte[] bytes = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> ImageConfiguration.parse("c", bytes))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(message);
    }
}
