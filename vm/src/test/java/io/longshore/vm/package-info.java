/** Runs tests of the node agent in a virtual machine, whose kernel has what that of the build machine may lack. */
@NullMarked
package io.longshore.vm;

import org.jspecify.annotations.NullMarked;
