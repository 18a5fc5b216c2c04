/** The agent of a node: its configuration and its wiring. The only package that names implementations of drivers. */
@NullMarked
package io.longshore.agent;

import org.jspecify.annotations.NullMarked;
