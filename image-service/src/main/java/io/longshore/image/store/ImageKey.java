package io.longshore.image.store;

import jakarta.persistence.Embeddable;

/** An image in a project: {@code id} is {@code sha256:} and 64 digits. */
@Embeddable
public record ImageKey(String project, String id) {}
