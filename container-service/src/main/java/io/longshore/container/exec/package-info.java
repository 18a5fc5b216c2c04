/** Exec sessions: further processes in containers that run. */
@NullMarked
package io.longshore.container.exec;

import org.jspecify.annotations.NullMarked;
