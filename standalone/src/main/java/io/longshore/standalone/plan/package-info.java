/** {@code ./longshore plan}: what a {@code docker run} would come to on this machine, call by call, without doing it. */
@NullMarked
package io.longshore.standalone.plan;

import org.jspecify.annotations.NullMarked;
