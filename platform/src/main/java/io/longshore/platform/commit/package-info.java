/** What many threads write at once, in few commits. */
@NullMarked
package io.longshore.platform.commit;

import org.jspecify.annotations.NullMarked;
