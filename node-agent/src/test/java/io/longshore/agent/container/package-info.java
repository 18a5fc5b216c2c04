@NullMarked
package io.longshore.agent.container;

import org.jspecify.annotations.NullMarked;
