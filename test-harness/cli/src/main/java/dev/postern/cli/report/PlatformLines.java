package dev.postern.cli.report;

import dev.postern.cli.run.FoundPlatform;
import dev.postern.cli.run.MemoryLayout;
import dev.postern.cli.words.ByteSize;
import dev.postern.facts.Fact;
import dev.postern.memory.PhysRange;
import java.util.stream.Collectors;

/** Says what platform the guest found, by which facts, and what it shares there. */
final class PlatformLines {

    private final LabelledLines lines;

    PlatformLines(LabelledLines lines) {
        this.lines = lines;
    }

    void platform(FoundPlatform platform) {
        lines.words(
                "platform",
                "%s: %s"
                        .formatted(
                                platform.name(),
                                platform.trace().stream().map(Fact::toString).collect(Collectors.joining("; "))));
        platform.sharing().ifPresent(sharing -> lines.words("", "shares pages by " + sharing.mechanism()));
    }

    void pool(MemoryLayout.Pool pool) {
        PhysRange first = pool.ranges().getFirst();
        String growth =
                pool.mostBytes() > pool.bytes() ? "grows to " + ByteSize.human(pool.mostBytes()) : "does not grow";
        lines.words(
                "pool",
                "%s at 0x%x%s, %s"
                        .formatted(
                                ByteSize.human(pool.bytes()),
                                first.basePa(),
                                pool.firstDva() == first.basePa()
                                        ? ""
                                        : ", for devices 0x%x".formatted(pool.firstDva()),
                                growth));
    }
}
