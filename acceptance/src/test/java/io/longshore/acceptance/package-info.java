/** What the acceptance tests have in common is in the packages below; this one checks their own code. */
@NullMarked
package io.longshore.acceptance;

import org.jspecify.annotations.NullMarked;
