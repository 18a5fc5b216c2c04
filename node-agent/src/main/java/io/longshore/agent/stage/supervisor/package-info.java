/** Talking to a supervisor: control, attach, and the record it leaves. {@code src/main/c/protocol.h} describes the protocol. */
@NullMarked
package io.longshore.agent.stage.supervisor;

import org.jspecify.annotations.NullMarked;
