package io.longshore.oci.registry;

import io.longshore.contracts.id.Digest;
import io.longshore.oci.registry.call.Answer;
import io.longshore.oci.registry.call.Exchange;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.NullEntity;
import org.jspecify.annotations.Nullable;

/** The three requests of an upload. What the registry answers leads to the next one. */
final class BlobUpload {
    private BlobUpload() {}

    /** Where the registry says that the upload goes on. */
    private static String location(Answer answer) throws IOException {
        String location = answer.header("Location");
        if (location == null) {
            throw new IOException("the registry began an upload without saying where it goes on");
        }
        try {
            return answer.from().resolve(location).toString();
        } catch (IllegalArgumentException e) {
            throw new IOException("the registry says that the upload goes on at what is no URL", e);
        }
    }

    /**
     * POST /v2/{path}/blobs/uploads/ (OCI distribution spec, end-4a), with mount and from when another repository may have the blob
     * (end-11). Empty when it has been mounted: then there is nothing to upload.
     */
    record Start(String path, Digest digest, @Nullable String from) implements Exchange<Optional<String>> {
        @Override
        public String method() {
            return "POST";
        }

        @Override
        public String target() {
            String start = "/v2/" + path + "/blobs/uploads/";
            return from == null ? start : start + "?mount=" + encoded(digest.value()) + "&from=" + encoded(from);
        }

        @Override
        public HttpEntity body() {
            return NullEntity.INSTANCE;
        }

        @Override
        public Optional<String> answer(Answer answer) throws IOException {
            return answer.status() == 201 ? Optional.empty() : Optional.of(location(answer));
        }
    }

    /** PATCH {location} (end-5): all of the content in one chunk, as Docker sends it. Where the upload goes on. */
    record Chunk(String target, HttpEntity body) implements Exchange<String> {
        @Override
        public String method() {
            return "PATCH";
        }

        @Override
        public String answer(Answer answer) throws IOException {
            return location(answer);
        }
    }

    /** PUT {location}?digest= (end-6): the registry checks the digest. */
    record End(String location, Digest digest) implements Exchange<Boolean> {
        @Override
        public String method() {
            return "PUT";
        }

        @Override
        public String target() {
            return location + (location.indexOf('?') < 0 ? "?" : "&") + "digest=" + encoded(digest.value());
        }

        @Override
        public HttpEntity body() {
            return NullEntity.INSTANCE;
        }

        @Override
        public Boolean answer(Answer answer) {
            return true;
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
