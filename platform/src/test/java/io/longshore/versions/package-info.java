/** What is promised between a version and the one before it. */
@NullMarked
package io.longshore.versions;

import org.jspecify.annotations.NullMarked;
