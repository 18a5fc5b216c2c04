/** Docker's default seccomp profile, as rules that are chosen by capability and kernel and compiled to BPF. */
@NullMarked
package io.longshore.agent.seccomp;

import org.jspecify.annotations.NullMarked;
