package dev.postern.app;

import dev.postern.virtio.rng.RngDevice;
import java.io.IOException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Thirty-two random bytes from each entropy device, in hex. */
public final class Entropy implements Application {

    private static final int BYTES = 32;

    /** Has no state. */
    public Entropy() {}

    @Override
    public String name() {
        return "entropy";
    }

    @Override
    public String purpose() {
        return "32 random bytes from each rng";
    }

    @Override
    public ApplicationResult run(Guest guest) throws IOException {
        if (guest.rngs().isEmpty()) {
            throw new ApplicationException("entropy needs an entropy device: add --device rng");
        }
        SequencedMap<String, String> results = new LinkedHashMap<>();
        for (RngDevice rng : guest.rngs()) {
            byte[] bytes = new byte[BYTES];
            rng.fill(bytes);
            results.put(rng.name(), HexFormat.of().formatHex(bytes));
        }
        return new ApplicationResult(results, (long) BYTES * guest.rngs().size());
    }
}
