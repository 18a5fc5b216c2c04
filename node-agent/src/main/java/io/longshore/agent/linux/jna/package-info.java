/** {@link io.longshore.agent.linux.Syscalls} on JNA's direct mapping: one class per C header. The only package that imports JNA. */
@NullMarked
package io.longshore.agent.linux.jna;

import org.jspecify.annotations.NullMarked;
