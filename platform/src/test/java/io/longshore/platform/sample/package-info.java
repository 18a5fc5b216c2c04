/** What tests of several modules say of things that are not what they test. */
@NullMarked
package io.longshore.platform.sample;

import org.jspecify.annotations.NullMarked;
