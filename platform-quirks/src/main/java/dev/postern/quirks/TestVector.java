package dev.postern.quirks;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Facts for which a row matters, and what must come of them. A test runs it, and runs it without the row, when it must fail.
 *
 * @param given facts in place of the usual ones
 * @param expect what must come of them: {@code plan} and {@code coherency} as the explanation words them, or any fact's word
 */
public record TestVector(Map<FactName, String> given, Map<String, String> expect) {

    /** Takes immutable copies that keep the order. */
    public TestVector {
        given = Collections.unmodifiableMap(new LinkedHashMap<>(given));
        expect = Collections.unmodifiableMap(new LinkedHashMap<>(expect));
    }
}
