/** Names of containers: their syntax, and where one comes from when the client gives none. */
@NullMarked
package io.longshore.container.name;

import org.jspecify.annotations.NullMarked;
