/** Who may come in, and as whom: principals, projects and the credentials that stand for them. */
@NullMarked
package io.longshore.access;

import org.jspecify.annotations.NullMarked;
