package io.longshore.oci.registry;

import io.longshore.contracts.id.Digest;
import io.longshore.oci.registry.call.Answer;
import io.longshore.oci.registry.call.Exchange;
import java.io.IOException;

/** GET /v2/{path}/blobs/{digest} (OCI distribution spec, end-2), whole. */
record BlobReader(String path, Digest digest, int most) implements Exchange<byte[]> {
    @Override
    public String method() {
        return "GET";
    }

    @Override
    public String target() {
        return "/v2/" + path + "/blobs/" + digest;
    }

    @Override
    public byte[] answer(Answer answer) throws IOException {
        return answer.bytes(most);
    }
}
