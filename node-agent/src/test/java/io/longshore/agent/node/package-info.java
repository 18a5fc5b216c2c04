@NullMarked
package io.longshore.agent.node;

import org.jspecify.annotations.NullMarked;
