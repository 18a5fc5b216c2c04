package io.longshore.oci.registry.call;

import java.io.IOException;
import java.util.List;
import org.apache.hc.core5.http.HttpEntity;
import org.jspecify.annotations.Nullable;

/** One request to an endpoint of a registry, and what its answer means. Sent again with credentials if the registry asks for them. */
public interface Exchange<T> {
    /** Such as {@code GET}. */
    String method();

    /** Path and query from the registry's root, or a URL that it gave. */
    String target();

    /** What the caller may do with the answer. */
    T answer(Answer answer) throws IOException;

    /** Media types to ask for. */
    default List<String> accept() {
        return List.of();
    }

    /** What the request needs beside its line; a body can be sent more than once. */
    default @Nullable HttpEntity body() {
        return null;
    }

    /** A {@code Range}, or null. */
    default @Nullable String range() {
        return null;
    }
}
