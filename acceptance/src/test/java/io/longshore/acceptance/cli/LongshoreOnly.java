package io.longshore.acceptance.cli;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A case that Docker Engine cannot run here, or for which it has no counterpart. */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@interface LongshoreOnly {
    /** Why. */
    String value();
}
