/** Programs that tests run to their end, and waiting for what comes by itself. */
@NullMarked
package io.longshore.testbed.process;

import org.jspecify.annotations.NullMarked;
