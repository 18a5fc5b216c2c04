package io.longshore.oci.registry;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.manifest.Document;
import io.longshore.oci.manifest.ImageJson;
import io.longshore.oci.registry.call.Answer;
import io.longshore.oci.registry.call.Exchange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * GET /v2/{path}/manifests/{reference} (OCI distribution spec, end-3): an index or a manifest, of at most 4 MiB.
 *
 * @param reference a tag, or a digest
 * @param expected what its digest must be, null for whatever a tag leads to
 */
record ManifestPuller(
        String path, String reference, @Nullable Digest expected) implements Exchange<RemoteManifest> {
    @Override
    public String method() {
        return "GET";
    }

    @Override
    public String target() {
        return "/v2/" + path + "/manifests/" + reference;
    }

    @Override
    public List<String> accept() {
        List<String> types = new ArrayList<>(Document.MANIFEST_TYPES);
        types.addAll(Document.INDEX_TYPES);
        types.sort(null);
        return types;
    }

    @Override
    public RemoteManifest answer(Answer answer) throws IOException {
        byte[] bytes;
        try {
            bytes = answer.bytes(ImageJson.MAX_BYTES);
        } catch (Answer.TooLong e) {
            throw new Failure.Invalid(
                    "manifest " + reference + " has more than " + ImageJson.MAX_BYTES + " bytes, which is too large",
                    e);
        }
        Digest digest = Digest.of(bytes);
        requireDigest(digest, answer.header("Docker-Content-Digest"));
        String type = mediaType(answer.header("Content-Type"));
        if (!Document.MANIFEST_TYPES.contains(type) && !Document.INDEX_TYPES.contains(type)) {
            throw new Failure.Invalid("unsupported manifest media type and no default available: " + type);
        }
        return new RemoteManifest(type, digest, bytes.length, Document.parse("manifest " + reference, bytes, type));
    }

    private void requireDigest(Digest digest, @Nullable String told) {
        String wanted = expected == null ? told : expected.value();
        if (wanted != null && wanted.startsWith("sha256:") && !wanted.equals(digest.value())) {
            throw new Failure.Invalid(
                    "manifest verification failed for digest " + wanted + ": its content has digest " + digest);
        }
    }

    private static String mediaType(@Nullable String header) {
        String type = header == null ? "" : header;
        int semicolon = type.indexOf(';');
        return (semicolon < 0 ? type : type.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
    }
}
