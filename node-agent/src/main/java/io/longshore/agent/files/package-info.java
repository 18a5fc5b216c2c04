/** What clients copy into containers and out of them: archives, the state of a file, changes, the whole file system. */
@NullMarked
package io.longshore.agent.files;

import org.jspecify.annotations.NullMarked;
