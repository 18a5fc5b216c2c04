@NullMarked
package io.longshore.platform.commit;

import org.jspecify.annotations.NullMarked;
