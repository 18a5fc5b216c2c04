package io.longshore.image.store;

import jakarta.persistence.Embeddable;

/** A name in a project, normalised. */
@Embeddable
public record ReferenceKey(String project, String name) {}
