package dev.postern.lab.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Says which device a parameter of a {@link PosternTest} is about. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.PARAMETER)
public @interface DeviceName {

    /** The guest's name for it: {@code blk0} is the first disk, {@code blk1} the second. */
    String value();
}
