@NullMarked
package io.longshore.agent.dns;

import org.jspecify.annotations.NullMarked;
