@NullMarked
package io.longshore.agent.log;

import org.jspecify.annotations.NullMarked;
