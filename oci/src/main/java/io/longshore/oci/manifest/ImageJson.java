package io.longshore.oci.manifest;

import io.longshore.contracts.error.Failure;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads JSON from outside within limits. Unknown fields are ignored, as the OCI image spec asks; a key given twice is refused. */
public final class ImageJson {
    /** Largest document: what registries and containerd allow for a manifest, too (CVE-2023-25153). */
    public static final int MAX_BYTES = 4 << 20;

    /** Real documents nest about 6 deep. */
    private static final int MAX_DEPTH = 32;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxDocumentLength(MAX_BYTES)
                            .maxStringLength(MAX_BYTES)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private ImageJson() {}

    /** The document as a tree with an object at its root; {@link Failure.Invalid} names the document and what is wrong. */
    public static JsonNode tree(String name, byte[] bytes) {
        JsonNode root = read(name, bytes, JsonNode.class);
        if (!root.isObject()) {
            throw new Failure.Invalid(name + " is no JSON object");
        }
        return root;
    }

    /** The document as a value; {@link Failure.Invalid} names the document and what is wrong. */
    public static <T> T read(String name, byte[] bytes, Class<T> type) {
        if (bytes.length > MAX_BYTES) {
            throw new Failure.Invalid(name + " has " + bytes.length + " bytes, at most " + MAX_BYTES + " are allowed");
        }
        try {
            T value = MAPPER.readValue(bytes, type);
            if (value == null) {
                throw new Failure.Invalid(name + " is null");
            }
            return value;
        } catch (JacksonException e) {
            throw invalid(name, e);
        }
    }

    static <T> T read(String name, JsonNode tree, Class<T> type) {
        try {
            return MAPPER.treeToValue(tree, type);
        } catch (JacksonException e) {
            throw invalid(name, e);
        }
    }

    private static Failure invalid(String name, JacksonException e) {
        Throwable cause = e.getCause();
        String reason = cause instanceof Failure failure ? failure.text() : e.getOriginalMessage();
        return new Failure.Invalid(name + " is not valid: " + reason, e);
    }
}
