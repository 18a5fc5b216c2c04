package io.longshore.oci.registry;

import io.longshore.contracts.id.Digest;
import io.longshore.oci.registry.call.Answer;
import io.longshore.oci.registry.call.Exchange;

/** HEAD /v2/{path}/blobs/{digest} (OCI distribution spec, end-2): whether the repository has a blob; what it lacks is a refusal. */
record BlobChecker(String path, Digest digest) implements Exchange<Boolean> {
    @Override
    public String method() {
        return "HEAD";
    }

    @Override
    public String target() {
        return "/v2/" + path + "/blobs/" + digest;
    }

    @Override
    public Boolean answer(Answer answer) {
        return true;
    }
}
