@NullMarked
package io.longshore.agent.feed;

import org.jspecify.annotations.NullMarked;
