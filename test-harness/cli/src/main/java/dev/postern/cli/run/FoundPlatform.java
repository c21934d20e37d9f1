package dev.postern.cli.run;

import dev.postern.facts.Fact;
import dev.postern.platform.DetectedPlatform;
import dev.postern.platform.PageSharing;
import java.util.List;
import java.util.Optional;

/**
 * The platform as the guest found it, without a way back to the machine.
 *
 * @param name the preset's name
 * @param trace what the guest read, and where
 * @param sharing how pages are shared, in a few words; empty when devices reach all of RAM
 */
public record FoundPlatform(String name, List<Fact<String>> trace, Optional<Sharing> sharing) {

    /**
     * How pages are shared.
     *
     * @param mechanism in a few words
     * @param granuleBytes the unit
     */
    public record Sharing(String mechanism, long granuleBytes) {}

    /** Copies the list. */
    public FoundPlatform {
        trace = List.copyOf(trace);
    }

    /** What there is to say of a platform. */
    public static FoundPlatform of(DetectedPlatform platform) {
        return new FoundPlatform(
                platform.name(), platform.trace(), platform.sharing().map(FoundPlatform::sharingOf));
    }

    private static Sharing sharingOf(PageSharing sharing) {
        return new Sharing(sharing.mechanism(), sharing.granuleBytes());
    }
}
