package io.longshore.oci.registry;

import io.longshore.contracts.id.Digest;
import io.longshore.oci.registry.call.Answer;
import io.longshore.oci.registry.call.Exchange;

/** DELETE /v2/{path}/manifests/{digest} (OCI distribution spec, end-9): 405 where the registry deletes nothing. */
record ManifestDeleter(String path, Digest digest) implements Exchange<Boolean> {
    @Override
    public String method() {
        return "DELETE";
    }

    @Override
    public String target() {
        return "/v2/" + path + "/manifests/" + digest;
    }

    @Override
    public Boolean answer(Answer answer) {
        return true;
    }
}
