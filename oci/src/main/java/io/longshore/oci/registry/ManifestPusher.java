package io.longshore.oci.registry;

import io.longshore.oci.registry.call.Answer;
import io.longshore.oci.registry.call.Exchange;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;

/** PUT /v2/{path}/manifests/{reference} (OCI distribution spec, end-7). */
record ManifestPusher(String path, String reference, HttpEntity body) implements Exchange<Boolean> {
    static ManifestPusher of(String path, String reference, String mediaType, byte[] bytes) {
        return new ManifestPusher(path, reference, new ByteArrayEntity(bytes, ContentType.create(mediaType)));
    }

    @Override
    public String method() {
        return "PUT";
    }

    @Override
    public String target() {
        return "/v2/" + path + "/manifests/" + reference;
    }

    @Override
    public Boolean answer(Answer answer) {
        return true;
    }
}
