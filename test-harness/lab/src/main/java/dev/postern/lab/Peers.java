package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.util.Optional;

/**
 * Programs of others that a test needs. A missing one skips the test and says which Debian package to install; where the
 * environment has {@value #REQUIRE}{@code =1} it fails the test, so that nothing is skipped unnoticed.
 */
public final class Peers {

    /** The environment variable that turns skips into failures. */
    public static final String REQUIRE = "POSTERN_REQUIRE_PEERS";

    private Peers() {}

    /** Goes on only when the machine can be opened here. */
    public static void require(MachineKind kind) {
        require(kind.missing());
    }

    /**
     * Goes on only when nothing is missing.
     *
     * @param missing one line with the remedy, or empty
     */
    public static void require(Optional<String> missing) {
        if (missing.isPresent()) {
            if ("1".equals(System.getenv(REQUIRE))) {
                fail(missing.get());
            }
            abort(missing.get());
        }
    }
}
