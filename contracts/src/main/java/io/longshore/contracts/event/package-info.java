/** Events of the Engine API with a resumable cursor. */
@NullMarked
package io.longshore.contracts.event;

import org.jspecify.annotations.NullMarked;
