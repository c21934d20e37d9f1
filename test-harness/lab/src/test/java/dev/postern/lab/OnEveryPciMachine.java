package dev.postern.lab;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** As {@link OnEveryMachine}, where devices sit on a PCI bus: for registers, and for devices that only a bus has. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.postern.lab.Setting#withPci")
@Timeout(120)
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface OnEveryPciMachine {}
