/** Tests of what turns samples into the table. */
@NullMarked
package io.longshore.bench;

import org.jspecify.annotations.NullMarked;
