/**
 * Our own exec driver: policy in Java, which is the sub-package plan and pure; mechanism in the static binary of
 * io.longshore.agent.stage.
 */
@NullMarked
package io.longshore.agent.execdriver.libcontainer;

import org.jspecify.annotations.NullMarked;
