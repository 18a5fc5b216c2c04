/** How registries are reached, and as whom: their addresses, and the logins that a project keeps. */
@NullMarked
package io.longshore.image.registry;

import org.jspecify.annotations.NullMarked;
