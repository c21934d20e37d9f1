package dev.postern.lab;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The class is run as {@link OnEveryMachine}, and then on every platform with a pool between driver and device. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.postern.lab.Setting#everywhere")
@Timeout(120)
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface OnEveryPlatform {}
