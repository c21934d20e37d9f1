package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

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
     * Goes on only when the machine has devices like these. That it has not is no defect of this host, so the test is skipped, with the
     * reason, whatever the environment says.
     */
    static void requireDevices(MachineKind kind, List<LabDevice> devices) {
        devices.stream().flatMap(device -> kind.lacking(device).stream()).findFirst().ifPresent(Peers::skip);
    }

    /** Skips the test because a machine has not what it is about. */
    static void skip(String why) {
        Assumptions.abort(why);
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
            Assumptions.abort(missing.get());
        }
    }
}
