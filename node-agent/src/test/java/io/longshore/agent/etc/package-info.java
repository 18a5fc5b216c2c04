@NullMarked
package io.longshore.agent.etc;

import org.jspecify.annotations.NullMarked;
