@NullMarked
package io.longshore.agent;

import org.jspecify.annotations.NullMarked;
