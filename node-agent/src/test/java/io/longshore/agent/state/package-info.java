@NullMarked
package io.longshore.agent.state;

import org.jspecify.annotations.NullMarked;
