/** Programs that tests run to their end, waiting for what comes by itself, and directories that go afterwards. */
@NullMarked
package io.longshore.testbed.process;

import org.jspecify.annotations.NullMarked;
