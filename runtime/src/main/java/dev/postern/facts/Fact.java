package dev.postern.facts;

import java.util.Objects;
import java.util.function.Function;

/**
 * A value with its provenance.
 *
 * @param value what is known
 * @param source where it was read, in words a person can follow: a register, a table and offset, an option, a default
 * @param <T> an immutable type
 */
public record Fact<T>(T value, String source) {

    /** Neither part may be null. */
    public Fact {
        Objects.requireNonNull(value);
        Objects.requireNonNull(source);
    }

    /** A fact read from somewhere. */
    public static <T> Fact<T> of(T value, String source) {
        return new Fact<>(value, source);
    }

    /** The same fact in other terms; where it was read stays. */
    public <U> Fact<U> map(Function<? super T, ? extends U> terms) {
        return new Fact<>(terms.apply(value), source);
    }

    @Override
    public String toString() {
        return value + " (" + source + ")";
    }
}
