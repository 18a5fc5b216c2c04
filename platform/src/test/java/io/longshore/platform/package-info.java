/** The rules of the project, for the tests of every module. */
@NullMarked
package io.longshore.platform;

import org.jspecify.annotations.NullMarked;
