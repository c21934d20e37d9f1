package dev.postern.lab;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The test shows that these clauses of the virtio specification hold. Ids are file and line of v1.4-cs01, such as
 * {@code split-ring:685}; an id that does not exist fails the build.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Clause {
    /** The clause ids. */
    String[] value();
}
