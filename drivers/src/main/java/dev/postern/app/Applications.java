package dev.postern.app;

import java.util.List;
import java.util.Optional;

/** The applications that come with Postern. */
public final class Applications {

    private static final List<Application> SHIPPED =
            List.of(new Digest(), new CloneDisk(), new Entropy(), new FirstSector(), new ReadThrough());

    private Applications() {}

    /** All of them. */
    public static List<Application> shipped() {
        return SHIPPED;
    }

    /** The one of that name. */
    public static Optional<Application> named(String name) {
        return SHIPPED.stream().filter(app -> app.name().equals(name)).findFirst();
    }
}
