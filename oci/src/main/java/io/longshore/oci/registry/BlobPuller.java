package io.longshore.oci.registry;

import io.longshore.contracts.id.Digest;
import io.longshore.oci.registry.call.Answer;
import io.longshore.oci.registry.call.Exchange;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * GET /v2/{path}/blobs/{digest} (OCI distribution spec, end-2), from an offset on (RFC 9110, 14.2) where the registry can.
 *
 * @param offset of the first byte that is wanted
 */
record BlobPuller(String path, Digest digest, long offset) implements Exchange<RemoteBlob> {
    @Override
    public String method() {
        return "GET";
    }

    @Override
    public String target() {
        return "/v2/" + path + "/blobs/" + digest;
    }

    @Override
    public @Nullable String range() {
        return offset == 0 ? null : "bytes=" + offset + "-";
    }

    @Override
    public RemoteBlob answer(Answer answer) throws IOException {
        if (answer.status() != 206) {
            return new RemoteBlob(0, answer.content());
        }
        String range = String.valueOf(answer.header("Content-Range"));
        if (!range.startsWith("bytes " + offset + "-")) {
            throw new IOException("asked for blob " + digest + " from byte " + offset + " on, got \"" + range + "\"");
        }
        return new RemoteBlob(offset, answer.content());
    }
}
