package io.longshore.image.registry;

import jakarta.persistence.Embeddable;

/** A registry, of a project. */
@Embeddable
record KeptLoginKey(String project, String domain) {}
