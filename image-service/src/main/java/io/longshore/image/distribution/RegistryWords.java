package io.longshore.image.distribution;

import io.longshore.contracts.error.Failure;
import io.longshore.oci.ImageReference;
import io.longshore.oci.registry.call.RegistryError;

/** What Docker says of a registry's refusals (moby, distribution/errors.go). */
final class RegistryWords {
    private RegistryWords() {}

    /** Of a pull. */
    static Failure ofPull(Failure failure, ImageReference reference) {
        if (!(failure instanceof RegistryError refusal)) {
            return failure;
        }
        return switch (refusal.code()) {
            case "DENIED" ->
                new Failure.NotFound(
                        "pull access denied for " + reference.familiarName()
                                + ", repository does not exist or may require 'docker login': " + refusal.text(),
                        refusal);
            case "MANIFEST_UNKNOWN" ->
                new Failure.NotFound("manifest for " + reference.familiar() + " not found: " + refusal.text(), refusal);
            case "NAME_UNKNOWN" ->
                new Failure.NotFound(
                        "repository " + reference.familiarName() + " not found: " + refusal.text(), refusal);
            default -> refusal;
        };
    }
}
